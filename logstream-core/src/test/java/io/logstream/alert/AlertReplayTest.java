package io.logstream.alert;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The same input gives the same alerts, whatever is done with the process. */
class AlertReplayTest {
  /** Rules of every kind that are small enough to do something within a minute. */
  private static final List<String> LINES = List.of(
      "alert match: any where q > 8 by k limit 1 per 5s backing off to 20s",
      "alert level: any where q > 3 by k for 4s after 3s no data keep after 9s",
      "alert gone: any where q > 3 by k for 2s no data alert after 6s",
      "alert frequency: count(q > 2) by k over 10s >= 4 limit 3 per 20s",
      "alert ratio: ratio(q > 5) by k over 8s > 50% and count() by k over 8s >= 3 after 2s",
      "alert top: max(q) by k over 7s > 7 clear < 4",
      "alert row: sum(q) by k over 5s tumbling > 12",
      "alert spike: count() by k over 5s > 1 x previous",
      "alert spread: distinct(q) by k over 6s >= 4",
      "alert silent: no events where q > 4 by k over 5s expect (\"9\")",
      "alert changes: changes q by k limit 1 per 3s",
      "alert new: new q by k learning 5s",
      "alert then: any where q == 1 by k then q == 2 within 4s",
      "alert not: any where q == 7 by k then not q == 3 within 3s",
      "alert burst: count(q > 1) by k over 5s >= 3 then q == 0 within 5s",
      "alert both: count() by k over 4s >= 3 and sum(q) by k over 9s > 20 for 1s");

  private static MadeRows input(long seed, int count) {
    Random random = new Random(seed);
    MadeRows rows = MadeRows.records();
    long millis = 0;
    for (int i = 0; i < count; i++) {
      millis += random.nextInt(800) + (random.nextInt(25) == 0 ? 8_000 : 0);
      rows.atMillis(Math.max(0, millis - random.nextInt(900)), "k", random.nextInt(3), "q", random.nextInt(10));
    }
    return rows;
  }

  private static Pipeline pipeline(MadeRows rows, Told told, AlertWatch watch) {
    List<Alert> alerts = LINES.stream().map(line -> watch == null ? Alert.parse(line) : Alert.parse(line).watchedBy(watch)).toList();
    return LogStream.named("p").from(rows).then(new GivenTime(Duration.ofSeconds(1))).to(AlertRules.of(alerts).notifier("told", told)).build();
  }

  private static List<String> seen(Told told) {
    return told.all.stream().map(a -> a.name() + " " + Rules.word(a) + " " + a.since() + " " + a.id() + "/" + a.number() + " " + a.reason() + " " + a.more()).toList();
  }

  private static List<String> inline(MadeRows rows, AlertWatch watch) {
    Told told = new Told();
    try (InlineRun run = pipeline(rows, told, watch).inline(TestClock.at(MadeRows.START))) {
      run.work();
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    return seen(told);
  }

  @Test void givesTheSameAlertsForEveryBatchSizeAndAnyLanes() throws Exception {
    List<String> expected = inline(input(1, 1_000).ends(), null);
    assertThat(expected).hasSizeGreaterThan(300);
    for (String line : LINES) {
      String name = line.substring(6, line.indexOf(':')) + " ";
      assertThat(expected).as("%s fires", name).anyMatch(alert -> alert.startsWith(name + "fired"));
    }
    for (int size : new int[] {1, 7, 256}) {
      assertThat(inline(input(1, 1_000).ends().perBatch(size), null)).as("batches of %d", size).isEqualTo(expected);
    }
    for (int lanes : new int[] {0, 1, 2, 4}) {
      Told told = new Told();
      try (RunningPipeline run = pipeline(input(1, 1_000).ends().perBatch(1 + lanes * 9), told, null).lanes(lanes).start()) {
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        run.close();
        assertThat(run.ledger().imbalances()).isEmpty();
      }
      assertThat(seen(told)).as("%d lanes", lanes).isEqualTo(expected);
    }
  }

  @Test void goesOnAfterARestartAtEveryEventAsIfThereHadBeenNone() {
    int count = 220;
    Set<Group.State> open = EnumSet.noneOf(Group.State.class);
    AlertWatch watch = new AlertWatch() {
      @Override
      public void moved(String alert, AlertKey key, String from, String to, Instant at, String why) {
        if (!to.equals("FIRED")) {
          open.add(Group.State.valueOf(to));
        }
      }
    };
    List<String> expected = inline(input(3, count), watch);
    assertThat(open).as("all states are open at some moment").containsExactlyInAnyOrder(Group.State.values());
    for (int cut = 0; cut <= count; cut++) {
      MadeRows rows = input(3, count);
      Told both = new Told();
      InlineRun first = pipeline(rows.first(cut), both, null).inline(TestClock.at(MadeRows.START)); // not closed: the process is gone
      first.work();
      byte[] saved = first.save();
      try (InlineRun next = pipeline(rows, both, null).inline(TestClock.at(MadeRows.START), saved)) {
        next.work();
        next.close();
        assertThat(next.ledger().imbalances()).isEmpty();
      }
      assertThat(seen(both)).as("cut after %d", cut).isEqualTo(expected);
    }
  }

  @Test void whatIsDecidedAgainAfterACrashHasTheSameIdsAndNumbers() {
    int count = 220;
    Set<String> expected = new LinkedHashSet<>(inline(input(3, count), null));
    Random random = new Random(9);
    for (int round = 0; round < 30; round++) {
      MadeRows rows = input(3, count);
      int saveAt = random.nextInt(count);
      int crashAt = saveAt + random.nextInt(count - saveAt);
      Told both = new Told();
      InlineRun first = pipeline(rows.first(saveAt), both, null).inline(TestClock.at(MadeRows.START));
      first.work();
      byte[] saved = first.save();
      InlineRun lost = pipeline(rows.first(crashAt), both, null).inline(TestClock.at(MadeRows.START), saved);
      lost.work();
      try (InlineRun next = pipeline(rows, both, null).inline(TestClock.at(MadeRows.START), saved)) {
        next.work();
        next.close();
      }
      assertThat(new LinkedHashSet<>(seen(both))).as("saved at %d, gone at %d", saveAt, crashAt).isEqualTo(expected);
    }
  }

  @Test void aRuleAmongManyTellsWhatItTellsAlone() {
    List<String> together = inline(input(5, 600), null);
    List<String> alone = new ArrayList<>();
    for (String line : LINES) {
      Told told = new Told();
      try (InlineRun run = LogStream.named("p").from(input(5, 600)).then(new GivenTime(Duration.ofSeconds(1))).to(Alert.parse(line).notify(told)).build()
          .inline(TestClock.at(MadeRows.START))) {
        run.work();
      }
      alone.addAll(seen(told));
    }
    assertThat(alone).containsExactlyInAnyOrderElementsOf(together);
  }

  @Test void neverForgetsAConditionOnTheWay() {
    assertThat(LINES.stream().map(Alert::parse).map(a -> Alert.parse(a.toString()))).containsExactlyElementsOf(LINES.stream().map(Alert::parse).toList());
    assertThat(Alert.named("x").when(field("q").above(1))).isNotEqualTo(Alert.named("x").when(field("q").above(2)));
  }
}
