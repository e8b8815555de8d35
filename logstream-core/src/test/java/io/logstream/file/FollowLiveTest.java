package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On the ring, with a thread that writes and rotates at the same time. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FollowLiveTest {
  private final List<String> came = Collections.synchronizedList(new ArrayList<>());
  private final List<String> positions = Collections.synchronizedList(new ArrayList<>());

  private Pipeline pipeline(FileTail source, Path state) {
    return LogStream.named("live").from(source).to(Sink.each(e -> {
      positions.add(e.position().toString());
      came.add(e.message());
    })).build().checkpointIn(state).checkpointEvery(Duration.ofMillis(50));
  }

  private void await(int lines) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (came.size() < lines && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Thread writer(LogWriter writer, Random random, int rotations, boolean mayDestroy, AtomicReference<Throwable> failed) {
    Thread thread = new Thread(() -> {
      try {
        for (int i = 0; i < rotations; i++) {
          writer.lines(random.nextInt(400));
          switch (random.nextInt(6)) {
            case 0 -> writer.renameLate();
            case 1 -> writer.midline();
            case 2 -> writer.renameDate();
            case 3 -> {
              writer.rename();
              writer.rename();
              writer.rename();
            }
            case 4 -> {
              if (mayDestroy) {
                LockSupport.parkNanos(300_000_000);
                writer.copyTruncate(0);
              }
            }
            default -> writer.rename();
          }
          LockSupport.parkNanos(random.nextInt(30_000_000));
        }
        writer.lines(50);
      } catch (Throwable t) {
        failed.set(t);
      }
    });
    thread.start();
    return thread;
  }

  void follow(Path dir, long seed, int rotations, boolean restarts) throws Exception {
    came.clear();
    positions.clear();
    Path state = dir.resolve("state");
    Path logs = Files.createDirectories(dir.resolve("logs"));
    Pipeline pipeline = pipeline(FileTail.of(logs.resolve("app.log")), state);
    Random random = new Random(seed);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    RunningPipeline running = pipeline.start();
    try (LogWriter writer = new LogWriter(logs.resolve("app.log"), new Random(seed), true, "\n", "", () -> { })) {
      Thread thread = writer(writer, new Random(seed + 1), rotations, !restarts, failed);
      while (thread.isAlive()) {
        thread.join(100 + random.nextInt(200));
        if (restarts) {
          running.close();
          assertThat(running.ledger().imbalances()).isEmpty();
          LockSupport.parkNanos(random.nextInt(100_000_000));
          running = pipeline.start();
        }
      }
      assertThat(failed.get()).isNull();
      await(writer.written.size());
      assertThat(running.ledger().imbalances()).isEmpty();
      running.close();
      assertThat(writer.differences(came, positions)).isEmpty();
      assertThat(running.ledger().imbalances()).isEmpty();
    } finally {
      running.close();
    }
  }

  @Test
  void losesAndRepeatsNothingWhileFilesAreRotated(@TempDir Path dir) throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      follow(dir.resolve("" + seed), seed, 12, false);
    }
  }

  @Test
  void goesOnWhereItStopped(@TempDir Path dir) throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      follow(dir.resolve("" + seed), seed, 15, true);
    }
  }

  @Tag("stress")
  @Timeout(900)
  @Test
  void losesAndRepeatsNothingForLong(@TempDir Path dir) throws Exception {
    for (int seed = 1; seed <= 20; seed++) {
      follow(dir.resolve("plain" + seed), seed, 60, false);
      follow(dir.resolve("restarts" + seed), seed, 60, true);
    }
  }

  @Test
  void losesNothingBehindASlowSinkWhileFilesAreRotated(@TempDir Path dir) throws Exception {
    Path log = dir.resolve("app.log");
    List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    Pipeline slow = LogStream.named("slow").from(FileTail.of(log)).to(Sink.each(e -> {
      if (delivered.size() % 1000 == 0) {
        LockSupport.parkNanos(100_000_000);
      }
      delivered.add(e.message());
    })).build().ring(2);
    try (LogWriter writer = new LogWriter(log, new Random(7), true, "\n", "", () -> { }); RunningPipeline running = slow.start()) {
      for (int i = 0; i < 12; i++) {
        writer.lines(1000);
        writer.rename();
        if (i >= 3) {
          Files.delete(dir.resolve("app.log.4"));
        }
        LockSupport.parkNanos(120_000_000);
      }
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (delivered.size() < writer.written.size() && System.nanoTime() < deadline) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(writer.differences(delivered, delivered)).isEmpty();
      assertThat(running.ledger().unread()).isEmpty();
    }
  }

  @Test
  void readsALineSoonAfterItIsWritten(@TempDir Path dir) throws IOException {
    Path log = dir.resolve("app.log");
    try (LogWriter writer = new LogWriter(log, new Random(1), true, "\n", "", () -> { });
        RunningPipeline running = pipeline(FileTail.of(log), dir.resolve("state")).start()) {
      writer.put("first\n");
      await(1);
      long slowest = 0;
      for (int i = 2; i < 20; i++) {
        LockSupport.parkNanos(30_000_000);
        long start = System.nanoTime();
        writer.put("line\n");
        await(i);
        slowest = Math.max(slowest, System.nanoTime() - start);
      }
      assertThat(came).hasSize(19);
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(5));
    }
  }
}
