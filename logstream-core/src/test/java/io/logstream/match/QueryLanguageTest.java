package io.logstream.match;

import static io.logstream.match.Condition.not;
import static io.logstream.match.Condition.phrase;
import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryLanguageTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private static Condition at(String query) {
    return Condition.parseAt(query, NOW, ZoneOffset.UTC);
  }

  private static LogEvent event(String message, Map<String, ?> fields) {
    LogEvent event = LogEvent.of(message).time(NOW);
    fields.forEach(event::put);
    return event;
  }

  private static boolean holds(String query, String message) {
    return at(query).test(event(message, Map.of()));
  }

  private static boolean holds(String query, Map<String, ?> fields) {
    return at(query).test(event("", fields));
  }

  // ---------------------------------------------------------------- inputs that stock parsers get wrong

  @Test void readsNumberRangesAndEquality() {
    assertThat(at("status:[500 TO 599]")).isEqualTo(field("status").between(500, 599));
    assertThat(at("status:500")).isEqualTo(field("status").is(500));
    assertThat(holds("status:[500 TO 599]", Map.of("status", 599))).isTrue();
    assertThat(holds("status:{500 TO 599}", Map.of("status", 599))).isFalse();
    assertThat(holds("status:{500 TO 599]", Map.of("status", 599))).isTrue();
    assertThat(holds("status:500", Map.of("status", "500.0"))).isTrue();
  }

  @Test void readsComparisons() {
    for (String query : List.of("status>=500", "status:>=500", "status >= 500", "status: 500".replace(" ", ">="))) {
      assertThat(at(query)).as(query).isEqualTo(field("status").atLeast(500));
    }
    assertThat(at("status<500 x>1.5 y<=-3")).isEqualTo(field("status").below(500).and(field("x").above(1.5)).and(field("y").atMost(-3)));
    assertThat(at("5xx > 0.05")).isEqualTo(field("5xx").above(0.05));
    assertThat(at("status==500 OR level != INFO")).isEqualTo(field("status").is(500).or(not(field("level").is("INFO"))));
  }

  @Test void leavesARangeOpenAtTheTop() {
    assertThat(holds("dur:{1000 TO *}", Map.of("dur", Long.MAX_VALUE))).isTrue();
    assertThat(holds("dur:{1000 TO *}", Map.of("dur", 1000))).isFalse();
    assertThat(holds("dur:[* TO 1000]", Map.of("dur", Long.MIN_VALUE))).isTrue();
  }

  @Test void asksTheTextOfAFieldThatIsANumberElsewhere() {
    assertThat(holds("status:abc", Map.of("status", "abc"))).isTrue();
    assertThat(holds("status:abc", Map.of("status", 500))).isFalse();
  }

  @Test void takesSlashesForWhatTheyAre() {
    assertThat(at("path:/api/v1/*")).isEqualTo(field("path").startsWith("/api/v1/"));
    assertThat(at("path:/api/")).isEqualTo(field("path").is("/api/"));
    assertThat(at("path~/ap+i\\/v/")).isEqualTo(field("path").matches("ap+i/v"));
    assertThat(at("~/disk \\d+/")).isEqualTo(field("message").matches("disk \\d+"));
  }

  @Test void takesPastedTextForWords() {
    assertThat(at("http://x/y?z=1")).isEqualTo(phrase("http x y z 1"));
    assertThat(at("a:b:c")).isEqualTo(field("a").is("b:c"));
    assertThat(at("[ERROR] thing")).isEqualTo(phrase("error").and(phrase("thing")));
    assertThat(at("12:30:01")).isEqualTo(phrase("12 30 01"));
    assertThat(at("user=bob")).isEqualTo(phrase("user bob"));
    assertThat(at("upstream - timed -> out")).isEqualTo(phrase("upstream").and(phrase("timed")).and(phrase("out")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.20.30.40", "java.lang.NullPointerException", "123e4567-e89b-12d3-a456-426614174000"})
  void takesAddressesAndNamesForPhrasesNeverForAChoice(String text) {
    assertThat(at(text)).isEqualTo(phrase(text));
    assertThat(holds(text, "seen " + text + " there")).isTrue();
    assertThat(holds(text, "10.20.99.30.40 java NullPointerException lang 123e4567 e89b")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"timed AND, 9", "'\"unclosed', 0", "foo:(bar, 8", "AND x, 0", "a OR, 4", "NOT, 3", "a ), 2", "(, 1", "status>=, 8", "status>=abc, 8", "f:, 2",
      "f:[1 TO, 7", "f:[1, 2", "f~/a(/, 5", "f~/a, 4", "timed~2, 5", "'\"a b\"~3', 5", "a = b, 2", "in_x in (a, 10", "'x in (a,)', 7", "since:yesterday, 6", "last:5y, 5",
      "a**b.c, 0", "f:(a b), 5", "_exists_:, 9", "...,0", "'\"...\"', 0"})
  void refusesWithOneExceptionThatSaysWhere(String query, int position) {
    assertThatThrownBy(() -> at(query)).isInstanceOfSatisfying(QueryException.class, e -> {
      assertThat(e.getMessage()).contains("expected").contains("\n" + query + "\n");
      String caret = e.getMessage().substring(e.getMessage().lastIndexOf('\n') + 1);
      assertThat(caret).isEqualTo(" ".repeat(e.position()) + "^");
    });
  }

  @Test void saysWhatToWriteInstead() {
    assertThatThrownBy(() -> at("timed AND")).hasMessage("expected a condition after AND; write \"AND\" in quotes to search for the word, at position 9\ntimed AND\n         ^");
    assertThatThrownBy(() -> at("timed~2")).hasMessageContaining("no fuzzy search").hasMessageContaining("a*");
    assertThatThrownBy(() -> at("\"a b\"~3")).hasMessageContaining("no distance");
    assertThatThrownBy(() -> at("a = b")).hasMessageContaining("field:value");
    assertThatThrownBy(() -> at("since:soon")).hasMessageContaining("2026-11-20T10:30").hasMessageContaining("was 'soon'");
  }

  @Test void refusesOperatorsInLowerCaseBetweenFields() {
    assertThatThrownBy(() -> at("level:ERROR and status:500")).isInstanceOf(QueryException.class)
        .hasMessage("expected AND in upper case; write \"and\" in quotes to search for the word, at position 12\nlevel:ERROR and status:500\n            ^");
    for (String mistaken : List.of("a:1 or b:2", "not a:1", "a:1 not b:2", "(a:1 OR b:1) and (c:1 OR d:2)", "a:1 AND b:2 or c:3",
        "a>1 and b<2", "level:ERROR and timeout", "timeout or level:ERROR", "(a) and b:1")) {
      assertThatThrownBy(() -> at(mistaken)).as(mistaken).isInstanceOf(QueryException.class).hasMessageContaining("in upper case");
    }
    for (String words : List.of("could not connect status:500", "a:1 black and white", "status:404 not found",
        "rock and roll", "a:1 \"and\" b:2", "a:1 AND and AND b:2", "not found", "android:1 orders:2", "a:1 and", "why not status:404")) {
      assertThatCode(() -> at(words)).as(words).doesNotThrowAnyException();
    }
  }

  @Test void refusesSignsThatAreOperatorsElsewhere() {
    assertThatThrownBy(() -> at("level:ERROR || level:WARN")).isInstanceOf(QueryException.class)
        .hasMessage("expected OR in place of '||', at position 12\nlevel:ERROR || level:WARN\n            ^");
    assertThatThrownBy(() -> at("error && timeout")).hasMessageStartingWith("expected AND in place of '&&', at position 6");
    assertThatThrownBy(() -> at("status > 500 < 600")).hasMessageStartingWith("expected the name of a field before '<', at position 13");
    assertThatThrownBy(() -> at("level:ERROR status:5 >=")).isInstanceOf(QueryException.class);
    for (String text : List.of("a -> b", "x - y", "a & b | c", "waiting < 5 s", "\"a || b\" status:5", "a:1 - b:2", "a||b")) {
      assertThatCode(() -> at(text)).as(text).doesNotThrowAnyException();
    }
  }

  @Test void findsEverythingElseByANegationAlone() {
    for (String query : List.of("NOT level:INFO", "-level:INFO", "!level:INFO")) {
      assertThat(holds(query, Map.of("level", "WARN"))).as(query).isTrue();
      assertThat(holds(query, Map.of())).isTrue();
      assertThat(holds(query, Map.of("level", "INFO"))).isFalse();
    }
  }

  @Test void ignoresTheCaseOfLevelsOnly() {
    assertThat(holds("level:error", Map.of("level", "ERROR"))).isTrue();
    assertThat(holds("level:(err* OR w)", Map.of("level", "ERROR"))).isTrue();
    assertThat(holds("server:web", Map.of("server", "WEB"))).isFalse();
  }

  @Test void readsTimeRanges() {
    Condition range = at("ts:[2026-01-01T00:00:00Z TO now]");
    assertThat(range).hasToString("since:2026-01-01T00:00:00Z until:2026-11-20T12:00:00.001Z");
    assertThat(range.test(event("", Map.of()))).isTrue();
    assertThat(at("time:[2026 TO 2026-11-19]").test(event("", Map.of()))).isFalse();
    assertThat(at("time:[2026 TO 2026-11-20]").test(event("", Map.of()))).isTrue();
  }

  @Test void asksWhetherAFieldIsThere() {
    assertThat(at("_exists_:trace")).isEqualTo(at("trace:*")).isEqualTo(field("trace").exists());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "*", "*:*"})
  void findsEverythingByNothing(String query) {
    assertThat(at(query)).isEqualTo(Condition.all());
  }

  @Test void takesOneWildcardInWords() {
    assertThat(holds("*pointer*", "a NullPointerException")).isTrue();
    assertThat(holds("ord*", "an order")).isTrue();
    assertThat(holds("ord*", "a word")).isFalse();
    assertThat(holds("o*r", "an ORDER")).isTrue();
    assertThat(holds("message:*der", "an order here")).isTrue();
    assertThatThrownBy(() -> at("10.20.*")).isInstanceOf(QueryException.class).hasMessageContaining("message contains");
  }

  @Test void makesOneSetOfManyValuesOfOneField() {
    String many = IntStream.range(0, 1_500).mapToObj(i -> "a:" + i).collect(Collectors.joining(" OR "));
    assertThat(at(many)).isEqualTo(at("a:(" + IntStream.range(0, 1_500).mapToObj(String::valueOf).collect(Collectors.joining(" OR ")) + ")"));
    assertThat(holds(many, Map.of("a", 1499))).isTrue();
    assertThat(at("a in (1, \"x y\", z)")).isEqualTo(field("a").isOneOf(1, "x y", "z")).isEqualTo(at("a:1 OR a:\"x y\" OR a:z"));
    assertThatThrownBy(() -> at(IntStream.range(0, 513).mapToObj(i -> "f" + i + ":1").collect(Collectors.joining(" OR ")))).isInstanceOf(QueryException.class)
        .hasMessageContaining("512");
    assertThat(at(IntStream.range(0, 512).mapToObj(i -> "f" + i + ":1").collect(Collectors.joining(" OR ")))).isNotNull();
  }

  @Test void refusesWhatIsTooDeepOrTooLong() {
    assertThat(at("(".repeat(60) + "a" + ")".repeat(60))).isEqualTo(phrase("a"));
    assertThatThrownBy(() -> at("(".repeat(3_000) + "a" + ")".repeat(3_000))).isInstanceOf(QueryException.class).hasMessageContaining("64 levels");
    assertThatThrownBy(() -> at("NOT ".repeat(3_000) + "a")).isInstanceOf(QueryException.class).hasMessageContaining("64 levels");
    assertThatThrownBy(() -> at("-".repeat(3_000) + "a")).isInstanceOf(QueryException.class);
    assertThatThrownBy(() -> at("a ".repeat(20_000))).isInstanceOf(QueryException.class).hasMessageContaining("32768");
    assertThatThrownBy(() -> at("a.".repeat(100))).isInstanceOf(QueryException.class).hasMessageContaining("64 words");
    assertThatThrownBy(() -> at("f:" + "*a".repeat(100))).isInstanceOf(QueryException.class).hasMessageContaining("16 wildcards");
  }

  @Test void boundsRegularExpressionsBeforeTheyRunAndWhileTheyRun() {
    assertThatThrownBy(() -> at("f~/[^x]{1,2000}/")).isInstanceOf(QueryException.class).hasMessageContaining("1000, was 2000");
    assertThatThrownBy(() -> at("f~/((a{100}){100}){100}/")).isInstanceOf(QueryException.class);
    assertThatThrownBy(() -> at("f~/" + ".*".repeat(200) + "/")).isInstanceOf(QueryException.class).hasMessageContaining("256 characters, was 400");
    assertThatThrownBy(() -> at("f~/" + "(".repeat(200) + "/")).isInstanceOf(QueryException.class);
    assertThat(holds("f~/(a|b)*a(a|b){22}/", Map.of("f", "ab".repeat(30)))).isTrue();
    assertThatThrownBy(() -> holds("f~/^(a|aa)+\\1$/", Map.of("f", "a".repeat(60) + "!"))).hasMessageContaining("budget");
  }

  // ---------------------------------------------------------------- the rest of the language

  @Test void bindsAndTighterThanOr() {
    assertThat(at("a b OR c")).isEqualTo(phrase("a").and(phrase("b")).or(phrase("c")));
    assertThat(at("a AND (b OR c)")).isEqualTo(phrase("a").and(phrase("b").or(phrase("c"))));
    assertThat(at("NOT a b")).isEqualTo(not(phrase("a")).and(phrase("b")));
    assertThat(at("a or b")).isEqualTo(phrase("a").and(phrase("or")).and(phrase("b")));
  }

  @Test void readsOperatorsInWords() {
    assertThat(at("path contains \"a b\"")).isEqualTo(field("path").contains("a b"));
    assertThat(at("path startsWith /api")).isEqualTo(field("path").startsWith("/api"));
    assertThat(at("message==\"a b\"")).isEqualTo(field("message").is("a b"));
    assertThat(at("message:\"failed to connect\"")).isEqualTo(phrase("failed to connect"));
    assertThat(at("\"a b\":5")).isEqualTo(field("a b").is(5));
  }

  @Test void escapesSpecialCharactersAndNothingElse() {
    assertThat(at("p:C:\\new\\table")).isEqualTo(field("p").is("C:\\new\\table"));
    assertThat(at("p:\"C:\\new\\table\"")).isEqualTo(field("p").is("C:\\new\\table"));
    assertThat(at("p:a\\*b")).isEqualTo(field("p").is("a*b"));
    assertThat(at("p:a\\ b")).isEqualTo(field("p").is("a b"));
    assertThat(at("p:\"a \\\"b\\\"\"")).isEqualTo(field("p").is("a \"b\""));
  }

  @Test void keepsNumbersInQuotesAsText() {
    assertThat(at("zip:\"007\"")).isEqualTo(field("zip").is("007"));
    assertThat(holds("zip:\"007\"", Map.of("zip", "7"))).isFalse();
    assertThat(holds("zip:007", Map.of("zip", "7"))).isTrue();
  }

  @Test void readsTimesInTheirZone() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(Condition.parseAt("@today", NOW, berlin)).hasToString("since:2026-11-19T23:00:00Z until:2026-11-20T23:00:00Z");
    assertThat(Condition.parseAt("@yesterday", NOW, ZoneOffset.UTC)).hasToString("since:2026-11-19T00:00:00Z until:2026-11-20T00:00:00Z");
    assertThat(Condition.parseAt("since:2026-03-29 until:2026-03-30", NOW, berlin)).as("a day of 23 hours")
        .hasToString("since:2026-03-28T23:00:00Z until:2026-03-29T22:00:00Z");
    assertThat(Condition.parseAt("since:2026-11-20T10+02:00", NOW, berlin)).hasToString("since:2026-11-20T08:00:00Z");
    assertThat(at("last:15m")).hasToString("since:2026-11-20T11:45:00Z");
    assertThat(at("since:now-2h until:now")).hasToString("since:2026-11-20T10:00:00Z until:2026-11-20T12:00:00Z");
    assertThat(at("since:2026-11 a until:2027")).hasToString("since:2026-11-01T00:00:00Z until:2027-01-01T00:00:00Z AND a".replace("since", "(since").replace("Z AND", "Z) AND"));
  }

  @Test void namesNoTimesInAConditionThatStands() {
    assertThatThrownBy(() -> Condition.parse("level:ERROR last:15m")).isInstanceOf(QueryException.class).hasMessageContaining("no times");
    assertThatThrownBy(() -> Condition.parse("ts:[2026 TO now]")).isInstanceOf(QueryException.class).hasMessageContaining("no times");
    assertThat(Condition.parse("status>=500 path:/api/*")).isEqualTo(field("status").atLeast(500).and(field("path").startsWith("/api/")));
  }

  @Test void namesTheNearestFieldsWhereTheyAreKnown() {
    List<String> fields = List.of("status", "state", "path", "http.host");
    assertThat(Condition.parse("status:500 message:x", fields)).isNotNull();
    assertThatThrownBy(() -> Condition.parse("x statsu:500", fields)).isInstanceOfSatisfying(QueryException.class, e -> assertThat(e.position()).isEqualTo(2))
        .hasMessageContaining("'statsu' is none; did you mean status or state?");
    assertThatThrownBy(() -> Condition.parse("host:a", fields)).hasMessageContaining("did you mean http.host?");
    assertThatThrownBy(() -> Condition.parse("zzzzzz:a", fields)).hasMessageNotContaining("did you mean");
  }

  @Test void worksInAStageAsAConditionMadeInJava() {
    io.logstream.Ran ran = io.logstream.Ran.over(List.of("alpha beta", "Beta gamma", "delta"), Keep.when(Condition.parse("beta -gamma")));
    assertThat(ran.messages()).containsExactly("alpha beta");
    assertThat(ran.ledger().stage("Keep").droppedBy()).containsOnlyKeys("NOT (beta AND NOT gamma)");
    assertThat(ran.ledger().balances()).isTrue();
  }
}
