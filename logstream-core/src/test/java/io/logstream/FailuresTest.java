package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.sink.CsvLines;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest extends EveryWay {
  @Test
  void handsFailedEventsToTheFailureSinkInOrderWithStageAndCause() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(12, perBatch))
        .then("pass", stateless((e, out) -> {
          if (e.message().endsWith("2")) {
            out.fail(e, "two", "at 5");
          } else {
            out.emit(e.put("passed", true));
          }
        }))
        .then("throws", stateless((e, out) -> {
          if (e.message().endsWith("4")) {
            throw new IllegalArgumentException("four");
          }
          out.emit(e);
        }))
        .then("trunk", stage((e, out) -> {
          if (e.message().endsWith("3")) {
            out.fail(e, "three");
          } else {
            out.emit(e);
          }
        }))
        .to("sink", c -> (e, out) -> {
          if (e.message().endsWith("6")) {
            out.fail(e, "six");
          }
        })
        .to("fields", Sink.each(e -> {
          if (e.has("failure.stage")) {
            journal.add("leaked " + e.message());
          }
        }))
        .build().failuresTo(journal.sink("failed")));

    assertThat(seen.entries()).containsExactly("failed: line 2 {failure.cause=two, failure.detail=at 5, failure.stage=pass}",
        "failed: line 3 {failure.cause=three, failure.stage=trunk, passed=true}",
        "failed: line 4 {failure.cause=IllegalArgumentException, failure.detail=four, failure.stage=throws, passed=true}",
        "failed: line 6 {failure.cause=six, failure.stage=sink, passed=true}");
    assertThat(seen.ledger().failed()).isEqualTo(4);
    assertThat(seen.ledger().read()).as("failed events are not read again").isEqualTo(12);
  }

  @Test
  void refusesStagesBeforeTheFailureSinkAndSinksThatCannotRun() {
    Pipeline pipeline = LogStream.named("p").from(TestLines.of()).then(Stage.each(e -> { })).build();
    assertThatThrownBy(() -> pipeline.failuresTo(Stage.each(e -> { }).to(Sink.each(e -> { })))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pipeline 'p': failuresTo(..) takes a sink alone, not stage 'each' with a sink behind it");
    assertThatThrownBy(() -> pipeline.failuresTo(CsvLines.to(Path.of("failed.csv")))).hasMessageContaining("needs .columns(..)");
  }

  @Test
  void goesOnWhenTheFailureSinkFailsItself() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(20, perBatch))
        .then("fails", stage((e, out) -> out.fail(e, "all")))
        .build().failuresTo(c -> (e, out) -> {
          journal.add(e.message());
          throw new IllegalStateException("so does this");
        }));

    assertThat(seen.entries()).isEqualTo(numbered(20));
    assertThat(seen.ledger().stage("failures").failed("IllegalStateException")).isEqualTo(20);
  }

  @Test
  void handsOverWhatFailsInASinkBehindAnOutbox() {
    List<String> failed = new java.util.concurrent.CopyOnWriteArrayList<>();
    Sink failing = blocking(c -> (e, out) -> {
      if (e.message().endsWith("5")) {
        throw new java.io.IOException("refused");
      }
    });
    for (boolean blocks : new boolean[] {true, false}) {
      failed.clear();
      Sink failures = Sink.each(e -> failed.add(e.message() + " " + e.text("failure.stage") + " " + e.text("failure.cause") + " " + e.text("failure.detail")));
      RunningPipeline run = LogStream.named("p").from(lines(30, 4)).to("remote", failing).build().failuresTo(blocks ? blocking(failures) : failures).start();
      assertThat(run.await(LONG)).isTrue();
      run.close();

      assertThat(failed).containsExactly("line 5 remote IOException refused", "line 15 remote IOException refused", "line 25 remote IOException refused");
      assertThat(run.ledger().stage("remote").failed("IOException")).isEqualTo(3);
      assertThat(run.ledger().stage("remote").absorbed()).isEqualTo(27);
      assertBalanced(run.ledger());
    }
  }
}
