package io.logstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads what the places of a run count: as a map for people, as {@link Metric}s for a metrics system. Any thread. */
final class Readings {
  private static final String PREFIX = "logstream.";

  private final Engine engine;

  Readings(Engine engine) {
    this.engine = engine;
  }

  @FunctionalInterface
  private interface Reading {
    void of(String place, String log, String name, Metric.Kind kind, double value);
  }

  private void read(Reading reading) {
    for (SourceRun source : engine.sources) {
      source.meters.read((name, kind, value) -> reading.of(source.name(), "", name, kind, value));
      for (Log log : source.knownLogs()) {
        log.meters.read((name, kind, value) -> reading.of(source.name(), log.key(), name, kind, value));
      }
      source.joinerMeters.read((name, kind, value) -> reading.of(source.joinerAccount.name, "", name, kind, value));
    }
    engine.places.forEach(place -> place.meters.read((name, kind, value) -> reading.of(place.name, "", name, kind, value)));
    engine.outboxes.forEach(outbox -> outbox.sink.meters.read((name, kind, value) -> reading.of(outbox.sink.name, "", name, kind, value)));
  }

  @FunctionalInterface
  private interface LabelledReading {
    void of(String place, String name, Map<String, String> labels, double value);
  }

  private void readLabelled(LabelledReading reading) {
    engine.places.forEach(place -> place.meters.readLabelled((name, labels, value) -> reading.of(place.name, name, labels, value)));
    engine.outboxes.forEach(outbox -> outbox.sink.meters.readLabelled((name, labels, value) -> reading.of(outbox.sink.name, name, labels, value)));
  }

  /** By {@code <place>.<name>}, in sum over logs, and by {@code <place>.<name>[<log>]}; gauges with labels by {@code <place>.<name>{<label>=<value>, ..}}. */
  Map<String, Long> asMap() {
    Map<String, Long> all = new TreeMap<>();
    read((place, log, name, kind, value) -> {
      String key = place + "." + name;
      all.merge(key, (long) value, Long::sum);
      if (!log.isEmpty()) {
        all.put(key + "[" + log + "]", (long) value);
      }
    });
    readLabelled((place, name, labels, value) -> all.put(place + "." + name + new TreeMap<>(labels), (long) value));
    return all;
  }

  /** With the counts of a ledger and the labels that tell one from the other. */
  List<Metric> meters(Ledger ledger, long watermark) {
    String pipeline = engine.pipeline;
    List<Metric> all = new ArrayList<>();
    for (Ledger.Entry e : ledger.entries()) {
      Map<String, String> labels = Map.of("pipeline", pipeline, "place", e.name());
      all.add(new Metric("logstream.records.in", Metric.Kind.COUNTER, labels, e.in()));
      all.add(new Metric("logstream.records.passed", Metric.Kind.COUNTER, labels, e.passed()));
      all.add(new Metric("logstream.records.absorbed", Metric.Kind.COUNTER, labels, e.absorbed()));
      all.add(new Metric("logstream.records.created", Metric.Kind.COUNTER, labels, e.created()));
      all.add(new Metric("logstream.records.held", Metric.Kind.GAUGE, labels, e.held()));
      e.droppedBy().forEach((reason, n) -> all.add(new Metric("logstream.records.dropped", Metric.Kind.COUNTER,
          Map.of("pipeline", pipeline, "place", e.name(), "reason", reason), n)));
      e.failedBy().forEach((cause, n) -> all.add(new Metric("logstream.records.failed", Metric.Kind.COUNTER,
          Map.of("pipeline", pipeline, "place", e.name(), "cause", cause), n)));
    }
    engine.sources.forEach(source -> source.readUnread((log, reason, bytes) -> all.add(new Metric("logstream.unread.bytes", Metric.Kind.COUNTER,
        Map.of("pipeline", pipeline, "place", source.name(), "log", log, "reason", reason), bytes))));
    Map<String, Metric> own = new TreeMap<>();
    read((place, log, name, kind, value) -> {
      Metric metric = new Metric(PREFIX + name, kind, Map.of("pipeline", pipeline, "place", place, "log", log), value);
      own.merge(name + '\0' + place + '\0' + log, metric, (a, b) -> new Metric(a.name(), a.kind(), a.labels(), a.value() + b.value()));
    });
    all.addAll(own.values());
    readLabelled((place, name, labels, value) -> {
      Map<String, String> whole = new HashMap<>(labels);
      whole.put("pipeline", pipeline);
      whole.put("place", place);
      all.add(new Metric(PREFIX + name, Metric.Kind.GAUGE, whole, value));
    });
    if (watermark != Long.MIN_VALUE) {
      all.add(ofRun("logstream.watermark.lag.seconds", (engine.clock.base().millis() - watermark) / 1e3));
    }
    return all;
  }

  /** A gauge of the run as a whole. */
  Metric ofRun(String name, double value) {
    return new Metric(name, Metric.Kind.GAUGE, Map.of("pipeline", engine.pipeline), value);
  }
}
