package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.LogEvent;

/** A number of units of so many milliseconds since 1970. */
record UnixTime(int unit) implements TimeFormat {
  @Override
  public long read(LogEvent event, FieldKey key) {
    long whole = event.whole(key, NONE);
    if (whole != NONE) {
      return TimeFormat.isInRange(whole) && TimeFormat.isInRange(whole * unit) ? whole * unit : NONE;
    }
    double decimal = event.decimal(key, Double.NaN) * unit;
    if (!(decimal >= LEAST && decimal < MOST)) {
      return NONE;
    }
    // as a double, a millisecond of a time in seconds may be a trifle short
    return (long) Math.floor(unit == 1 ? decimal : decimal + 0.001);
  }
}
