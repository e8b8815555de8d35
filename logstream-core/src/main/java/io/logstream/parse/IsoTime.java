package io.logstream.parse;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Date and time after ISO 8601, extended form: {@code 2024-05-01T12:00:00}, or a blank for the {@code T}, up to nine digits of a
 * fraction behind a point or comma, and {@code Z}, {@code +hh}, {@code +hhmm} or {@code +hh:mm}.
 */
final class IsoTime extends WrittenTime {
  private static final int TIME = 11;
  private static final int SECONDS = 19;

  private final ZoneId zone;

  IsoTime(ZoneId zone) {
    this.zone = zone;
  }

  @Override
  long parse(byte[] b, int from, int to, long readAt, int same) {
    if (to - from < SECONDS || b[from + 4] != '-' || b[from + 7] != '-' || "T t".indexOf(b[from + 10]) < 0) {
      return NONE;
    }
    long day = day(digits(b, from, 4), digits(b, from + 5, 2), digits(b, from + 8, 2));
    long time = timeOfDay(b, from + TIME);
    if (day == NONE || time == NONE) {
      return NONE;
    }
    long local = day + time;
    int at = from + SECONDS;
    if (at < to && (b[at] == '.' || b[at] == ',')) {
      int begin = ++at;
      for (int unit = 100; at < to && b[at] >= '0' && b[at] <= '9'; at++, unit /= 10) {
        local += (b[at] - '0') * unit;
      }
      if (at == begin || at - begin > 9) {
        return NONE;
      }
    }
    return at == to ? inZone(local) : inOffset(local, b, at, to);
  }

  private static long inOffset(long local, byte[] b, int at, int to) {
    int length = to - at;
    if (length == 1 && (b[at] == 'Z' || b[at] == 'z')) {
      return local;
    }
    boolean colon = length == 6 && b[at + 3] == ':';
    if (length != 3 && length != 5 && !colon) {
      return NONE;
    }
    long offset = offset(b[at], digits(b, at + 1, 2), length == 3 ? 0 : digits(b, to - 2, 2));
    return offset == NONE ? NONE : local - offset;
  }

  private long inZone(long local) {
    if (zone instanceof ZoneOffset offset) {
      return local - offset.getTotalSeconds() * 1000L;
    }
    int nanos = (int) Math.floorMod(local, 1000L) * 1_000_000;
    return LocalDateTime.ofEpochSecond(Math.floorDiv(local, 1000L), nanos, ZoneOffset.UTC).atZone(zone).toInstant().toEpochMilli();
  }
}
