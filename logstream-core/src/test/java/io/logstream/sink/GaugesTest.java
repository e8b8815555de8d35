package io.logstream.sink;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.Metered;
import io.logstream.Metric;
import io.logstream.Pipeline;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.parse.EventTime;
import io.logstream.parse.KeyValue;
import io.logstream.testing.PipelineTester;
import io.logstream.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GaugesTest {
  private static Pipeline pipeline(Gauges gauges) {
    return LogStream.named("shop").from(FileTail.of(Path.of("fed.log"))).then(KeyValue.fields()).then(EventTime.from("at", "uuuu-MM-dd'T'HH:mm:ssX").outOfOrder(Duration.ZERO))
        .then(Window.tumbling(Duration.ofMinutes(1)).by("path").aggregate(count(), mean("ms"))).to(gauges).build();
  }

  private static String line(String time, String path, int ms) {
    return "at=2026-03-01T" + time + "Z path=" + path + " ms=" + ms;
  }

  private static Map<String, Double> shown(PipelineTester tester) {
    Map<String, Double> shown = new TreeMap<>();
    tester.meters().stream().filter(metric -> metric.name().startsWith("logstream.requests.")).forEach(metric -> {
      assertThat(metric.kind()).isEqualTo(Metric.Kind.GAUGE);
      assertThat(metric.labels()).containsEntry("pipeline", "shop").containsEntry("place", "Gauges").hasSize(3);
      shown.put(metric.name().substring("logstream.requests.".length()) + " " + metric.labels().get("path"), metric.value());
    });
    return shown;
  }

  @Test void showsTheNumbersOfTheNewestRowOfEachKey() {
    try (PipelineTester tester = PipelineTester.of(pipeline(Gauges.named("requests")))) {
      tester.feed(line("10:00:01", "/", 10), line("10:00:02", "/", 30), line("10:00:03", "/cart", 7), line("10:01:00", "/", 5));
      assertThat(shown(tester)).isEqualTo(Map.of("count /", 2.0, "count /cart", 1.0, "ms.mean /", 20.0, "ms.mean /cart", 7.0));
      tester.feed(line("10:02:00", "/", 5));
      assertThat(shown(tester)).isEqualTo(Map.of("count /", 1.0, "count /cart", 1.0, "ms.mean /", 5.0, "ms.mean /cart", 7.0));
    }
  }

  @Test void forgetsAKeyWithoutANewRowAfterTwoLengthsOfItsWindow() {
    try (PipelineTester tester = PipelineTester.of(pipeline(Gauges.named("requests").fields("count")))) {
      tester.feed(line("10:00:01", "/", 10), line("10:00:03", "/cart", 7), line("10:01:00", "/", 5));
      tester.advance(Duration.ofSeconds(90));
      tester.feed(line("10:02:00", "/", 5));
      tester.advance(Duration.ofSeconds(29));
      assertThat(shown(tester)).containsOnlyKeys("count /", "count /cart");
      tester.advance(Duration.ofSeconds(1));
      assertThat(shown(tester)).containsOnlyKeys("count /");
    }
  }

  @Test void showsNoMoreKeysThanTold() {
    try (PipelineTester tester = PipelineTester.of(pipeline(Gauges.named("requests").fields("count").maxKeys(2)))) {
      tester.feed(line("10:00:01", "/a", 1), line("10:00:01", "/b", 1), line("10:00:01", "/c", 1), line("10:01:00", "/a", 1));
      assertThat(shown(tester)).hasSize(2);
      assertThat(tester.metrics()).containsEntry("Gauges.keysLeftOut", 1L);
    }
  }

  @Test void showsTheNewestEventWhereThereAreNoKeys() {
    try (PipelineTester tester = PipelineTester.of(LogStream.named("shop").from(FileTail.of(Path.of("fed.log"))).then(KeyValue.fields()).then(Stage.each(e -> e.put("depth", e.number("depth", 0)))).to(Gauges.named("queue").fields("depth")).build())) {
      tester.feed("depth=3", "depth=5");
      assertThat(tester.meters()).contains(new Metric("logstream.queue.depth", Metric.Kind.GAUGE, Map.of("pipeline", "shop", "place", "Gauges"), 5));
      tester.advance(Duration.ofMinutes(5));
      assertThat(tester.meters()).noneMatch(metric -> metric.name().equals("logstream.queue.depth"));
    }
  }

  @Test void canBeReadByPrometheus() {
    PrometheusText text = new PrometheusText();
    try (PipelineTester tester = PipelineTester.of(pipeline(Gauges.named("requests")))) {
      tester.feed(line("10:00:01", "/", 10), line("10:01:00", "/", 5));
      text.started(new Metered() {
        @Override
        public String pipeline() {
          return "shop";
        }

        @Override
        public List<Metric> meters() {
          return tester.meters();
        }
      });
      assertThat(text.text()).contains("# TYPE logstream_requests_ms_mean gauge\nlogstream_requests_ms_mean{path=\"/\",pipeline=\"shop\",place=\"Gauges\"} 10\n");
    }
  }

  @Test void refusesWhatCannotWork() {
    assertThatThrownBy(() -> Gauges.named("a b")).hasMessageContaining("was 'a b'");
    assertThatThrownBy(() -> Gauges.named("a").maxKeys(0)).hasMessageContaining("was 0");
    assertThatThrownBy(() -> Gauges.named("a").fields()).hasMessageContaining("at least one field");
    assertThatThrownBy(() -> Gauges.named("a").forgetAfter(Duration.ZERO)).hasMessageContaining("was PT0S");
  }
}
