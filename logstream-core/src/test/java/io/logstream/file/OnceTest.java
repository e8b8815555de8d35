package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Sink;
import io.logstream.parse.EventTime;
import io.logstream.testing.TestClock;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnceTest {
  @TempDir Path dir;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private Path gzip(String name, String text) throws IOException {
    Path file = dir.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static List<String> read(FileTail source) {
    try (Follower follower = new Follower(source)) {
      follower.work();
      assertThat(follower.ledger().imbalances()).isEmpty();
      return List.copyOf(follower.lines);
    }
  }

  @Test
  void readsToTheEndAndGivesALastLineWithoutAnEnd() throws IOException {
    assertThat(read(FileTail.once(write("a.log", "one\ntwo\r\nthree")))).containsExactly("one", "two", "three");
    assertThat(read(FileTail.once(write("empty.log", "")))).isEmpty();
  }

  @Test
  void readsGenerationsOldestFirstAsOneLog() throws IOException {
    Path[] files = {write("app.log", "5\n"), write("app.log.1", "4\n"), gzip("app.log.10.gz", "1\n2\n"), write("app.log.2", "3\n")};
    try (Follower follower = new Follower(FileTail.once(files))) {
      follower.work();
      assertThat(follower.lines).containsExactly("1", "2", "3", "4", "5");
      assertThat(follower.positions).allMatch(p -> p.startsWith(dir.resolve("app.log") + "["));
    }
  }

  @Test
  void readsDatedGenerationsInTheOrderOfTheirDates() throws IOException {
    assertThat(read(FileTail.once(write("b.log", "4\n"), write("b-2026-01-02.log", "2\n"), write("b-2025-12-31.log", "1\n"), write("b-2026-01-02.1.log", "3\n"))))
        .containsExactly("1", "2", "3", "4");
    assertThat(read(FileTail.once(write("c.log-20260102", "2\n"), write("c.log-20251231", "1\n")))).containsExactly("1", "2");
  }

  @Test
  void takesOtherFilesAsLogsOfTheirOwnAndReadsThemInTurns() throws IOException {
    String a = "a line of a\n".repeat(100_000);
    String b = "a line of b\n".repeat(100_000);
    List<String> lines = read(FileTail.once(write("a.log", a), write("b.log", b)));
    assertThat(lines).hasSize(200_000);
    assertThat(lines.subList(0, 60_000)).contains("a line of a", "a line of b");
  }

  @Test
  void doesNotLetALogThatEndsEarlyHoldTheWatermarkBack() throws IOException {
    StringBuilder longer = new StringBuilder();
    for (int minute = 0; minute < 60; minute++) {
      longer.append(String.format(Locale.ROOT, "2026-01-01T00:%02d:00Z%n", minute));
    }
    Path[] files = {write("short.log", "2026-01-01T00:00:00Z\n"), write("longer.log", longer.toString())};
    List<String> rows = new ArrayList<>();
    List<Integer> linesBefore = new ArrayList<>();
    try (InlineRun run = LogStream.named("p").from(FileTail.once(files)).then(EventTime.from("message", "yyyy-MM-dd'T'HH:mm:ssX"))
        .branch("rows", all -> all.then(Window.tumbling(Duration.ofMinutes(10)).aggregate(Aggregations.count()))
            .to(Sink.each(row -> {
              rows.add(row.text("count"));
              linesBefore.add(lines);
            })))
        .to(Sink.each(e -> lines++)).build().inline(TestClock.at(Instant.EPOCH))) {
      run.work();
    }
    assertThat(rows).containsExactly("11", "10", "10", "10", "10", "10");
    assertThat(linesBefore).as("rows come while lines are read").doesNotContain(0).doesNotHaveDuplicates();
  }

  private int lines;

  @Test
  void takesFilesInTheOrderGivenAsOneLogWhenToldSo() throws IOException {
    assertThat(read(FileTail.once(write("z.log", "1\n"), write("a.log", "2\n")).asOneLog())).containsExactly("1", "2");
  }

  @Test
  void readsALongLineInAGzipFile() throws IOException {
    String megabyte = "x".repeat(700_000);
    assertThat(read(FileTail.once(gzip("a.gz", "1\n" + megabyte + "\n" + "y".repeat(3_000_000) + "\nlast"))))
        .containsExactly("1", megabyte, "y".repeat(1024 * 1024), "last");
  }

  @Test
  void givesWhatCanBeReadOfADamagedGzipFile() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append("line ").append(i * 7919L).append('\n');
    }
    Path file = gzip("a.log.1.gz", text.toString());
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    try (Follower follower = new Follower(FileTail.once(file, write("a.log", "newer\n")))) {
      follower.work();
      assertThat(follower.lines).hasSizeGreaterThan(5_000).startsWith("line 0").endsWith("newer");
      assertThat(follower.metric("damagedFiles")).isEqualTo(1);
      assertThat(follower.unread()).isEqualTo(bytes.length / 2);
    }
  }

  @Test
  void refusesAMissingFileAtStart() {
    Path missing = dir.resolve("missing.log");
    assertThatThrownBy(() -> read(FileTail.once(missing))).hasMessageContaining(missing.toString()).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> read(FileTail.once(dir))).hasMessageContaining("is a directory");
  }

  @Test
  void goesOnInTheMiddleFromWhatWasSaved() throws IOException {
    Path[] files = {gzip("a.log.1.gz", "1\n2\n"), write("a.log", "3\n4\n")};
    try (Follower follower = new Follower(FileTail.once(files))) {
      follower.work();
      follower.stop();
      Files.writeString(files[1], "3\n4\n5\n");
      follower.work();
      assertThat(follower.lines).containsExactly("1", "2", "3", "4", "5");
    }
  }
}
