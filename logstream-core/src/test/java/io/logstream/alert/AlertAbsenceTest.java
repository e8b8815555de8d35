package io.logstream.alert;

import static io.logstream.match.Field.field;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.match.Drop;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rules on what does not come. */
class AlertAbsenceTest {
  private static Alert silent() {
    return Alert.named("silent").whenSilentFor(ofMinutes(10));
  }

  @Test void firesWhenNothingArrivesAtAll() {
    Told told = new Told();
    try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(MadeRows.records()).to(silent().notify(told)).build()).startingAt(MadeRows.START)) {
      tester.advance(ofMinutes(9));
      assertThat(told.all).isEmpty();
      tester.advance(ofMinutes(1));
      assertThat(told.words()).containsExactly("fired 600");
    }
  }

  @Test void firesForKeysListedUpFrontOfWhichNothingEverCame() {
    try (Rules r = Rules.of(silent().by("host").expecting("web-1", "web-2"))) {
      r.at(0, "host", "web-1").at(300, "host", "web-1").at(601, "host", "web-1");
      assertThat(r.words()).containsExactly("fired 600 web-2");
      r.at(700, "host", "web-2").at(900, "host", "web-3");
      assertThat(r.words()).containsExactly("fired 600 web-2", "resolved 700 web-2");
    }
  }

  @Test void firesAtTheTimeOfTheLastEventAndSoMuchWithTheClockWhenAllIsSilent() {
    try (Rules r = Rules.of(silent().by("host"))) {
      r.at(5, "host", "a").advance(ofMinutes(8)).at(490, "host", "b");
      r.advance(ofMinutes(2)).advance(ofSeconds(10));
      assertThat(r.words()).containsExactly("fired 605 a");
      assertThat(r.told.all.get(0).since()).isEqualTo(MadeRows.at(605));
      r.advance(ofMinutes(20));
      assertThat(r.words()).containsExactly("fired 605 a", "fired 1090 b");
    }
  }

  @Test void firesWhenEveryLineIsLeftOut() {
    Told told = new Told();
    MadeRows rows = MadeRows.records();
    TestClock clock = TestClock.at(MadeRows.START);
    try (InlineRun run = LogStream.named("p").from(rows).then(new GivenTime(Duration.ZERO)).then(Drop.when(field("noise").exists()))
        .to(silent().notify(told)).build().inline(clock)) {
      for (int minute = 0; minute <= 30; minute++) {
        rows.row(minute * 60L, "noise", 1);
        run.work();
        clock.advance(ofMinutes(1));
      }
      assertThat(told.all).singleElement().extracting(FiredAlert::state).isEqualTo(FiredAlert.State.FIRING);
      rows.row(1900, "ok", 1);
      run.work();
      assertThat(told.all).hasSize(2);
    }
  }

  @Test void isNotFooledByEventsThatComeLateOrOutOfOrder() {
    try (Rules r = Rules.of(silent().by("host"), ofSeconds(30))) {
      r.at(0, "host", "a").at(500, "host", "b").at(620, "host", "b").at(595, "host", "a");
      assertThat(r.words()).as("a came 5 seconds before its time was over, and within what the log may be out of order").isEmpty();
      r.at(640, "host", "b").at(300, "host", "a");
      assertThat(r.words()).isEmpty();
      r.at(1190, "host", "b").at(1226, "host", "b");
      assertThat(r.words()).containsExactly("fired 1195 a");
    }
  }

  @Test void isNotFooledByCatchingUpAfterARestart() {
    Told told = new Told();
    MadeRows rows = MadeRows.records();
    TestClock clock = TestClock.at(MadeRows.START);
    byte[] saved = Rules.of(rows, Duration.ZERO, silent().by("host").notify(told), told, clock).at(0, "host", "a").run().save();
    for (int minute = 1; minute < 180; minute++) {
      rows.row(minute * 60L, "host", "a");
    }
    clock.advance(Duration.ofHours(3));
    try (Rules next = Rules.of(rows, Duration.ZERO, silent().by("host").notify(told), told, clock).goingOn(saved)) {
      next.work();
      assertThat(told.all).isEmpty();
    }
  }

  @Test void hasADurationOfItsOwn() {
    try (Rules r = Rules.of(silent().by("host").lasting(ofMinutes(5)))) {
      r.at(0, "host", "a").at(660, "host", "a").at(2_000, "host", "b");
      assertThat(r.words()).containsExactly("fired 1560 a");
      assertThat(r.told.all.get(0).since()).isEqualTo(MadeRows.at(1260));
    }
  }
}
