package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompressedRotationTest {
  @TempDir Path dir;
  private final List<String> written = new ArrayList<>();
  private final Random random = new Random(5);
  private int number;

  private void append(String name, int lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      String line = "line " + number++ + " " + Long.toHexString(random.nextLong()).repeat(random.nextInt(20));
      written.add(line);
      text.append(line).append('\n');
    }
    Files.writeString(dir.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static byte[] packed(byte[] text, String ending) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = ending.equals(".gz") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
      out.write(text);
    }
    return bytes.toByteArray();
  }

  /** As gzip does it: the compressed file grows beside the plain one, which goes when that is complete. */
  private void compress(String name, String ending, Runnable step) throws IOException {
    byte[] packed = packed(Files.readAllBytes(dir.resolve(name)), ending);
    for (int at = 0; at < packed.length; ) {
      int to = Math.min(packed.length, at + 1 + random.nextInt(packed.length));
      Files.write(dir.resolve(name + ending), Arrays.copyOfRange(packed, at, to), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      at = to;
      step.run();
    }
    Files.delete(dir.resolve(name));
    step.run();
  }

  private void shift(String ending) throws IOException {
    for (int i = 20; i > 0; i--) {
      for (String packed : List.of("", ending)) {
        Path from = dir.resolve("app.log." + i + packed);
        if (Files.exists(from)) {
          Files.move(from, dir.resolve("app.log." + (i + 1) + packed));
        }
      }
    }
    Files.move(dir.resolve("app.log"), dir.resolve("app.log.1"));
  }

  private Follower follow() {
    return new Follower(FileTail.of(dir.resolve("app.log")));
  }

  /** Compared by their beginnings, so that what is wrong can be read. */
  private void isExact(Follower follower) {
    List<String> came = follower.lines.stream().map(CompressedRotationTest::shortly).toList();
    List<String> expected = written.stream().map(CompressedRotationTest::shortly).toList();
    if (!came.equals(expected)) {
      int same = 0;
      while (same < Math.min(came.size(), expected.size()) && came.get(same).equals(expected.get(same))) {
        same++;
      }
      assertThat(came.subList(same, Math.min(came.size(), same + 5))).as(came.size() + " of " + expected.size() + " lines, different from " + same + " on")
          .isEqualTo(expected.subList(same, Math.min(expected.size(), same + 5)));
    }
    assertThat(follower.lines).hasSameSizeAs(written);
  }

  private static String shortly(String line) {
    return line.substring(0, Math.min(16, line.length()));
  }

  private static void settle(Follower follower) {
    for (int i = 0; i < 20; i++) {
      follower.work().advance(Duration.ofMillis(400));
    }
    follower.work();
  }

  @ParameterizedTest
  @ValueSource(strings = {".gz", ".zst"})
  void readsCompressedGenerationsThatWereThereBeforeOldestFirst(String ending) throws IOException {
    for (int i = 3; i > 0; i--) {
      append("app.log." + i, 50);
      compress("app.log." + i, ending, () -> { });
    }
    append("app.log", 20);
    try (Follower follower = follow()) {
      settle(follower);
      isExact(follower);
      follower.stop();
      append("app.log", 20);
      settle(follower);
      isExact(follower);
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"at once", "at once, restarted", "delayed", "delayed, restarted"})
  void readsNothingTwiceThatIsCompressedAfterItWasRead(String how) throws IOException {
    boolean delayed = how.startsWith("delayed");
    try (Follower follower = follow()) {
      Runnable step = () -> {
        follower.advance(Duration.ofMillis(random.nextInt(3_000)));
        if (random.nextBoolean()) {
          follower.work();
        }
        if (how.endsWith("restarted") && random.nextInt(5) == 0) {
          follower.stop();
        }
      };
      for (int i = 0; i < 8; i++) {
        append("app.log", 1 + random.nextInt(100));
        step.run();
        if (random.nextBoolean()) {
          shift(".gz");
          append("app.log", 5);
          step.run();
        } else {
          shift(".gz");
        }
        String last = delayed ? "app.log.2" : "app.log.1";
        if (Files.exists(dir.resolve(last))) {
          compress(last, ".gz", step);
        }
      }
      append("app.log", 10);
      settle(follower);
      isExact(follower);
      assertThat(follower.ledger().unread()).isEmpty();
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".gz", ".zst"})
  void readsWhatWasWrittenAndCompressedWhileStopped(String ending) throws IOException {
    append("app.log", 100);
    try (Follower follower = follow()) {
      follower.work().stop();
      for (int i = 0; i < 3; i++) {
        append("app.log", 2_000);
        shift(ending);
        compress("app.log.1", ending, () -> { });
      }
      append("app.log", 10);
      settle(follower);
      isExact(follower);
      assertThat(follower.ledger().unread()).isEmpty();
      follower.stop();
      shift(ending);
      append("app.log", 10);
      settle(follower);
      isExact(follower);
    }
  }

  @Test
  void readsTheRestOfATruncatedFileFromItsCompressedCopy() throws IOException {
    append("app.log", 100);
    try (Follower follower = follow()) {
      follower.work().stop();
      append("app.log", 100);
      Files.copy(dir.resolve("app.log"), dir.resolve("app.log.1"));
      Files.write(dir.resolve("app.log"), new byte[0]);
      compress("app.log.1", ".gz", () -> { });
      append("app.log", 10);
      settle(follower);
      isExact(follower);
      assertThat(follower.ledger().unread()).isEmpty();
    }
  }

  @Test
  void tellsGenerationsWithTheSameHeaderApart() throws IOException {
    String header = "#".repeat(700) + "\n";
    Files.writeString(dir.resolve("app.log"), header);
    written.add(header.trim());
    append("app.log", 100);
    try (Follower follower = follow()) {
      follower.work().stop();
      for (int i = 0; i < 2; i++) {
        append("app.log", 100);
        shift(".gz");
        compress("app.log.1", ".gz", () -> { });
        Files.writeString(dir.resolve("app.log"), header);
        written.add(header.trim());
        append("app.log", 50);
      }
      settle(follower);
      isExact(follower);
    }
  }

  @Test
  void readsACompressedGenerationThatHasTheInodeOfADeletedOne() throws IOException {
    append("app.log.1", 50);
    compress("app.log.1", ".gz", () -> { });
    append("app.log", 5);
    try (Follower follower = follow()) {
      settle(follower);
      Object inode = Files.getAttribute(dir.resolve("app.log.1.gz"), "unix:ino");
      append("other", 70);
      Files.write(dir.resolve("app.log.1.gz"), packed(Files.readAllBytes(dir.resolve("other")), ".gz"));
      assertThat(Files.getAttribute(dir.resolve("app.log.1.gz"), "unix:ino")).isEqualTo(inode);
      follower.advance(Duration.ofSeconds(6));
      settle(follower);
      isExact(follower);
    }
  }

  @Test
  void leavesCompressedGenerationsOutWhenToldToStartAtTheEnd() throws IOException {
    append("app.log.1", 10);
    compress("app.log.1", ".gz", () -> { });
    append("app.log", 10);
    written.clear();
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).fromEnd())) {
      follower.work();
      append("app.log", 10);
      follower.stop();
      shift(".gz");
      compress("app.log.1", ".gz", () -> { });
      append("app.log", 3);
      settle(follower);
      isExact(follower);
    }
  }

  @Test
  void givesWhatCanBeReadOfADamagedGenerationAndSaysSo() throws IOException {
    append("app.log.1", 3_000);
    byte[] packed = packed(Files.readAllBytes(dir.resolve("app.log.1")), ".gz");
    Files.delete(dir.resolve("app.log.1"));
    Files.write(dir.resolve("app.log.1.gz"), Arrays.copyOf(packed, packed.length / 2));
    append("app.log", 10);
    try (Follower follower = follow()) {
      settle(follower);
      assertThat(follower.lines).hasSizeBetween(1_000, 2_500).contains(written.get(0)).endsWith(written.get(written.size() - 1));
      follower.advance(Duration.ofMinutes(2)).work();
      assertThat(follower.metric("damagedFiles")).isEqualTo(1);
      assertThat(follower.unread()).isEqualTo(packed.length / 2);
    }
  }

  @Test
  void readsZstdFilesOnce() throws IOException {
    Path file = Files.write(dir.resolve("a.log.1.zst"), packed("1\n2\n".getBytes(StandardCharsets.UTF_8), ".zst"));
    try (Follower follower = new Follower(FileTail.once(file))) {
      follower.work();
      assertThat(follower.lines).containsExactly("1", "2");
    }
  }

  @Test
  void namesTheLibraryThatIsMissing() {
    assertThatThrownBy(() -> {
      throw new Compression.MissingException(Path.of("a.zst"), new NoClassDefFoundError("com/github/luben/zstd/ZstdInputStream"));
    }).hasMessageContaining("com.github.luben:zstd-jni").hasMessageContaining("a.zst");
  }

  /** The new live file begins with all that was read of the one before. */
  @ParameterizedTest
  @ValueSource(strings = {"running", "stopped", "stopped all the time"})
  void readsTheSameLinesAgainWhereTheyAreWrittenAgain(String how) throws IOException {
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")))) {
      int lines = 0;
      for (int round = 0; round < 5; round++) {
        Files.writeString(dir.resolve("next"), "nothing has happened\n".repeat(100 + 7 * round));
        lines += 100 + 7 * round;
        if (round > 0) {
          Files.write(dir.resolve("app.log.1.gz"), packed(Files.readAllBytes(dir.resolve("app.log")), ".gz"));
          Files.delete(dir.resolve("app.log"));
          if (!how.equals("stopped all the time")) {
            follower.work();
          }
        }
        if (how.equals("stopped")) {
          follower.stop();
        }
        Files.move(dir.resolve("next"), dir.resolve("app.log"));
        follower.work();
        if (how.startsWith("stopped")) {
          follower.stop();
        }
        for (int i = round; i > 0; i--) {
          Files.move(dir.resolve("app.log." + i + ".gz"), dir.resolve("app.log." + (i + 1) + ".gz"));
        }
      }
      follower.work();
      settle(follower);
      assertThat(follower.lines).hasSize(lines);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stopped", "running", "beside it"})
  void readsNothingOfAFileThatHasBeenDecompressed(String how) throws IOException {
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")))) {
      append("app.log", 100);
      follower.work();
      byte[] text = Files.readAllBytes(dir.resolve("app.log"));
      shift(".gz");
      append("app.log", 10);
      settle(follower);
      compress("app.log.1", ".gz", () -> { });
      settle(follower);
      if (how.equals("stopped")) {
        follower.stop();
      }
      Files.write(dir.resolve("app.log.1"), text);
      if (!how.equals("beside it")) {
        Files.delete(dir.resolve("app.log.1.gz"));
      }
      append("app.log", 10);
      settle(follower);
      isExact(follower);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stopped", "running"})
  void readsAGenerationThatHoldsJustWhatACompressedOneOfAnotherNameHolds(String how) throws IOException {
    try (Follower follower = follow()) {
      String same = "nothing has happened\n".repeat(100);
      Files.writeString(dir.resolve("app.log"), same);
      follower.work();
      shift(".gz");
      compress("app.log.1", ".gz", () -> { });
      settle(follower);
      if (how.equals("stopped")) {
        follower.stop();
      }
      Files.move(dir.resolve("app.log.1.gz"), dir.resolve("app.log.2.gz"));
      Files.writeString(dir.resolve("app.log.1"), same);
      settle(follower);
      assertThat(follower.lines).hasSize(200);
    }
  }
}
