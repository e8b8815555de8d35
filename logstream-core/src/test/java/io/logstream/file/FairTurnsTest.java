package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file with a long backlog does not keep the news of others waiting; nothing but news tells of those, as rescans are far apart. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FairTurnsTest {
  private static final int LINES = 100_000;

  @TempDir Path dir;
  private final AtomicLong busyLines = new AtomicLong();
  private final CountDownLatch began = new CountDownLatch(2);
  private final CountDownLatch otherCame = new CountDownLatch(1);
  private volatile long busyLinesBefore;

  private void append(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private RunningPipeline follow() throws IOException, InterruptedException {
    append("busy.log", "first\n");
    append("other.log", "first\n");
    RunningPipeline running = LogStream.named("turns").from(FileTail.matching(dir, "*.log").rescanEvery(Duration.ofMinutes(10))).to(Sink.each(event -> {
      if (event.message().equals("first")) {
        began.countDown();
      } else if (event.message().equals("other")) {
        busyLinesBefore = busyLines.get();
        otherCame.countDown();
      } else if (busyLines.incrementAndGet() % 50 == 0) {
        LockSupport.parkNanos(1_000_000);
      }
    })).build().ring(2).start();
    began.await();
    awaitLines(1, running);
    return running;
  }

  /** Until news are listened to. */
  private void awaitLines(long lines, RunningPipeline running) throws IOException {
    while (busyLines.get() < lines && running.state().reason().isEmpty()) {
      append("busy.log", "more\n");
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void aLongBacklogOfOneFileLetsOthersInBetween() throws Exception {
    try (RunningPipeline running = follow()) {
      long before = busyLines.get();
      append("busy.log", "one of many lines\n".repeat(LINES));
      while (busyLines.get() < before + 1_000) {
        LockSupport.parkNanos(1_000_000);
      }
      append("other.log", "other\n");
      assertThat(otherCame.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(busyLinesBefore).isLessThan(LINES);
      while (busyLines.get() < before + LINES) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(running.ledger().imbalances()).isEmpty();
    }
  }
}
