package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Metered;
import io.logstream.Metric;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
  private static Metered of(Metric... metrics) {
    return new Metered() {
      @Override
      public String pipeline() {
        return "p";
      }

      @Override
      public List<Metric> meters() {
        return List.of(metrics);
      }
    };
  }

  @Test
  void writesCountersAndGaugesInTheFormOfPrometheus() {
    PrometheusText metrics = new PrometheusText();
    metrics.started(of(
        new Metric("logstream.logLag.seconds", Metric.Kind.GAUGE, Map.of("pipeline", "p"), 0.25),
        new Metric("logstream.cut Values", Metric.Kind.COUNTER, Map.of("place", "a\"b\\c\nd", "log", ""), 3),
        new Metric("logstream.cut Values", Metric.Kind.COUNTER, Map.of("place", "z", "log", "é"), 4)));
    assertThat(metrics.text()).isEqualTo("""
        # HELP logstream_cut_values_total logstream.cut Values of a logstream pipeline
        # TYPE logstream_cut_values_total counter
        logstream_cut_values_total{log="",place="a\\"b\\\\c\\nd"} 3
        logstream_cut_values_total{log="é",place="z"} 4
        # HELP logstream_log_lag_seconds logstream.logLag.seconds of a logstream pipeline
        # TYPE logstream_log_lag_seconds gauge
        logstream_log_lag_seconds{pipeline="p"} 0.25
        """);
  }

  @Test
  void servesTheFiguresOfRunsUnderWay() throws Exception {
    try (PrometheusText metrics = PrometheusText.servedAt(0)) {
      String[] during = new String[1];
      Sink looking = Sink.each(e -> during[0] = fetched(metrics.port()));
      RunningPipeline run = SinksOver.pipeline(looking, e -> { }, SinksOver.utf8("a", "b")).meteredBy(metrics).start();
      run.await();
      assertThat(during[0]).contains("logstream_records_in_total{pipeline=\"p\",place=\"out\"}").contains("# TYPE logstream_records_held gauge");
      assertThat(fetched(metrics.port())).as("the last figures").contains("logstream_records_absorbed_total{pipeline=\"p\",place=\"out\"} 2\n")
          .contains("logstream_running{pipeline=\"p\"} 0\n");
      assertThat(run.ledger().balances()).isTrue();
      RunningPipeline another = SinksOver.pipeline(Sink.each(e -> { }), e -> { }, SinksOver.utf8("c")).meteredBy(metrics).start();
      another.await();
      assertThat(fetched(metrics.port())).as("of the run that followed").contains("logstream_records_absorbed_total{pipeline=\"p\",place=\"out\"} 1\n");
    }
  }

  private static String fetched(int port) {
    try {
      return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(), HttpResponse.BodyHandlers.ofString()).body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
