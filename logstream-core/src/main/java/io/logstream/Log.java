package io.logstream;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;

/**
 * One log that a source reads: a followed file with all its rotated generations, a partition of a topic, the one stream of an
 * appender. Order, joining of lines and the watermark are kept per log. A reader asks its {@link SourceContext#log} for it, once per
 * log, and names it in every batch; it belongs to the run that made it.
 */
public final class Log {
  private final String key;
  private volatile Map<String, Object> fields;
  /** The joining of this log's lines, when a joiner is hoisted into the reader. Reader's thread only. */
  Framing framing;
  /** What the trunk knows of this log. Trunk's thread only. */
  final LogProgress progress = new LogProgress();
  /** When the reader last found nothing to read in this log, on the pipeline's clock. */
  volatile long quietAt = Long.MIN_VALUE;
  /** When the reader last read lines of this log. Written before the batch is published that holds them. */
  volatile long lastReadAt = Long.MIN_VALUE;
  /** How many batches with lines its reader has filled. Written on its reader's thread. */
  volatile long batchesRead;
  private volatile boolean found;
  private final SourceRun run;
  final Meters meters = new Meters();

  Log(SourceRun run, String key, Map<String, ?> fields) {
    this.run = run;
    this.key = Objects.requireNonNull(key, "log key");
    this.fields = ordered(fields);
  }

  private static Map<String, Object> ordered(Map<String, ?> fields) {
    Map<String, Object> plain = new LinkedHashMap<>();
    fields.forEach((name, value) -> {
      if (value != null) {
        plain.put(name, LogEvent.plain(name, value));
      }
    });
    return Collections.unmodifiableMap(plain);
  }

  /** A log known from a saved state gets its fields when its reader finds it again. */
  void found(Map<String, ?> withFields) {
    fields = ordered(withFields);
    found = true;
  }

  /** Whether its reader has named it in this run; one known from a saved state may be gone for good. */
  boolean isFound() {
    return found;
  }

  /** What tells this log from the others of its source, also after a restart: a path, a partition. */
  public String key() {
    return key;
  }

  /** The name of its source in the pipeline. */
  public String source() {
    return run.name();
  }

  /** The fields that all its records have, such as {@code file} and {@code host}. */
  public Map<String, Object> fields() {
    return fields;
  }

  Object field(String name) {
    return fields.get(name);
  }

  /** A counter of this log, shown in the metrics under {@code <source>.<name>}, in sum over all logs, and by log. Any thread. */
  public Counter counter(String name) {
    return meters.counter(name);
  }

  /** A figure of this log that goes up and down, as in {@link StageContext#gauge}. Any thread. */
  public void gauge(String name, DoubleSupplier value) {
    meters.gauge(name, value);
  }

  /** Told by the reader: there is nothing to read in this log now. Only such a log can become idle. */
  public void quiet() {
    quietAt = run.now();
  }

  /** Whether its reader had nothing more to read at this time or later, and all that it had read before has come through. Trunk's thread only. */
  boolean silentUntil(long time) {
    if (progress.finished || !found) {
      return true;
    }
    return isThrough() && Math.max(quietAt, run.quietAt()) >= time;
  }

  /** Whether all that its reader has read has come through. Trunk's thread only. */
  boolean isThrough() {
    return batchesRead <= progress.batchesTaken && lastReadAt <= progress.lastReadAt;
  }

  /** Up to which time all its events are believed to be here, in milliseconds since 1970; {@link Long#MIN_VALUE} at first. On the thread of an inline run only. */
  public long watermarkMillis() {
    return progress.watermark;
  }

  /** Whether it has been silent for so long that time goes on without it. On the thread of an inline run only. */
  public boolean isIdle() {
    return progress.idle;
  }

  SourceRun run() {
    return run;
  }

  @Override
  public String toString() {
    return source() + ":" + key;
  }
}
