package io.logstream.match;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Ran;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.StageContract;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeepTest {
  private static final List<String> LINES = List.of("d1", "i1", "d2", "d3", "i2", "d4", "d5");

  @Test void leavesOutTheEventsForWhichTheConditionDoesNotHold() {
    Ran ran = Ran.over(LINES, Keep.when(field("message").startsWith("i")));
    assertThat(ran.messages()).containsExactly("i1", "i2");
    assertThat(ran.ledger().stage("Keep").droppedBy()).containsExactly(Map.entry("NOT message startsWith i", 5L));
  }

  @Test void givesTheOthersToTheSinkThatIsNamedForThem() {
    RecordingSink main = new RecordingSink();
    RecordingSink info = new RecordingSink();
    Pipeline pipeline = LogStream.named("routes").from(FileTail.of(Path.of("fed.log")))
        .then("debug", Keep.when(field("message").startsWith("d")).otherwise(Stage.each(e -> e.put("seen", true)).to(info)))
        .to(main).build();
    assertThat(pipeline.describe()).contains("branch debug/otherwise");
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.feed(LINES.toArray(String[]::new));
      assertThat(tester.ledger().stage("debug").absorbed()).isEqualTo(2);
      assertThat(tester.ledger().stage("debug").passed()).isEqualTo(5);
      assertThat(tester.ledger().stage("debug").dropped()).isZero();
    }
    assertThat(main.messages()).containsExactly("d1", "d2", "d3", "d4", "d5");
    assertThat(main.events()).noneMatch(e -> e.has("seen"));
    assertThat(info.messages()).containsExactly("i1", "i2");
    assertThat(info.events()).allMatch(e -> e.has("seen"));
  }

  @Test void refusesASecondSinkForTheOthers() {
    RecordingSink sink = new RecordingSink();
    assertThatThrownBy(() -> Keep.when(field("a").exists()).otherwise(sink).otherwise(sink)).isInstanceOf(IllegalStateException.class).hasMessageContaining("two otherwise(..)");
  }

  @Test void keepsTheFirstOfEveryThreeEvents() {
    Ran ran = Ran.over(LINES, Keep.oneIn(3));
    assertThat(ran.messages()).containsExactly("d1", "d3", "d5");
    assertThat(ran.ledger().stage("Keep").droppedBy()).containsExactly(Map.entry("one in 3", 4L));
  }

  @Test void thinsOutOnlyTheEventsThatMatchAndPassesAllOthers() {
    Ran ran = Ran.over(LINES, Keep.oneIn(2).of(field("message").startsWith("d")));
    assertThat(ran.messages()).containsExactly("d1", "i1", "d3", "i2", "d5");
    assertThat(ran.ledger().stage("Keep").droppedBy()).containsExactly(Map.entry("one in 2 of message startsWith d", 2L));
  }

  @Test void keepsEveryEventForOneInOne() {
    assertThat(Ran.over(LINES, Keep.oneIn(1)).messages()).isEqualTo(LINES);
  }

  @Test void refusesOneInNone() {
    assertThatThrownBy(() -> Keep.oneIn(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("from 1, was 0");
  }

  @Test void goesOnCountingAfterARestart() {
    ArrayDeque<String> waiting = new ArrayDeque<>(LINES.subList(0, 5));
    List<String> kept = new ArrayList<>();
    Pipeline pipeline = LogStream.named("sampled").from(context -> {
      var log = context.log("lines", Map.of());
      return batch -> {
        if (waiting.isEmpty()) {
          return Reader.Found.NOTHING;
        }
        batch.begin(log, "");
        batch.line(waiting.poll(), 0, 0);
        return Reader.Found.SOMETHING;
      };
    }).then(Keep.oneIn(3)).to(Sink.each(event -> kept.add(event.message()))).build();
    InstantSource clock = InstantSource.fixed(Instant.EPOCH);

    InlineRun before = pipeline.inline(clock);
    before.work();
    byte[] saved = before.save();
    before.close();
    waiting.addAll(LINES.subList(5, 7));
    InlineRun after = pipeline.inline(clock, saved);
    after.work();
    after.close();

    assertThat(kept).containsExactly("d1", "d3", "d5");
    assertThat(before.ledger().imbalances()).isEmpty();
    assertThat(after.ledger().imbalances()).isEmpty();
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(Keep.when(field("message").startsWith("i")), LINES);
    StageContract.check(Keep.oneIn(3), LINES);
    StageContract.check(Keep.oneIn(2).of(field("message").startsWith("d")), LINES);
  }

  @Test void isStatelessUnlessItCounts() {
    assertThat(Keep.when(field("x").exists()).stateless()).isTrue();
    assertThat(Keep.oneIn(2).stateless()).isFalse();
  }
}
