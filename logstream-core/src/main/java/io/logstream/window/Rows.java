package io.logstream.window;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Writes the rows of a window stage. */
final class Rows {
  private final StageContext context;
  private final List<String> keys;
  private final KeyCodec codec;
  private final FieldKey start;
  private final FieldKey end;
  private final FieldKey revision;
  private final FieldKey closedBy;
  private final Counter unfilled;
  private String beforeKey;
  private long beforeKeyOf;

  Rows(StageContext context, List<String> keys) {
    this.context = context;
    this.keys = keys;
    codec = new KeyCodec(context, keys);
    start = context.key("window.start");
    end = context.key("window.end");
    revision = context.key("revision");
    closedBy = context.key("closedBy");
    unfilled = context.counter("unfilled");
  }

  /** What tells a row from others. */
  enum Kind { FINAL, PARTIAL, EARLY, WITHDRAWN, EARLY_WITHDRAWN }

  /** Which row: of which window, key and revision. */
  record Of(long start, long end, Group group, int revision, Kind kind, String closedBy) {}

  /**
   * Emits a row.
   *
   * @param values null for a row that withdraws another
   * @param covered how much time the values are of, in milliseconds
   */
  void emit(Of of, Aggregation.Value[] values, long covered, Emitter out) {
    LogEvent row = out.create().epochMillis(of.end - 1);
    row.put(start, of.start).put(end, of.end);
    String key = codec.decode(of.group.key, row);
    if (values != null) {
      fill(values, covered, row);
    }
    row.put(revision, (long) of.revision);
    if (of.closedBy != null) {
      row.put(closedBy, of.closedBy);
    }
    switch (of.kind) {
      case PARTIAL -> row.put("partial", true);
      case EARLY -> row.put("early", true);
      case WITHDRAWN -> row.put("withdrawn", true);
      case EARLY_WITHDRAWN -> row.put("early", true).put("withdrawn", true);
      default -> { }
    }
    if (of.group.overflow) {
      row.put("overflow", true);
    }
    String id = beforeKey(of.start) + (of.group.overflow ? "\\other" : key) + "|" + of.revision;
    out.emit(row.identifiedBy(id, keys));
  }

  /** The beginning of the ids of a window's rows. */
  private String beforeKey(long windowStart) {
    if (beforeKey == null || windowStart != beforeKeyOf) {
      beforeKey = context.name() + "|" + Instant.ofEpochMilli(windowStart) + "|";
      beforeKeyOf = windowStart;
    }
    return beforeKey;
  }

  /** What the aggregations say. */
  Map<String, Object> content(Aggregation.Value[] values, long covered, Emitter out) {
    LogEvent row = out.create();
    fill(values, covered, row);
    return row.fields();
  }

  /** One that throws spoils neither the fields of the others nor other rows. */
  private void fill(Aggregation.Value[] values, long covered, LogEvent row) {
    Duration time = Duration.ofMillis(Math.max(1, covered));
    for (Aggregation.Value value : values) {
      try {
        value.fill(row, time);
      } catch (Exception | StackOverflowError e) {
        unfilled.increment();
        row.put("unfilled", e.toString());
      }
    }
  }

  /** Why the windows that are due now close. */
  String closedBy() {
    return switch (context.progress()) {
      case EVENTS -> "watermark";
      case IDLE -> "idle";
      case END -> "end";
    };
  }
}
