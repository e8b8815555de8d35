package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import java.time.LocalDate;
import java.time.ZoneId;

/** A way to give a time in a field. It remembers what it read last, so it belongs to one thread. */
interface TimeFormat {
  /** No time. */
  long NONE = Long.MIN_VALUE;

  long DAY = 86_400_000;
  long LEAST = LocalDate.of(1, 1, 1).toEpochDay() * DAY;
  long MOST = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY;

  /**
   * The format of this name or pattern.
   *
   * @throws IllegalArgumentException if it is none
   */
  static TimeFormat of(String format, ZoneId zone) {
    return switch (format) {
      case "UNIX" -> new UnixTime(1000);
      case "UNIX_MS" -> new UnixTime(1);
      case "ISO8601" -> new IsoTime(zone);
      case AccessLogTime.PATTERN -> new AccessLogTime();
      default -> new PatternTime(format, zone);
    };
  }

  /** The time in a field, in milliseconds since 1970, or {@link #NONE}. */
  long read(LogEvent event, FieldKey key);

  /** Whether a time is of the years 1 to 9999. */
  static boolean isInRange(long time) {
    return time >= LEAST && time < MOST;
  }
}
