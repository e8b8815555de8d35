package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory and handles are bounded, whatever is written and however long a sink takes nothing. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoundsTest {
  private static final int MEGABYTES = 150;

  @TempDir private Path dir;

  private Forked start(List<String> jvm, String... args) throws IOException {
    return Forked.start(BoundedProgram.class, dir.resolve("printed"), jvm, args);
  }

  private static void write(Path file, String first, byte[] block, String last) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(first.getBytes(StandardCharsets.UTF_8));
      for (long bytes = 0; bytes < MEGABYTES * 1_000_000L; bytes += block.length) {
        out.write(block);
      }
      out.write(last.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void linesAndRecordsWithoutEndOrAsLongAsMayBeTakeNoMoreThanTheirCap() throws Exception {
    byte[] x = new byte[100_000];
    Arrays.fill(x, (byte) 'x');
    write(dir.resolve("line.log"), "", x, "\n" + BoundedProgram.END + "\n");
    byte[] line = new byte[1_000_000];
    Arrays.fill(line, (byte) 'y');
    line[line.length - 1] = '\n';
    write(dir.resolve("many.log"), "", line, BoundedProgram.END + "\n");
    write(dir.resolve("record.log"), "2026-01-01 begins\n", "  at somewhere in a trace\n".repeat(1000).getBytes(StandardCharsets.UTF_8),
        "2026-01-02 " + BoundedProgram.END + "\n2026-01-03 next\n");
    try (Forked process = start(List.of("-Xmx64m"), "endless", dir.toString())) {
      assertThat(process.exit()).as(process.printed()).isZero();
    }
  }

  @Tag("stress")
  @Test
  void aSinkThatTakesNothingLosesNothingWhileFilesAreRotatedAndDeleted() throws Exception {
    Path log = dir.resolve("app.log");
    String filler = " filler".repeat(60);
    int number = 0;
    try (Forked process = start(List.of("-Xmx48m"), "slow", dir.toString())) {
      for (int rotation = 0; rotation < 25; rotation++) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8_000; i++) {
          text.append(String.format(Locale.ROOT, "%08d", number++)).append(filler).append('\n');
        }
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        awaitOpened(process, log);
        for (int n = 3; n >= 1; n--) {
          Path from = n == 1 ? log : dir.resolve("app.log." + (n - 1));
          if (Files.exists(from)) {
            Files.move(from, dir.resolve("app.log." + n), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
      Files.writeString(log, BoundedProgram.END + "\n");
      assertThat(process.runs()).as(process.printed()).isTrue();
      Files.createFile(dir.resolve("go"));
      assertThat(process.exit()).as(process.printed()).isZero();
    }
  }

  /** What is never open is gone when it is deleted, so each generation is waited for, where the system shows who has it open. */
  private static void awaitOpened(Forked process, Path log) {
    Path handles = Path.of("/proc/" + process.id() + "/fd");
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (Files.isDirectory(handles) && System.nanoTime() < deadline && !isOpen(handles, log)) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean isOpen(Path handles, Path log) {
    try (var all = Files.list(handles)) {
      return all.anyMatch(handle -> {
        try {
          return Files.readSymbolicLink(handle).equals(log);
        } catch (IOException e) {
          return false;
        }
      });
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void goesOnFromWhatWasDeliveredAfterASinkHasEndedTheRun() throws Exception {
    List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    Path log = dir.resolve("app.log");
    try (LogWriter writer = new LogWriter(log, new Random(5), true, "\n", "", () -> { })) {
      for (int failure = 0; failure < 5; failure++) {
        int end = delivered.size() + 150;
        Pipeline failing = pipeline(log, message -> {
          if (delivered.size() >= end) {
            throw new java.io.IOError(new IOException("the disk is full"));
          }
          delivered.add(message);
        });
        try (RunningPipeline running = failing.start()) {
          for (int i = 0; i < 3; i++) {
            writer.lines(100);
            writer.rename();
          }
          assertThatThrownBy(() -> running.await(Duration.ofSeconds(30))).isInstanceOf(PipelineException.class).hasMessageContaining("the disk is full");
        } catch (PipelineException e) {
          assertThat(e).hasMessageContaining("the disk is full");
        }
      }
      try (RunningPipeline running = pipeline(log, delivered::add).start()) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (new LinkedHashSet<>(List.copyOf(delivered)).size() < writer.written.size() && System.nanoTime() < deadline) {
          LockSupport.parkNanos(5_000_000);
        }
        assertThat(running.ledger().imbalances()).isEmpty();
      }
      assertThat(new ArrayList<>(new LinkedHashSet<>(delivered))).isEqualTo(writer.written);
    }
  }

  private Pipeline pipeline(Path log, java.util.function.Consumer<String> sink) {
    return LogStream.named("failing").from(FileTail.of(log)).to(Sink.each(e -> sink.accept(e.message()))).build().checkpointIn(dir.resolve("state"))
        .checkpointEvery(Duration.ofMillis(20));
  }

  @Test
  void followsTenThousandFilesWithAThousandHandles() throws Exception {
    int files = 10_000;
    Path logs = Files.createDirectory(dir.resolve("logs"));
    for (int i = 0; i < files; i++) {
      Files.writeString(logs.resolve("app" + i + ".log"), "line of file " + i + "\n");
    }
    try (Forked process = Forked.startWithFewHandles(1024, BoundedProgram.class, dir.resolve("printed"), List.of("-Xmx256m"), "idle", dir.toString(), "" + files)) {
      long deadline = System.nanoTime() + 90_000_000_000L;
      while (!Files.exists(dir.resolve("all-read")) && System.nanoTime() < deadline && process.runs()) {
        LockSupport.parkNanos(5_000_000);
      }
      assertThat(dir.resolve("all-read")).as(process.printed()).exists();
      for (int i = 0; i < files; i += 100) {
        Path log = logs.resolve("app" + i + ".log");
        if (i % 200 == 0) {
          Files.move(log, logs.resolve("app" + i + ".log.1"));
        }
        Files.writeString(log, BoundedProgram.END + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
      assertThat(process.exit()).as(process.printed()).isZero();
    }
  }
}
