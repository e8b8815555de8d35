package io.logstream.parse;

/** The time of access logs, {@code 10/Oct/2000:13:55:36 -0700}. Where day and zone are those of the last one, reads the time of day only. */
final class AccessLogTime extends WrittenTime {
  static final String PATTERN = "dd/MMM/yyyy:HH:mm:ss Z";
  private static final int LENGTH = 26;
  private static final int TIME = 12;
  private static final int ZONE = 20;
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  private long lastMidnight;
  /** The time for which that was read. */
  private long midnightOf = NONE;

  @Override
  long parse(byte[] bytes, int from, int to, long readAt, int same) {
    if (to - from != LENGTH) {
      return NONE;
    }
    long midnight = same >= TIME && midnightOf == lastTime && sameZone(bytes, from) ? lastMidnight : midnight(bytes, from);
    long time = timeOfDay(bytes, from + TIME);
    if (midnight == NONE || time == NONE) {
      return NONE;
    }
    lastMidnight = midnight;
    midnightOf = midnight + time;
    return midnightOf;
  }

  private boolean sameZone(byte[] bytes, int from) {
    for (int i = ZONE; i < LENGTH; i++) {
      if (bytes[from + i] != last[i]) {
        return false;
      }
    }
    return true;
  }

  /** When the day begins in its zone. */
  private static long midnight(byte[] b, int from) {
    if (b[from + 2] != '/' || b[from + 6] != '/' || b[from + 11] != ':' || b[from + ZONE] != ' ') {
      return NONE;
    }
    long day = day(digits(b, from + 7, 4), month(b, from + 3), digits(b, from, 2));
    long offset = offset(b[from + 21], digits(b, from + 22, 2), digits(b, from + 24, 2));
    return day == NONE || offset == NONE ? NONE : day - offset;
  }

  /** The month of a name of three letters, or -1. */
  static int month(byte[] b, int at) {
    for (int i = 0; i < MONTHS.length(); i += 3) {
      if (b[at] == MONTHS.charAt(i) && b[at + 1] == MONTHS.charAt(i + 1) && b[at + 2] == MONTHS.charAt(i + 2)) {
        return i / 3 + 1;
      }
    }
    return -1;
  }
}
