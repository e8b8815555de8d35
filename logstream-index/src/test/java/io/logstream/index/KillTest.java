package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that follows a log into an index is killed at random moments and started again: the index has every record once, in order, as if it had not been. */
class KillTest {
  private record Seen(String message, String position, String client) {}

  private static Process start(Path dir) throws IOException {
    List<String> command = List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-Xshare:auto", "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), KilledIndexer.class.getName(), dir.toString());
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("printed").toFile())).start();
  }

  private static List<Seen> seen(LogIndex index) {
    return index.search(LogQuery.all().limit(LogQuery.MOST_HITS)).hits().stream().sorted(Comparator.comparingLong(LogHit::sequence))
        .map(hit -> new Seen(hit.message(), hit.position().log() + "@" + hit.position().offset(), hit.text("client"))).toList();
  }

  private static void write(Path dir, String lines) throws IOException {
    Files.writeString(dir.resolve("app.log"), lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void torture(Path dir, long seed, int kills) throws Exception {
    Random random = new Random(seed);
    Files.createDirectories(dir);
    int line = 0;
    for (int kill = 0; kill <= kills; kill++) {
      Process process = start(dir);
      try {
        long until = System.nanoTime() + Duration.ofMillis(400 + random.nextInt(900)).toNanos();
        while (System.nanoTime() < until || kill == kills && line < 1_000) {
          StringBuilder some = new StringBuilder();
          for (int n = random.nextInt(4); n >= 0; n--) {
            some.append("line ").append(line++).append(" of a log ").append("x".repeat(random.nextInt(50))).append('\n');
          }
          write(dir, some.toString());
          LockSupport.parkNanos(random.nextInt(5_000_000));
        }
        if (kill < kills) {
          process.destroyForcibly().waitFor();
        } else {
          write(dir, KilledIndexer.LAST + "\n");
          process.getOutputStream().close();
          assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
          assertThat(process.exitValue()).as(Files.readString(dir.resolve("printed"))).isZero();
        }
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    List<Seen> killed;
    try (LogIndex index = KilledIndexer.index(dir)) {
      killed = seen(index);
      assertThat(index.slices()).hasSizeBetween(3, 6);
    }
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1))) {
      InlineRun never = KilledIndexer.pipeline(dir, index).inline(() -> Fed.NOON);
      never.work();
      never.close();
      assertThat(killed).as("seed " + seed).isEqualTo(seen(index));
    }
  }

  @Test
  @Timeout(120)
  void hasEveryRecordOnceAfterKills(@TempDir Path dir) throws Exception {
    torture(dir.resolve("1"), 1, 3);
  }

  @Tag("stress")
  @Test
  @Timeout(1_200)
  void hasEveryRecordOnceAfterManyKills(@TempDir Path dir) throws Exception {
    for (int seed = 2; seed < 12; seed++) {
      torture(dir.resolve("" + seed), seed, 8);
    }
  }
}
