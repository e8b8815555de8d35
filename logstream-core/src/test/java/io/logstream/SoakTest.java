package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.file.FileTail;
import io.logstream.parse.Dissect;
import io.logstream.parse.EventTime;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Follows a log that is written and rotated, for ten minutes, or as many as {@code -Dlogstream.soak.minutes} says. */
@Tag("stress")
class SoakTest {
  private static final int LINES_A_TURN = 200;
  private static final long TURN_NANOS = 10_000_000L;
  private static final int LINES_A_FILE = 400_000;

  @TempDir Path dir;

  /** The longest that a thread which only sleeps was woken late: what the machine, not the pipeline, is to blame for. */
  private static final class Control extends Thread {
    final AtomicLong longest = new AtomicLong();

    Control() {
      super("control");
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!isInterrupted()) {
        long due = System.nanoTime() + 5_000_000L;
        LockSupport.parkNanos(5_000_000L);
        longest.accumulateAndGet(System.nanoTime() - due, Math::max);
      }
    }
  }

  @Test
  @Timeout(3_000)
  void keepsItsHeapAndItsPaceOverAndOverAgain() throws Exception {
    long minutes = Long.getLong("logstream.soak.minutes", 10);
    Path log = Files.createFile(dir.resolve("app.log"));
    AtomicLong rows = new AtomicLong();
    AtomicLong counted = new AtomicLong();
    AtomicLong longest = new AtomicLong();
    AtomicBoolean warm = new AtomicBoolean();
    RunningPipeline run = LogStream.named("soak").from(FileTail.of(log))
        .then(Dissect.pattern("%{at} %{nanos} %{key} %{ms}"))
        .then(EventTime.from("at", "ISO8601").outOfOrder(Duration.ofMillis(100)))
        .to("latency", Sink.each(e -> {
          if (warm.get()) {
            longest.accumulateAndGet(System.nanoTime() - Long.parseLong(e.text("nanos")), Math::max);
          }
        }))
        .then(Window.tumbling(Duration.ofSeconds(5)).by("key").aggregate(Aggregations.count(), Aggregations.percentiles("ms", 50, 95, 99)))
        .to("rows", Sink.each(row -> {
          rows.incrementAndGet();
          counted.addAndGet(row.number("count", 0));
        }))
        .build().checkpointIn(dir.resolve("checkpoint")).start();
    Control idle = new Control();
    idle.start();

    List<Long> heaps = new ArrayList<>();
    List<String> pauses = new ArrayList<>();
    long slack = 0;
    long began = System.nanoTime();
    long nextLook = began + 30_000_000_000L;
    long written = 0;
    long generation = 0;
    BufferedWriter out = Files.newBufferedWriter(log, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    for (long turn = 0; System.nanoTime() - began < minutes * 60_000_000_000L; turn++) {
      Instant now = Instant.now();
      for (int i = 0; i < LINES_A_TURN; i++, written++) {
        out.append(now.toString()).append(' ').append(Long.toString(System.nanoTime())).append(" key").append(Long.toString(written % 500)).append(' ')
            .append(Long.toString(1 + written % 997)).append('\n');
      }
      out.flush();
      if (written / LINES_A_FILE > generation) {
        generation++;
        out.close();
        out = rotated(log);
      }
      if (System.nanoTime() > nextLook) {
        nextLook += 30_000_000_000L;
        System.gc();
        heaps.add(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        long control = idle.longest.getAndSet(0);
        long pause = longest.getAndSet(0);
        if (warm.getAndSet(true)) {
          pauses.add(pause / 1_000_000 + "-" + control / 1_000_000);
          slack = Math.max(slack, pause - control);
        }
      }
      LockSupport.parkNanos(began + turn * TURN_NANOS - System.nanoTime());
    }
    out.close();
    long all = written;
    while (run.ledger().read() < all) {
      LockSupport.parkNanos(10_000_000L);
    }
    idle.interrupt();
    run.close();

    String figures = "lines " + written + ", rows " + rows + ", rotations " + generation + ", heap after collection " + heaps + ", slowest event and idle thread of each half minute, ms " + pauses;
    assertThat(run.ledger().balances()).as(figures).isTrue();
    assertThat(run.ledger().stage("rows").absorbed()).as(figures).isEqualTo(rows.get());
    long early = heaps.subList(1, Math.max(2, heaps.size() / 3)).stream().mapToLong(h -> h).max().orElseThrow();
    long late = heaps.subList(heaps.size() * 2 / 3, heaps.size()).stream().mapToLong(h -> h).max().orElseThrow();
    assertThat(late).as(figures).isLessThan(early + early / 4 + 4_000_000);
    assertThat(slack).as(figures).isLessThan(100_000_000L);
  }

  private static BufferedWriter rotated(Path log) throws IOException {
    for (int n = 4; n > 0; n--) {
      Path from = n == 1 ? log : log.resolveSibling("app.log." + (n - 1));
      if (Files.exists(from)) {
        Files.move(from, log.resolveSibling("app.log." + n), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return Files.newBufferedWriter(log, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
  }
}
