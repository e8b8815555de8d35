package io.logstream.alert;

import static io.logstream.alert.Severity.HIGH;
import static io.logstream.alert.Severity.PAGE;
import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.rate;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Window.sliding;
import static io.logstream.window.Window.tumbling;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.logstream.match.Condition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The two forms of the rules that users of other products have, and what is said of a line that is none. */
class AlertTextTest {
  private static Alert named(String name) {
    return Alert.named(name);
  }

  /** Each rule in words, by its line. */
  static Map<String, Alert> rules() {
    Map<String, Alert> rules = new LinkedHashMap<>();
    rules.put("alert high-error-ratio: ratio(status >= 500) by job over 5m > 5% for 10m severity page",
        named("high-error-ratio").over(sliding(ofMinutes(5)).by("job").aggregate(ratio("errors", field("status").atLeast(500)))).when(field("errors").above(0.05))
            .lasting(ofMinutes(10)).severity(PAGE));
    rules.put("alert slow-p99: p99(duration) by endpoint over 5m > 800ms and count() by endpoint over 5m >= 50 for 10m",
        named("slow-p99").over(sliding(ofMinutes(5)).by("endpoint").aggregate(count(), percentiles("duration", 99)))
            .when(field("duration.p99").above(ofMillis(800)).and(field("count").atLeast(50))).lasting(ofMinutes(10)));
    rules.put("alert error-lines: rate(app == \"foo\" and env == \"production\" and message contains \"error\") by job over 5m > 0.05 for 10m",
        named("error-lines").on(field("app").is("foo").and(field("env").is("production")).and(field("message").contains("error")))
            .over(sliding(ofMinutes(5)).by("job").aggregate(rate())).when(field("rate").above(0.05)).lasting(ofMinutes(10)));
    rules.put("alert too-many-500: count(status == 500) by host over 5m >= 4 limit 1 per 5m to email",
        named("too-many-500").on(field("status").is(500)).over(sliding(ofMinutes(5)).by("host").aggregate(count())).when(field("count").atLeast(4)).atMostEvery(ofMinutes(5))
            .notifyNamed("email"));
    rules.put("alert memory-silent: no events where plugin == \"memory\" by host over 10m",
        named("memory-silent").on(field("plugin").is("memory")).by("host").whenSilentFor(ofMinutes(10)));
    rules.put("alert spike: count(level == ERROR) over 10m > 3 x previous",
        named("spike").on(field("level").is("ERROR")).over(tumbling(ofMinutes(10)).aggregate(count())).whenTimesPrevious("count", 3));
    rules.put("alert java-payload: any where cs-uri-query contains \"getRuntime().exec(\" or cs-uri-query contains \"${@java\" limit 1 per 1m severity high",
        named("java-payload").when(field("cs-uri-query").contains("getRuntime().exec(").or(field("cs-uri-query").contains("${@java"))).limit(1, ofMinutes(1)).severity(HIGH));
    rules.put("alert mfa-bruteforce: count(eventtype == \"mfa\" and outcome.result == \"FAILURE\") by actor.alternateId over 15m >= 15",
        named("mfa-bruteforce").on(field("eventtype").is("mfa").and(field("outcome.result").is("FAILURE")))
            .over(sliding(ofMinutes(15)).by("actor.alternateId").aggregate(count())).when(field("count").atLeast(15)));
    rules.put("alert cracked: count(event == login_failed) by user over 10m >= 5 then event == login_ok within 5m",
        named("cracked").on(field("event").is("login_failed")).over(sliding(ofMinutes(10)).by("user").aggregate(count())).when(field("count").atLeast(5))
            .followedBy(field("event").is("login_ok")).within(ofMinutes(5)));
    rules.put("alert http-503: any where status == 503 to zabbix", named("http-503").when(field("status").is(503)).notifyNamed("zabbix"));
    rules.put("alert spray: distinct(user) where event == login_failed by ip over 5m > 10",
        named("spray").on(field("event").is("login_failed")).over(sliding(ofMinutes(5)).by("ip").aggregate(distinct("user"))).when(field("user.distinct").above(10)));
    rules.put("alert queue-high: max(queue) over 1m > 90% clear < 70% after 5m",
        named("queue-high").over(sliding(ofMinutes(1)).aggregate(max("queue"))).when(field("queue.max").above(0.9)).clearWhen(field("queue.max").below(0.7)).clearAfter(ofMinutes(5)));
    return rules;
  }

