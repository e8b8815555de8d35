package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.TooLong;
import io.logstream.parse.Multiline;
import io.logstream.testing.Seed;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of lines over the cap, in each of the three ways: nothing stops a file. */
class LongLinesTest {
  @TempDir private Path dir;

  private final List<String> lines = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();

  private Pipeline pipeline(Source source) {
    return LogStream.named("p").from(source).to(Sink.each(e -> lines.add(shown(e)))).build().failuresTo(Sink.each(e -> failed.add(shown(e))));
  }

  private static String shown(LogEvent e) {
    String cause = e.text("failure.cause", "");
    return e.text("line", "?") + (e.has("part") ? " part " + e.text("part") : "") + " at " + e.text("offset", "?") + (e.has("truncated") ? " truncated" : "")
        + (cause.isEmpty() ? "" : " " + cause) + ": " + e.message();
  }

  private InlineRun read(Source source) {
    InlineRun run = pipeline(source).inline(() -> Instant.EPOCH);
    run.work();
    assertThat(run.ledger().imbalances()).isEmpty();
    return run;
  }

  private Path write(String text) throws IOException {
    return Files.writeString(dir.resolve("app.log"), text);
  }

  @Test
  void areGivenUpToTheCapAndMarkedUnlessSaid() throws IOException {
    try (InlineRun run = read(FileTail.of(write("one\n" + "äb".repeat(10) + "\nthree\n")).maxRecord(10))) {
      assertThat(lines).containsExactly("1 at 0: one", "2 at 4 truncated: äbäbäb", "3 at 35: three");
      assertThat(run.metrics()).containsEntry("app.log.truncatedLines", 1L).containsEntry("app.log.truncatedBytes", 21L);
    }
  }

  @Test
  void areGivenInPartsOfWholeCharacters() throws IOException {
    try (InlineRun run = read(FileTail.of(write("one\r\n" + "äb".repeat(5) + "\r\nthree\n1234567890\r\n")).maxRecord(10).tooLong(TooLong.SPLIT))) {
      assertThat(lines).containsExactly("1 at 0: one", "2 part 1 at 5: äbäbäb", "2 part 2 at 14: äbäb", "3 at 22: three", "4 at 28: 1234567890");
      assertThat(run.metrics()).containsEntry("app.log.splitLines", 1L).containsEntry("app.log.truncatedLines", 0L);
    }
  }

  @Test
  void failUpToTheCapAndTheFileGoesOn() throws IOException {
    try (InlineRun run = read(FileTail.of(write("one\n" + "x".repeat(3_000_000) + "\nthree\n")).tooLong(TooLong.FAIL))) {
      assertThat(lines).containsExactly("1 at 0: one", "3 at 3000005: three");
      assertThat(failed).containsExactly("2 at 4 truncated too long: " + "x".repeat(1024 * 1024));
      assertThat(run.ledger().stage("app.log/tooLong").failed("too long")).isEqualTo(1);
      assertThat(run.ledger().read()).isEqualTo(3);
    }
  }

  @Test
  void failOnTheWayToAJoinerThatTakesTheOthers() throws IOException {
    String text = "2026 a\n more\n " + "x".repeat(100) + "\n and more\n2026 b\n";
    try (InlineRun run = read(FileTail.of(write(text)).maxRecord(50).tooLong(TooLong.FAIL).then(Multiline.startingWith("^2026")))) {
      assertThat(lines).containsExactly("1 at 0: 2026 a\n more\n and more");
      assertThat(failed).containsExactly("3 at 13 truncated too long:  " + "x".repeat(49));
    }
  }

  @Test
  void areTakenByAJoinerInParts() throws IOException {
    String text = "2026 a\n" + "x".repeat(25) + "\n2026 b\n";
    try (InlineRun run = read(FileTail.of(write(text)).maxRecord(10).tooLong(TooLong.SPLIT).then(Multiline.startingWith("^2026")))) {
      assertThat(lines).containsExactly("1 at 0: 2026 a\n" + "x".repeat(10) + "\n" + "x".repeat(10) + "\n" + "x".repeat(5));
    }
  }

