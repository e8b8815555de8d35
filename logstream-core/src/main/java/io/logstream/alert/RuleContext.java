package io.logstream.alert;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.FoundName;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** What one rule of a stage sees of the stage: keys of fields also when it was loaded later, and counters of its own where there are several rules. */
record RuleContext(StageContext stage, String prefix) implements StageContext {
  @Override
  public String pipeline() {
    return stage.pipeline();
  }

  @Override
  public String name() {
    return stage.name();
  }

  @Override
  public InstantSource clock() {
    return stage.clock();
  }

  @Override
  public FieldKey key(String field) {
    return stage.lateKey(field);
  }

  @Override
  public void checkFields(FieldUse use) {
    stage.checkFields(use);
  }

  @Override
  public FoundName found(String field) {
    return stage.found(field);
  }

  @Override
  public OptionalLong checkpoint() {
    return stage.checkpoint();
  }

  @Override
  public Instant watermark() {
    return stage.watermark();
  }

  @Override
  public Instant logWatermark() {
    return stage.logWatermark();
  }

  @Override
  public long watermarkMillis() {
    return stage.watermarkMillis();
  }

  @Override
  public long logWatermarkMillis() {
    return stage.logWatermarkMillis();
  }

  @Override
  public boolean silent(LogEvent of, Instant until) {
    return stage.silent(of, until);
  }

  @Override
  public Progress progress() {
    return stage.progress();
  }

  @Override
  public Counter counter(String name) {
    return stage.counter(prefix + name);
  }

  @Override
  public void gauge(String name, DoubleSupplier value) {
    stage.gauge(prefix + name, value);
  }

  @Override
  public void gauges(String name, Supplier<Map<Map<String, String>, Double>> values) {
    stage.gauges(prefix + name, values);
  }

  @Override
  public void warn(String text) {
    stage.warn(text);
  }
}
