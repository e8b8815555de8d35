package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.PipelineTester;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatermarksTest extends EveryWay {
  private static PipelineTester tester(Timed giver, String... logs) {
    Source[] sources = java.util.Arrays.stream(logs).map(GrowingLog::new).toArray(Source[]::new);
    return PipelineTester.of(LogStream.named("p").from(sources).then(giver).then("half", stateless((e, out) -> {
      if (e.message().endsWith("dropped")) {
        out.drop(e, "as told");
      } else {
        out.emit(e);
      }
    })).to(Sink.each(e -> { })).build());
  }

  private static Instant at(long seconds) {
    return Instant.ofEpochSecond(seconds);
  }

  @Test
  void followsTheGreatestTimeAtTheDistanceOfOutOfOrderness() {
    try (PipelineTester tester = tester(Timed.outOfOrder(30), "log")) {
      assertThat(tester.watermark()).isEqualTo(Instant.MIN);
      assertThat(tester.feed("100", "90").watermark()).isEqualTo(at(70));
      assertThat(tester.feed("95").watermark()).isEqualTo(at(70));
      assertThat(tester.feed("101").watermark()).isEqualTo(at(71));
    }
  }

  @Test
  void isTheLeastOfSeveralLogs() {
    try (PipelineTester tester = tester(Timed.outOfOrder(0), "a", "b")) {
      tester.feed("a", List.of("100")).feed("b", List.of("50"));
      tester.feed("a", List.of("200"));
      assertThat(tester.watermark()).isBeforeOrEqualTo(at(100));
      tester.feed("b", List.of("150"));
      assertThat(tester.watermark()).isEqualTo(at(150));
      tester.feed("b", List.of("300"));
      assertThat(tester.watermark()).isEqualTo(at(200));
    }
  }

  @Test
  void waitsForAnIdleLogUntilItsTimeIsUpAndThenGoesOnWithoutIt() {
    try (PipelineTester tester = tester(Timed.outOfOrder(0), "a", "b")) {
      tester.feed("b", List.of("50")).feed("a", List.of("100")).advance(Duration.ofSeconds(9)).feed("a", List.of("200"));
      assertThat(tester.watermark()).isEqualTo(at(50));
      tester.advance(Duration.ofSeconds(1));
      assertThat(tester.watermark()).isEqualTo(at(200));
      tester.feed("b", List.of("150"));
      assertThat(tester.watermark()).as("never goes back").isEqualTo(at(200));
    }
  }

  @Test
  void goesOnWithTheClockWhenAllLogsAreIdle() {
    try (PipelineTester tester = tester(Timed.outOfOrder(30), "log")) {
      tester.feed("100").advance(Duration.ofMillis(9_999));
      assertThat(tester.watermark()).isEqualTo(at(70));
      tester.advance(Duration.ofMillis(1));
      assertThat(tester.watermark()).isEqualTo(at(80));
      tester.advance(Duration.ofMinutes(1));
      assertThat(tester.watermark()).isEqualTo(at(140));
      tester.feed("90");
      assertThat(tester.watermark()).isEqualTo(at(140));
    }
  }

  @Test
  void isMovedByEventsThatALaterStageDropsButNotByThoseWithoutTime() {
    for (Timed giver : List.of(Timed.outOfOrder(0), Timed.outOfOrder(0).onTrunk())) {
      try (PipelineTester tester = tester(giver, "log")) {
        assertThat(tester.feed("100 dropped").watermark()).isEqualTo(at(100));
        assertThat(tester.feed("x 500").watermark()).isEqualTo(at(100));
        assertThat(tester.ledger().stage("Timed").failed("no time")).isEqualTo(1);
      }
    }
  }

  @Test
  void takesALeapOfMoreThanADayOnlyWhenASecondEventConfirmsIt() {
    long leap = 10 * 86_400;
    try (PipelineTester tester = tester(Timed.outOfOrder(0), "log")) {
      assertThat(tester.feed("100", "" + leap).watermark()).isEqualTo(at(100));
      assertThat(tester.feed("101").watermark()).isEqualTo(at(101));
      assertThat(tester.feed("" + leap, "" + (leap + 5)).watermark()).isEqualTo(at(leap));
      assertThat(tester.feed("" + (leap + 86_000)).watermark()).isEqualTo(at(leap + 86_000));
    }
  }

  @Test
  void neverGoesBackWhateverComes() throws Exception {
    io.logstream.testing.Seed.random(random -> {
      try (PipelineTester tester = tester(Timed.outOfOrder(3), "a", "b", "c")) {
        Instant before = Instant.MIN;
        for (int i = 0; i < 2_000; i++) {
          String log = List.of("a", "b", "c").get(random.nextInt(3));
          if (random.nextInt(5) == 0) {
            tester.advance(Duration.ofMillis(random.nextInt(6_000)));
          } else {
            tester.feed(log, List.of(Integer.toString(1_000 + i + random.nextInt(50))));
          }
          assertThat(tester.watermark()).isAfterOrEqualTo(before);
          before = tester.watermark();
        }
      }
    });
  }

  @Test
  void tellsStagesTheTimeBehindTheRowsThatItReleases() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(new TestLines("lines", List.of("1", "12", "25", "13", "47"), perBatch))
        .then(Timed.outOfOrder(0))
        .then("tens", windows("tens", 10))
        .then("twenties", windows("twenties", 20))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).containsExactly("out: twenties 0..20 of 2", "out: twenties 20..40 of 1", "out: twenties 40..60 of 1");
  }

  /** Counts events in windows of so many seconds; late ones are dropped. */
  private static Stage windows(String name, int seconds) {
    return context -> new Processor() {
      private final java.util.TreeMap<Long, Integer> open = new java.util.TreeMap<>();

      @Override
      public void process(LogEvent event, Emitter out) {
        long start = Math.floorDiv(event.time().getEpochSecond(), seconds) * seconds;
        if (!context.watermark().isBefore(at(start + seconds))) {
          out.drop(event, "late");
          return;
        }
        open.merge(start, 1, Integer::sum);
        out.at(at(start + seconds));
        out.absorb(event);
      }

      @Override
      public void onTimer(Instant deadline, Emitter out) {
        while (!open.isEmpty() && open.firstKey() + seconds <= deadline.getEpochSecond()) {
          row(out);
        }
      }

      private void row(Emitter out) {
        long start = open.firstKey();
        out.emit(out.create().message(name + " " + start + ".." + (start + seconds) + " of " + open.remove(start)).time(at(start)));
      }

      @Override
      public void onEnd(Emitter out) {
        while (!open.isEmpty()) {
          row(out);
        }
      }
    };
  }

  @Test
  void runsTimersInOrderOfTheirDeadlinesHoweverFarTheClockIsMoved() {
    List<List<String>> both = new ArrayList<>();
    for (int steps : new int[] {1, 120}) {
      List<String> seen = new ArrayList<>();
      Pipeline pipeline = LogStream.named("p").from(GrowingLog.of()).then(Timed.outOfOrder(1)).then("ticks", context -> new Processor() {
        @Override
        public void process(LogEvent event, Emitter out) {
          out.at(event.time().plusSeconds(20));
          out.atClock(context.clock().instant().plusSeconds(30));
          out.absorb(event);
        }

        @Override
        public void onTimer(Instant deadline, Emitter out) {
          seen.add("timer " + deadline.getEpochSecond() + " at " + context.clock().instant());
        }

        @Override
        public void onClock(Instant deadline, Emitter out) {
          seen.add("clock " + deadline + " at " + context.clock().instant());
          out.atClock(deadline.plusSeconds(25));
        }
      }).build();
      try (PipelineTester tester = PipelineTester.of(pipeline)) {
        tester.feed("100", "105");
        for (int i = 0; i < steps; i++) {
          tester.advance(Duration.ofSeconds(120 / steps));
        }
        assertThat(tester.watermark()).isEqualTo(at(105 + 120 - 1));
      }
      both.add(seen);
    }
    assertThat(both.get(0)).hasSize(6).isEqualTo(both.get(1)).contains("timer 120 at 2026-01-01T00:00:16Z", "clock 2026-01-01T00:00:55Z at 2026-01-01T00:00:55Z");
  }

  @Test
  void doesNotDependOnBatchesForAnyOrderOfTimes() throws Exception {
    io.logstream.testing.Seed.random(seed -> {
      Random random = seed;
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        lines.add(random.nextInt(20) == 0 ? "x" : Integer.toString(i + random.nextInt(8)));
      }
      for (Timed giver : List.of(Timed.outOfOrder(3), Timed.outOfOrder(3).onTrunk())) {
        inEveryWay((perBatch, journal) -> LogStream.named("p").from(new TestLines("lines", lines, perBatch)).then(giver).then("w", windows("w", 10))
            .to(journal.sink("out")).build());
      }
    });
  }
}