  @TestFactory Stream<DynamicTest> bothFormsMakeTheSameTree() {
    return rules().entrySet().stream().map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
      Alert parsed = Alert.parse(rule.getKey());
      assertThat(parsed.rule()).isEqualTo(rule.getValue().rule());
      assertThat(parsed).isEqualTo(rule.getValue()).hasSameHashCodeAs(rule.getValue());
    }));
  }

  /** Further lines, for what the rules above do not use. */
  private static final List<String> MORE = List.of(
      "alert \"two words\": any where a ~ /b\\/c+/ and not (x exists or y in (1, \"2\", three)) by k, \"l m\" for 90s clear when {{ NOT a~/b/ }} after 1500ms",
      "alert a: changes version where app == x by host limit 1 per 1h backing off to 8h",
      "alert a: new user by app learning 7d severity info limit 3 per 1h",
      "alert a: no events by host, app over 5m expect ((\"web-1\", \"cart\"), (\"web-2\", \"cart\")) for 1m",
      "alert a: any where status == 500 by user then status == 200 within 10s then not status == 404 within 1m all within 2m max 50 keys",
      "alert a: mean(seconds) by path over 1h tumbling > 2.5 no data alert after 2h limit 1 per 5m in all",
      "alert a: min(x) over 10s < -5 and sum(y) over 1m >= 7 and matching(z == 1) over 1m > 2",
      "alert a: count() over 10m > 2 x previous at least 20",
      "alert a: any where {{ path:/api/* size:[1 TO 5] }} or message endswith \".exe\"",
      "alert a: row (count() as count, ratio(status >= 500) as bad) by k over 5m when {{ bad>0.1 OR count>100 }}",
      "alert a: row(count() as n, count(status >= 500) as errors) over 5m when {{ errors>3 n>10 }}");

  @Test void countsUnderAnyNameInARow() {
    assertThat(Alert.parse("alert a: row(count() as n, count(status >= 500) as errors) over 5m when {{ errors>3 n>10 }}"))
        .isEqualTo(named("a").over(sliding(ofMinutes(5)).aggregate(count("n", Condition.all()), count("errors", field("status").atLeast(500))))
            .when(field("errors").above(3).and(field("n").above(10))));
    assertThatThrownBy(() -> Alert.parse("alert 5xx rate: any where a == 1")).hasMessageContaining("a name of several words stands in quotes");
  }

  @TestFactory Stream<DynamicTest> whatIsPrintedParsesToAnEqualTree() {
    List<String> all = new ArrayList<>(rules().keySet());
    all.addAll(MORE);
    return all.stream().map(line -> DynamicTest.dynamicTest(line, () -> {
      Alert parsed = Alert.parse(line);
      assertThat(Alert.parse(parsed.toString())).as(parsed.toString()).isEqualTo(parsed);
      assertThat(Alert.parse(parsed.toString()).toString()).isEqualTo(parsed.toString());
    }));
  }

  @Test void showsThePlaceAndWhatWouldFit() {
    assertThatThrownBy(() -> Alert.parse("alert c: p99(duration) over 5m > 800ms fro 2m")).isInstanceOf(AlertSyntaxException.class)
        .hasMessageStartingWith("alert c: p99(duration) over 5m > 800ms fro 2m\n                                       ^ expected ")
        .hasMessageContainingAll("'by'", "'for'", "'then'", "'clear'", "'limit'", "'severity'", "'to' or the end")
        .extracting(e -> ((AlertSyntaxException) e).position()).isEqualTo(39);
  }

  @Test void saysWhatIsWrongWithALineThatContradictsItself() {
    wrong("alert a: ratio(x == 1) > 150%", "cannot fire");
    wrong("alert a: max(q) over 1m > 9 clear < 10", "overlaps");
    wrong("alert a: any where x == 1 backing off to 1h", "nothing to back off from");
    wrong("alert a: changes x for 5m", "fires at moments");
    wrong("alert a: any where x == 1 for 5m for 6m", "lasting(..) already");
    wrong("alert a: new template where level == ERROR", "templates of messages are not known");
    wrong("alert a: count() by a over 5m > 1 and sum(b) by c over 5m > 2", "the same fields as before");
    wrong("alert a: count() over 5m tumbling > 1 for 1m", "shorter than its tumbling window");
    wrong("alert a: count() over 5m > 800ms", "what is counted has no unit of time");
    wrong("alert a: any where duration > \"x\"", "text is compared with ==");
    wrong("alert a: any where x == 1 and any where y == 2", "cannot be joined");
    wrong("alert a: any where " + "(".repeat(100) + "x == 1", "levels");
    wrong("alert a: any where x ~ /(/", "regular expression");
  }

  private static void wrong(String line, String what) {
    assertThatThrownBy(() -> Alert.parse(line)).as(line).isInstanceOf(AlertSyntaxException.class).hasMessageContaining(what).hasMessageContaining("^ ");
  }

  @Test void tellsAConditionFromAnotherTestBehindAnAnd() {
    assertThat(Alert.parse("alert a: count(x == 1) where y == 2 and z == 3 over 1m > 1 and max(q) over 1m > 2").rule().triggers()).hasSize(2);
    assertThat(Alert.parse("alert a: any where x == 1 and count == 5").rule().triggers())
        .containsExactly(new Trigger.Matches(field("x").is(1).and(field("count").is(5))));
  }

  @Test void convertsTimesIntoTheUnitOfTheField() {
    assertThat(Alert.parse("alert a: p99(seconds) over 1m > 800ms")).isEqualTo(Alert.parse("alert a: p99(seconds) over 1m > 0.8"));
    assertThat(Alert.parse("alert a: max(wait_us) over 1m > 1.5s")).isEqualTo(Alert.parse("alert a: max(wait_us) over 1m > 1500000"));
    assertThat(Alert.parse("alert a: any where duration >= 1m30s")).isEqualTo(Alert.named("a").when(field("duration").atLeast(90_000)));
  }

  @Test void neverThrowsAnythingElseForALineWithOneTokenSpoilt() {
    List<String> all = new ArrayList<>(rules().keySet());
    all.addAll(MORE);
    String[] wrongs = {"", "\"", "(", ")", ",", "and", "over", "99999999999999999999", "1x", "%", "{{", "}}", "/", "\\", "\u00e9\u0000", "by", "5m", "x previous", "-1", "to"};
    int refused = 0;
    for (String line : all) {
      String[] tokens = line.split("(?<=[ (),])|(?=[ (),])");
      for (int i = 0; i < tokens.length; i++) {
        for (String wrong : wrongs) {
          String[] spoilt = tokens.clone();
          spoilt[i] = wrong;
          String text = String.join("", spoilt);
          Throwable thrown = catchThrowable(() -> Alert.parse(text));
          assertThat(thrown == null || thrown instanceof AlertSyntaxException).as("%s: %s", text, thrown).isTrue();
          refused += thrown == null ? 0 : 1;
        }
      }
    }
    assertThat(refused).isGreaterThan(3_000);
  }

  @Test void neverThrowsAnythingElseForNoise() {
    Random random = new Random(8);
    String[] words = String.join(" ", rules().keySet()).split("(?<=[ (),])|(?=[ (),])");
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(random.nextInt(4) > 0 ? "alert a: " : "");
      for (int n = random.nextInt(14); n > 0; n--) {
        text.append(words[random.nextInt(words.length)]);
      }
      Throwable thrown = catchThrowable(() -> Alert.parse(text.toString()));
      assertThat(thrown == null || thrown instanceof AlertSyntaxException).as("%s: %s", text, thrown).isTrue();
    }
  }

  @Test void takesFieldsThatAreCalledLikeWordsInQuotes() {
    assertThat(Alert.parse("alert a: any where \"by\" == 1 and \"count\" > 2 by \"over\"").toString()).isEqualTo("alert a: any where \"by\" == 1 and count > 2 by \"over\"");
    assertThat(Alert.parse("alert a: any where \"disk full\"").rule().triggers()).containsExactly(new Trigger.Matches(Condition.phrase("disk full")));
  }
}
