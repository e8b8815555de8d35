package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandlesTest {
  private static final Path OWN_HANDLES = Path.of("/proc/self/fd");
  @TempDir Path dir;

  private long openFiles() throws IOException {
    Assumptions.assumeTrue(Files.isDirectory(OWN_HANDLES));
    try (Stream<Path> all = Files.list(OWN_HANDLES)) {
      return all.filter(handle -> {
        try {
          return Files.readSymbolicLink(handle).startsWith(dir);
        } catch (IOException e) {
          return false;
        }
      }).count();
    }
  }

  private void append(int file, String text) throws IOException {
    Files.writeString(dir.resolve("app" + file + ".log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void followsMoreFilesThanMayBeOpen() throws IOException {
    Random random = new Random(1);
    List<List<String>> written = new ArrayList<>();
    for (int file = 0; file < 60; file++) {
      written.add(new ArrayList<>());
      append(file, "");
    }
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log").openAtMost(7))) {
      for (int i = 0; i < 3_000; i++) {
        int file = random.nextInt(written.size());
        String line = file + " line " + i + " " + "x".repeat(random.nextInt(300));
        if (random.nextInt(20) == 0) {
          Path live = dir.resolve("app" + file + ".log");
          Files.move(live, dir.resolve("app" + file + ".log." + i));
        }
        append(file, line + "\n");
        written.get(file).add(line);
        if (random.nextInt(10) == 0) {
          follower.advance(Duration.ofMillis(random.nextInt(700))).work();
          assertThat(openFiles()).isLessThanOrEqualTo(7);
        }
      }
      follower.work();
      for (int file = 0; file < written.size(); file++) {
        String start = file + " ";
        assertThat(follower.lines.stream().filter(line -> line.startsWith(start))).isEqualTo(written.get(file));
      }
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
    assertThat(openFiles()).isZero();
  }

  @Test
  void startsAnewInAFileThatWasReplacedWhileItsHandleWasClosed() throws IOException {
    append(1, "first of the first file, long enough\n");
    append(2, "second\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log").openAtMost(1))) {
      follower.work();
      for (int file = 1; file <= 2; file++) {
        Files.writeString(dir.resolve("new"), "anew " + file + "\n");
        Files.move(dir.resolve("new"), dir.resolve("app" + file + ".log"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        append(file, "more " + file + "\n");
        follower.work();
      }
      assertThat(follower.lines).containsExactlyInAnyOrder("first of the first file, long enough", "second", "anew 1", "more 1", "anew 2", "more 2");
    }
  }

  @Test
  void keepsAFileOpenThatHasNoNameAnyMore() throws IOException {
    append(1, "half");
    append(2, "two\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log").openAtMost(2))) {
      follower.work();
      Files.delete(dir.resolve("app1.log"));
      for (int file = 3; file < 9; file++) {
        append(file, file + "\n");
        follower.work();
      }
      assertThat(follower.lines).containsExactly("two", "3", "4", "5", "6", "7", "8");
      follower.advance(Duration.ofSeconds(4)).work();
      assertThat(follower.lines).endsWith("half");
    }
  }

  @Test
  void refusesToFollowWithoutHandles() {
    assertThatThrownBy(() -> FileTail.of(dir.resolve("a")).openAtMost(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 0");
  }
}
