package io.logstream.window;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import io.logstream.State;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the running halves of all windows have in common: keys, values, what comes too late, early rows, saved state. */
abstract class GroupingProcessor implements Processor {
  static final String LATE = "late";
  private static final String OTHER = "__other__";
  /** A key of more bytes than this finds no room. */
  private static final int LONGEST_KEY = 8_192;
  /** Times further from 1970 than this have no window whose bounds fit into a long. */
  private static final long FARTHEST = Long.MAX_VALUE / 4;
  private static final String FORM = "form";
  private static final String CLOSED_UP_TO = "closedUpTo";

  final StageContext context;
  final Form form;
  final long lateness;
  /** How long an early period is; 0 without early rows. */
  final long early;
  final KeyCodec codec;
  final Rows rows;
  /** The end of the last window that was closed, or later. */
  long closedUpTo = Long.MIN_VALUE;
  /** The early period under way. */
  int period;

  private final Window window;
  private final Aggregation.Opened[] aggregations;
  private final FieldKey revision;
  private final Counter lates;
  private final Counter partlyLates;
  private final Counter overflowed;
  /** Read by any thread. */
  private volatile long greatestLateness;
  private boolean savedForm;
  /** Keys of the saved state that stand for nothing any more. */
  final List<String> forgotten = new ArrayList<>();

  GroupingProcessor(StageContext context, Window window) {
    this.context = context;
    this.window = window;
    form = window.form();
    lateness = form.allowedLateness.toMillis();
    early = form.early == null ? 0 : form.early.toMillis();
    codec = new KeyCodec(context, form.keys);
    rows = new Rows(context, form.keys);
    aggregations = new Aggregation.Opened[window.aggregations().size()];
    for (int i = 0; i < aggregations.length; i++) {
      aggregations[i] = window.aggregations().get(i).open(context);
    }
    revision = context.key("revision");
    lates = context.counter(LATE);
    partlyLates = context.counter("partlyLate");
    context.gauge("greatestLatenessMillis", () -> greatestLateness);
    overflowed = context.counter("overflow");
  }

  // ---------------------------------------------------------------- what is not taken

  /** Whether an event is not for any window, and was said so. */
  final boolean refuses(LogEvent event, Emitter out) {
    long time = event.epochMillis();
    if (time < -FARTHEST || time > FARTHEST) {
      out.fail(event, "time out of range", "epoch milliseconds " + time);
      return true;
    }
    if (event.isDerived() && isRow(event) && !form.replacing) {
      if (event.has("early")) {
        out.drop(event, "early");
        return true;
      }
      if (event.whole(revision, 0) > 0 || event.has("withdrawn")) {
        out.drop(event, "revision");
        return true;
      }
    }
    return false;
  }

  /** Whether a derived event is a window's row. */
  final boolean isRow(LogEvent event) {
    return event.has(revision);
  }

  /** The time up to which windows are complete. */
  final long complete() {
    return Math.max(closedUpTo, context.watermarkMillis());
  }

  /** An event is too late for all windows. */
  final void late(LogEvent event, Emitter out) {
    lates.increment();
    seeLateness(event);
    if (form.lateTo != null) {
      out.aside(LATE, event);
    }
    out.drop(event, LATE);
  }

  /** An event is too late for some of its windows. */
  final void partlyLate(LogEvent event) {
    partlyLates.increment();
    seeLateness(event);
  }

  private void seeLateness(LogEvent event) {
    greatestLateness = Math.max(greatestLateness, Math.max(context.logWatermarkMillis(), complete()) - event.epochMillis());
  }

  // ---------------------------------------------------------------- groups

  final Aggregation.Value[] empty() {
    Aggregation.Value[] values = new Aggregation.Value[aggregations.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = aggregations[i].empty();
    }
    return values;
  }

  static void add(Aggregation.Value[] values, LogEvent event) {
    for (Aggregation.Value value : values) {
      value.add(event);
    }
  }

  static void merge(Aggregation.Value[] into, Aggregation.Value[] from) {
    for (int i = 0; i < into.length; i++) {
      into[i].merge(from[i]);
    }
  }

  /** Whether the key that was encoded last may have a group of its own beside so many others. */
  final boolean hasRoom(int others) {
    return others < form.maxKeys && codec.length <= LONGEST_KEY;
  }

  /** The bytes of the key that stands for those without room, which has its own place: a key may read like it. */
  final byte[] otherKey() {
    codec.encodeAll(OTHER);
    return codec.copy();
  }

  final void countOverflow() {
    overflowed.increment();
    if (overflowed.value() == 1) {
      context.warn("has no room for more than " + form.maxKeys + " keys, nor for keys longer than " + LONGEST_KEY + " bytes; such are counted together under " + OTHER
          + ". Raise maxKeys(..), or group by less");
    }
  }

  // ---------------------------------------------------------------- early rows

  /** Asks for the first end of an early period behind this time that has not come yet. */
  final void askForEarly(long after, Emitter out) {
    if (early > 0) {
      long from = Math.max(after, complete());
      out.at(Instant.ofEpochMilli(from - Math.floorMod(from, early) + early));
    }
  }

  final boolean isEarly(long deadline) {
    return early > 0 && Math.floorMod(deadline, early) == 0;
  }

  // ---------------------------------------------------------------- state

  /** What a saved state must have been saved by to be taken back. */
  private byte[] formBytes() {
    return window.state().getBytes(StandardCharsets.UTF_8);
  }

  /** Puts what all windows save. */
  final void saveFrame(State state) {
    if (!savedForm) {
      state.put(FORM, formBytes());
      savedForm = true;
    }
    state.put(CLOSED_UP_TO, Long.toString(closedUpTo).getBytes(StandardCharsets.US_ASCII));
    forgotten.forEach(state::remove);
    forgotten.clear();
  }

  /** Takes back what all windows save, and tells the keys of what else there is. */
  final List<String> restoreFrame(State state) {
    byte[] savedBy = state.get(FORM);
    if (!Arrays.equals(formBytes(), savedBy)) {
      throw new IllegalStateException("it was saved by another " + (savedBy == null ? "stage" : "window (" + new String(savedBy, StandardCharsets.UTF_8) + ")")
          + ", this one is " + window.state());
    }
    savedForm = true;
    closedUpTo = Long.parseLong(new String(state.get(CLOSED_UP_TO), StandardCharsets.US_ASCII));
    List<String> others = new ArrayList<>();
    state.forEach((key, bytes) -> {
      if (!key.equals(FORM) && !key.equals(CLOSED_UP_TO)) {
        others.add(key);
      }
    });
    return others;
  }

  /** Something that writes itself. */
  interface Written {
    void to(DataOutput out) throws IOException;
  }

  static byte[] bytes(Written what) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      what.to(out);
    }
    return bytes.toByteArray();
  }

  static void write(Aggregation.Value[] values, DataOutput out) throws IOException {
    for (Aggregation.Value value : values) {
      value.write(out);
    }
  }

  final Aggregation.Value[] read(DataInput in) throws IOException {
    Aggregation.Value[] values = empty();
    for (Aggregation.Value value : values) {
      value.read(in);
    }
    return values;
  }
}
