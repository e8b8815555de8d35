package io.logstream.alert;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Window.sliding;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How a rule's verdicts become firings, and what is told of them. */
class AlertStatesTest {
  private static Alert high() {
    return Alert.named("a").when(field("q").above(5));
  }

  @Test void firesOnlyWhatLasts() {
    try (Rules r = Rules.of(high().lasting(ofSeconds(10)))) {
      r.at(0, "q", 9).at(9.999, "q", 1).at(20, "q", 9).at(25, "q", 9).at(40, "q", 9).at(41, "q", 1);

      assertThat(r.words()).containsExactly("fired 30", "resolved 41");
      assertThat(r.told.all.get(0).since()).isEqualTo(MadeRows.at(20));
      assertThat(r.metrics()).containsEntry("a/rule.nearMisses", 1L);
    }
  }

  @Test void isTheSameFiringWhenItHoldsAgainBeforeItWasClearForLong() {
    try (Rules r = Rules.of(high().clearAfter(ofSeconds(10)))) {
      r.at(0, "q", 9).at(5, "q", 1).at(14.999, "q", 9).at(20, "q", 1).at(30, "q", 1);

      assertThat(r.words()).containsExactly("fired 0", "resolved 30");
      assertThat(r.told.all.get(1).id()).isEqualTo(r.told.all.get(0).id());
      assertThat(r.told.all).extracting(FiredAlert::number).containsExactly(1, 2);
    }
  }

  @Test void aKeyWithoutDataStaysAsItIsAndTheTimeDoesNotCount() {
    try (Rules r = Rules.of(high().lasting(ofSeconds(20)).noDataAfter(ofSeconds(10), NoData.KEEP).by("k"))) {
      r.at(0, "k", "x", "q", 9).at(5, "k", "x", "q", 9).at(60, "k", "y", "q", 1).at(100, "k", "x", "q", 9).at(101, "k", "x", "q", 9);
      assertThat(r.words()).as("15 of 20 seconds until the data stopped").isEmpty();
      r.at(105, "k", "y", "q", 1);

      assertThat(r.words()).containsExactly("fired 105 x");
    }
  }

  @Test void aKeyWithoutDataIsWellIfToldSo() {
    try (Rules r = Rules.of(high().noDataAfter(ofSeconds(10), NoData.OK).by("k"))) {
      r.at(0, "k", "x", "q", 9).at(30, "k", "y", "q", 1);
      assertThat(r.words()).containsExactly("fired 0 x", "resolved 10 x");
      assertThat(r.told.all.get(1).reason()).isEqualTo("no data");
    }
  }

  @Test void aKeyWithoutDataIsAlertedAboutIfToldSo() {
    try (Rules r = Rules.of(high().lasting(ofSeconds(5)).noDataAfter(ofSeconds(10), NoData.ALERT).by("k"))) {
      r.at(0, "k", "x", "q", 9).at(5, "k", "x", "q", 9).at(30, "k", "y", "q", 1).at(40, "k", "x", "q", 1);

      assertThat(r.words()).containsExactly("fired 5 x", "resolved 15 x", "fired 20 x", "resolved 40 x");
      assertThat(r.told.all).extracting(FiredAlert::reason).containsExactly("", "no data", "no data", "data again");
      assertThat(r.told.all.get(2).id()).isNotEqualTo(r.told.all.get(0).id()).isEqualTo(r.told.all.get(3).id());
    }
  }

  @Test void aRatioOfNothingIsNoDataNotWell() {
    try (Rules r = Rules.of(Alert.named("a").on(field("status").exists()).over(sliding(ofSeconds(10)).aggregate(ratio("bad", field("status").atLeast(500)))).when(field("bad").above(0.5)))) {
      r.at(0, "status", 500).at(60, "other", 1);
      assertThat(r.words()).containsExactly("fired 0");
    }
  }

  @Test void tellsEachKeyAtMostSoOftenAndLessAndLessOften() {
    try (Rules r = Rules.of(high().atMostEvery(ofSeconds(10)).backingOffTo(ofSeconds(40)))) {
      for (int second = 0; second < 200; second++) {
        r.at(second, "q", 9);
      }
      assertThat(r.words()).containsExactly("fired 0", "fired 10", "fired 30", "fired 70", "fired 110", "fired 150", "fired 190");
      r.at(400, "q", 9).at(410, "q", 9);
      assertThat(r.words()).endsWith("fired 400", "fired 410");
    }
  }

