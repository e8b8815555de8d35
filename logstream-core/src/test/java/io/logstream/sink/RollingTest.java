package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.Sink;
import io.logstream.testing.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingTest {
  private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

  @TempDir Path dir;

  /** All files with the values of field n in them, compressed ones too. */
  private TreeMap<String, String> files() throws IOException {
    TreeMap<String, String> files = new TreeMap<>();
    try (Stream<Path> there = Files.list(dir)) {
      for (Path file : there.toList()) {
        try (InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(Files.newInputStream(file)) : Files.newInputStream(file)) {
          files.put(file.getFileName().toString(), new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\n", "|"));
        }
      }
    }
    return files;
  }

  /** Five events, 20 minutes apart on the clock. */
  private void write(Sink sink, Instant from, boolean quietHours) {
    TestClock clock = TestClock.at(from);
    int[] n = {0};
    Sink moving = sink;
    InlineRun run = SinksOver.pipeline(moving, e -> {
      e.put("n", n[0]++);
      clock.advance(Duration.ofMinutes(20));
    }, SinksOver.utf8("a", "b", "c", "d", "e")).inline(clock);
    run.work();
    if (quietHours) {
      clock.advance(Duration.ofHours(3));
      run.work();
      assertThat(files0()).as("rolled while nothing comes").doesNotContain("rows.csv");
    }
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(5);
  }

  private List<String> files0() {
    try {
      return files().entrySet().stream().filter(f -> !f.getValue().isEmpty()).map(java.util.Map.Entry::getKey).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void beginsAFileForEveryPeriodWithAHeadOfItsOwn() throws IOException {
    write(CsvLines.to(dir.resolve("rows.csv")).columns("message", "n").rollEvery(Duration.ofHours(1)), TEN, false);
    String all = String.join("", files().values());
    assertThat(files().get("rows-2026-03-01T10-00-00Z.csv")).startsWith("message,n|a,0|b,1|");
    assertThat(files().get("rows.csv")).startsWith("message,n|");
    assertThat(all.replace("message,n|", "")).hasSize("a,0|b,1|c,2|d,3|e,4|".length()).contains("a,0|", "b,1|", "c,2|", "d,3|", "e,4|");
  }

  @Test
  void compressesWhatIsCompleteAndRollsWhenNothingComes() throws IOException {
    write(CsvLines.to(dir.resolve("rows.csv")).columns("n").rollEvery(Duration.ofHours(1)).gzip(), TEN, true);
    assertThat(files0()).allMatch(name -> name.endsWith("Z.csv.gz"));
    assertThat(String.join("", files().values()).replace("n|", "")).isEqualTo("0|1|2|3|4|");
  }

  @Test
  void completesWhatACrashHasLeft() throws IOException {
    Path live = dir.resolve("rows.jsonl");
    Files.writeString(live, "{\"n\":-1}\n{\"n\":");
    Files.setLastModifiedTime(live, FileTime.from(TEN.minusSeconds(5000)));
    Files.writeString(dir.resolve("rows-2026-03-01T07-00-00Z.jsonl"), "{\"n\":-2}\n");
    Files.writeString(dir.resolve("rows-2026-03-01T07-00-00Z.jsonl.gz.tmp"), "half");
    Files.writeString(dir.resolve("rows-of-others.jsonl"), "theirs\n");
    write(JsonLines.to(live).gzip().rollEvery(Duration.ofHours(4)), TEN, false);

    assertThat(files().get("rows-2026-03-01T07-00-00Z.jsonl.gz")).isEqualTo("{\"n\":-2}|");
    assertThat(files().get("rows-of-others.jsonl")).isEqualTo("theirs|");
    assertThat(files()).doesNotContainKeys("rows-2026-03-01T07-00-00Z.jsonl", "rows-2026-03-01T07-00-00Z.jsonl.gz.tmp");
    assertThat(files().get("rows.jsonl")).as("the same period goes on").startsWith("{\"n\":-1}|{\"n\":|{\"time\"").contains("\"n\":4");
  }

  @Test
  void keepsBothWhenAPeriodWasRolledTwice() throws IOException {
    Files.writeString(dir.resolve("rows-2026-03-01T10-00-00Z.csv"), "n\n99\n");
    write(CsvLines.to(dir.resolve("rows.csv")).columns("n").rollEvery(Duration.ofHours(1)), TEN, false);
    assertThat(files().get("rows-2026-03-01T10-00-00Z.csv")).isEqualTo("n|99|");
    assertThat(files().get("rows-2026-03-01T10-00-00Z.1.csv")).startsWith("n|0|");
  }

  @Test
  void losesNothingWhenAFileCannotBeCompressed() throws IOException {
    Path inTheWay = Files.createDirectory(dir.resolve("rows-2026-03-01T10-00-00Z.csv.gz.tmp"));
    write(CsvLines.to(dir.resolve("rows.csv")).columns("n").rollEvery(Duration.ofHours(1)).gzip(), TEN, false);
    Files.delete(inTheWay);
    assertThat(files().get("rows-2026-03-01T10-00-00Z.csv")).as("left as it was").startsWith("n|0|");
    assertThat(String.join("", files().values()).replace("n|", "")).isEqualTo("0|1|2|3|4|");
  }

  @Test
  void quotesWhatMustBeQuoted() throws IOException {
    Path file = dir.resolve("t.tsv");
    SinksOver.run(CsvLines.to(file).columns("time", "a", "b", "none", "message").separatedBy('\t'), e -> e.put("a", "x\ty").put("b", "say \"hi\"\nthere"), SinksOver.utf8("", "m,1"));
    assertThat(Files.readString(file)).isEqualTo("time\ta\tb\tnone\tmessage\n"
        + "1970-01-01T00:00:01.500Z\t\"x\ty\"\t\"say \"\"hi\"\"\nthere\"\t\t\"\"\n"
        + "1970-01-01T00:00:01.500Z\t\"x\ty\"\t\"say \"\"hi\"\"\nthere\"\t\tm,1\n");
  }

  @Test
  void addsToAFileWithoutASecondHead() throws IOException {
    Path file = dir.resolve("t.csv");
    for (int i = 0; i < 2; i++) {
      SinksOver.run(CsvLines.to(file).columns("message"), e -> { }, SinksOver.utf8("a"));
    }
    assertThat(Files.readString(file)).isEqualTo("message\na\na\n");
  }

  @Test
  void addsNoLinesUnderAHeadOfOtherColumns() throws IOException {
    Path file = dir.resolve("t.csv");
    Files.writeString(file, "time,message\n1,a\n");
    assertThatThrownBy(() -> SinksOver.run(CsvLines.to(file).columns("message", "n"), e -> { }, SinksOver.utf8("a"))).hasMessageContaining("time,message")
        .hasMessageContaining("message,n").hasMessageContaining("move this one away");
    assertThat(Files.readString(file)).isEqualTo("time,message\n1,a\n");
  }

  @Test
  void writesAHeadAnewThatACrashHasCut() throws IOException {
    Path file = dir.resolve("t.csv");
    Files.writeString(file, "mess");
    SinksOver.run(CsvLines.to(file).columns("message", "n"), e -> { }, SinksOver.utf8("a"));
    assertThat(Files.readString(file)).isEqualTo("message,n\na,\n");
  }

  @Test
  void refusesWordsThatDoNotGoTogether() {
    assertThatThrownBy(() -> SinksOver.pipeline(JsonLines.to(dir.resolve("x")).gzip(), e -> { })).hasMessageContaining("rollEvery");
    assertThatThrownBy(() -> SinksOver.pipeline(CsvLines.to(dir.resolve("x")), e -> { })).hasMessageContaining(".columns(..)");
    assertThatThrownBy(() -> CsvLines.to(dir.resolve("x")).columns("a", "a")).hasMessageContaining("each once");
    assertThatThrownBy(() -> CsvLines.to(dir.resolve("x")).separatedBy('"')).hasMessageContaining("quotation mark");
    assertThatThrownBy(() -> JsonLines.to(dir.resolve("x")).rollEvery(Duration.ofMillis(10))).hasMessageContaining("a second at least");
  }
}
