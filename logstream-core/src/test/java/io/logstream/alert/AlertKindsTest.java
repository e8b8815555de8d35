package io.logstream.alert;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Aggregations.sum;
import static io.logstream.window.Window.sliding;
import static io.logstream.window.Window.tumbling;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What each kind of rule fires on. */
class AlertKindsTest {
  private static Alert alert() {
    return Alert.named("a");
  }

  @Test void everyRecordThatMeetsAConditionIsAFiringWithoutAnEnd() {
    try (Rules r = Rules.of(alert().when(field("status").is(503)))) {
      r.at(1, "status", 503).at(2, "status", 200).at(3, "status", 503).at(3, "status", 503);

      assertThat(r.words()).containsExactly("fired 1", "fired 3", "fired 3");
      assertThat(r.told.all).extracting(FiredAlert::id).doesNotHaveDuplicates();
    }
  }

  @Test void firesAtTheEventThatMakesAWindowFullAndEndsWhenOneLeaves() {
    try (Rules r = Rules.of(alert().over(sliding(ofSeconds(60)).by("host").aggregate(count())).when(field("count").atLeast(3)))) {
      r.at(0, "host", "a").at(10, "host", "b").at(20, "host", "a").at(59.999, "host", "a");
      assertThat(r.words()).containsExactly("fired 59.999 a");
      r.at(60, "host", "b").at(61, "host", "b");

      assertThat(r.words()).containsExactly("fired 59.999 a", "resolved 60 a", "fired 61 b");
    }
  }

  @Test void anEventIsOutOfTheWindowWhenItIsAsOldAsTheWindowIsLong() {
    try (Rules r = Rules.of(alert().over(sliding(ofSeconds(60)).aggregate(count())).when(field("count").atLeast(2)))) {
      r.at(0).at(60);
      assertThat(r.words()).isEmpty();
      r.at(119.999);
      assertThat(r.words()).containsExactly("fired 119.999");
    }
  }

  @Test void judgesARatioWithALeastCount() {
    try (Rules r = Rules.of(alert().over(sliding(ofMinutes(5)).aggregate(count(), ratio("bad", field("status").atLeast(500))))
        .when(field("bad").above(0.5).and(field("count").atLeast(4))))) {
      r.at(0, "status", 500).at(1, "status", 500).at(2, "status", 500).at(3, "status", 200).at(4, "status", 200).at(5, "status", 200);

      assertThat(r.words()).containsExactly("fired 3", "resolved 5");
      assertThat(r.told.all.get(0).cause().fields()).containsEntry("bad", 0.75).containsEntry("count", 4L).containsEntry("status", 200L);
    }
  }

  @Test void firesWhenAValueFallsBelowABoundAsEventsLeave() {
    try (Rules r = Rules.of(alert().over(sliding(ofSeconds(10)).aggregate(sum("bytes"))).when(field("bytes.sum").below(5)))) {
      r.at(0, "bytes", 3).at(1, "bytes", 4).at(2, "bytes", 2).at(9, "bytes", 3);
      assertThat(r.words()).containsExactly("fired 0", "resolved 1");
      r.at(30, "bytes", 100);

      assertThat(r.words()).containsExactly("fired 0", "resolved 1", "fired 12", "resolved 30");
    }
  }

  @Test void testsTheRowOfATumblingWindowWhenItCloses() {
    try (Rules r = Rules.of(alert().over(tumbling(ofSeconds(60)).by("k").aggregate(count())).when(field("count").atLeast(2)))) {
      r.at(0, "k", "a").at(10, "k", "a").at(20, "k", "b");
      assertThat(r.words()).isEmpty();
      r.at(60, "k", "b").at(130, "k", "c");

      assertThat(r.words()).as("a had no event in the second window").containsExactly("fired 60 a", "resolved 120 a");
    }
  }

