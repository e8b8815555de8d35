package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingTest {
  @TempDir Path dir;

  private static byte[] marked(String text, Charset charset) {
    return ("\ufeff" + text).getBytes(charset);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-8"})
  void readsWhatTheMarkAtTheBeginningSaysHoweverTheBytesAreWritten(String name) throws IOException {
    Charset charset = Charset.forName(name);
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      List<String> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 300; i++) {
        String line = random.nextInt(5) == 0 ? "" : "ä€\ud83d\ude00\u0a41" + "abc\u0d0a".repeat(random.nextInt(random.nextInt(100) == 0 ? 30_000 : 40));
        expected.add(line);
        text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      byte[] bytes = marked(text.toString(), charset);
      Path log = dir.resolve(name + seed + ".log");
      try (Follower follower = new Follower(FileTail.of(log))) {
        for (int at = 0; at < bytes.length; ) {
          int to = Math.min(bytes.length, at + 1 + random.nextInt(1 << (1 + random.nextInt(17))));
          Files.write(log, Arrays.copyOfRange(bytes, at, to), StandardOpenOption.APPEND, StandardOpenOption.CREATE);
          at = to;
          if (random.nextInt(3) > 0) {
            follower.work();
          }
          if (random.nextInt(20) == 0) {
            follower.stop();
          }
        }
        follower.work();
        assertThat(follower.lines).isEqualTo(expected);
        String positions = follower.positions.get(5);
        int offset = Integer.parseInt(positions.substring(positions.indexOf('@') + 1));
        assertThat(new String(bytes, offset, bytes.length - offset, charset)).startsWith(expected.get(5));
      }
    }
  }

  @Test
  void looksForTheMarkAfterARestartInTheFirstLine() throws IOException {
    Path log = dir.resolve("app.log");
    byte[] bytes = marked("first line\nsecond\n", StandardCharsets.UTF_16BE);
    for (int at = 1; at < 22; at++) {
      Files.write(log, Arrays.copyOf(bytes, at));
      try (Follower follower = new Follower(FileTail.of(log))) {
        follower.work();
        follower.stop();
        Files.write(log, Arrays.copyOfRange(bytes, at, bytes.length), StandardOpenOption.APPEND);
        follower.work();
        assertThat(follower.lines).as("stopped after %s bytes", at).containsExactly("first line", "second");
      }
    }
  }

  @Test
  void readsAFileOfTwoByteUnitsAcrossRotation() throws IOException {
    Path log = dir.resolve("app.log");
    try (Follower follower = new Follower(FileTail.of(log))) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Files.write(log, marked("eins " + i + "\nzwei", StandardCharsets.UTF_16LE));
        follower.work();
        Files.move(log, dir.resolve("app.log." + i));
        Files.write(dir.resolve("app.log." + i), " ganz\n".getBytes(StandardCharsets.UTF_16LE), StandardOpenOption.APPEND);
        expected.addAll(List.of("eins " + i, "zwei ganz"));
      }
      follower.work();
      assertThat(follower.lines).isEqualTo(expected);
    }
  }

  @Test
  void truncatesALongLineBetweenCharacters() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(marked("€".repeat(1_000) + "\nnext\n" + "a".repeat(99) + "\n", StandardCharsets.UTF_16BE));
    Files.write(dir.resolve("app.log"), bytes.toByteArray());
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).maxRecord(100))) {
      follower.work();
      assertThat(follower.lines).containsExactly("€".repeat(33), "next", "a".repeat(99));
      assertThat(follower.metric("truncatedLines")).isEqualTo(1);
    }
  }

  @Test
  void startsAtTheEndOfAFileOfTwoByteUnits() throws IOException {
    Path log = dir.resolve("app.log");
    Files.write(log, marked("old\n", StandardCharsets.UTF_16LE));
    try (Follower follower = new Follower(FileTail.of(log).fromEnd())) {
      follower.work();
      Files.write(log, "neu\u00e4\n".getBytes(StandardCharsets.UTF_16LE), StandardOpenOption.APPEND);
      follower.work();
      assertThat(follower.lines).containsExactly("neuä");
    }
  }
}
