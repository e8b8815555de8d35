package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.parse.Dissect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SizeTest {
  private static final int LINES = 20_000;
  private static final List<String> AGENTS = List.of("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/8.5.0",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36");

  private static List<String> accessLog() {
    Random random = new Random(20261120);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      lines.add(String.format(Locale.ROOT, "10.%d.%d.%d - - [20/Nov/2026:12:%02d:%02d +0000] \"GET /api/v%d/item/%d HTTP/1.1\" %d %d \"-\" \"%s\" %016x", random.nextInt(4),
          random.nextInt(256), random.nextInt(256), i / 3_600 % 60, i / 60 % 60, 1 + random.nextInt(3), (int) (Math.pow(random.nextDouble(), 3) * 400),
          random.nextInt(50) == 0 ? 503 : 200, random.nextInt(100_000), AGENTS.get(random.nextInt(3)), random.nextLong()));
    }
    return lines;
  }

  @Test void takesNoMoreForAnEventThanItsLineAndGivesTheLineBack() {
    List<String> lines = accessLog();
    Given source = new Given();
    for (int i = 0; i < LINES; i++) {
      source.add(new Given.Event(Fed.NOON.plusMillis(i), lines.get(i), Map.of()));
    }
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1));
        InlineRun run = LogStream.named("access").from(source)
            .then(Dissect.pattern("%{ip} - %{user} [%{at}] \"%{method} %{path} %{protocol}\" %{status} %{bytes} \"%{referrer}\" \"%{agent}\" %{trace}"))
            .to("index", index).build().inline(() -> Fed.NOON)) {
      run.work();
      index.refresh();
      assertThat(run.ledger().imbalances()).isEmpty();
      assertThat(index.search("status:503 path:/api/*").hits().get(0).fields()).hasSize(11);
      long raw = lines.stream().mapToLong(String::length).sum();
      assertThat(index.bytes()).as("%d events of %d bytes in all", LINES, raw).isLessThanOrEqualTo(raw);
      assertThat(index.search(LogQuery.all().limit(LogQuery.MOST_HITS)).hits()).extracting(LogHit::message)
          .isEqualTo(reversed(lines).subList(0, LogQuery.MOST_HITS));
    }
  }

  private static List<String> reversed(List<String> lines) {
    List<String> reversed = new ArrayList<>(lines);
    java.util.Collections.reverse(reversed);
    return reversed;
  }
}
