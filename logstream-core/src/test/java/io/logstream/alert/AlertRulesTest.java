package io.logstream.alert;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.FieldUse;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import io.logstream.testing.TestClock;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many rules together, from files that change while they run. */
class AlertRulesTest {
  @TempDir Path dir;
  private final Told told = new Told();
  private final TestClock clock = TestClock.at(MadeRows.START);

  private void write(String file, String... lines) throws IOException {
    Files.write(dir.resolve(file), List.of(lines));
  }

  private Rules rules(MadeRows rows) {
    return Rules.of(rows, Duration.ZERO, AlertRules.in(dir).notifier("mail", told), told, clock);
  }

  private List<String> named() {
    return told.all.stream().map(a -> a.name() + " " + Rules.word(a)).toList();
  }

  @Test void readsRulesFromFilesAndTakesThemAgainWhenTheyChange() throws Exception {
    write("a.rules", "# of the shop", "", "alert low: any where q > 3 limit 1 per 100s", "alert level: any where q > 5 by k for 2s");
    try (Rules r = rules(MadeRows.records())) {
      r.at(0, "q", 4, "k", "x").at(1, "q", 6, "k", "x").at(3, "q", 6, "k", "x");
      assertThat(named()).containsExactly("low fired 0", "level fired 3 x");
      write("a.rules", "alert low: any where q > 3 limit 1 per 2s", "alert level: any where q > 7 by k for 2s");
      r.at(4, "q", 6, "k", "x");
      assertThat(named()).as("nobody has looked yet").hasSize(2);
      r.advance(Duration.ofSeconds(2)).at(5, "q", 6, "k", "x");

      assertThat(named()).as("what only tells differently goes on with its state; what has changed starts anew")
          .containsExactly("low fired 0", "level fired 3 x", "level resolved 4 x", "low fired 5");
      assertThat(told.all.get(2).reason()).isEqualTo("replaced");
      Files.delete(dir.resolve("a.rules"));
      r.advance(Duration.ofSeconds(2)).at(50, "q", 9, "k", "x");
      assertThat(named()).hasSize(4);
      assertThat(r.metrics()).containsEntry("alerts/rules.reloads", 2L);
    }
  }

  @Test void aFileInWhichAnythingIsWrongIsRefusedWholeAndItsOldRulesStay() throws Exception {
    write("a.rules", "alert a: any where q == 1");
    write("b.rules", "alert b: any where q == 1");
    try (Rules r = rules(MadeRows.records())) {
      r.at(0, "q", 1);
      write("a.rules", "alert a: any where q == 2", "alert c: any wher q == 2");
      write("b.rules", "alert b: any where q == 3");
      r.advance(Duration.ofSeconds(2)).at(1, "q", 2).at(2, "q", 1).at(3, "q", 3);

      assertThat(named()).containsExactly("a fired 0", "b fired 0", "a fired 2", "b fired 3");
      assertThat(r.metrics()).containsEntry("alerts/rules.refusedFiles", 1L);
      write("b.rules", "alert a: any where q == 3");
      r.advance(Duration.ofSeconds(2)).at(4, "q", 3);
      assertThat(named()).as("a's name is taken").endsWith("b fired 3", "b fired 4");
      write("b.rules", "alert b: any where q == 3 to pager");
      r.advance(Duration.ofSeconds(2)).at(5, "q", 3);
      assertThat(named()).endsWith("b fired 4", "b fired 5");
    }
  }

  /** Says what it yields. */
  private static final Stage TYPED = new Stage() {
    @Override
    public FieldUse fieldUse() {
      return FieldUse.none().yieldsOnly().yields("status", FieldUse.Type.WHOLE).yields("path", FieldUse.Type.TEXT);
    }

    @Override
    public Processor open(StageContext context) {
      return (event, out) -> out.emit(event);
    }
  };

  private Pipeline behindTyped(MadeRows rows) {
    return LogStream.named("p").from(rows).then("typed", TYPED).to(AlertRules.in(dir).notifier("mail", told)).build();
  }

