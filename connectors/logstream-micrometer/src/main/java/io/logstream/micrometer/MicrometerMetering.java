package io.logstream.micrometer;

import io.logstream.Metered;
import io.logstream.Metering;
import io.logstream.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Puts the metrics of pipelines into a Micrometer registry: {@link Metric} lists their names and labels, which become tags.
 *
 * <pre>{@code
 * pipeline.meteredBy(MicrometerMetering.to(registry)).start();
 * }</pre>
 *
 * <p>Figures are read from the run when the registry asks for them, once a second at most, so that those of one scrape are of one moment
 * and add up. A run that has ended leaves its last figures, with {@code logstream.running} at 0, until the next run of a pipeline of that name
 * takes their place, whose counters begin at 0. One may be given to several pipelines; they are told apart by the tag {@code pipeline}, so
 * that of two that run at the same time under one name only the later one is seen.
 */
public final class MicrometerMetering implements Metering {
  private static final String RUNNING = "logstream.running";
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final MeterRegistry registry;
  private final Map<String, Figures> byPipeline = new HashMap<>();

  private MicrometerMetering(MeterRegistry registry) {
    this.registry = Objects.requireNonNull(registry, "registry");
  }

  /** A binding to this registry. */
  public static MicrometerMetering to(MeterRegistry registry) {
    return new MicrometerMetering(registry);
  }

  @Override
  public synchronized void started(Metered run) {
    byPipeline.computeIfAbsent(run.pipeline(), name -> new Figures()).of(run);
  }

  @Override
  public synchronized void changed(Metered run) {
    Figures figures = byPipeline.get(run.pipeline());
    if (figures != null && figures.isOf(run)) {
      figures.register();
    }
  }

  @Override
  public synchronized void stopped(Metered run) {
    Figures figures = byPipeline.get(run.pipeline());
    if (figures != null && figures.isOf(run)) {
      figures.end();
    }
  }

  /** The figures of the pipelines of one name: of the run that goes on, or the last ones of the one before. */
  private final class Figures {
    private final Map<Metric.Id, Meter> meters = new HashMap<>();
    private Metered run;
    private boolean over;
    private Map<Metric.Id, Double> values = Map.of();
    private long readAt;

    void of(Metered started) {
      synchronized (this) {
        run = started;
        over = false;
        readAt = now() - FRESH_NANOS;
      }
      register();
    }

    synchronized boolean isOf(Metered one) {
      return run == one;
    }

    void end() {
      synchronized (this) {
        read();
        over = true;
        values.replaceAll((id, value) -> id.name().equals(RUNNING) ? Double.valueOf(0) : value);
      }
      register();
    }

    private long now() {
      return registry.config().clock().monotonicTime();
    }

    private List<Metric> read() {
      List<Metric> read = run.meters();
      Map<Metric.Id, Double> fresh = new HashMap<>();
      read.forEach(metric -> fresh.put(metric.id(), metric.value()));
      values = fresh;
      readAt = now();
      return read;
    }

    private synchronized double value(Metric.Id id) {
      if (!over && now() - readAt >= FRESH_NANOS) {
        read();
      }
      return values.getOrDefault(id, Double.NaN);
    }

    /** Makes meters for the figures there are, and takes away those of figures that are gone. */
    void register() {
      List<Metric> wanted;
      synchronized (this) {
        wanted = run.meters();
      }
      Map<Metric.Id, Meter> gone = new HashMap<>(meters);
      RuntimeException refused = null;
      for (Metric metric : wanted) {
        if (gone.remove(metric.id()) == null) {
          try {
            meters.put(metric.id(), register(metric));
          } catch (RuntimeException e) {
            refused = refused == null ? e : refused;
          }
        }
      }
      gone.forEach((id, meter) -> {
        registry.remove(meter);
        meters.remove(id);
      });
      if (refused != null) {
        throw refused;
      }
    }

    private Meter register(Metric metric) {
      Metric.Id id = metric.id();
      List<Tag> tags = new ArrayList<>();
      metric.labels().forEach((label, value) -> tags.add(Tag.of(label, value)));
      return metric.kind() == Metric.Kind.COUNTER
          ? FunctionCounter.builder(metric.name(), this, figures -> figures.value(id)).tags(tags).register(registry)
          : Gauge.builder(metric.name(), this, figures -> figures.value(id)).tags(tags).register(registry);
    }
  }

  @Override
  public String toString() {
    return "Micrometer " + registry.getClass().getSimpleName();
  }
}
