package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StagesTest extends EveryWay {
  @Test
  void passesChangedEventsOnInOrderAndCountsDroppedOnes() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(500, perBatch))
        .then("length", Stage.each(e -> e.put("n", e.message().length())))
        .then("no sevens", stateless((e, out) -> {
          if (e.message().endsWith("7")) {
            out.drop(e, "seven");
          } else {
            out.emit(e.message(e.message().toUpperCase(java.util.Locale.ROOT)));
          }
        }))
        .to("out", journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(450).startsWith("out: LINE 0 {n=6}", "out: LINE 1 {n=6}").endsWith("out: LINE 499 {n=8}");
    assertThat(seen.ledger().stage("no sevens").dropped("seven")).isEqualTo(50);
    assertThat(seen.ledger().stage("out").absorbed()).isEqualTo(450);
    assertThat(seen.ledger().read()).isEqualTo(500);
  }

  @Test
  void givesTheSameEventsWhetherAStageStandsInThePassOrOnTheTrunk() {
    Stage change = Stage.each(e -> e.put("twice", e.message() + e.message()).message("m" + e.message()));
    Seen pass = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(50, perBatch)).then(change).to(journal.sink("out")).build());
    Seen trunk = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(50, perBatch)).then("first", stage((e, out) -> out.emit(e)))
        .then(change).to(journal.sink("out")).build());

    assertThat(trunk.entries()).isEqualTo(pass.entries()).hasSize(50);
  }

  @Test
  void keepsWhatAStageEmitsTwiceApart() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(20, perBatch))
        .then("twice", stage((e, out) -> {
          out.emit(e);
          out.emit(e.put("again", true).message("second"));
        }))
        .then("changes", stage((e, out) -> out.emit(e.put("seen", e.message()).message("changed").remove("again").put("extra", "x"))))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(40).startsWith("out: changed {extra=x, seen=line 0}", "out: changed {extra=x, seen=second}",
        "out: changed {extra=x, seen=line 1}");
    assertThat(seen.ledger().stage("twice").passed()).isEqualTo(20);
    assertThat(seen.ledger().stage("twice").created()).isEqualTo(20);
  }

  @Test
  void showsAStageItsOwnEventAfterEmitting() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(20, perBatch))
        .then("reads", new Stage() {
          @Override
          public Processor open(StageContext context) {
            FieldKey declared = context.key("declared");
            return (e, out) -> {
              e.put(declared, "mine").put("own", 1).time(Instant.ofEpochSecond(5));
              out.emit(e);
              journal.add("after: " + shown(e) + " " + e.time() + " " + e.text(declared));
            };
          }
        })
        .then("changes", stage((e, out) -> out.emit(e.message("changed").put("declared", "theirs").put("own", 2).put("more", 3).time(Instant.EPOCH))))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).startsWith("out: changed {declared=theirs, more=3, own=2}", "after: line 0 {declared=mine, own=1} 1970-01-01T00:00:05Z mine");
  }

  @Test
  void splitsEventsIntoCreatedOnes() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(10, perBatch))
        .then("split", stage((e, out) -> {
          for (String word : e.message().split(" ")) {
            out.emit(out.create().message(word).put("of", e.message()));
          }
          out.absorb(e);
        }))
        .then("wordy", Stage.each(e -> e.put("l", e.message().length())))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(20).startsWith("out: line {l=4, of=line 0}", "out: 0 {l=1, of=line 0}");
    assertThat(seen.ledger().stage("split")).satisfies(e -> {
      assertThat(e.absorbed()).isEqualTo(10);
      assertThat(e.created()).isEqualTo(20);
      assertThat(e.passed()).isZero();
    });
  }

  @Test
  void countsExceptionsByKindAndGoesOn() {
    for (boolean inPass : new boolean[] {true, false}) {
      Processor failing = (e, out) -> {
        int n = Integer.parseInt(e.message().substring(5));
        if (n % 10 == 3) {
          throw new IllegalStateException("number " + n);
        } else if (n % 10 == 6) {
          endless(n);
        }
        out.emit(e);
      };
      Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(40, perBatch))
          .then("fails", inPass ? stateless(failing) : stage(failing)).to(journal.sink("out")).build());

      assertThat(seen.entries()).hasSize(32);
      assertThat(seen.ledger().stage("fails").failedBy()).isEqualTo(Map.of("IllegalStateException", 4L, "StackOverflowError", 4L));
    }
  }

  private static int endless(int n) {
    return endless(n + 1) + 1;
  }

  @Test
  void countsOnlyTheFirstOfTwoVerbs() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(10, perBatch))
        .then("two verbs", stage((e, out) -> {
          out.emit(e);
          out.drop(e, "after all");
        })).to(journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(10);
    assertThat(seen.ledger().stage("two verbs").passed()).isEqualTo(10);
    assertThat(seen.ledger().stage("two verbs").dropped()).isZero();
  }

  @Test
  void failsARecordOfWhichAStatelessStageSaysTwoThings() {
    for (boolean first : new boolean[] {true, false}) {
      Seen seen = inEveryWay((perBatch, journal) -> {
        PipelineBuilder builder = LogStream.named("p").from(lines(10, perBatch));
        if (!first) {
          builder.then("front", stage((e, out) -> out.emit(e)));
        }
        return builder.then("twice", stateless((e, out) -> {
          out.emit(e);
          if (e.message().endsWith("4")) {
            out.emit(e);
          }
        })).to(journal.sink("out")).build();
      });

      assertThat(seen.entries()).hasSize(9).doesNotContain("out: line 4");
      assertThat(seen.ledger().stage("twice").failedBy()).isEqualTo(Map.of("IllegalStateException", 1L));
    }
  }

  @Test
  void dropsAnEventOfWhichNothingIsSaidAsUnstated() {
    for (boolean inPass : new boolean[] {true, false}) {
      Processor silent = (e, out) -> {
        if (!e.message().endsWith("1")) {
          out.emit(e);
        }
      };
      Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(20, perBatch))
          .then("silent", inPass ? stateless(silent) : stage(silent)).to(journal.sink("out")).build());

      assertThat(seen.entries()).hasSize(18);
      assertThat(seen.ledger().stage("silent").droppedBy()).isEqualTo(Map.of("unstated", 2L));
    }
  }

  @Test
  void putsAnotherEventInPlaceOfTheOneGivenToAStatelessStage() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(10, perBatch))
        .then("fields", Stage.each(e -> e.put("old", 1)))
        .then("replaces", stateless((e, out) -> out.emit(out.create().message("new " + e.message()).put("k", List.of("a", 2)))))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(10).startsWith("out: new line 0 {k=[a, 2]}");
  }

  @Test
  void releasesHeldEventsByTimerAndAtTheEnd() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p")
        .from(new TestLines("lines", List.of("10 a", "11 b", "12 c", "30 d", "31 e", "50 f", "51 g"), perBatch))
        .then(Timed.outOfOrder(5))
        .then("holds", stage(new Processor() {
          private final List<LogEvent> held = new ArrayList<>();

          @Override
          public void process(LogEvent event, Emitter out) {
            held.add(out.hold(event));
            out.at(event.time().plusSeconds(10));
          }

          @Override
          public void onTimer(Instant deadline, Emitter out) {
            held.removeIf(e -> {
              boolean due = !e.time().plusSeconds(10).isAfter(deadline);
              if (due) {
                out.emit(e.put("at", deadline.getEpochSecond()));
              }
              return due;
            });
          }

          @Override
          public void onEnd(Emitter out) {
            for (LogEvent e : held) {
              if (e.message().endsWith("g")) {
                out.drop(e, "too late");
              } else {
                out.emit(e.put("at", "end"));
              }
            }
          }
        }))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).containsExactly("out: 10 a {at=20}", "out: 11 b {at=21}", "out: 12 c {at=22}", "out: 30 d {at=40}", "out: 31 e {at=41}",
        "out: 50 f {at=end}");
    assertThat(seen.ledger().stage("holds").dropped("too late")).isEqualTo(1);
    assertThat(seen.ledger().stage("holds").held()).isZero();
  }

  @Test
  void shiftsHeldEventsBehindLaterOnes() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(9, perBatch))
        .then("swap", stage(new Processor() {
          private LogEvent before;

          @Override
          public void process(LogEvent event, Emitter out) {
            if (before == null) {
              before = out.hold(event);
            } else {
              out.emit(event);
              out.emit(before);
              before = null;
            }
          }
        }))
        .then("changes", Stage.each(e -> e.put("n", 1)))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).startsWith("out: line 1 {n=1}", "out: line 0 {n=1}", "out: line 3 {n=1}").hasSize(8);
    assertThat(seen.ledger().stage("swap").held()).isEqualTo(1);
  }

  @Test
  void neverFindsLeftoversOfEarlierRecordsInFieldsOrExtras() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(600, perBatch))
        .then("some", new Stage() {
          @Override
          public Processor open(StageContext context) {
            FieldKey declared = context.key("declared");
            return (e, out) -> {
              int n = Integer.parseInt(e.message().substring(5));
              if (n % 3 == 0) {
                e.put(declared, n).put("extra" + n, n);
              }
              out.emit(e);
            };
          }

          @Override
          public boolean stateless() {
            return true;
          }
        })
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(600).startsWith("out: line 0 {declared=0, extra0=0}", "out: line 1").endsWith("out: line 599");
    assertThat(seen.entries().get(300)).isEqualTo("out: line 300 {declared=300, extra300=300}");
  }

  @Test
  void callsATimerAskedForInThePastInsteadOfWaitingForEver() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p")
        .from(new TestLines("lines", List.of("100", "50 late", "60 late", "101"), perBatch))
        .then(Timed.outOfOrder(0))
        .then("asks", stage(new Processor() {
          @Override
          public void process(LogEvent event, Emitter out) {
            out.at(event.time());
            out.emit(event);
          }

          @Override
          public void onTimer(Instant deadline, Emitter out) {
            journal.add("timer " + deadline.getEpochSecond());
          }
        }))
        .to(journal.sink("out")).build());

    assertThat(seen.entries()).containsExactly("out: 100", "timer 100", "out: 50 late", "timer 50", "out: 60 late", "timer 60", "out: 101", "timer 101");
  }

  @Test
  void countsWhatEachStageOfAChainGetsAndGives() {
    Map<String, Long> sums = new HashMap<>();
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(100, perBatch))
        .then("a", stateless((e, out) -> out.absorb(e.put("x", 1))))
        .then("b", Stage.each(e -> { }))
        .to("out", journal.sink("out")).build());

    sums.putAll(seen.ledger().asMap());
    assertThat(sums).containsEntry("a.absorbed", 100L).containsEntry("a.passed", 0L).containsEntry("b.in", 0L).containsEntry("out.in", 0L)
        .containsEntry("lines.passed", 100L);
  }
}
