package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.Stages;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.parse.EventTime;
import io.logstream.testing.AccessLog;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogReportTest {
  private static final int LINES = 20_000;

  @TempDir Path dir;
  private Path log;
  private long requests;
  private final List<String> rows = new ArrayList<>();
  private long counted;

  @BeforeEach void writesALog() throws IOException {
    log = dir.resolve("access.log");
    List<String> lines = new ArrayList<>(AccessLog.seed(7).perSecond(20).micros().lines(LINES));
    requests = lines.stream().filter(line -> !line.contains(" /health ")).count();
    lines.add(100, "java.lang.IllegalStateException: pool exhausted");
    lines.add(200, "10.0.0.1 - - [01/Jan/2026:00:00:10 +0000] \"-\" 408 - \"-\" \"-\" 12");
    Files.write(log, lines);
  }

  private Pipeline report() {
    rows.clear();
    counted = 0;
    return AccessLogReport.pipeline(FileTail.once(log), Sink.each(row -> {
      rows.add(row.fields().toString());
      counted += row.number("count", 0);
    }));
  }

  @Test void refusesToWriteOverALogOrWhereItCannot() throws Exception {
    byte[] before = Files.readAllBytes(log);
    for (List<String> wrong : List.of(List.of("--out", log.toString(), log.toString()), List.of("--html", log.toString(), log.toString()), List.of("--html", dir.toString(), log.toString()),
        List.of("--out", dir.resolve("none/rows").toString(), log.toString()), List.of("--html", dir.resolve("x").toString(), "--out", dir.resolve("x").toString(), log.toString()))) {
      assertThatThrownBy(() -> AccessLogReport.report(wrong)).as(wrong.toString()).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Files.readAllBytes(log)).isEqualTo(before);
  }

  @Test void saysSoWhenNoLineIsOfSuchALog() throws Exception {
    Path other = Files.writeString(dir.resolve("other.log"), "2026-11-20 INFO started\n");
    assertThatThrownBy(() -> AccessLogReport.report(List.of("--out", dir.resolve("rows").toString(), other.toString()))).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no line is of an access log in combined format with the time taken in microseconds behind it");
  }

  @Test void countsEveryRequestOnceAndAccountsForTheRest() {
    try (InlineRun run = report().inline(InstantSource.system())) {
      while (run.work()) {
        assertThat(run.ledger().imbalances()).isEmpty();
      }
      run.close();
      assertThat(counted).isEqualTo(requests);
      assertThat(run.ledger().imbalances()).isEmpty();
      assertThat(run.ledger().stage("Grok").failed()).isEqualTo(1);
      assertThat(run.ledger().stage("no request").dropped()).isEqualTo(1);
      assertThat(run.ledger().read()).isEqualTo(LINES + 2);
    }
  }

  @Test void givesTheSameRowsForAnyNumberOfLanes() throws InterruptedException {
    try (InlineRun run = report().inline(InstantSource.system())) {
      while (run.work()) {
        // to the end
      }
    }
    List<String> inline = List.copyOf(rows);
    assertThat(inline).isNotEmpty();
    for (int lanes : new int[] {0, 1, 2, 4}) {
      RunningPipeline running = report().lanes(lanes).start();
      running.await();
      running.close();
      assertThat(running.ledger().imbalances()).isEmpty();
      assertThat(rows).as("rows with %s lanes", lanes).isEqualTo(inline);
    }
  }

  @Test void twoPipelinesOverHalfTheFilesEachCountWhatOneCountsOverAll() throws IOException {
    List<String> lines = Files.readAllLines(log);
    Path first = Files.write(dir.resolve("first.log"), lines.subList(0, LINES / 2));
    Path second = Files.write(dir.resolve("second.log"), lines.subList(LINES / 2, lines.size()));
    assertThat(counts(first, second)).isNotEmpty().isEqualTo(sum(counts(first), counts(second)));
  }

  private static Map<String, Long> counts(Path... files) {
    Map<String, Long> counts = new TreeMap<>();
    Sink rows = Sink.each(row -> counts.merge(row.number("window.start", 0) + " " + row.text("path"), row.number("count", 0), Long::sum));
    try (InlineRun run = AccessLogReport.pipeline(FileTail.once(files), rows).inline(InstantSource.system())) {
      while (run.work()) {
        // to the end
      }
    }
    return counts;
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> both = new TreeMap<>(one);
    other.forEach((key, count) -> both.merge(key, count, Long::sum));
    return both;
  }

  @Test void stagesMayBePutTogetherInAnyNesting() throws InterruptedException {
    Stage grok = Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:took:int}");
    Stage time = EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z");
    Stage window = Window.tumbling(Duration.ofMinutes(1)).by("response").aggregate(Aggregations.count(), Aggregations.mean("took"));
    List<List<String>> results = new ArrayList<>();
    for (Stage nested : List.of(Stages.of(Stages.of(grok, time), window), Stages.of(grok, Stages.of(time, window)), Stages.of(grok, time, window))) {
      List<String> seen = new ArrayList<>();
      Pipeline pipeline = LogStream.named("nested").from(FileTail.once(log)).then(nested).to(Sink.each(row -> seen.add(row.fields().toString()))).build();
      try (InlineRun run = pipeline.inline(InstantSource.system())) {
        while (run.work()) {
          // to the end
        }
      }
      results.add(List.copyOf(seen));
      seen.clear();
      try (RunningPipeline running = pipeline.start()) {
        running.await();
      }
      results.add(seen);
    }
    assertThat(results.get(0)).isNotEmpty();
    assertThat(results).allMatch(results.get(0)::equals);
  }
}
