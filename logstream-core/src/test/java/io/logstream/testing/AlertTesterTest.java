package io.logstream.testing;

import static io.logstream.match.Field.field;
import static io.logstream.testing.AlertTester.key;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Window.sliding;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.Stage;
import io.logstream.Stages;
import io.logstream.alert.Alert;
import io.logstream.alert.NoData;
import io.logstream.parse.EventTime;
import io.logstream.parse.KeyValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules as unit tests, and tried on logs that are there. */
class AlertTesterTest {
  private static Alert slow() {
    return Alert.named("slow").over(sliding(ofMinutes(1)).by("path").aggregate(count())).when(field("count").atLeast(3));
  }

  private static Stage parsing() {
    return Stages.of(KeyValue.fields(), EventTime.from("t", "yyyy-MM-dd'T'HH:mm:ssX").outOfOrder(ZERO));
  }

  private static Instant at(String time) {
    return Instant.parse("2026-11-19T" + time + "Z");
  }

  private static String line(String time, String path) {
    return "t=2026-11-19T" + time + "Z path=" + path;
  }

  @Test void saysWhatARuleTellsAndThatItTellsNothingElse() {
    AlertTester.of(slow()).parsing(parsing()).feed(line("10:00:00", "/a"), line("10:00:10", "/a"), line("10:00:20", "/b"), line("10:00:30", "/a"), line("10:05:00", "/b"))
        .fired("/a", at("10:00:30")).resolved("/a", at("10:01:00")).andNothingElse();
  }

  @Test void anAlertWithoutAKeyIsAskedForByItsTime() {
    AlertTester tester = AlertTester.of(Alert.named("many").over(sliding(ofMinutes(1)).aggregate(count())).when(field("count").atLeast(2))).parsing(parsing())
        .feed(line("10:00:00", "/a"), line("10:00:10", "/b"), line("10:05:00", "/c"));

    assertThatThrownBy(() -> tester.fired(at("10:00:00"))).isInstanceOf(AssertionError.class);
    tester.fired(at("10:00:10")).resolved(at("10:01:00")).andNothingElse();
  }

  @Test void feedsAFileAndMovesTheClock(@TempDir Path dir) throws Exception {
    Path log = Files.write(dir.resolve("log"), List.of(line("10:00:00", "/a"), line("10:00:01", "/a")));
    AlertTester.of(Alert.named("gone").by("path").whenSilentFor(ofMinutes(5))).parsing(parsing()).feed(log).advance(ofMinutes(6)).fired(key("/a"), at("10:05:01")).andNothingElse();
  }

  @Test void saysWhyARuleDidNotFire() {
    AlertTester tester = AlertTester.of(slow().lasting(ofSeconds(20))).parsing(parsing())
        .feed(line("10:00:00", "/a"), line("10:00:50", "/a"), line("10:00:55", "/a"), line("10:02:00", "/b"));

    assertThatThrownBy(() -> tester.fired("/a", at("10:00:55"))).isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("was to have fired for /a at 2026-11-19T10:00:55Z, and told nothing more", "2026-11-19T10:00:55Z  holds", "count=3", "OK -> PENDING (holds)", "count() by path over 1m >= 3 for 20s");
    assertThat(tester.explain(key("/a"), at("10:01:30"))).contains("/a at 2026-11-19T10:01:30Z: OK", "PENDING -> OK (holds no longer)", "2026-11-19T10:01:00Z  does not hold");
    assertThat(tester.explain(key("/c"), at("10:00:55"))).contains("no event of /c was judged");
    assertThatThrownBy(() -> AlertTester.of(slow()).parsing(parsing()).feed(line("10:00:00", "/a"), line("10:00:01", "/a"), line("10:00:02", "/a")).andNothingElse())
        .isInstanceOf(AssertionError.class).hasMessageContaining("nothing else").hasMessageContaining("fires for {path=/a}");
  }

  @Test void triesSeveralSettingsOnLogsThatAreThere(@TempDir Path dir) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int minute = 0; minute < 60; minute++) {
      for (int i = 0; i < (minute % 10 < 4 ? 6 : 1); i++) {
        lines.add(line(String.format(java.util.Locale.ROOT, "10:%02d:%02d", minute, i * 10), "/a"));
      }
      lines.add("nothing of the kind");
    }
    Path log = Files.write(dir.resolve("log"), lines);

    BackTest.Report report = BackTest.of(slow().lasting(ofMinutes(7))).parsing(parsing()).over(log).between(at("10:10:00"), at("11:00:00")).explaining()
        .trying("lasting", ZERO, ofMinutes(2), ofMinutes(30)).run();

    BackTest.Result asItIs = report.result("lasting PT0S");
    assertThat(asItIs.firings()).isEqualTo(5);
    assertThat(asItIs.flaps()).isEqualTo(5);
    assertThat(asItIs.mails()).isEqualTo(5);
    assertThat(asItIs.told()).allMatch(a -> !a.at().isBefore(at("10:10:00")));
    assertThat(report.result("lasting PT2M").firings()).isEqualTo(5);
    assertThat(report.result("lasting PT2M").firing()).isLessThan(asItIs.firing());
    assertThat(report.result("lasting PT30M").firings()).isZero();
    assertThat(report.result("lasting PT30M").nearMisses()).isEqualTo(5);
    assertThat(report.failed()).isEqualTo(60);
    assertThat(report.toString()).contains("lasting PT2M", "near misses", "60 failed before");
    assertThat(asItIs.explain(key("/a"), at("10:20:30"))).contains("FIRING");
  }

  @Test void refusesToTryWhatIsNoSetting() {
    assertThatThrownBy(() -> BackTest.of(slow()).trying("severity", ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("lasting");
    assertThatThrownBy(() -> BackTest.of(slow()).trying("lasting", ofMinutes(2), ofMinutes(2))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("twice");
    assertThatThrownBy(() -> BackTest.of(slow()).run()).isInstanceOf(IllegalStateException.class).hasMessageContaining("over(files)");
    assertThat(NoData.values()).hasSize(3);
  }
}
