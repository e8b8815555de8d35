package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.PipelineTester;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FirstPipelineTest {
  @Test void printsErrorsWithTheirTraces() {
    try (PipelineTester tester = PipelineTester.of(FirstPipeline.errors(Path.of("app.log")))) {
      tester.feed("10:00:00 INFO started", "10:00:01 ERROR order 7", "java.lang.IllegalStateException: no connection", "\tat shop.Orders.save(Orders.java:12)", "10:00:02 INFO done")
          .advance(Duration.ofSeconds(2));
      assertThat(tester.sent("Print")).extracting(event -> event.message().lines().count()).containsExactly(3L);
      assertThat(tester.ledger().stage("Keep").dropped()).isEqualTo(2);
    }
  }
}
