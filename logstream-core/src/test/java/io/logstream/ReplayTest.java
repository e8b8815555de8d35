package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest extends EveryWay {
  private static final List<String> LINES = List.of("10 a", "20 b", "x no time", "29 c", "30 d", "15 e");

  @Test
  void leavesOutWhatLiesBeforeSinceOrFromUntilOn() {
    for (Timed giver : List.of(Timed.outOfOrder(5), Timed.outOfOrder(5).onTrunk())) {
      Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(new TestLines("lines", LINES, perBatch)).then(giver).to("out", journal.sink("out")).build()
          .since(Instant.ofEpochSecond(15)).until(Instant.ofEpochSecond(30)));

      assertThat(seen.entries()).containsExactly("out: 20 b", "out: 29 c", "out: 15 e");
      assertThat(seen.ledger().stage("since-until").dropped("before since")).isEqualTo(1);
      assertThat(seen.ledger().stage("since-until").dropped("not before until")).isEqualTo(1);
      assertThat(seen.ledger().stage("Timed").failed("no time")).isEqualTo(1);
    }
  }

  @Test
  void takesTheTimeOfASourceOfItsOwn() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(new TestLines("lines", LINES, perBatch).then(Timed.outOfOrder(5)))
        .then("common", Stage.each(e -> { })).to("out", journal.sink("out")).build().since(Instant.ofEpochSecond(29)));

    assertThat(seen.entries()).containsExactly("out: 29 c", "out: 30 d");
  }

  @Test
  void mutesWhoeverNotifies() {
    List<String> told = new ArrayList<>();
    Sink telling = new Sink() {
      @Override
      public Processor open(StageContext context) {
        return (event, out) -> told.add(event.message());
      }

      @Override
      public boolean notifies() {
        return true;
      }
    };
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(5, perBatch)).to("pager", telling).to("out", journal.sink("out")).build().quietly());

    assertThat(told).isEmpty();
    assertThat(seen.entries()).hasSize(5);
    assertThat(seen.ledger().stage("pager").dropped("quiet")).isEqualTo(5);
  }

  @Test
  void readsOtherSourcesUnderTheNamesFieldsAndStagesOfTheOldOnes() {
    List<String> seen = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(new GrowingLog("live").field("env", "prod").then(Stage.each(e -> e.put("own", 1))))
        .to(Sink.each(e -> seen.add(shown(e)))).build();
    try (InlineRun run = pipeline.reading(TestLines.of("a")).inline(java.time.InstantSource.fixed(Instant.EPOCH))) {
      run.work();
      assertThat(run.ledger().stage("live").in()).isEqualTo(1);
    }
    assertThat(seen).containsExactly("a {env=prod, own=1}");
    assertThatThrownBy(() -> pipeline.reading(TestLines.of("a"), TestLines.of("b"))).hasMessageContaining("takes as many");
    assertThatThrownBy(() -> pipeline.reading()).hasMessageContaining("at least one");
  }
}
