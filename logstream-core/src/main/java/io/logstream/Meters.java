package io.logstream;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Counters and gauges that a source, a log or a stage keeps beside the ledger. Any thread. */
final class Meters {
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
  private final Map<String, Supplier<Map<Map<String, String>, Double>>> labelled = new ConcurrentHashMap<>();

  Counter counter(String name) {
    return counters.computeIfAbsent(name, k -> new Counter());
  }

  void gauge(String name, DoubleSupplier value) {
    gauges.put(name, value);
  }

  void gauges(String name, Supplier<Map<Map<String, String>, Double>> values) {
    labelled.put(name, values);
  }

  /** Goes through those that have several lines. */
  void readLabelled(LabelledReading reading) {
    labelled.forEach((name, values) -> values.get().forEach((labels, value) -> reading.of(name, labels, value)));
  }

  /** Goes through all of them; a gauge without a value, which is NaN, is left out. */
  void read(Reading reading) {
    counters.forEach((name, counter) -> reading.of(name, Metric.Kind.COUNTER, counter.value()));
    gauges.forEach((name, gauge) -> {
      double value = gauge.getAsDouble();
      if (!Double.isNaN(value)) {
        reading.of(name, Metric.Kind.GAUGE, value);
      }
    });
  }

  /** Hands its counts over, so that a sum over all does not go back. */
  void addCountersTo(Meters others) {
    counters.forEach((name, counter) -> others.counter(name).add(counter.value()));
  }

  @FunctionalInterface
  interface LabelledReading {
    void of(String name, Map<String, String> labels, double value);
  }

  @FunctionalInterface
  interface Reading {
    void of(String name, Metric.Kind kind, double value);
  }
}
