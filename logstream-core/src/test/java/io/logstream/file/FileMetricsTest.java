package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileMetricsTest {
  @TempDir Path dir;

  private void append(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void tellsHowFarAFileIsBehindAndForHowLong() throws IOException {
    append("app.log", "line\nhalf");
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")))) {
      follower.work().advance(Duration.ofSeconds(90)).work();
      assertThat(follower.metric("lag.bytes")).isEqualTo(4);
      assertThat(follower.metric("lag.seconds")).isEqualTo(90);
      assertThat(follower.metric("lag.bytes[" + dir.resolve("app.log") + "]")).isEqualTo(4);
      append("app.log", " and half\n");
      follower.work().work();
      assertThat(follower.metric("lag.bytes")).isZero();
      assertThat(follower.metric("lag.seconds")).isZero();
    }
  }

  @Test
  void countsRotationsTruncationsAndReopenedFilesByLog() throws IOException {
    append("a.log", "1\n");
    append("b.log", "1\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log").openAtMost(1))) {
      follower.work();
      Files.move(dir.resolve("a.log"), dir.resolve("a.log.1"));
      append("a.log", "2\n");
      follower.work();
      Files.writeString(dir.resolve("b.log"), "x\n");
      follower.work();
      append("a.log.1", "late\n");
      follower.work();
      assertThat(follower.metric("rotations")).isEqualTo(1);
      assertThat(follower.metric("rotations[" + dir.resolve("a.log") + "]")).isEqualTo(1);
      assertThat(follower.metric("rotations[" + dir.resolve("b.log") + "]")).isZero();
      assertThat(follower.metric("truncations[" + dir.resolve("b.log") + "]")).isEqualTo(1);
      assertThat(follower.metric("reopened")).isPositive();
      assertThat(follower.metric("handles.open")).isEqualTo(1);
    }
  }

  @Test
  void tellsHandlesThatAreHeldOnRotatedFiles() throws IOException {
    append("app.log", "1\n");
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")))) {
      follower.work();
      Files.delete(dir.resolve("app.log"));
      follower.work().work();
      assertThat(follower.metric("handles.held")).isEqualTo(1);
      follower.advance(Duration.ofSeconds(4)).work().work();
      assertThat(follower.metric("handles.held")).isZero();
      assertThat(follower.metric("handles.open")).isZero();
    }
  }
}