  @Test void tellsOfAllKeysTogetherAtMostSoManyAndHowManyOthersThereWere() {
    try (Rules r = Rules.of(high().by("k").limit(2, ofSeconds(60)))) {
      for (int k = 0; k < 25; k++) {
        r.at(k * 0.1, "k", k, "q", 9);
      }
      r.at(61, "k", "z", "q", 9).at(62, "k", "y", "q", 9);

      assertThat(r.words()).containsExactly("fired 0 0", "fired 0.100 1", "fired 61 z", "fired 62 y");
      assertThat(r.told.all).extracting(FiredAlert::more).containsExactly(0, 0, 23, 0);
    }
  }

  @Test void tellsNobodyOfWhatIsSilencedUntilTheSilenceIsOver() {
    Silences silences = new Silences();
    Told told = new Told();
    try (Rules r = Rules.of(new MadeRows(), Duration.ZERO, high().by("k").silencedBy(silences).notify(told), told, TestClock.at(MadeRows.START))) {
      silences.silence("a", AlertKey.key("x"), MadeRows.at(10));
      r.at(0, "k", "x", "q", 9).at(1, "k", "y", "q", 9).at(9, "k", "x", "q", 9).at(10, "k", "x", "q", 9).at(11, "k", "x", "q", 1);
      assertThat(r.words()).containsExactly("fired 1 y", "fired 10 x", "resolved 11 x");
      assertThat(told.all.get(1).since()).isEqualTo(MadeRows.at(0));
      silences.silence("a", MadeRows.at(100));
      r.at(20, "k", "z", "q", 9).at(30, "k", "z", "q", 1);
      silences.lift("a");
      r.at(40, "k", "z", "q", 9);
      assertThat(r.words()).endsWith("resolved 11 x", "fired 40 z");
    }
  }

  @Test void silencesOutliveARestartAndAChangeOfTheRule() {
    Told told = new Told();
    MadeRows rows = MadeRows.records();
    Silences silences = new Silences();
    silences.silence("a", AlertKey.key("x"), MadeRows.at(100));
    TestClock clock = TestClock.at(MadeRows.START);
    byte[] saved = Rules.of(rows, Duration.ZERO, high().by("k").silencedBy(silences).notify(told), told, clock).at(0, "k", "x", "q", 9).run().save();

    try (Rules next = Rules.of(rows, Duration.ZERO, Alert.named("a").when(field("q").above(6)).by("k").silencedBy(new Silences()).notify(told), told, clock).goingOn(saved)) {
      next.at(1, "k", "x", "q", 9).at(2, "k", "y", "q", 9);
      assertThat(next.words()).containsExactly("fired 2 y");
    }
  }

  @Test void aChangedRuleEndsWhatTheOldOneWasFiring() {
    Told told = new Told();
    MadeRows rows = MadeRows.records();
    TestClock clock = TestClock.at(MadeRows.START);
    Alert alert = high().by("k").clearAfter(ofMinutes(1));
    byte[] saved = Rules.of(rows, Duration.ZERO, alert.notify(told), told, clock).at(0, "k", "x", "q", 9).at(5, "k", "y", "q", 9).run().save();

    try (Rules next = Rules.of(rows, Duration.ZERO, high().by("k").clearAfter(ofMinutes(2)).notify(told), told, clock).goingOn(saved)) {
      next.at(6, "k", "x", "q", 9);
      assertThat(next.words()).containsExactly("fired 0 x", "fired 5 y", "resolved 5 x", "resolved 5 y", "fired 6 x");
      assertThat(told.all.get(2).id()).isEqualTo(told.all.get(0).id());
      assertThat(told.all.get(2).reason()).isEqualTo("replaced");
      assertThat(told.all.get(4).id()).isNotEqualTo(told.all.get(0).id());
    }
  }

  /** The table of states, in thirty lines. */
  private static final class Model {
    private final long lasting;
    private final long clearAfter;
    private String state = "OK";
    private long since;
    private long clear;
    private final List<String> moves = new ArrayList<>();

    Model(long lasting, long clearAfter) {
      this.lasting = lasting;
      this.clearAfter = clearAfter;
    }

