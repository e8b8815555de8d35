package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Ran;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.testing.Seed;
import io.logstream.testing.StageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
  private static LogEvent read(Csv stage, String text) {
    Ran ran = Ran.over(List.of(text), stage);
    assertThat(ran.failed()).isEmpty();
    return ran.passed().get(0);
  }

  @Test void readsValuesWithAndWithoutQuotes() {
    assertThat(read(Csv.columns("a", "b", "c", "d", "e"), "1,\"x, \"\"y\"\"\nz\",, \" q,\"\"").fields())
        .containsExactly(entry("a", "1"), entry("b", "x, \"y\"\nz"), entry("c", ""), entry("d", " \" q"), entry("e", ""));
  }

  @Test void leavesOutColumnsWithoutAName() {
    assertThat(read(Csv.columns("", "b"), "1,2").fields()).containsExactly(entry("b", "2"));
  }

  @Test void readsTabsAndOtherSeparators() {
    assertThat(read(Csv.columns("a", "b").tabs(), "1,2\t\"3\t4\"").fields()).containsExactly(entry("a", "1,2"), entry("b", "3\t4"));
    assertThat(read(Csv.columns("a", "b").separatedBy(';'), "1;2").fields()).containsExactly(entry("a", "1"), entry("b", "2"));
  }

  @Test void failsWhatItCannotRead() {
    Ran ran = Ran.over(List.of("1,2,3", "1", "1,\"open", "\"1\"x,2", ""), Csv.columns("a", "b"));
    assertThat(ran.failed()).extracting(e -> e.text("failure.cause") + ": " + e.text("failure.detail")).containsExactly(
        "wrong number of columns: wanted 2, found 3", "wrong number of columns: wanted 2, found 1", "bad CSV: the quote at byte 2 is not closed",
        "bad CSV: something stands behind the closed quote at byte 2", "wrong number of columns: wanted 2, found 1");
    assertThat(ran.failed()).noneMatch(e -> e.has("a"));
  }

  @Test void takesColumnsFromTheFirstLine() {
    Ran ran = Ran.over(List.of("id,\"the \"\"name\"\"\"", "1,bob", "id,\"the \"\"name\"\"\"", "2,eve"), Csv.header());
    assertThat(ran.passed()).extracting(LogEvent::fields).extracting(Object::toString).containsExactly("{id=1, the \"name\"=bob}", "{id=2, the \"name\"=eve}");
    assertThat(ran.ledger().stage("Csv").dropped("header")).isEqualTo(2);
  }

  @Test void failsRecordsWithoutAUsableHeader() {
    assertThat(Ran.over(List.of("a,a", "1,2"), Csv.header()).failed()).extracting(e -> e.text("failure.cause")).containsExactly("bad header", "no header");
    assertThatThrownBy(() -> Csv.columns("a", "a")).hasMessage("Csv.columns(..) has two columns called 'a'");
    assertThatThrownBy(Csv::columns).hasMessage("Csv.columns(..) needs at least one column");
  }

  @Test void takesNoLineForAHeaderWhereReadingBeganBehindIt(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("t.csv"), "id,name\n1,bob\n");
    List<LogEvent> failed = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(FileTail.of(file).fromEnd()).then(Csv.header()).to(Sink.each(e -> { })).build().failuresTo(Sink.each(e -> failed.add(e.copy())));
    try (InlineRun run = pipeline.inline(() -> Instant.EPOCH)) {
      run.work();
      Files.writeString(file, "2,eve\n3,ann\n", StandardOpenOption.APPEND);
      run.work();
      assertThat(run.ledger().stage("Csv").failedBy()).isEqualTo(Map.of("no header", 2L));
      assertThat(run.ledger().balances()).isTrue();
    }
    assertThat(failed).noneMatch(e -> e.has("line"));
    assertThat(failed).extracting(e -> e.number("offset", -1)).containsExactly(14L, 20L);
  }

  @Test void refusesColumnsThatAreNone() {
    assertThatThrownBy(() -> Csv.columns("", "")).hasMessageContaining("leaves out every column");
    assertThatThrownBy(() -> Csv.columns("a").separatedBy('\n')).hasMessageContaining("takes no line end");
  }

  @Test void joinsLinesWhileAQuoteIsOpen() {
    Ran ran = Ran.over(List.of("1,\"two", "lines\",x", "2,plain,y", "3,\"a\"\"", "", "\"\"b\",z"), Csv.wholeRecords(), Csv.columns("n", "text", "end"));
    assertThat(ran.passed()).extracting(e -> e.text("text")).containsExactly("two\nlines", "plain", "a\"\n\n\"b");
    StageContract.check(Csv.wholeRecords(), "1,\"two", "lines\",x", "2,plain,y", "3,\"a\"\"", "", "\"\"b\",z", "4,\"open");
  }

  @Test void readsBackWhatIsWrittenAsRfc4180Says() throws Exception {
    Seed.random(random -> {
      List<List<String>> rows = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        rows.add(List.of(JsonTest.text(random), JsonTest.text(random), JsonTest.text(random)));
      }
      List<String> lines = new ArrayList<>();
      for (List<String> row : rows) {
        String record = row.stream().map(v -> v.matches("[^\",\n\r]*") && random.nextBoolean() ? v : "\"" + v.replace("\"", "\"\"") + "\"").collect(Collectors.joining(","));
        lines.addAll(Arrays.asList(record.split("\n", -1)));
      }
      Ran ran = Ran.over(lines, Csv.wholeRecords(), Csv.columns("a", "b", "c"));
      assertThat(ran.failed()).isEmpty();
      assertThat(ran.passed()).extracting(e -> List.of(e.text("a"), e.text("b"), e.text("c"))).isEqualTo(rows);
    });
  }

  @Test void keepsTheRulesOfAStage() {
    String[] lines = {"a,b", "1,2", "3,\"4\"\"\"", "a,b", "5", "\"", "6,7", ",", "8,9"};
    StageContract.check(Csv.columns("x", "y"), lines);
    StageContract.check(Csv.header(), lines);
    StageContract.of(Csv.columns("x", "y").from("copy")).behind(Stage.each(e -> e.put("copy", e.message()))).on(lines);
  }
}
