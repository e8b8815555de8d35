package io.logstream.window;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;

/** A field that an aggregation reads as a number: what is missing or not a number is counted under {@code missing} and {@code notNumeric}. */
final class NumberField {
  private final FieldKey key;
  private final Counter missing;
  private final Counter notNumeric;

  NumberField(StageContext context, String field) {
    key = context.key(field);
    missing = context.counter("missing");
    notNumeric = context.counter("notNumeric");
  }

  /** A finite number, or NaN. */
  double of(LogEvent event) {
    double value = event.decimal(key, Double.NaN);
    if (value - value == 0) { // neither NaN nor infinite
      return value;
    }
    if (event.has(key)) {
      notNumeric.increment();
    } else {
      missing.increment();
    }
    return Double.NaN;
  }

  /** Whether {@link #of} may be given up for the exact whole number; {@code Long.MIN_VALUE} stands for 'it is not one'. */
  long whole(LogEvent event) {
    return event.whole(key, Long.MIN_VALUE);
  }
}
