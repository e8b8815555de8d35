package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.RunningPipeline;
import io.logstream.alert.FiredAlert;
import io.logstream.index.LogIndex;
import io.logstream.testing.AccessLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline of README in a live run: one file in; hits, window rows and an alert out, and no other process anywhere. */
class NginxRunTest {
  @TempDir Path dir;

  @Test void followsAFileIntoTheIndexAndTellsOnCall() throws Exception {
    List<String> lines = new ArrayList<>(AccessLog.requests(60, "/cart", 200));
    lines.addAll(AccessLog.requests(40, "/cart", 503));
    lines.add("192.0.2.1 - - [01/Jan/2026:00:20:00 +0000] \"GET /late HTTP/1.1\" 200 1 \"-\" \"-\" 0.1"); // time has gone on: the windows close
    Path log = Files.write(dir.resolve("access.log"), lines);
    BlockingQueue<FiredAlert> told = new ArrayBlockingQueue<>(10);
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(6));
        RunningPipeline nginx = NginxLogs.pipeline(log, index, told::add).checkpointIn(dir.resolve("state")).start()) {
      FiredAlert alert = told.poll(60, TimeUnit.SECONDS);
      assertThat(alert).isNotNull().extracting(FiredAlert::name).isEqualTo("5xx above 5%");
      assertThat(alert.cause().number("count", -1)).isEqualTo(100);
      nginx.close();
      assertThat(nginx.ledger().imbalances()).isEmpty();
      index.refresh();
      assertThat(index.search("response:503 request:/cart").total()).isEqualTo(40);
      assertThat(index.search("request:/cart count:100 seconds.p99>0").total()).isEqualTo(1);
    }
  }
}
