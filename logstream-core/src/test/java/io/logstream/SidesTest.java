package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SidesTest {
  /** Gives every event to its side, and passes it on. */
  private record Showing(Sink sink, String side, boolean stateless) implements Stage {
    @Override
    public Map<String, Sink> sides() {
      return Map.of("shown", sink);
    }

    @Override
    public Processor open(StageContext context) {
      return (event, out) -> {
        out.aside(side, event);
        out.emit(event);
      };
    }
  }

  private final RecordingSink main = new RecordingSink();
  private final RecordingSink aside = new RecordingSink();

  private Pipeline pipeline(Stage showing) {
    return LogStream.named("p").from(TestLines.of()).then("showing", showing).to("main", main).build();
  }

  @Test
  void anEventGoesToTheSideAndOn() {
    Pipeline pipeline = pipeline(new Showing(aside, "shown", false));
    assertThat(pipeline.describe()).contains("then showing").contains("to showing/shown");
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.feed("a", "b");
      assertThat(tester.ledger().stage("showing/shown").absorbed()).isEqualTo(2);
      assertThat(tester.ledger().stage("showing").passed()).isEqualTo(2);
    }
    assertThat(aside.messages()).containsExactly("a", "b");
    assertThat(main.messages()).containsExactly("a", "b");
  }

  @Test
  void whatIsWrittenAtTheSideIsNotSeenBehind() {
    Sink changing = Stage.each(event -> event.message("changed").put("x", 1)).to(aside);
    try (PipelineTester tester = PipelineTester.of(pipeline(new Showing(changing, "shown", false)))) {
      tester.feed("a");
    }
    assertThat(aside.messages()).containsExactly("changed");
    assertThat(main.events()).singleElement().satisfies(event -> assertThat(event.message() + event.has("x")).isEqualTo("afalse"));
  }

  @Test
  void aSideThatThereIsNotFailsTheEvent() {
    try (PipelineTester tester = PipelineTester.of(pipeline(new Showing(aside, "other", false)))) {
      tester.feed("a");
      assertThat(tester.ledger().stage("showing").failed()).isEqualTo(1);
    }
    assertThat(aside.size()).isZero();
  }

  @Test
  void statelessStagesHaveNone() {
    assertThatThrownBy(() -> pipeline(new Showing(aside, "shown", true))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("stage 'showing' says it is stateless")
        .hasMessageContaining("[shown]");
  }
}
