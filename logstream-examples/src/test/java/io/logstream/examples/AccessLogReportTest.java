package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import io.logstream.testing.AccessLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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
}
