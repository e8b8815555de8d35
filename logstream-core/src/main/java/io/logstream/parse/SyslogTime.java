package io.logstream.parse;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time of RFC 3164, {@code Jun  4 15:16:01}: of the latest year in which it is not more than a day after it was read. */
final class SyslogTime extends WrittenTime {
  static final int LENGTH = 15;
  private static final int TIME = 7;
  private static final int YEARS_BACK = 8;

  private final ZoneId zone;

  SyslogTime(ZoneId zone) {
    this.zone = zone;
  }

  @Override
  long parse(byte[] b, int from, int to, long readAt, int same) {
    if (to - from != LENGTH || b[from + 3] != ' ' || b[from + 6] != ' ') {
      return NONE;
    }
    int month = AccessLogTime.month(b, from);
    int day = b[from + 4] == ' ' ? digits(b, from + 5, 1) : digits(b, from + 4, 2);
    long timeOfDay = timeOfDay(b, from + TIME);
    if (month < 0 || day < 1 || timeOfDay == NONE) {
      return NONE;
    }
    int year = Instant.ofEpochMilli(readAt).atZone(zone).getYear();
    for (int candidate = year + 1; candidate >= year - YEARS_BACK; candidate--) {
      long date = day(candidate, month, day);
      if (date != NONE) {
        long time = inZone(date + timeOfDay);
        if (time <= readAt + DAY) {
          return time;
        }
      }
    }
    return NONE;
  }

  private long inZone(long local) {
    return zone instanceof ZoneOffset offset ? local - offset.getTotalSeconds() * 1000L
        : LocalDateTime.ofEpochSecond(local / 1000, 0, ZoneOffset.UTC).atZone(zone).toInstant().toEpochMilli();
  }

  /** Without a year, the same text means another time when it has been read about a year later, or long before. */
  @Override
  boolean lastHolds(long readAt) {
    return readAt >= lastTime - DAY && readAt < lastTime + 364 * DAY;
  }
}