  @Test void aFileThatTakesAFieldForWhatItIsNotIsRefusedWholeAndItsOldRulesStay() throws Exception {
    write("a.rules", "alert a: any where status == 503");
    MadeRows rows = MadeRows.records();
    try (InlineRun run = behindTyped(rows).inline(clock)) {
      rows.row(0, "status", 503);
      run.work();
      for (String wrong : List.of("alert b: any where status == \"503\"", "alert b: p99(path) over 5m > 1", "alert b: any where statsu == 503")) {
        write("a.rules", "alert a: any where status == 404", wrong);
        clock.advance(Duration.ofSeconds(2));
        run.work();
      }
      rows.row(1, "status", 404).row(2, "status", 503);
      run.work();
      assertThat(named()).containsExactly("a fired 0", "a fired 2");
      assertThat(run.metrics()).containsEntry("alerts/rules.refusedFiles", 3L).containsEntry("alerts/rules.reloads", 3L);

      write("a.rules", "alert a: any where status == 404", "alert b: any where path contains \"cart\"");
      clock.advance(Duration.ofSeconds(2));
      run.work();
      rows.row(3, "status", 404, "path", "/cart").row(4, "status", 503);
      run.work();
      assertThat(named()).containsExactly("a fired 0", "a fired 2", "a fired 3", "b fired 3");
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test void aRunOverOtherSourcesKnowsTheFieldsThatThePipelineWasBuiltWith() throws Exception {
    write("a.rules", "alert a: any where status == 503");
    MadeRows rows = MadeRows.records().row(0, "status", 503);
    try (InlineRun run = behindTyped(MadeRows.records()).reading(rows).inline(clock)) {
      run.work();
      write("a.rules", "alert a: any where status == \"503\"");
      clock.advance(Duration.ofSeconds(2));
      run.work();
      assertThat(named()).containsExactly("a fired 0");
      assertThat(run.metrics()).containsEntry("alerts/rules.refusedFiles", 1L);
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test void refusesToStartWithAFileThatTakesAFieldForWhatItIsNot() throws Exception {
    write("a.rules", "alert a: any where status == 503", "alert b: any where status == \"503\"");
    assertThatThrownBy(() -> behindTyped(MadeRows.records()).inline(clock)).isInstanceOf(PipelineException.class)
        .hasMessageContaining("a.rules").hasMessageContaining("line 2").hasMessageContaining("alert 'b'").hasMessageContaining("compare it with a number: is(503)");
  }

  @Test void noEventIsJudgedByNeitherOrBothWhenRulesChangeUnderLoad() throws Exception {
    String[] odd = new String[100];
    String[] even = new String[100];
    for (int i = 0; i < 100; i++) {
      odd[i] = "alert r" + i + ": any where q == " + i + " and v == 1";
      even[i] = "alert r" + i + ": any where q == " + i + " and v in (1, 2)";
    }
    write("a.rules", odd);
    try (Rules r = rules(MadeRows.records().perBatch(64))) {
      int fed = 0;
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 200; i++, fed++) {
          r.rows.atMillis(fed, "q", fed % 100, "v", 1);
        }
        r.work();
        write("a.rules", round % 2 == 0 ? even : odd);
        r.advance(Duration.ofSeconds(2));
      }
      assertThat(told.all).hasSize(fed);
      assertThat(told.all).extracting(FiredAlert::id).doesNotHaveDuplicates();
      assertThat(r.metrics()).containsEntry("alerts/rules.reloads", 20L);
    }
  }

  @Test void rulesThatNameNotifiersTellTheseOthersTellAll() throws Exception {
    Told pager = new Told();
    write("a.rules", "alert a: any where q == 1 to pager", "alert b: any where q == 1");
    try (Rules r = Rules.of(MadeRows.records(), Duration.ZERO, AlertRules.in(dir).notifier("mail", told).notifier("pager", pager), told, clock)) {
      r.at(0, "q", 1);
      assertThat(told.all).extracting(FiredAlert::name).containsExactly("b");
      assertThat(pager.all).extracting(FiredAlert::name).containsExactly("a", "b");
    }
  }

  @Test void aNotifierThatSeveralAlertsHaveStandsBehindOneOutbox() {
    Told other = new Told();
    AlertRules rules = AlertRules.of(Alert.parse("alert a: any where q > 1").notify(told), Alert.parse("alert b: any where q > 2").notify(other).notify(told),
        Alert.parse("alert c: any where q > 3").notify(told));
    try (Rules r = Rules.of(MadeRows.records(), Duration.ZERO, rules, told, clock)) {
      r.at(0, "q", 2).at(1, "q", 3).at(2, "q", 4);
      assertThat(named()).containsExactly("a fired 0", "a fired 1", "b fired 1", "a fired 2", "b fired 2", "c fired 2");
      assertThat(Rules.words(other.all)).containsExactly("fired 1", "fired 2");
      assertThat(r.run().ledger().asMap().keySet()).filteredOn(count -> count.endsWith("notify.in") || count.endsWith("notify-2.in"))
          .containsExactly("alerts/a-notify.in", "alerts/b-notify.in");
    }
  }

  @Test void aRuleThatThrowsWhenItsTimeComesKeepsNoOtherFromIts() {
    boolean[] broken = new boolean[1];
    Condition some = new Condition() {
      @Override
      public boolean test(LogEvent row) {
        if (broken[0]) {
          throw new IllegalStateException("broken");
        }
        return row.number("count", 0) > 0;
      }

      @Override
      public Set<String> fields() {
        return Set.of("count");
      }

      @Override
      public String toString() {
        return "there are some";
      }
    };
    Alert throwing = Alert.named("a").over(Window.sliding(Duration.ofSeconds(10)).aggregate(Aggregations.count())).when(some).notify(told);
    try (Rules r = Rules.of(MadeRows.records(), Duration.ZERO, AlertRules.of(throwing, Alert.parse("alert b: any where q > 1 for 10s").notify(told)), told, clock)) {
      r.at(0, "q", 2).advance(Duration.ofSeconds(5));
      assertThat(named()).containsExactly("a fired 0");
      broken[0] = true;
      r.advance(Duration.ofSeconds(60));
      assertThat(named()).containsExactly("a fired 0", "b fired 10");
    }
  }

  @Test void refusesToStartWithWrongRules() throws Exception {
    AlertRules rules = AlertRules.in(dir).notifier("mail", told);
    write("a.rules", "alert a: any where q == 1", "alert a: any where q == 2");
    refused(rules, "alert 'a' stands here twice");
    write("a.rules", "alert a: any where q = 1");
    refused(rules, "line 1");
    write("a.rules", "alert a: any where q == 1 to pager");
    refused(rules, "tells 'pager', which is no notifier; there are [mail]");
    refused(AlertRules.in(dir), "tell nobody");
    refused(AlertRules.in(dir.resolve("none")).notifier("mail", told), "is not there");
    Alert one = Alert.named("a").when(field("q").above(1)).notify(told);
    refused(AlertRules.of(one, one), "two alerts are called 'a'");
    refused(AlertRules.of(one.silencedBy(new Silences())), "say them on AlertRules");
    refused(AlertRules.of(Alert.named("a").when(field("q").above(1))), "tells nobody");
    assertThatThrownBy(() -> AlertRules.in(dir).notifier("a", told).notifier("a", told)).hasMessageContaining("two notifiers called 'a'");
  }

  @Test void showsThePlaceInTheLineThatIsWrong() throws Exception {
    write("a.rules", "# two", "alert deep: row depth > 100");
    refused(AlertRules.in(dir).notifier("mail", told), "a.rules is refused, line 2:\nalert deep: row depth > 100\n                ^ expected '('");
  }

  private static void refused(Sink sink, String why) {
    assertThatThrownBy(() -> LogStream.named("p").from(MadeRows.records()).to(sink).build()).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
  }

  @Test void aRuleAmongManyEndsWhatWasFiringBeforeARestart() {
    MadeRows rows = new MadeRows();
    AlertRules rules = AlertRules.of(Alert.parse("alert a: any where q == 1 by k"), Alert.parse("alert b: any where q == 2")).notifier("told", told);
    byte[] saved = Rules.of(rows, Duration.ZERO, rules, told, clock).at(0, "q", 1, "k", "x").run().save();
    try (Rules next = Rules.of(rows, Duration.ZERO, rules, told, clock).goingOn(saved)) {
      next.at(1, "q", 3, "k", "x");
      assertThat(named()).containsExactly("a fired 0 x", "a resolved 1 x");
    }
  }

  // ---------------------------------------------------------------- the index

  private static final String[] WORDS = {"", "a", "b", "ab", "aba", "ERROR", "error", "5", "5.0", "500", "x y"};

  private static Condition random(Random random, int depth) {
    String name = List.of("f", "g", "level").get(random.nextInt(3));
    String word = WORDS[random.nextInt(WORDS.length)];
    return switch (random.nextInt(depth > 0 ? 10 : 6)) {
      case 0 -> field(name).is(word);
      case 1 -> field(name).contains(word);
      case 2 -> field(name).is(random.nextInt(3) * 5);
      case 3 -> field(name).isOneOf(word, "ab", 500);
      case 4 -> field(name).startsWith(word);
      case 5 -> field(name).exists();
      case 6, 7 -> random(random, depth - 1).and(random(random, depth - 1));
      case 8 -> random(random, depth - 1).or(random(random, depth - 1));
      default -> Condition.not(random(random, depth - 1));
    };
  }

  @Test void givesEveryRuleTheEventsThatItWouldHaveFiredOnAlone() {
    Random random = new Random(11);
    long fired = 0;
    for (int round = 0; round < 60; round++) {
      List<Alert> alerts = new ArrayList<>();
      List<Condition> conditions = new ArrayList<>();
      Condition shared = round < 40 ? Condition.all() : round < 50 ? field("g").atLeast(2) : field("g").is("ab");
      for (int i = 0; i < 70; i++) {
        conditions.add(round < 40 ? random(random, 3) : field("f").is(WORDS[i % WORDS.length]).and(shared).and(i % 2 == 0 ? Condition.all() : random(random, 1)));
        alerts.add(Alert.named("r" + i).when(conditions.get(i)));
      }
      MadeRows rows = MadeRows.records();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        io.logstream.LogEvent event = io.logstream.LogEvent.of("row " + i);
        List<Object> fields = new ArrayList<>();
        for (String name : new String[] {"f", "g", "level"}) {
          Object value = switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> random.nextInt(3) * 5;
            case 2 -> random.nextInt(3) * 2.5;
            case 3 -> List.of(WORDS[random.nextInt(WORDS.length)], 5L);
            default -> WORDS[random.nextInt(WORDS.length)] + (random.nextBoolean() ? "" : WORDS[random.nextInt(WORDS.length)]);
          };
          if (value != null) {
            fields.add(name);
            fields.add(value);
            event.put(name, value);
          }
        }
        rows.row(i, fields.toArray());
        for (int c = 0; c < conditions.size(); c++) {
          if (conditions.get(c).test(event)) {
            expected.add(i + " r" + c);
          }
        }
      }
      Told all = new Told();
      try (InlineRun run = LogStream.named("p").from(rows).to(AlertRules.of(alerts).notifier("told", all)).build().inline(TestClock.at(MadeRows.START))) {
        run.work();
      }
      assertThat(all.all.stream().map(a -> Duration.between(MadeRows.START, a.at()).toSeconds() + " " + a.name())).as("round %d", round).containsExactlyElementsOf(expected);
      fired += expected.size();
    }
    assertThat(fired).isGreaterThan(20_000);
  }

  @Test void findsAllPiecesOfTextInOnePass() {
    Random random = new Random(12);
    for (int round = 0; round < 500; round++) {
      List<String> pieces = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(6); i++) {
        pieces.add(random.ints(1 + random.nextInt(4), 'a', 'd').collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString());
      }
      String text = random.ints(30, 'a', 'e').collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
      boolean[] found = new boolean[pieces.size()];
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      new AhoCorasick(pieces.stream().map(p -> p.getBytes(java.nio.charset.StandardCharsets.UTF_8)).toList()).find(bytes, 0, bytes.length, piece -> found[piece] = true);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).as("%s in %s", pieces.get(i), text).isEqualTo(text.contains(pieces.get(i)));
      }
    }
  }
}
