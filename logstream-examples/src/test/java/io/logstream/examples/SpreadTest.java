package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.file.FileTail;
import io.logstream.parse.Json;
import io.logstream.testing.AggregationContract;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SpreadTest {
  private static final String[] LINES = {"{\"s\":0.5}", "{\"s\":-3}", "{}", "{\"s\":\"x\"}", "{\"s\":7}", "{\"s\":\"2.5\"}"};

  @Test
  void keepsTheRulesOfAggregations() {
    AggregationContract.of(new Spread("s")).behind(Json.fields()).on(LINES);
  }

  @Test
  void isTheDistanceFromTheLeastToTheGreatest() {
    RecordingSink rows = new RecordingSink();
    try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(FileTail.of(Path.of("a.log"))).then(Json.fields())
        .then(Window.tumbling(Duration.ofMinutes(1)).aggregate(new Spread("s"))).to(rows).build())) {
      tester.feed(LINES).end();
    }
    assertThat(rows.events()).singleElement().satisfies(row -> assertThat(row.decimal("s.spread", 0)).isEqualTo(10));
  }
}