    private void to(String next, long at) {
      moves.add(state + ">" + next + " " + at);
      state = next;
    }

    void timeIs(long now) {
      if (state.equals("PENDING") && since + lasting <= now) {
        to("FIRING", since + lasting);
      }
      if (state.equals("RECOVERING") && clear + clearAfter <= now) {
        to("OK", clear + clearAfter);
      }
    }

    void verdict(long now, boolean holds) {
      timeIs(now);
      if (state.equals("OK") && holds) {
        since = now;
        to(lasting > 0 ? "PENDING" : "FIRING", now);
      } else if (state.equals("PENDING") && !holds) {
        to("OK", now);
      } else if (state.equals("FIRING") && !holds) {
        clear = now;
        to(clearAfter > 0 ? "RECOVERING" : "OK", now);
      } else if (state.equals("RECOVERING") && holds) {
        to("FIRING", now);
      }
    }
  }

  @Test void doesAsTheTableOfStatesSaysTransitionByTransition() {
    Random random = new Random(5);
    for (int round = 0; round < 120; round++) {
      long lasting = random.nextInt(3) * 7L;
      long clearAfter = random.nextInt(3) * 11L;
      Model model = new Model(lasting, clearAfter);
      List<String> moves = new ArrayList<>();
      AlertWatch watch = new AlertWatch() {
        @Override
        public void moved(String alert, AlertKey key, String from, String to, Instant at, String why) {
          if (key.values().get(0).equals("x")) {
            moves.add(from + ">" + to + " " + Duration.between(MadeRows.START, at).toSeconds());
          }
        }
      };
      Alert alert = high().by("k").watchedBy(watch);
      alert = lasting > 0 ? alert.lasting(ofSeconds(lasting)) : alert;
      alert = clearAfter > 0 ? alert.clearAfter(ofSeconds(clearAfter)) : alert;
      Told told = new Told();
      try (Rules r = Rules.of(new MadeRows(), Duration.ZERO, alert.notify(told), told, TestClock.at(MadeRows.START))) {
        long now = 0;
        for (int i = 0; i < 40; i++) {
          now += random.nextInt(9);
          if (random.nextInt(4) == 0) {
            r.at(now, "k", "other", "q", 1); // time goes on
            model.timeIs(now);
          } else {
            boolean holds = random.nextBoolean();
            r.at(now, "k", "x", "q", holds ? 9 : 1);
            model.verdict(now, holds);
          }
          assertThat(moves).isEqualTo(model.moves);
        }
      }
    }
  }

  @Test void manyKeysStayUnderTheCapAndTheCountsOfTheOthersAreComplete() {
    Alert many = Alert.named("a").over(sliding(ofMinutes(10)).by("k").aggregate(count())).when(field("count").atLeast(60)).maxKeys(100);
    Told told = new Told();
    MadeRows rows = MadeRows.records().perBatch(256);
    try (Rules r = Rules.of(rows, Duration.ZERO, many.notify(told), told, TestClock.at(MadeRows.START))) {
      for (int i = 0; i < 60; i++) {
        r.rows.atMillis(i, "k", "hot");
      }
      for (int i = 0; i < 20_000; i++) {
        r.rows.atMillis(100 + i, "k", "k" + i);
      }
      r.work();
      for (int i = 0; i < 10; i++) {
        r.rows.atMillis(30_000 + i, "k", "hot");
      }
      r.work();
      assertThat(r.words()).containsExactly("fired 0.059 hot", "fired 0.199 __other__", "fired 0.258 __other__");
      assertThat(told.all.get(1).reason()).isEqualTo("no room for more keys");
      assertThat(r.metrics()).containsEntry("a/rule.overflow", 20_000L - 99);
    }
  }

  @Test void sendsAtMostWhatTheLimitAllowsHoweverOftenItComesAndGoes() {
    try (Rules r = Rules.of(high().clearAfter(ofSeconds(1)).atMostEvery(ofSeconds(100)))) {
      for (int i = 0; i < 1_000; i++) {
        r.rows.atMillis(2_000L * i, "q", i % 2 == 0 ? 9 : 0);
      }
      r.work();
      assertThat(r.told.all.stream().filter(a -> a.state() == FiredAlert.State.FIRING)).hasSize(20);
      assertThat(r.told.all).hasSize(40);
    }
  }
}
