package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableSourceTest {
  private final List<String> texts = new CopyOnWriteArrayList<>(List.of("one", "two"));
  private int asked;

  private TableSource source() {
    return new TableSource("orders", last -> {
      asked++;
      return IntStream.range((int) last, texts.size()).mapToObj(i -> new TableSource.Row(i + 1, texts.get(i))).toList();
    }, Duration.ofSeconds(1));
  }

  @Test void goesOnBehindTheLastRowThatEverySinkHasTaken(@TempDir Path dir) throws InterruptedException {
    for (List<String> wanted : List.of(List.of("one", "two"), List.of("three"))) {
      RecordingSink seen = new RecordingSink();
      try (RunningPipeline running = LogStream.named("p").from(source()).to(seen).build().checkpointIn(dir).start()) {
        assertThat(seen.await(wanted.size(), Duration.ofSeconds(20))).isTrue();
        running.close();
        assertThat(running.ledger().imbalances()).isEmpty();
      }
      assertThat(seen.messages()).isEqualTo(wanted);
      texts.add("three");
    }
  }

  @Test void asksAgainAfterAWhileWhenThereWasNothing() {
    List<String> seen = new ArrayList<>();
    TestClock clock = TestClock.at(Instant.parse("2026-11-20T10:00:00Z"));
    Pipeline pipeline = LogStream.named("p").from(source()).to(Sink.each(e -> seen.add(e.text("table") + " " + e.number("offset", -1) + " " + e.message()))).build();
    try (InlineRun run = pipeline.inline(clock)) {
      run.work();
      assertThat(seen).containsExactly("orders 1 one", "orders 2 two");
      int before = asked;
      texts.add("three");
      run.work();
      assertThat(asked).isEqualTo(before);
      clock.advance(Duration.ofSeconds(1));
      run.work();
      assertThat(seen).hasSize(3);
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  @Test void fillsOneBatchAfterTheOther() {
    IntStream.range(0, 5_000).forEach(i -> texts.add("row " + i));
    List<String> seen = new ArrayList<>();
    try (InlineRun run = LogStream.named("p").from(source()).to(Sink.each(e -> seen.add(e.message()))).build().inline(TestClock.at(Instant.EPOCH))) {
      while (seen.size() < texts.size() && run.work()) {
        // until all rows have come
      }
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    assertThat(seen).isEqualTo(texts);
  }
}
