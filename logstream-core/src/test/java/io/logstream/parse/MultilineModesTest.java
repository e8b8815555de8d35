package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.TooLong;
import io.logstream.parse.Multiline.OnClose;
import io.logstream.parse.Multiline.Unstarted;
import io.logstream.testing.Seed;
import io.logstream.testing.StageContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultilineModesTest {
  private static final Stage NOTHING = Stage.inOrder(event -> { });

  /** The records of lines, equal in the reader and on the trunk. */
  private static List<String> joined(Multiline multiline, String... lines) {
    List<LogEvent> reader = events(List.of(multiline), lines);
    List<LogEvent> trunk = events(List.of(NOTHING, multiline), lines);
    for (String about : List.of("message", "lines", "ended", "part", "truncated", "line")) {
      assertThat(trunk).extracting(e -> e.value(about)).as(about).isEqualTo(reader.stream().map(e -> e.value(about)).toList());
    }
    return reader.stream().map(LogEvent::message).toList();
  }

  private static List<LogEvent> events(List<Stage> stages, String... lines) {
    try (Script script = new Script(stages)) {
      return script.lines(lines).end().events;
    }
  }

  @Test void joinsALineToTheOneBeforeItThatItContinues() {
    assertThat(joined(Multiline.continuedBy("^\\s"), "a", " b", " c", "d", "e", " f")).containsExactly("a\n b\n c", "d", "e\n f");
  }

  @Test void joinsTheLineBehindOneThatAnnouncesIt() {
    assertThat(joined(Multiline.continuing("\\\\$"), "a \\", "b \\", "c", "d", "e \\")).containsExactly("a \\\nb \\\nc", "d", "e \\");
  }

  @Test void endsARecordWithItsLastLine() {
    assertThat(joined(Multiline.endingWith(";$"), "a", "b;", "c;", "d", "", "e;", "f")).containsExactly("a\nb;", "c;", "d\n\ne;", "f");
  }

  @Test void endsARecordAlsoWithAMatchOfUntil() {
    assertThat(joined(Multiline.startingWith("^BEGIN").until("^END"), "x", "BEGIN 1", "a", "END", "y", "END", "BEGIN 2", "BEGIN 3", "END"))
        .containsExactly("x", "BEGIN 1\na\nEND", "y", "END", "BEGIN 2", "BEGIN 3\nEND");
  }

  @Test void joinsSoManyLinesEach() {
    assertThat(joined(Multiline.every(3), "a", "b", "c", "d", "e", "f", "g")).containsExactly("a\nb\nc", "d\ne\nf", "g");
    assertThat(joined(Multiline.every(1), "a", "b")).containsExactly("a", "b");
    assertThat(joined(Multiline.every(1001), java.util.Collections.nCopies(1001, "a").toArray(String[]::new))).hasSize(1);
  }

  @Test void joinsRunsOfMatchingLines() {
    assertThat(joined(Multiline.whileMatching("^\\|"), "|a", "|b", "c", "|d", "e")).containsExactly("|a\n|b", "c", "|d", "e");
    assertThat(joined(Multiline.whileNotMatching("^\\|"), "|a", "|b", "c", "d", "|e")).containsExactly("|a", "|b", "c\nd", "|e");
  }

  @Test void goesOnUntilNoQuoteIsOpen() {
    assertThat(joined(Multiline.quoted('"'), "a \"b", "c\" d", "e \"f\" g", "h \\\"", "i")).containsExactly("a \"b\nc\" d", "e \"f\" g", "h \\\"", "i");
  }

  @Test void joinsPiecesThatSayThatMoreFollows() {
    try (Script script = new Script(Multiline.partial("more"))) {
      script.line("log", "a", Map.of("more", true)).line("log", "b", Map.of("more", "true")).line("log", "c", Map.of("more", false)).line("log", "d", Map.of("x", 1))
          .line("log", "e", Map.of("more", true)).end();
      assertThat(script.messages()).containsExactly("abc", "d", "e");
    }
    try (Script script = new Script(Multiline.partial("more").by("id").joinedBy("-"))) {
      script.line("log", "a", Map.of("more", true, "id", 1)).line("log", "b", Map.of("more", true, "id", 2)).line("log", "c", Map.of("id", 1)).line("log", "d", Map.of("id", 2)).end();
      assertThat(script.messages()).containsExactly("a-c", "b-d");
    }
  }

  @Test void knowsTheFourModesOfTwoPatterns() {
    String[] lines = {"x", "S 1", "a", "E", "b", "S 2", "E"};
    assertThat(joined(Multiline.haltBefore("^S", "^E"), lines)).containsExactly("x", "S 1\na", "E", "b", "S 2", "E");
    assertThat(joined(Multiline.haltWith("^S", "^E"), lines)).containsExactly("x", "S 1\na\nE", "b", "S 2\nE");
    assertThat(joined(Multiline.continueThrough("^S", "^[a-z]"), lines)).containsExactly("x", "S 1\na", "E", "b", "S 2", "E");
    assertThat(joined(Multiline.continuePast("^S", "^[a-z]"), lines)).containsExactly("x", "S 1\na\nE", "b", "S 2\nE");
  }

  @Test void followsRulesFromStateToState() {
    Multiline machine = Multiline.rule("start", "^BEGIN", "head").andRule("head", "^H", "head").andRule("head", "^B", "body").andRule("body", "^b", "body")
        .andRule("body", "^END", "start");
    assertThat(joined(machine, "BEGIN", "H1", "B1", "b", "END", "H2", "BEGIN", "b", "BEGIN", "BEGIN"))
        .containsExactly("BEGIN\nH1\nB1\nb\nEND", "H2", "BEGIN", "b", "BEGIN\nBEGIN");
  }

  @Test void refusesRulesThatLeadNowhere() {
    assertThatThrownBy(() -> Multiline.rule("start", "a", "b").check()).hasMessageContaining("the state 'b' has no rules");
    assertThatThrownBy(() -> Multiline.rule("first", "a", "first").check()).hasMessageContaining("no rule of the state 'start'");
    assertThatThrownBy(() -> Multiline.rule("start", "a", "start").andRule("lost", "a", "start").check()).hasMessageContaining("no rule leads to the state 'lost'");
    assertThatThrownBy(() -> LogStream.named("p").from(context -> batch -> Reader.Found.END).then(Multiline.rule("start", "a", "b"))
        .to(Sink.each(e -> { })).build()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Multiline.every(1).andRule("a", "b", "c")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Multiline.every(1).until("b")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Multiline.every(1).afterLine()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Multiline.traces("cobol")).hasMessageContaining("knows no language 'cobol'");
  }

  @Test void joinsUnstartedLinesIfTold() {
    Multiline starting = Multiline.startingWith("^S");
    assertThat(joined(starting, "a", "b", "S", "c")).containsExactly("a", "b", "S\nc");
    assertThat(joined(starting.unstarted(Unstarted.JOINED), "a", "b", "S", "c")).containsExactly("a\nb", "S\nc");
    assertThat(joined(starting.unstarted(Unstarted.JOINED).unmatchedLines(2), "a", "b", "c", "S", "d", "e", "f")).containsExactly("a\nb", "c", "S\nd\ne\nf");
  }

  @Test void numbersThePartsOfWhatIsTooLong() {
    Multiline starting = Multiline.startingWith("^S").maxLines(2);
    List<LogEvent> events = events(List.of(starting), "S", "a", "b", "c", "d", "S", "e");
    assertThat(events).extracting(LogEvent::message).containsExactly("S\na", "b\nc", "d", "S\ne");
    assertThat(events).extracting(e -> e.number("part", 0)).containsExactly(1L, 2L, 3L, 0L);
    assertThat(events).extracting(e -> e.text("ended")).containsExactly("cap", "cap", "next", "file-end");
    assertThat(joined(starting, "S", "a", "b", "c", "d", "S", "e")).hasSize(4);
  }

  @Test void leavesOutWhatIsTooLongIfTold() {
    Multiline starting = Multiline.startingWith("^S").tooLong(TooLong.TRUNCATE);
    assertThat(joined(starting.maxLines(2), "S", "a", "b", "c", "S", "d")).containsExactly("S\na", "S\nd");
    assertThat(joined(starting.maxBytes(5), "S", "aé", "b", "S12345678", "d")).containsExactly("S\naé", "S1234");
    assertThat(joined(starting.maxBytes(4), "S", "aé", "b")).containsExactly("S\na");
    try (Script script = new Script(starting.maxLines(2))) {
      List<LogEvent> events = script.lines("S", "a", "bb", "ccc", "S").end().events;
      assertThat(events).extracting(e -> e.value("truncated")).containsExactly(true, null);
      assertThat(events.get(0).number("lines", 0)).isEqualTo(4);
      assertThat(script.metrics()).containsEntry("Multiline.truncated.lines", 2L).containsEntry("Multiline.truncated.bytes", 5L);
    }
  }

  @Test void failsWhatIsTooLongIfTold() {
    try (Script script = new Script(Multiline.startingWith("^S").maxLines(2).tooLong(TooLong.FAIL))) {
      script.lines("S1", "a", "b", "S2", "c").end();
      assertThat(script.messages()).containsExactly("S2\nc");
      assertThat(script.failed).extracting(LogEvent::message).containsExactly("S1\na");
    }
  }

  @Test void forgetsWhatIsTooLongIfTold() {
    Multiline starting = Multiline.startingWith("^S").tooLong(TooLong.FORGET);
    assertThat(joined(starting.maxLines(2), "S", "a", "b", "c", "S", "d")).containsExactly("S\na", "b", "c", "S\nd");
    assertThat(joined(starting.maxBytes(4), "S", "a", "bcd", "S", "d")).containsExactly("S\na", "bcd", "S\nd");
    assertThat(joined(Multiline.startingWith("^S").unstarted(Unstarted.JOINED).completeOver(2), "S", "ab", "c", "d", "e")).containsExactly("S\nab", "c\nd\ne");
  }

  @Test void keepsTheStreamsOfALogApart() {
    try (Script script = new Script(Multiline.startingWith("^S").by("thread"))) {
      script.line("log", "S1", Map.of("thread", "a")).line("log", "S2", Map.of("thread", "b")).line("log", "x", Map.of("thread", "a"))
          .line("log", "y", Map.of("thread", "b")).line("log", "z", Map.of("thread", 7)).line("other", "w", Map.of("thread", "a")).end();
      assertThat(script.messages()).containsExactly("z", "w", "S1\nx", "S2\ny");
    }
  }

  @Test void completesTheOldestOfTooManyStreams() {
    try (Script script = new Script(Multiline.startingWith("^S").by("thread").maxStreams(2))) {
      script.line("log", "S1", Map.of("thread", "a")).line("log", "S2", Map.of("thread", "b")).line("log", "S3", Map.of("thread", "c"));
      assertThat(script.messages()).containsExactly("S1");
      assertThat(script.events.get(0).text("ended")).isEqualTo("cap");
    }
    try (Script script = new Script(Multiline.startingWith("^S").maxStreams(2))) {
      script.line("a", "S1", Map.of()).line("b", "S2", Map.of()).line("c", "S3", Map.of());
      assertThat(script.messages()).containsExactly("S1");
    }
  }

  @Test void joinsByAnyText() {
    assertThat(joined(Multiline.continuedBy("^ ").joinedBy(""), "a", " b", "c")).containsExactly("a b", "c");
    assertThat(joined(Multiline.continuedBy("^ ").joinedBy(" | "), "a", " b", " c", "d")).containsExactly("a |  b |  c", "d");
  }

  @Test void completesARecordOfAStreamThatIsSilent() {
    for (List<Stage> stages : List.of(List.<Stage>of(Multiline.startingWith("^S")), List.of(NOTHING, Multiline.startingWith("^S")))) {
      try (Script script = new Script(stages)) {
        script.lines("S", "a").pass(Duration.ofMillis(999)).lines("b").pass(Duration.ofMillis(999));
        assertThat(script.events).isEmpty();
        script.pass(Duration.ofMillis(1));
        assertThat(script.messages()).containsExactly("S\na\nb");
        assertThat(script.events.get(0).text("ended")).isEqualTo("timeout");
        assertThat(script.metrics()).containsEntry("Multiline.ended.timeout", 1L);
      }
    }
  }

  @Test void goesOnAfterARestartWithAllThatWasUnfinished() {
    Multiline traces = Multiline.traces("java");
    for (List<Stage> stages : List.of(List.<Stage>of(traces), List.of(NOTHING, traces))) {
      try (Script script = new Script(stages)) {
        script.line("a", "java.lang.IllegalStateException: one", Map.of()).line("b", "com.acme.Oops: more", Map.of()).line("a", "two", Map.of()).restart()
            .line("a", "three", Map.of()).line("b", "\tat b.C.d(C.java:1)", Map.of()).restart().line("a", "\tat a.B.c(B.java:1)", Map.of()).end();
        assertThat(script.messages()).containsExactlyInAnyOrder("java.lang.IllegalStateException: one\ntwo\nthree\n\tat a.B.c(B.java:1)",
            "com.acme.Oops: more\n\tat b.C.d(C.java:1)");
        assertThat(script.events).extracting(e -> e.position().offset()).containsOnly(0L);
      }
    }
  }

  @Test void keepsOrEmitsWhatIsUnfinishedWhenARunWithACheckpointIsClosed(@TempDir Path dir) {
    int n = 0;
    for (Stage before : new Stage[] {null, NOTHING}) {
      for (OnClose what : OnClose.values()) {
        List<String> seen = new ArrayList<>();
        Path state = dir.resolve("run" + n++);
        Multiline starting = Multiline.startingWith("^S").onClose(what);
        List<String> lines = new ArrayList<>(List.of("S 1", "a"));
        var builder = LogStream.named("p").from(context -> {
          var log = context.log("log", Map.of());
          return batch -> {
            if (lines.isEmpty()) {
              return Reader.Found.NOTHING;
            }
            batch.begin(log, "");
            lines.forEach(line -> batch.line(line, 0, 0));
            lines.clear();
            return Reader.Found.SOMETHING;
          };
        });
        if (before != null) {
          builder.then(before);
        }
        Pipeline pipeline = builder.then(starting).to(Sink.each((LogEvent e) -> seen.add(e.message()))).build().checkpointIn(state);
        try (InlineRun run = pipeline.inline(() -> Script.BEGIN)) {
          run.work();
        }
        assertThat(seen).isEqualTo(what == OnClose.EMIT ? List.of("S 1\na") : List.of());
        lines.addAll(List.of("b", "S 2"));
        InlineRun run = pipeline.inline(() -> Script.BEGIN);
        try (run) {
          run.work();
        }
        assertThat(run.ledger().imbalances()).isEmpty();
        assertThat(seen).isEqualTo(what == OnClose.EMIT ? List.of("S 1\na", "b", "S 2") : List.of("S 1\na\nb"));
      }
    }
  }

  @Test void reportsAPatternThatNeverMatchesOnce() {
    var appender = new ch.qos.logback.core.read.ListAppender<ch.qos.logback.classic.spi.ILoggingEvent>();
    var logger = (ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("io.logstream");
    appender.start();
    logger.addAppender(appender);
    try (Script script = new Script(Multiline.startingWith("^never"))) {
      for (int i = 0; i < 1_010; i++) {
        script.line(i % 2 == 0 ? "a" : "b", "line " + i, Map.of());
      }
      assertThat(appender.list).isEmpty();
      for (int i = 0; i < 1_010; i++) {
        script.line(i % 2 == 0 ? "a" : "b", "line " + i, Map.of());
      }
      assertThat(appender.list).singleElement().satisfies(e -> assertThat(e.getFormattedMessage())
          .contains("startingWith ^never has matched none of the first 1000 lines of a stream; the first of them is \"line 0\""));
    } finally {
      logger.detachAppender(appender);
    }
  }

  @Test void countsLinesOutsideOfRecords() {
    try (Script script = new Script(Multiline.startingWith("^S"))) {
      script.lines("a", "b", "S", "c").end();
      assertThat(script.metrics()).containsEntry("Multiline.unstarted", 2L);
    }
  }

  @Test void losesNoCharacterWhateverTheModeAndTheBatches() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < 40; round++) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
          lines.add(line(random));
        }
        Multiline mode = mode(random).maxLines(1 + random.nextInt(6)).maxBytes(1 + random.nextInt(60));
        String[] all = lines.toArray(String[]::new);
        assertThat(String.join("\n", joined(mode, all))).as(mode.toString()).isEqualTo(String.join("\n", lines));
        assertThat(io.logstream.Ran.inBatchesOf(1 + random.nextInt(40), lines, mode).messages()).as(mode.toString()).isEqualTo(joined(mode, all));
      }
    });
  }

  private static String line(Random random) {
    String[] some = {"S begins", " continues", "END", "", "java.lang.Error: x", "\tat a.B.c(D.java:1)", "Caused by: a.B: y", "plain \"quoted", "ends;", "goes on\\",
        "Traceback (most recent call last):", "  File \"a\", line 1", "ValueError: no", "panic: no", "goroutine 1 [running]:", "main.main()", "é€", "com.acme.Oops: m"};
    return some[random.nextInt(some.length)];
  }

  private static Multiline mode(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> Multiline.startingWith("^S");
      case 1 -> Multiline.continuedBy("^\\s");
      case 2 -> Multiline.continuing("\\\\$");
      case 3 -> Multiline.endingWith(";$");
      case 4 -> Multiline.every(1 + random.nextInt(4));
      case 5 -> Multiline.whileMatching("^\\s");
      case 6 -> Multiline.quoted('"');
      case 7 -> Multiline.haltWith("^S", "^END");
      case 8 -> Multiline.traces().afterLine();
      default -> Multiline.traces();
    };
  }

  @Test void givesRecordsForWhateverBytesCome() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < 30; round++) {
        try (Script script = new Script(random.nextBoolean() ? List.of(Multiline.traces()) : List.of(ContainerLines.any(), Multiline.traces()))) {
          int n = 100;
          for (int i = 0; i < n; i++) {
            byte[] bytes = random.nextInt(3) == 0 ? new byte[random.nextInt(40)] : mutated(random);
            if (random.nextInt(3) == 0) {
              random.nextBytes(bytes);
            }
            script.bytes(bytes);
          }
          script.end();
          assertThat(script.failed).isEmpty();
          assertThat(script.events.stream().mapToLong(e -> Math.max(1, e.number("lines", 1))).sum()).isLessThanOrEqualTo(n);
        }
      }
    });
  }

  private static byte[] mutated(Random random) {
    String[] more = {"2026-01-01T00:00:00Z stdout P a", "2026-01-01T00:00:00Z stderr F b", "{\"log\":\"a\\u00e9\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}",
        "{\"log\":\"a\"}"};
    byte[] bytes = (random.nextBoolean() ? line(random) : more[random.nextInt(more.length)]).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    for (int k = random.nextInt(3); k > 0 && bytes.length > 0; k--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  @Test void keepsTheRulesOfAStage() {
    List<String> lines = List.of("S 1", " a", "java.lang.Error: x", "\tat a.B.c(D.java:1)", "END", "com.acme.Oops: m", "n", "\tat a.B.c(D.java:1)", "S 2", "x\\", "y;",
        "panic: z", "", "goroutine 1 [running]:", "main.main()", "\tx.go:1", "plain", "\"a", "b\"", "c");
    for (Multiline each : List.of(Multiline.traces(), Multiline.traces().afterLine(), Multiline.every(3), Multiline.quoted('"'), Multiline.endingWith(";$"),
        Multiline.haltBefore("^S", "^END"), Multiline.startingWith("^S").tooLong(TooLong.TRUNCATE).maxLines(2),
        Multiline.startingWith("^S").maxLines(2).unstarted(Unstarted.JOINED), Multiline.rule("start", "^S", "more").andRule("more", "^[^S]", "more"))) {
      StageContract.check(each, lines);
    }
    StageContract.check(ContainerLines.any(), List.of("2026-01-01T00:00:00Z stdout P a", "2026-01-01T00:00:00Z stderr F x", "2026-01-01T00:00:00Z stdout F b", "plain",
        "{\"log\":\"c\"}", "{\"log\":\"d\\n\"}", "e"));
    StageContract.check(Split.before("B\\d"), List.of("aB1", "b", "B2cB3", "d"));
  }
}