  @Test
  void keepTheirWayInAReplay() throws IOException {
    Path log = write("one\n" + "x".repeat(100) + "\n");
    Pipeline live = pipeline(FileTail.of(log).maxRecord(10).tooLong(TooLong.FAIL));
    try (InlineRun run = live.reading(FileTail.once(log).maxRecord(10)).inline(() -> Instant.EPOCH)) {
      run.work();
      assertThat(lines).containsExactly("1 at 0: one");
      assertThat(failed).containsExactly("2 at 4 truncated too long: " + "x".repeat(10));
    }
  }

  @Test
  void areNotForgotten() {
    assertThatThrownBy(() -> FileTail.of(Path.of("a")).tooLong(TooLong.FORGET)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("SPLIT");
  }

  /** Lines around the cap and far over it, with characters of one to four bytes. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      int length = random.nextInt(random.nextInt(10) == 0 ? 30_000 : 40);
      for (int c = 0; c < length; c++) {
        text.appendCodePoint(new int[] {'a', 'ä', '€', 0x1F600, '\r'}[random.nextInt(20) == 0 ? random.nextInt(5) : random.nextInt(2)]);
      }
      text.append(random.nextBoolean() ? "\n" : "\r\n");
    }
    return text.toString();
  }

  @Test
  void areCutAtTheSamePlacesHoweverTheirBytesCome() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < 24; round++) {
        Charset charset = List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE).get(round % 3);
        int cap = List.of(1, 4, 33, 5_000).get(round % 4);
        String text = text(random);
        byte[] bytes = (charset == StandardCharsets.UTF_8 ? text : "\uFEFF" + text).getBytes(charset);
        FileTail tail = FileTail.of(Files.createDirectory(dir.resolve(random.number() + "-" + round)).resolve("app.log")).maxRecord(cap).tooLong(TooLong.SPLIT);
        Path log = dir.resolve(random.number() + "-" + round).resolve("app.log");
        Files.write(log, bytes);
        lines.clear();
        read(tail).close();
        List<String> whole = List.copyOf(lines);
        assertThat(joined(whole).equals(text.replace("\r\n", "\n"))).as("round %d: nothing is left out", round).isTrue();
        if (cap >= 4) {
          assertThat(whole.stream().mapToInt(line -> line.substring(line.indexOf(": ") + 2).getBytes(StandardCharsets.UTF_8).length).max().orElse(0)).isLessThanOrEqualTo(cap);
        }

        Files.delete(log);
        lines.clear();
        byte[] saved = null;
        InlineRun run = pipeline(tail).inline(() -> Instant.EPOCH);
        for (int at = 0; at < bytes.length; ) {
          int to = Math.min(bytes.length, at + 1 + random.nextInt(1 << (1 + random.nextInt(16))));
          Files.write(log, Arrays.copyOfRange(bytes, at, to), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          at = to;
          run.work();
          if (random.nextInt(4) == 0) {
            saved = run.save();
            run.close();
            run = pipeline(tail).inline(() -> Instant.EPOCH, saved);
          }
        }
        run.work();
        assertThat(run.ledger().imbalances()).isEmpty();
        run.close();
        assertThat(lines.equals(whole)).as("round %d: the same parts", round).isTrue();
      }
    });
  }

  private static String joined(List<String> shown) {
    StringBuilder text = new StringBuilder();
    for (String line : shown) {
      int part = line.indexOf(" part ");
      if (line != shown.get(0) && (part < 0 || line.startsWith(" part 1 ", part))) {
        text.append('\n');
      }
      text.append(line.substring(line.indexOf(": ") + 2));
    }
    return text.append('\n').toString();
  }

  @Test
  void areGivenUpToWhereTheFileEndsWhenNothingFollows() throws IOException {
    Path rotated = Files.writeString(dir.resolve("app.log.1"), "x".repeat(25));
    Path live = write("next\n");
    Instant[] now = {Instant.EPOCH};
    try (InlineRun run = pipeline(FileTail.of(live).maxRecord(10).tooLong(TooLong.SPLIT)).inline(() -> now[0])) {
      run.work();
      for (int i = 0; i < 8; i++) {
        now[0] = now[0].plus(Duration.ofSeconds(1));
        run.work();
      }
      assertThat(lines).contains("1 part 1 at 0: xxxxxxxxxx", "1 part 2 at 10: xxxxxxxxxx", "1 part 3 at 20: xxxxx", "1 at 0: next");
      assertThat(rotated).exists();
    }
  }
}