  @Test void aRowOfAWindowInTheChainMeansTheSame() {
    try (Rules inside = Rules.of(alert().over(tumbling(ofSeconds(60)).aggregate(count())).when(field("count").atLeast(2)))) {
      MadeRows rows = MadeRows.records();
      Told told = new Told();
      try (Rules chain = Rules.of(rows, ofMillis(0), tumbling(ofSeconds(60)).aggregate(count()).to(alert().when(field("count").atLeast(2)).notify(told)), told,
          io.logstream.testing.TestClock.at(MadeRows.START))) {
        for (Rules r : new Rules[] {inside, chain}) {
          r.at(0).at(1).at(61).at(62).at(63).at(125).at(200);
        }
        assertThat(inside.words()).containsExactly("fired 60", "resolved 180");
        assertThat(chain.told.all).extracting(a -> a.state().name()).containsExactly("FIRING", "RESOLVED");
      }
    }
  }

  @Test void comparesAWindowWithTheOneBefore() {
    Alert spike = alert().on(field("level").is("ERROR")).over(tumbling(ofSeconds(10)).aggregate(count())).whenTimesPrevious("count", 3);
    try (Rules r = Rules.of(spike)) {
      for (int window = 0; window < 6; window++) {
        int[] errors = {9, 1, 3, 4, 13, 1};
        for (int i = 0; i < errors[window]; i++) {
          r.at(window * 10 + 0.1 * i, "level", "ERROR");
        }
        r.at(window * 10 + 9, "level", "INFO");
      }
      r.at(60, "level", "INFO");

      assertThat(r.words()).as("3 is not more than three times 1; 13 is more than three times 4").containsExactly("fired 50", "resolved 60");
    }
  }

  @Test void isNoSpikeFromNothingNorBeforeAWholeWindowWasSeen() {
    Alert spike = alert().over(tumbling(ofSeconds(10)).by("k").aggregate(count())).whenTimesPrevious("count", 2).whenAtLeast(2);
    try (Rules r = Rules.of(spike)) {
      r.at(9, "k", "a").at(9.5, "k", "a");
      for (int i = 0; i < 9; i++) {
        r.at(10 + 0.1 * i, "k", "a").at(30 + 0.1 * i, "k", "b");
      }
      r.at(60, "k", "c");
      assertThat(r.words()).isEmpty();
    }
  }

  @Test void firesWhenAFieldChangesItsValueWithinAKey() {
    try (Rules r = Rules.of(alert().by("host").whenChanges("version"))) {
      r.at(0, "host", "a", "version", 1).at(1, "host", "b", "version", 2).at(2, "host", "a", "version", 1).at(3, "host", "a").at(4, "host", "a", "version", 2)
          .at(5, "host", "b", "version", 2).at(6, "host", "a", "version", 1);

      assertThat(r.words()).containsExactly("fired 4 a", "fired 6 a");
      assertThat(r.told.all.get(0).cause().text("version.before")).isEqualTo("1");
    }
  }

  @Test void firesOnAValueNeverSeenOnceItHasLearnt() {
    try (Rules r = Rules.of(alert().whenNew("user").learnFor(ofMinutes(1)))) {
      r.at(0, "user", "ann").at(30, "user", "bob").at(60, "user", "ann").at(61, "user", "eve").at(62, "user", "eve").at(63, "other", 1);

      assertThat(r.words()).containsExactly("fired 61");
    }
  }

  @Test void countsDifferentValuesExactlyAsTheyComeAndLeave() {
    try (Rules r = Rules.of(alert().over(sliding(ofSeconds(60)).by("ip").aggregate(distinct("user"))).when(field("user.distinct").above(2)))) {
      r.at(0, "ip", "x", "user", "a").at(10, "ip", "x", "user", "b").at(20, "ip", "x", "user", "a").at(30, "ip", "y", "user", "c").at(65, "ip", "x", "user", "c");
      assertThat(r.words()).as("a was seen again at 20").containsExactly("fired 65 x");
      r.at(75, "ip", "x");

      assertThat(r.words()).as("b left at 70").containsExactly("fired 65 x", "resolved 70 x");
    }
  }

