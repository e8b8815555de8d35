package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.match.Field;
import io.logstream.parse.EventTime;
import io.logstream.testing.TestClock;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinceTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final TimeFinder FINDER = TimeFinder.matching("^\\S+", DateTimeFormatter.ISO_INSTANT);
  @TempDir Path dir;
  private final List<String> came = new ArrayList<>();
  private long read;

  /** Lines out of order by up to 20 seconds, with lines between them that carry no time. */
  private static List<String> lines(int n) {
    Random random = new Random(3);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      lines.add(START.plusSeconds(i + random.nextInt(20)) + " line " + i + " " + "x".repeat(random.nextInt(100)));
    }
    return lines;
  }

  private void run(FileTail source) {
    Pipeline pipeline = LogStream.named("p").from(source).then("cut", Stage.each(e -> e.put("at", e.message().substring(0, 20))))
        .then(EventTime.from("at", "yyyy-MM-dd'T'HH:mm:ssX").outOfOrder(Duration.ofSeconds(30)))
        .to(Sink.each(e -> came.add(e.message()))).build();
    try (InlineRun run = pipeline.inline(TestClock.at(START))) {
      run.work();
      read = run.ledger().read();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  private static Instant time(String line) {
    return Instant.parse(line.substring(0, 20));
  }

  @Test
  void startsWhereTheTimeWantedBegins() throws IOException {
    List<String> lines = lines(20_000);
    Path log = Files.write(dir.resolve("app.log"), lines);
    for (int second : new int[] {-5, 0, 700, 9_000, 19_990, 30_000}) {
      Instant from = START.plusSeconds(second);
      List<String> expected = lines.stream().filter(line -> !time(line).isBefore(from)).toList();
      for (FileTail source : List.of(FileTail.of(log).since(from, FINDER), FileTail.once(log).since(from, FINDER))) {
        came.clear();
        run(source);
        assertThat(came.size()).as("from " + second).isEqualTo(expected.size());
        assertThat(came.equals(expected)).isTrue();
        assertThat(read).isLessThan(expected.size() + 3_000L);
      }
    }
  }

  @Test
  void readsWhatCannotBeSearchedFromTheBeginning() throws IOException {
    List<String> lines = lines(1_000);
    Instant from = START.plusSeconds(900);
    List<String> expected = lines.stream().filter(line -> !time(line).isBefore(from)).toList();
    Path log = Files.write(dir.resolve("app.log"), lines);
    run(FileTail.once(log).since(from, line -> null));
    assertThat(came).isEqualTo(expected);
    assertThat(read).isEqualTo(1_000);
    came.clear();
    Path packed = dir.resolve("packed.log.1.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    run(FileTail.of(dir.resolve("packed.log")).since(from, FINDER));
    assertThat(came).isEqualTo(expected);
  }

  /** Wherever in the search that happens. */
  @Test
  void losesNothingOfAFileThatIsReplacedWhileItIsSearched() throws IOException {
    Path log = dir.resolve("app.log");
    List<String> before = lines(2_000);
    List<String> after = lines(5_000).stream().map(line -> time(line).plusSeconds(10_000) + " again").toList();
    Instant from = START.plusSeconds(1_500);
    int calls = 0;
    for (boolean replaced = true; replaced; calls++) {
      Files.write(log, before);
      ReplacingAt disk = new ReplacingAt(calls, log, after);
      came.clear();
      run(FileTail.of(log).since(from, FINDER).on(disk));
      replaced = disk.asked > calls;
      if (replaced) {
        assertThat(came.stream().filter(line -> line.endsWith("again")).toList()).as("replaced at call " + calls).isEqualTo(after);
      }
    }
    assertThat(calls).isGreaterThan(20);
  }

  /** A file system in which a file is truncated and written anew just before a certain answer. */
  private static final class ReplacingAt extends AskedDisk {
    private final int call;
    private final Path file;
    private final List<String> lines;
    private int asked;

    ReplacingAt(int call, Path file, List<String> lines) {
      this.call = call;
      this.file = file;
      this.lines = lines;
    }

    @Override
    void asked() {
      if (asked++ == call) {
        try {
          Files.write(file, lines);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Test
  void findsNoTimeWhereTextIsNone() {
    assertThat(TimeFinder.matching("at (\\S+)", DateTimeFormatter.ISO_INSTANT).timeOf("x at 2026-01-01T00:00:00Z")).isEqualTo(START);
    assertThat(TimeFinder.matching("at (\\S+)", DateTimeFormatter.ISO_INSTANT).timeOf("x at home")).isNull();
    assertThat(TimeFinder.matching("at (\\S+)", DateTimeFormatter.ISO_INSTANT).timeOf("")).isNull();
  }

  @Test
  void refusesTwoPlacesToStart() {
    FileTail tail = FileTail.of(dir.resolve("a.log"));
    assertThatThrownBy(() -> tail.fromEnd().since(START, FINDER)).isInstanceOf(IllegalStateException.class).hasMessageContaining("fromEnd");
    assertThatThrownBy(() -> tail.since(START, FINDER).fromEnd()).isInstanceOf(IllegalStateException.class).hasMessageContaining("since");
  }

  @Test
  void aReplayOfAPartGivesTheRowsAndAlertsOfTheFirstRun() throws IOException {
    List<String> rows = new ArrayList<>();
    List<String> alerts = new ArrayList<>();
    Path log = dir.resolve("app.log");
    Pipeline pipeline = LogStream.named("p").from(FileTail.of(log)).then("cut", Stage.each(e -> e.put("at", e.message().substring(0, 20))))
        .then(EventTime.from("at", "yyyy-MM-dd'T'HH:mm:ssX").outOfOrder(Duration.ofSeconds(30)))
        .branch("rows", all -> all.then(Window.tumbling(Duration.ofMinutes(1)).aggregate(Aggregations.count())).to(Sink.each(row -> rows.add(row.time() + " " + row.fields())))
            .to(Alert.named("many").when(Field.field("count").atLeast(60)).notify(alert -> alerts.add(alert.name() + " " + alert.at()))))
        .to(Sink.each(e -> { })).build();
    List<String> lines = lines(6_000);
    try (InlineRun first = pipeline.inline(TestClock.at(START))) {
      for (int i = 0; i < 6; i++) {
        Files.write(log, lines.subList(i * 1_000, (i + 1) * 1_000));
        first.work();
        if (i < 5) {
          Files.move(log, dir.resolve("app.log." + (5 - i)));
        }
      }
    }
    Instant from = START.plus(Duration.ofMinutes(20));
    Instant until = START.plus(Duration.ofMinutes(70));
    List<String> firstRows = List.copyOf(rows);
    List<String> firstAlerts = List.copyOf(alerts);
    rows.clear();
    alerts.clear();
    Path[] files = {log, dir.resolve("app.log.1"), dir.resolve("app.log.2"), dir.resolve("app.log.3"), dir.resolve("app.log.4"), dir.resolve("app.log.5")};
    try (InlineRun replay = pipeline.reading(FileTail.once(files)).since(from).until(until).inline(TestClock.at(START))) {
      replay.work();
      assertThat(replay.ledger().imbalances()).isEmpty();
    }
    assertThat(rows).hasSize(50).isEqualTo(firstRows.subList(20, 70));
    assertThat(alerts).isNotEmpty();
    assertThat(firstAlerts).containsAll(alerts);
  }
}
