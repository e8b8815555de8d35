package io.logstream.window;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.first;
import static io.logstream.window.Aggregations.last;
import static io.logstream.window.Aggregations.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.Seed;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SessionTest {
  private static final Window GAP_OF_100 = Window.session(Duration.ofMillis(100)).by("k");

  private static List<Came> at(long... times) {
    return java.util.Arrays.stream(times).mapToObj(t -> new Came(t, "a", 1)).toList();
  }

  private static WindowRun run(List<Came> events, At at, Window window) {
    return new WindowRun().over(WindowRun.lines(events, 1), at, window);
  }

  @Test
  void lastsUntilNothingCameForTheGap() {
    assertThat(run(at(0, 99, 199, 298, 500), new At(), GAP_OF_100).shortly("count")).containsExactly("0..199 a 2 r0", "199..398 a 2 r0", "500..600 a 1 r0 partial");
  }

  @Test
  void anEventOutOfOrderJoinsTwo() {
    assertThat(run(at(0, 150, 75, 1000), new At().outOfOrder(200), GAP_OF_100).shortly("count")).containsExactly("0..250 a 3 r0", "1000..1100 a 1 r0 partial");
  }

  @Test
  void rowsComeByEndThenStartThenKey() {
    List<Came> events = List.of(new Came(0, "c", 1), new Came(10, "b", 1), new Came(40, "b", 1), new Came(40, "a", 1), new Came(40, "c", 1), new Came(40, "d", 1), new Came(5, "e", 1),
        new Came(1000, "z", 1));
    assertThat(run(events, new At().outOfOrder(50), GAP_OF_100).shortly()).containsExactly("5..105 e r0", "0..140 c r0", "10..140 b r0", "40..140 a r0", "40..140 d r0",
        "1000..1100 z r0 partial");
  }

  /** Sessions of all events, found by sorting them. */
  private static Map<String, String> bruteForce(List<Came> events, long gap) {
    List<Came> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparingLong(Came::time));
    Map<String, List<List<Came>>> sessions = new TreeMap<>();
    for (Came event : sorted) {
      List<List<Came>> ofKey = sessions.computeIfAbsent(event.key(), k -> new ArrayList<>());
      List<Came> last = ofKey.isEmpty() ? null : ofKey.get(ofKey.size() - 1);
      if (last == null || event.time() >= last.get(last.size() - 1).time() + gap) {
        last = new ArrayList<>();
        ofKey.add(last);
      }
      last.add(event);
    }
    Map<String, String> rows = new TreeMap<>();
    sessions.forEach((key, all) -> all.forEach(one -> {
      long start = one.get(0).time();
      rows.put(key + " " + start, start + ".." + (one.get(one.size() - 1).time() + gap) + " " + key + " " + one.size() + " " + one.stream().mapToLong(Came::value).sum());
    }));
    return rows;
  }

  private static Map<String, String> upserted(WindowRun run) {
    Map<String, String> rows = new TreeMap<>();
    run.upserted("count", "v.sum").values().forEach(row -> {
      String[] parts = row.split(" ");
      rows.put(parts[1] + " " + parts[0].substring(0, parts[0].indexOf("..")), row.replace(" partial", ""));
    });
    return rows;
  }

  private static List<Came> random(Seed random, int n) {
    List<Came> events = new ArrayList<>();
    long time = -1_000;
    for (int i = 0; i < n; i++) {
      time += random.nextInt(40);
      events.add(new Came(time, "k" + random.nextInt(3), random.nextInt(50)));
    }
    return events;
  }

  @Test
  void anyOrderEndsInTheSessionsOfTheSortedEvents() throws Exception {
    Window window = GAP_OF_100.aggregate(count(), sum("v"), first("v"), last("v"));
    Seed.random(random -> {
      for (int round = 0; round < 20; round++) {
        List<Came> events = random(random, 200);
        Map<String, String> expected = bruteForce(events, 100);
        Collections.shuffle(events, random);
        assertThat(upserted(run(events, new At().outOfOrder(1_000_000), window))).isEqualTo(expected);
        // everything is late, and allowed to be: rows are told, told again and withdrawn
        WindowRun late = run(events, new At(), window.allowedLateness(Duration.ofDays(1)));
        assertThat(upserted(late)).isEqualTo(expected);
        assertThat(late.rows).anyMatch(row -> row.has("withdrawn"));
        assertThat(upserted(run(events, new At().outOfOrder(500), window.allowedLateness(Duration.ofDays(1)).early(Duration.ofMillis(30))))).isEqualTo(expected);
      }
    });
  }

  @Test
  void revisionsOfAWindowAndKeyAscendAndHaveTheirOwnIds() throws Exception {
    Seed.random(random -> {
      List<Came> events = random(random, 300);
      Collections.shuffle(events, random);
      WindowRun run = run(events, new At(), GAP_OF_100.allowedLateness(Duration.ofDays(1)));
      Map<String, Long> revisions = new TreeMap<>();
      run.rows.forEach(row -> {
        String same = row.id().substring(0, row.id().lastIndexOf('|'));
        long revision = row.number("revision", -1);
        assertThat(row.id()).endsWith("|" + revision);
        assertThat(revision).isGreaterThan(revisions.getOrDefault(same, -1L));
        revisions.put(same, revision);
      });
      assertThat(run.rows.stream().map(row -> row.id()).distinct()).hasSize(run.rows.size());
    });
  }

  @Test
  void aLateEventThatJoinsTwoWithdrawsTheRowOfTheSecond() {
    WindowRun run = run(at(0, 150, 1000, 75), new At(), GAP_OF_100.allowedLateness(Duration.ofSeconds(10)));
    assertThat(run.shortly("count")).containsExactly("0..100 a 1 r0", "150..250 a 1 r0", "150..250 a null r1 withdrawn", "0..250 a 3 r2", "1000..1100 a 1 r0 partial");
  }

  @Test
  void aLateEventBeforeTheStartMovesIt() {
    WindowRun run = run(at(100, 1000, 50), new At(), GAP_OF_100.allowedLateness(Duration.ofSeconds(10)));
    assertThat(run.shortly("count")).containsExactly("100..200 a 1 r0", "100..200 a null r1 withdrawn", "50..200 a 2 r2", "1000..1100 a 1 r0 partial");
  }

  @Test
  void aClosedSessionThatIsExtendedBeyondTheWatermarkIsOpenAgain() {
    WindowRun run = run(at(0, 101, 95, 1000), new At(), GAP_OF_100.allowedLateness(Duration.ofSeconds(10)));
    assertThat(run.shortly("count")).containsExactly("0..100 a 1 r0", "0..201 a 3 r1", "1000..1100 a 1 r0 partial");
  }

  @Test
  void aSessionThatClosesWhenItWasToBeForgottenIsToldOnce() {
    WindowRun run = run(at(0, 150, 50, 200, 149, 1000), new At(), GAP_OF_100.allowedLateness(Duration.ofMillis(200)));
    assertThat(run.shortly("count")).containsExactly("0..100 a 1 r0", "0..150 a 2 r1", "0..300 a 5 r2", "1000..1100 a 1 r0 partial");
  }

  @Test
  void whatBelongsToAForgottenSessionIsLate() {
    WindowRun run = run(at(0, 1000, 95, 950, 901), new At(), GAP_OF_100);
    assertThat(run.shortly("count")).containsExactly("0..100 a 1 r0", "901..1100 a 3 r0 partial");
    assertThat(run.ledger.stage("Window").dropped("late")).isEqualTo(1);
  }

  @Test
  void furtherKeysShareSessionsThatLoseNothing() {
    List<Came> events = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      events.add(new Came(i, "k" + i % 10, i));
    }
    events.add(new Came(1000, "k8", 1));
    events.add(new Came(2000, "k9", 1));
    WindowRun run = run(events, new At(), GAP_OF_100.maxKeys(2).aggregate(count(), sum("v")));
    assertThat(run.shortly("count")).containsExactly("0..190 k0 10 r0", "1..191 k1 10 r0", "2..199 __other__ 80 r0 overflow",
        "1000..1100 __other__ 1 r0 overflow", "2000..2100 k9 1 r0 partial");
    assertThat(run.metrics).containsEntry("Window.overflow", 81L);
  }

  @Test
  void earlyRowsOfASessionThatMovesAreWithdrawn() {
    WindowRun run = run(at(60, 160, 70, 30, 1000), new At().outOfOrder(50), GAP_OF_100.early(Duration.ofMillis(100)).allowedLateness(Duration.ofDays(1)));
    assertThat(run.shortly("count")).containsExactly("60..160 a 1 r0 early", "60..260 a null r0 early withdrawn", "30..260 a 4 r0 early", "30..260 a 4 r0",
        "1000..1100 a 1 r0 partial");
  }

  @Test
  void restoringAtEveryEventGivesTheSameRows() throws Exception {
    Seed.random(random -> {
      List<Came> events = random(random, 100);
      events.replaceAll(e -> new Came(e.time() - random.nextInt(300), e.key(), e.value()));
      Window window = GAP_OF_100.maxKeys(2).early(Duration.ofMillis(70)).allowedLateness(Duration.ofMillis(200)).aggregate(count(), sum("v"), first("v"));
      At at = new At().outOfOrder(50);
      List<String> undisturbed = new WindowRun().over(WindowRun.lines(events, 7), at, window).text();
      assertThat(new WindowRun().restoredAtEvery(WindowRun.lines(events, 1), at, window).text()).isEqualTo(undisturbed);
      assertThat(new WindowRun().onRing(WindowRun.lines(events, 7), 2, at, window).text()).isEqualTo(undisturbed);
    });
  }

  @Test
  void everyEventIsInARowOrLate() throws Exception {
    Seed.random(random -> {
      List<Came> events = random(random, 500);
      events.replaceAll(e -> new Came(e.time() - random.nextInt(400), e.key(), e.value()));
      WindowRun run = run(events, new At().outOfOrder(100), GAP_OF_100);
      long late = run.ledger.stage("Window").dropped("late");
      assertThat(late).isPositive();
      assertThat(run.rows.stream().mapToLong(row -> row.number("count", 0)).sum() + late).isEqualTo(500);
    });
  }

  @Test
  void refusesWhatSessionsCannotDo() {
    TimedLines none = new TimedLines(1);
    assertThatThrownBy(() -> Window.session(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("session gap");
    assertThatThrownBy(() -> new WindowRun().pipeline(none, new At(), GAP_OF_100.in(ZoneOffset.UTC))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("in(Z)");
    assertThatThrownBy(() -> new WindowRun().pipeline(none, new At(), GAP_OF_100.replacingRows())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("replacingRows");
  }
}
