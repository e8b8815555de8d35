package io.logstream.index;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.match.Condition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/** Follows a log into an index on disk, until its input is closed and the last line has come. */
final class KilledIndexer {
  static final String LAST = "last of all";

  private KilledIndexer() {}

  static LogIndex index(Path dir) {
    return LogIndex.tenant("client").slicedBy(ChronoUnit.DAYS).in(dir.resolve("index"), Duration.ofDays(7));
  }

  static Pipeline pipeline(Path dir, LogIndex index) {
    return LogStream.named("killed").from(FileTail.of(dir.resolve("app.log")))
        .then("client", Stage.each(event -> event.put("client", "c" + event.message().length() % 3)))
        .to("index", index).build();
  }

  public static void main(String[] args) throws IOException {
    Path dir = Path.of(args[0]);
    try (LogIndex index = index(dir); RunningPipeline run = pipeline(dir, index).checkpointIn(dir.resolve("state")).checkpointEvery(Duration.ofMillis(30)).start()) {
      while (System.in.read() >= 0) {
        // until it is closed
      }
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (index.latest().count(LogQuery.of(Condition.phrase(LAST))) == 0 && System.nanoTime() < deadline) {
        LockSupport.parkNanos(5_000_000);
      }
      run.close();
      if (!run.ledger().balances()) {
        throw new IllegalStateException("books: " + run.ledger());
      }
    }
  }
}
