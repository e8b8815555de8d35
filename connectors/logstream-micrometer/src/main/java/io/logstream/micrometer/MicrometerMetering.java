package io.logstream.micrometer;

import io.logstream.Metered;
import io.logstream.Metering;
import io.logstream.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Puts the metrics of pipelines into a Micrometer registry: {@link Metric} lists their names and labels, which become tags.
 *
 * <pre>{@code
 * pipeline.meteredBy(MicrometerMetering.to(registry)).start();
 * }</pre>
 *
 * <p>Figures are read from the runs when the registry asks for them, once a second at most, so that those of one scrape are of one moment
 * and add up. A run that has ended leaves its last figures, with {@code logstream.running} at 0, until the next run of a pipeline of that name
 * takes their place, whose counters begin at 0. Pipelines are told apart by the tag {@code pipeline}; of runs that go on at the same time under one
 * name the sum is seen. There is one binding to a registry, for any number of pipelines. Any thread.
 */
public final class MicrometerMetering implements Metering {
  private static final String RUNNING = "logstream.running";
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  /** A binding lives as long as somebody has it, or its meters are in the registry. */
  private static final Map<MeterRegistry, WeakReference<MicrometerMetering>> BINDINGS = new WeakHashMap<>();

  private final MeterRegistry registry;
  private final Map<String, Figures> byPipeline = new HashMap<>();

  private MicrometerMetering(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The binding to this registry. */
  public static MicrometerMetering to(MeterRegistry registry) {
    Objects.requireNonNull(registry, "registry of MicrometerMetering.to");
    synchronized (BINDINGS) {
      WeakReference<MicrometerMetering> there = BINDINGS.get(registry);
      MicrometerMetering binding = there == null ? null : there.get();
      if (binding == null) {
        binding = new MicrometerMetering(registry);
        BINDINGS.put(registry, new WeakReference<>(binding));
      }
      return binding;
    }
  }

  @Override
  public synchronized void started(Metered run) {
    byPipeline.computeIfAbsent(run.pipeline(), name -> new Figures()).started(run);
  }

  @Override
  public synchronized void changed(Metered run) {
    Figures figures = byPipeline.get(run.pipeline());
    if (figures != null) {
      figures.register();
    }
  }

  @Override
  public synchronized void stopped(Metered run) {
    Figures figures = byPipeline.get(run.pipeline());
    if (figures != null) {
      figures.stopped(run);
    }
  }

  /** The last figures of a run that has ended. */
  private record Ended(String pipeline, List<Metric> meters) implements Metered {
    static Ended of(Metered run) {
      return new Ended(run.pipeline(), run.meters().stream().map(metric -> metric.name().equals(RUNNING) ? new Metric(RUNNING, metric.kind(), metric.labels(), 0) : metric).toList());
    }
  }

  /** The figures of the runs of pipelines of one name. */
  private final class Figures {
    private final Map<Metric.Id, Meter> meters = new HashMap<>();
    private final List<Metered> runs = new ArrayList<>();
    private Map<Metric.Id, Double> values = Map.of();
    private long readAt;

    void started(Metered run) {
      synchronized (this) {
        runs.removeIf(Ended.class::isInstance);
        runs.add(run);
        readAt = now() - FRESH_NANOS;
      }
      register();
    }

    void stopped(Metered run) {
      synchronized (this) {
        int at = runs.indexOf(run);
        if (at < 0) {
          return;
        }
        runs.set(at, Ended.of(run));
        readAt = now() - FRESH_NANOS;
      }
      register();
    }

    private long now() {
      return registry.config().clock().monotonicTime();
    }

    private synchronized double value(Metric.Id id) {
      if (now() - readAt >= FRESH_NANOS) {
        Map<Metric.Id, Double> fresh = new HashMap<>();
        runs.forEach(run -> run.meters().forEach(metric -> fresh.merge(metric.id(), metric.value(), Double::sum)));
        values = fresh;
        readAt = now();
      }
      return values.getOrDefault(id, Double.NaN);
    }

    /** Makes meters for the figures there are, and takes away those of figures that are gone. */
    void register() {
      Map<Metric.Id, Metric> wanted = new LinkedHashMap<>();
      synchronized (this) {
        runs.forEach(run -> run.meters().forEach(metric -> wanted.put(metric.id(), metric)));
      }
      Map<Metric.Id, Meter> gone = new HashMap<>(meters);
      RuntimeException refused = null;
      for (Metric metric : wanted.values()) {
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

    /** The registry keeps what a meter reads by a weak reference, but the function that reads it by a strong one. */
    private Meter register(Metric metric) {
      Metric.Id id = metric.id();
      List<Tag> tags = new ArrayList<>();
      metric.labels().forEach((label, value) -> tags.add(Tag.of(label, value)));
      return metric.kind() == Metric.Kind.COUNTER
          ? FunctionCounter.builder(metric.name(), this, figures -> value(id)).tags(tags).register(registry)
          : Gauge.builder(metric.name(), this, figures -> value(id)).tags(tags).register(registry);
    }
  }

  @Override
  public String toString() {
    return "Micrometer " + registry.getClass().getSimpleName();
  }
}
