package io.logstream.window;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LatenessTest {
  private static final Window PER_SECOND = Window.tumbling(Duration.ofSeconds(1)).by("k").aggregate(count(), sum("v"), max("v"));

  private static Came at(long time, long value) {
    return new Came(time, "a", value);
  }

  private static WindowRun run(List<Came> events, At at, Stage... then) {
    return new WindowRun().over(WindowRun.lines(events, 1), at, then);
  }

  @Test
  void aCorrectedRowHasTheNextRevision() {
    WindowRun run = run(List.of(at(0, 5), at(1500, 1), at(10, 7), at(20, 1), at(3000, 1)), new At(), PER_SECOND.allowedLateness(Duration.ofSeconds(1)));
    assertThat(run.shortly("count", "v.sum")).containsExactly("0..1000 a 1 5 r0", "0..1000 a 2 12 r1", "0..1000 a 3 13 r2", "1000..2000 a 1 1 r0", "3000..4000 a 1 1 r0 partial");
    assertThat(run.rows.get(1).id()).isEqualTo("Window|1970-01-01T00:00:00Z|a|1");
    assertThat(run.rows.get(1).text("closedBy")).isEqualTo("watermark");
  }

  @Test
  void aRowThatWouldSayTheSameIsNotToldAgain() {
    WindowRun run = run(List.of(at(0, 5), at(1500, 1), at(10, 3), at(20, 9), at(3000, 1)), new At(),
        Window.tumbling(Duration.ofSeconds(1)).by("k").aggregate(max("v")).allowedLateness(Duration.ofSeconds(1)));
    assertThat(run.shortly("v.max")).startsWith("0..1000 a 5 r0", "0..1000 a 9 r1", "1000..2000 a 1 r0");
  }

  @Test
  void aKeyThatComesOnlyLateHasAFirstRow() {
    WindowRun run = run(List.of(at(1500, 1), new Came(10, "b", 3), at(1600, 1), new Came(20, "b", 4), at(3000, 1)), new At(), PER_SECOND.allowedLateness(Duration.ofSeconds(1)));
    assertThat(run.shortly("count", "v.sum")).startsWith("0..1000 b 1 3 r0", "0..1000 b 2 7 r1", "1000..2000 a 2 2 r0");
  }

  @Test
  void theBoundIsTheWindowsEndAndTheAllowedLateness() {
    // the watermark reaches 1999, and then 2000
    WindowRun run = run(List.of(at(0, 1), at(2499, 1), at(5, 1), at(2500, 1), at(6, 1)), new At().outOfOrder(500), PER_SECOND.allowedLateness(Duration.ofSeconds(1)));
    assertThat(run.shortly("count")).startsWith("0..1000 a 1 r0", "0..1000 a 2 r1", "2000..3000 a 2 r0 partial");
    assertThat(run.ledger.stage("Window").dropped("late")).isEqualTo(1);
    assertThat(run.metrics).containsEntry("Window.late", 1L).containsEntry("Window.greatestLatenessMillis", 1994L);
  }

  @Test
  void aSinkThatUpsertsEndsAsIfNothingHadBeenLate() throws Exception {
    Seed.random(random -> {
      for (Window window : List.of(PER_SECOND, Window.hopping(Duration.ofMillis(900), Duration.ofMillis(300)).by("k").aggregate(count(), sum("v"), max("v")))) {
        List<Came> events = new ArrayList<>();
        long time = 0;
        for (int i = 0; i < 400; i++) {
          time += random.nextInt(40);
          events.add(new Came(time - random.nextInt(3_000), "k" + random.nextInt(5), random.nextInt(9)));
        }
        String[] shown = {"count", "v.sum", "v.max"};
        Map<String, String> expected = run(events, new At().outOfOrder(3_000), window).upserted(shown);
        WindowRun late = run(events, new At().outOfOrder(100), window.allowedLateness(Duration.ofMillis(3_000)));
        assertThat(late.upserted(shown)).isEqualTo(expected);
        assertThat(late.metrics).containsEntry("Window.late", 0L);
        assertThat(late.rows.size()).isGreaterThan(expected.size());
      }
    });
  }

  @Test
  void lateEventsOfKeysWithoutRoomReviseTheRowOfAllOfThem() {
    for (Window window : List.of(PER_SECOND, Window.hopping(Duration.ofSeconds(1), Duration.ofMillis(500)).by("k").aggregate(count()))) {
      List<Came> events = List.of(new Came(0, "a", 1), new Came(1, "b", 1), new Came(2, "c", 1), at(1_500, 1), new Came(3, "d", 1), new Came(4, "a", 1), at(9_000, 1));
      WindowRun run = run(events, new At(), window.maxKeys(1).allowedLateness(Duration.ofSeconds(5)));
      assertThat(run.shortly("count")).contains("0..1000 a 1 r0", "0..1000 __other__ 2 r0 overflow", "0..1000 __other__ 3 r1 overflow", "0..1000 a 2 r1");
      assertThat(run.rows.stream().filter(r -> r.number("revision", 0) > 0 && r.number("window.start", 0) == 0)).hasSize(2);
    }
  }

  @Test
  void restoringAtEveryEventGivesTheSameRows() throws Exception {
    Seed.random(random -> {
      List<Came> events = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        events.add(new Came(i * 60L - random.nextInt(2_500), "k" + random.nextInt(4), random.nextInt(9)));
      }
      Window window = PER_SECOND.maxKeys(2).allowedLateness(Duration.ofSeconds(1)).early(Duration.ofMillis(300));
      Window over = Window.tumbling(Duration.ofSeconds(3)).aggregate(count(), sum("count"));
      Window replacing = Window.tumbling(Duration.ofSeconds(3)).replacingRows().aggregate(count(), sum("count")).allowedLateness(Duration.ofSeconds(3));
      for (Window next : List.of(over, replacing)) {
        List<String> undisturbed = new WindowRun().over(WindowRun.lines(events, 7), new At().outOfOrder(200), window, next).text();
        assertThat(new WindowRun().restoredAtEvery(WindowRun.lines(events, 1), new At().outOfOrder(200), window, next).text()).isEqualTo(undisturbed);
        assertThat(new WindowRun().onRing(WindowRun.lines(events, 7), 2, new At().outOfOrder(200), window, next).text()).isEqualTo(undisturbed);
      }
    });
  }

  // ---------------------------------------------------------------- the late sink

  private static Pipeline pipeline(Sink late) {
    return LogStream.named("p").from(new TimedLines(1).add("a", "t=0 k=a n=first", "t=5000 k=a", "t=1 k=a n=second", "t=6000 k=a")).then(new At())
        .then("latency", PER_SECOND.lateTo(late)).to("rows", new RecordingSink()).build();
  }

  @Test
  void lateEventsGoToTheLateSink() throws InterruptedException {
    for (RecordingSink late : List.of(new RecordingSink(), RecordingSink.blocking())) {
      try (RunningPipeline run = pipeline(late).start()) {
        run.await();
        assertThat(run.ledger().imbalances()).isEmpty();
        assertThat(run.ledger().stage("latency").dropped("late")).isEqualTo(1);
        assertThat(run.ledger().stage("latency/late").in()).isEqualTo(1);
      }
      assertThat(late.messages()).containsExactly("t=1 k=a n=second");
      assertThat(late.events().get(0).text("n")).isEqualTo("second");
      assertThat(late.events().get(0).epochMillis()).isEqualTo(1);
    }
  }

  @Test
  void theLateSinkMayBeAChainAndIsShown() {
    RecordingSink late = new RecordingSink();
    Pipeline pipeline = pipeline(Stage.each(e -> e.put("was", "late")).to(late));
    assertThat(pipeline.describe()).contains("latency/late");
    var run = pipeline.inline(new WindowRun().clock);
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(late.events()).hasSize(1).allMatch(e -> e.text("was").equals("late"));
  }

  @Test
  void aTestKitRecordsTheLateSink() {
    try (PipelineTester tester = PipelineTester.of(pipeline(new RecordingSink())).recording("latency/late")) {
      tester.feed("t=0 k=a", "t=5000 k=a", "t=1 k=a");
      assertThat(tester.sent("latency/late")).hasSize(1);
      assertThat(tester.metrics()).containsEntry("latency.late", 1L);
    }
  }

  // ---------------------------------------------------------------- rows into windows

  private static final Window TEN = Window.tumbling(Duration.ofSeconds(10)).aggregate(sum("n", "count"), count("rows", io.logstream.match.Field.field("count").exists()));

  @Test
  void revisionsAndEarlyRowsAreNotAddedToOtherWindows() {
    List<Came> events = List.of(at(0, 1), at(1500, 1), at(10, 1), at(2500, 1), at(20, 1), at(30_000, 1));
    WindowRun run = run(events, new At(), PER_SECOND.allowedLateness(Duration.ofSeconds(5)).early(Duration.ofMillis(400)), TEN);
    assertThat(run.shortly("n", "rows")).startsWith("0..10000 null 3 3 r0");
    assertThat(run.ledger.stage("Window-2").dropped("revision")).isEqualTo(2);
    assertThat(run.ledger.stage("Window-2").dropped("early")).isPositive();
  }

  @Test
  void replacingRowsTakeThePlaceOfThoseBefore() {
    List<Came> events = List.of(at(0, 1), at(1500, 1), at(10, 1), at(2500, 1), at(20, 1), at(30_000, 1), at(60_000, 1));
    WindowRun run = run(events, new At(), PER_SECOND.allowedLateness(Duration.ofSeconds(5)).early(Duration.ofMillis(400)), TEN.replacingRows());
    assertThat(run.shortly("n", "rows")).startsWith("0..10000 null 5 3 r0");
    assertThat(run.ledger.stage("Window-2").dropped("replaced")).isPositive();
    assertThat(run.ledger.stage("Window-2").held()).isZero();
  }

  @Test
  void replacingRowsFollowSessionsThatAreWithdrawn() throws Exception {
    Window sessions = Window.session(Duration.ofMillis(100)).by("k").allowedLateness(Duration.ofDays(1));
    Window all = Window.tumbling(Duration.ofDays(1)).replacingRows().aggregate(sum("n", "count"), count());
    Seed.random(random -> {
      List<Came> events = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        events.add(at(random.nextInt(5_000), 1));
      }
      WindowRun plain = run(events, new At().outOfOrder(10_000), sessions);
      WindowRun run = run(events, new At(), sessions, all);
      assertThat(run.shortly("n", "count")).containsExactly("0..86400000 null 200 " + plain.rows.size() + " r0 partial");
    });
  }

  @Test
  void replacingIsForRowsOnly() {
    WindowRun run = run(List.of(at(0, 1)), new At(), TEN.replacingRows());
    assertThat(run.ledger.stage("Window").failed("not a row of a window")).isEqualTo(1);
    assertThat(run.rows).isEmpty();
  }

  @Test
  void aFieldOfAnEventThatIsCalledRevisionIsNoRevision() {
    WindowRun run = new WindowRun().over(new TimedLines(1).add("a", "t=0 k=a revision=7 early=yes"), new At(), PER_SECOND);
    assertThat(run.shortly("count")).containsExactly("0..1000 a 1 r0 partial");
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> PER_SECOND.allowedLateness(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("PT-0.001S");
    assertThatThrownBy(() -> PER_SECOND.lateTo(null)).isInstanceOf(NullPointerException.class).hasMessageContaining("late sink");
  }
}