  @Test void firesOnWhatFollowsEachBeginning() {
    try (Rules r = Rules.of(alert().when(field("e").is("a")).by("u").followedBy(field("e").is("b")).within(ofSeconds(10)))) {
      r.at(0, "u", 1, "e", "a").at(1, "u", 1, "e", "a").at(2, "u", 2, "e", "b").at(10, "u", 1, "e", "b").at(11, "u", 1, "e", "b").at(20, "u", 2, "e", "a").at(30.001, "u", 2, "e", "b");

      assertThat(r.words()).as("the time is up to ten seconds, both ends included").containsExactly("fired 10 1", "fired 10 1");
      assertThat(r.told.all).extracting(a -> a.cause().number("sequence.start", 0) - MadeRows.START.toEpochMilli()).containsExactly(0L, 1000L);
    }
  }

  @Test void goesThroughSeveralSteps() {
    try (Rules r = Rules.of(alert().when(field("e").is("a")).followedBy(field("e").is("b")).within(ofSeconds(10)).followedBy(field("e").is("c")).within(ofSeconds(10))
        .allWithin(ofSeconds(15)))) {
      r.at(0, "e", "a").at(9, "e", "b").at(15, "e", "c").at(20, "e", "a").at(29, "e", "b").at(36, "e", "c");

      assertThat(r.words()).containsExactly("fired 15");
    }
  }

  @Test void firesOnWhatDoesNotFollow() {
    try (Rules r = Rules.of(alert().when(field("e").is("start")).by("job").notFollowedBy(field("e").is("end")).within(ofSeconds(10)))) {
      r.at(0, "job", "x", "e", "start").at(1, "job", "y", "e", "start").at(10, "job", "x", "e", "end").at(11, "job", "z");
      assertThat(r.words()).as("y may still end at this very moment").isEmpty();
      r.at(11.001, "job", "z");

      assertThat(r.words()).containsExactly("fired 11 y");
    }
  }

  @Test void takesWhatFollowsAlsoWhenItComesBeforeWhatItFollows() {
    Alert cracked = alert().when(field("e").is("a")).followedBy(field("e").is("b")).within(ofSeconds(10));
    try (Rules r = Rules.of(cracked, ofSeconds(5))) {
      r.at(3, "e", "b").at(1, "e", "a").at(4, "e", "a");
      assertThat(r.words()).containsExactly("fired 3");
    }
  }

  @Test void beginsASequenceWithAWindow() {
    Alert cracked = Alert.parse("alert cracked: count(event == login_failed) by user over 10m >= 3 then event == login_ok within 5m");
    try (Rules r = Rules.of(cracked)) {
      for (int i = 0; i < 5; i++) {
        r.at(i, "user", "ann", "event", "login_failed");
      }
      r.at(10, "user", "bob", "event", "login_ok").at(20, "user", "ann", "event", "login_ok").at(30, "user", "ann", "event", "login_ok");

      assertThat(r.words()).containsExactly("fired 20 ann");
    }
  }

  @Test void joinsTestsOfSeveralWindows() {
    Alert both = Alert.parse("alert a: count(status >= 500) by k over 10s >= 2 and count() by k over 1m >= 5");
    try (Rules r = Rules.of(both)) {
      r.at(0, "k", "x", "status", 200).at(1, "k", "x", "status", 200).at(2, "k", "x", "status", 200).at(30, "k", "x", "status", 500).at(31, "k", "x", "status", 500)
          .at(32, "k", "y", "status", 500).at(33, "k", "y", "status", 500).at(39, "k", "x", "status", 200).at(40, "k", "z", "status", 200);

      assertThat(r.words()).containsExactly("fired 31 x", "resolved 40 x");
    }
  }

  @Test void firesAboveAndEndsBelowAnotherBound() {
    try (Rules r = Rules.of(alert().over(sliding(ofSeconds(10)).aggregate(max("q"))).when(field("q.max").above(0.9)).clearWhen(field("q.max").below(0.7)))) {
      r.at(0, "q", 0.95).at(20, "q", 0.8).at(40, "q", 0.6).at(60, "q", 0.8);
      assertThat(r.words()).containsExactly("fired 0", "resolved 40");
    }
  }
}
