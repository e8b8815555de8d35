package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BranchTest extends EveryWay {
  /** Changes everything that can be changed. */
  private static void spoil(LogEvent event) {
    event.message("spoiled, and much longer than it was before, so that buffers grow").time(Instant.EPOCH).put("declared", "spoiled").put("extra", "spoiled")
        .put("more", true).remove("gone").remove("file").put("message", "spoiled").identifiedBy("spoiled", java.util.List.of("k"));
  }

  private static String all(LogEvent e) {
    return shown(e) + " " + e.time() + " " + e.text("file") + " " + e.keys() + " " + e.text("declared") + " " + e.id();
  }

  private static Stage prepared() {
    return new Stage() {
      @Override
      public Processor open(StageContext context) {
        FieldKey declared = context.key("declared");
        return (e, out) -> out.emit(e.put(declared, "d").put("extra", 1).put("gone", "here").time(Instant.ofEpochSecond(7)));
      }

      @Override
      public boolean stateless() {
        return true;
      }
    };
  }

  private static final String UNSPOILED = "%s {declared=d, extra=1, gone=here} 1970-01-01T00:00:07Z lines.log [] d lines@%d";

  @Test
  void hidesWhatABranchChangesFromAllOthers() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(30, perBatch)).then("prepared", prepared())
        .branch("one", one -> one.then(Stage.each(BranchTest::spoil)).to(journal.sink("one")))
        .branch("two", two -> two.then("in", stage((e, out) -> {
          spoil(e);
          out.emit(e);
        })).branch("inner", inner -> inner.then(Stage.each(e -> e.put("deep", 1))).to(journal.sink("inner"))).to(Sink.each(e -> journal.add("deep " + e.has("deep")))))
        .to(Sink.each(e -> journal.add("trunk: " + all(e)))).build());

    assertThat(seen.entries()).hasSize(120);
    for (int i = 0; i < 30; i++) {
      assertThat(seen.entries()).contains("trunk: " + String.format(java.util.Locale.ROOT, UNSPOILED, "line " + i, i));
    }
    assertThat(seen.entries().get(0)).startsWith("one: spoiled");
    assertThat(seen.entries()).contains("deep false").doesNotContain("deep true");
  }

  @Test
  void hidesWhatASinkChangesFromAllOthers() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(30, perBatch)).then("prepared", prepared())
        .to("spoils", Sink.each(BranchTest::spoil))
        .to("spoils too", c -> (e, out) -> {
          spoil(e);
          throw new IllegalStateException("spoiled");
        })
        .to("out", Sink.each(e -> journal.add("trunk: " + all(e)))).build());

    assertThat(seen.entries()).hasSize(30).contains("trunk: " + String.format(java.util.Locale.ROOT, UNSPOILED, "line 29", 29));
    assertThat(seen.ledger().stage("spoils too").failedBy()).isEqualTo(Map.of("IllegalStateException", 30L));
  }

  @Test
  void leavesTheTrunkAloneWhenABranchDropsOrFails() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(10, perBatch))
        .branch("drops", b -> b.then("d", stage((e, out) -> out.drop(e, "no"))).to("none", journal.sink("none")))
        .branch("fails", b -> b.then("f", stage((e, out) -> out.fail(e, "bad"))).to("none", journal.sink("none")))
        .to("out", journal.sink("out")).build());

    assertThat(seen.entries()).hasSize(10);
    assertThat(seen.ledger().stage("drops/d").dropped("no")).isEqualTo(10);
    assertThat(seen.ledger().stage("fails/f").failed("bad")).isEqualTo(10);
    assertThat(seen.ledger().stage("fails/none").in()).isZero();
  }

  @Test
  void showsASinkTheEventAsItIsAtItsPlace() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(2, perBatch))
        .to(journal.sink("before"))
        .then("a", Stage.each(e -> e.put("a", 1)))
        .to(journal.sink("between"))
        .then("b", stage((e, out) -> out.emit(e.put("b", 2))))
        .to(journal.sink("behind")).build());

    assertThat(seen.entries()).containsExactly("before: line 0", "between: line 0 {a=1}", "behind: line 0 {a=1, b=2}", "before: line 1", "between: line 1 {a=1}",
        "behind: line 1 {a=1, b=2}");
  }

  @Test
  void takesStagesWithSinksBehindThemAsOneSink() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(10, perBatch))
        .to("made", Stages.of(Stage.each(e -> e.put("x", 1)), stage((e, out) -> out.emit(e.message("m")))).to(journal.sink("a"), journal.sink("b")))
        .to(journal.sink("trunk")).build());

    assertThat(seen.entries()).hasSize(30).startsWith("a: m {x=1}", "b: m {x=1}", "trunk: line 0");
  }

  @Test
  void countsASinkThatStandsInSeveralPlacesBehindItsOneOutbox() {
    java.util.Set<String> got = java.util.concurrent.ConcurrentHashMap.newKeySet();
    Sink shared = blocking(Sink.each(e -> got.add(e.message())));
    RunningPipeline run = LogStream.named("p").from(lines(100, 7)).to("shared", shared).then("later", Stage.each(e -> e.message("later " + e.message())))
        .branch("b", b -> b.to("again", shared)).build().start();
    assertThat(run.await(LONG)).isTrue();

    assertThat(got).hasSize(200);
    assertThat(run.ledger().stage("shared").in()).isEqualTo(200);
    assertBalanced(run.ledger());
  }
}
