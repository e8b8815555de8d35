package io.logstream.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class PipelineTesterTest {
  private final List<String> paged = new ArrayList<>();
  private final RecordingSink near = new RecordingSink();

  private record Remote(boolean notifies, List<String> told) implements Sink {
    @Override
    public Processor open(StageContext context) {
      if (told == null) {
        throw new IllegalStateException("must not be opened in a test");
      }
      return (event, out) -> told.add(event.message());
    }

    @Override
    public boolean blocks() {
      return true;
    }
  }

  private static Source live(String name) {
    return new Source() {
      @Override
      public io.logstream.Reader open(io.logstream.SourceContext context) {
        throw new IllegalStateException("must not be opened in a test");
      }

      @Override
      public String name() {
        return name;
      }
    };
  }

  private final Pipeline pipeline = LogStream.named("shop").from(live("access.log").field("env", "prod"))
      .then("clock", context -> (event, out) -> out.emit(event.put("now", context.clock().instant().toString())))
      .to("index", new Remote(false, null)).to("pager", new Remote(true, paged)).to("near", near).build();

  @AutoClose private final PipelineTester tester = PipelineTester.of(pipeline);

  @Test
  void recordsSinksThatBlockAndRunsThoseThatNotify() {
    tester.feed("a", "bä").feed(List.of("c")).feed(Stream.of("d"));

    assertThat(tester.sent("index")).extracting(LogEvent::message).containsExactly("a", "bä", "c", "d");
    assertThat(paged).containsExactly("a", "bä", "c", "d");
    assertThat(near.messages()).containsExactly("a", "bä", "c", "d");
    assertThat(tester.sent("near")).hasSize(4);
    LogEvent third = tester.sent("index").get(2);
    assertThat(third.text("file")).isEqualTo("access.log");
    assertThat(third.text("env")).isEqualTo("prod");
    assertThat(third.number("offset", -1)).isEqualTo(6);
    assertThat(third.number("line", -1)).isEqualTo(3);
    assertThat(tester.ledger().read()).isEqualTo(4);
    assertThatThrownBy(() -> tester.sent("none")).hasMessageContaining("[index, near]");
  }

  @Test
  void startsItsClockAtAFixedTimeAndMovesItWhenTold() {
    tester.feed("a").advance(Duration.ofMinutes(1)).feed("b");

    assertThat(near.events()).extracting(e -> e.text("now")).containsExactly("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z");
    assertThat(near.events().get(1).time()).isEqualTo(tester.clock().instant());
    assertThatThrownBy(() -> tester.startingAt(Instant.EPOCH)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tester.advance(Duration.ofSeconds(-1))).hasMessageContaining("does not go back");
    try (PipelineTester other = PipelineTester.of(pipeline).startingAt(Instant.EPOCH).recording("pager")) {
      assertThat(other.feed("x").sent("pager")).extracting(e -> e.text("now")).containsExactly("1970-01-01T00:00:00Z");
      assertThat(paged).containsExactly("a", "b");
    }
  }

  @Test
  void wantsTheNameOfOneOfSeveralSources() {
    Pipeline two = LogStream.named("two").from(live("a"), live("b")).to(near).build();
    try (PipelineTester both = PipelineTester.of(two)) {
      assertThatThrownBy(() -> both.feed("x")).isInstanceOf(IllegalStateException.class).hasMessageContaining("[a, b]");
      assertThatThrownBy(() -> both.feed("c", List.of("x"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[a, b]");
      both.feed("b", List.of("x")).feed("a", List.of("y"));
      assertThat(near.events()).extracting(e -> e.text("file")).containsExactly("b", "a");
    }
  }

  @Test
  void givesTheSameForAnySizeOfBatches() {
    for (int size : new int[] {1, 2, 1000}) {
      near.clear();
      try (PipelineTester one = PipelineTester.of(pipeline).inBatchesOf(size)) {
        one.feed(AccessLog.seed(1).lines(700));
      }
      assertThat(near.messages()).isEqualTo(AccessLog.seed(1).lines(700));
    }
    assertThatThrownBy(() -> tester.inBatchesOf(0)).hasMessageContaining("was 0");
  }

  @Test
  void refusesToRecordWhatIsNotThereAndToFeedAfterTheEnd() {
    assertThatThrownBy(() -> PipelineTester.of(pipeline).recording("indx").feed("a")).hasMessageContaining("[indx]").hasMessageContaining("index");
    tester.feed("a").end();
    assertThatThrownBy(() -> tester.feed("b")).isInstanceOf(IllegalStateException.class).hasMessageContaining("was ended");
    assertThat(tester.ledger().balances()).isTrue();
  }

  @Test
  void endsTheInputWhenClosed() {
    Pipeline holding = LogStream.named("p").from(live("a")).then("holds", context -> new Processor() {
      private LogEvent held;

      @Override
      public void process(LogEvent event, io.logstream.Emitter out) {
        held = out.hold(event);
      }

      @Override
      public void onEnd(io.logstream.Emitter out) {
        out.emit(held);
      }
    }).to(near).build();
    PipelineTester one = PipelineTester.of(holding).feed("a");
    assertThat(near.messages()).isEmpty();
    one.close();
    one.close();
    assertThat(near.messages()).containsExactly("a");
  }

  @Test
  void recordsAFailureSinkThatBlocks() {
    Pipeline failing = LogStream.named("p").from(live("a")).then("fails", (Stage) c -> (e, out) -> out.fail(e, "bad")).build().failuresTo(new Remote(false, null));
    try (PipelineTester one = PipelineTester.of(failing)) {
      assertThat(one.feed("x").sent("failures")).extracting(e -> e.text("failure.cause")).containsExactly("bad");
    }
  }
}
