package io.logstream.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Metered;
import io.logstream.Metric;
import io.logstream.Pipeline;
import io.logstream.PushSource;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.match.Drop;
import io.logstream.match.Field;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MicrometerMeteringTest {
  private final MockClock clock = new MockClock();
  private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock);
  private final MicrometerMetering metering = MicrometerMetering.to(registry);

  private List<String> scrape() {
    clock.add(Duration.ofSeconds(2));
    return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
  }

  private Pipeline pipeline(PushSource orders) {
    return LogStream.named("shop").from(orders).then("noise", Drop.when(Field.field("message").contains("noise"))).to("out", Sink.each(e -> { })).build().meteredBy(metering);
  }

  private RunningPipeline ended(int events) throws InterruptedException {
    PushSource orders = PushSource.named("orders");
    RunningPipeline run = pipeline(orders).start();
    IntStream.range(0, events).forEach(i -> orders.push(i % 2 == 0 ? "order" : "noise"));
    orders.close();
    run.await();
    run.close();
    assertThat(run.ledger().balances()).isTrue();
    return run;
  }

  @Test
  void theLedgersCountsCanBeScrapedAndAddUp() throws InterruptedException {
    ended(10);
    assertThat(scrape()).contains("logstream_records_in_total{pipeline=\"shop\",place=\"noise\"} 10.0",
        "logstream_records_passed_total{pipeline=\"shop\",place=\"noise\"} 5.0", "logstream_records_absorbed_total{pipeline=\"shop\",place=\"out\"} 5.0")
        .anyMatch(line -> line.startsWith("logstream_records_dropped_total{pipeline=\"shop\",place=\"noise\",reason=") && line.endsWith(" 5.0"));
  }

  @Test
  void aRunThatGoesOnIsReadWhenTheRegistryAsks() {
    PushSource orders = PushSource.named("orders");
    RunningPipeline run = pipeline(orders).start();
    assertThat(scrape()).contains("logstream_running{pipeline=\"shop\"} 1.0");
    orders.push("order");
    long until = System.nanoTime() + 30_000_000_000L;
    while (run.ledger().stage("out").absorbed() == 0) {
      assertThat(System.nanoTime()).isLessThan(until);
      Thread.onSpinWait();
    }
    assertThat(scrape()).contains("logstream_records_absorbed_total{pipeline=\"shop\",place=\"out\"} 1.0");
    run.close();
    assertThat(run.ledger().balances()).isTrue();
    assertThat(scrape()).contains("logstream_running{pipeline=\"shop\"} 0.0");
  }

  @Test
  void theNextRunOfThePipelineTakesThePlaceOfTheOneBefore() throws InterruptedException {
    ended(10);
    ended(4);
    assertThat(scrape()).contains("logstream_records_in_total{pipeline=\"shop\",place=\"noise\"} 4.0")
        .filteredOn(line -> line.startsWith("logstream_records_in_total{pipeline=\"shop\",place=\"noise\"}")).hasSize(1);
  }

  @Test
  void runsAtTheSameTimeAreSeenInSumUntilANewOneTakesThePlaceOfThoseThatHaveEnded() {
    Fake first = new Fake().with("logstream.lines", Metric.Kind.COUNTER, "a", 10).with("logstream.running", Metric.Kind.GAUGE, "", 1);
    Fake second = new Fake().with("logstream.lines", Metric.Kind.COUNTER, "a", 4).with("logstream.lines", Metric.Kind.COUNTER, "b", 1).with("logstream.running", Metric.Kind.GAUGE, "", 1);
    metering.started(first);
    MicrometerMetering.to(registry).started(second);
    assertThat(scrape()).containsExactlyInAnyOrder("logstream_lines_total{log=\"a\",pipeline=\"fake\"} 14.0", "logstream_lines_total{log=\"b\",pipeline=\"fake\"} 1.0",
        "logstream_running{log=\"\",pipeline=\"fake\"} 2.0");
    metering.stopped(first);
    assertThat(scrape()).contains("logstream_lines_total{log=\"a\",pipeline=\"fake\"} 14.0", "logstream_running{log=\"\",pipeline=\"fake\"} 1.0");
    metering.stopped(second);
    assertThat(scrape()).contains("logstream_running{log=\"\",pipeline=\"fake\"} 0.0");
    metering.started(new Fake().with("logstream.lines", Metric.Kind.COUNTER, "a", 2));
    assertThat(scrape()).containsExactly("logstream_lines_total{log=\"a\",pipeline=\"fake\"} 2.0");
  }

  @Test
  void aRegistryHasOneBinding() {
    assertThat(MicrometerMetering.to(registry)).isSameAs(metering);
    assertThat(MicrometerMetering.to(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))).isNotSameAs(metering);
  }

  /** A run whose figures a test sets. */
  private static final class Fake implements Metered {
    private final List<Metric> metrics = new ArrayList<>();
    private int read;

    @Override
    public String pipeline() {
      return "fake";
    }

    @Override
    public List<Metric> meters() {
      read++;
      return List.copyOf(metrics);
    }

    Fake with(String name, Metric.Kind kind, String log, double value) {
      metrics.add(new Metric(name, kind, Map.of("pipeline", "fake", "log", log), value));
      return this;
    }
  }

  @Test
  void figuresComeAndGoWithWhatTheyAreOf() {
    Fake run = new Fake().with("logstream.lines", Metric.Kind.COUNTER, "a", 1);
    metering.started(run);
    run.with("logstream.lines", Metric.Kind.COUNTER, "b", 2).with("logstream.depth", Metric.Kind.GAUGE, "", 7.5);
    metering.changed(run);
    assertThat(scrape()).contains("logstream_lines_total{log=\"a\",pipeline=\"fake\"} 1.0", "logstream_lines_total{log=\"b\",pipeline=\"fake\"} 2.0",
        "logstream_depth{log=\"\",pipeline=\"fake\"} 7.5");
    run.metrics.remove(0);
    metering.changed(run);
    assertThat(scrape()).noneMatch(line -> line.contains("log=\"a\"")).anyMatch(line -> line.contains("log=\"b\""));
  }

  @Test
  void aScrapeReadsTheRunOnce() {
    Fake run = new Fake();
    IntStream.range(0, 50).forEach(i -> run.with("logstream.lines", Metric.Kind.COUNTER, "log" + i, i));
    metering.started(run);
    scrape();
    int before = run.read;
    scrape();
    assertThat(run.read - before).isEqualTo(1);
  }

  @Test
  void aFigureThatTheRegistryRefusesHarmsNoOther() {
    Fake run = new Fake().with("logstream.odd", Metric.Kind.COUNTER, "a", 1);
    run.metrics.add(new Metric("logstream.odd", Metric.Kind.GAUGE, Map.of("other", "labels"), 2));
    run.with("logstream.fine", Metric.Kind.GAUGE, "a", 3);
    try {
      metering.started(run);
    } catch (RuntimeException e) {
      assertThat(e).hasMessageContaining("odd");
    }
    assertThat(scrape()).anyMatch(line -> line.startsWith("logstream_odd_total")).anyMatch(line -> line.startsWith("logstream_fine"));
  }

  @Test
  void worksWithTheClockOfTheMachine() throws InterruptedException {
    PrometheusMeterRegistry real = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM);
    PushSource orders = PushSource.named("orders");
    orders.push("order");
    orders.close();
    RunningPipeline run = LogStream.named("shop").from(orders).to("out", Sink.each(e -> { })).build().meteredBy(MicrometerMetering.to(real)).start();
    run.await();
    run.close();
    assertThat(run.ledger().balances()).isTrue();
    assertThat(real.scrape()).contains("logstream_records_absorbed_total{pipeline=\"shop\",place=\"out\"} 1.0");
  }
}
