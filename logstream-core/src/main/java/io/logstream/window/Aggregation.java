package io.logstream.window;

import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What to work out of the events of a window: a description, immutable. {@link Aggregations} has the ones supplied; to write another,
 * implement this and {@link Value}.
 *
 * <p>What {@code toString} says, its class, {@link #fields} and {@link #reads} tell it from others: a saved window is taken back only by one with
 * equal ones, so say there what its state depends on.
 *
 * <p>The result must depend on the set of events alone, not on their order, on time or on chance: then a replay gives the same rows.
 */
public interface Aggregation {
  /** The fields that it fills in a row. */
  List<String> fields();

  /** The fields of events that it reads. */
  default List<String> reads() {
    return List.of();
  }

  /** What it works out, if it is one of {@link Aggregations}, for whoever writes it down or works it out in another way; null for any other. */
  default Measure measure() {
    return null;
  }

  /** Opens it for one run. */
  Opened open(StageContext context);

  /** An aggregation in a run: makes the values of keys and windows. */
  @FunctionalInterface
  interface Opened {
    /** The value of no events. */
    Value empty();
  }

  /** The value of one key in one window, as far as events have come. One thread. */
  interface Value {
    /** Takes one event in, lent for the call. If it throws, the event fails, and aggregations said before this one have counted it. */
    void add(LogEvent event);

    /** Takes in what another value of the same aggregation has taken in: the same as having added all its events here. */
    void merge(Value other);

    /** Writes the exact state. */
    void write(DataOutput out) throws IOException;

    /** Takes an exact state over, into a value that is empty. */
    void read(DataInput in) throws IOException;

    /**
     * Puts its fields into a row; a field of which nothing is known stays absent. If it throws, the row comes without what it has not put, with the exception's text
     * in its field {@code unfilled}.
     *
     * @param covered how much of event time the events are of: the length of the window, or less if it is not over; at least 1 ms
     */
    void fill(LogEvent row, Duration covered);
  }
}
