package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;

/** A time written as text, with the memory of the last text read. */
abstract class WrittenTime implements TimeFormat {
  /** Longer texts are no times. */
  private static final int LONGEST = 100;

  /** The text read last, and its time. */
  final byte[] last = new byte[LONGEST];
  int lastLength = -1;
  long lastTime;

  @Override
  public final long read(LogEvent event, FieldKey key) {
    long span = event.span(key);
    if (span != Span.NONE) {
      return read(event.bytes(), Span.from(span), Span.to(span), event.epochMillis());
    }
    String text = event.text(key);
    if (text == null) {
      return NONE;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return read(bytes, 0, bytes.length, event.epochMillis());
  }

  /** As {@link #parse}, from memory where the text is the same as the last time. */
  final long read(byte[] bytes, int from, int to, long readAt) {
    int length = to - from;
    if (length > LONGEST) {
      return NONE;
    }
    int same = Arrays.mismatch(bytes, from, to, last, 0, lastLength < 0 ? 0 : lastLength);
    if (same < 0 && lastLength >= 0 && lastHolds(readAt)) {
      return lastTime;
    }
    long time = parse(bytes, from, to, readAt, same);
    if (!TimeFormat.isInRange(time)) {
      return NONE;
    }
    System.arraycopy(bytes, from, last, 0, length);
    lastLength = length;
    lastTime = time;
    return time;
  }

  /**
   * Reads a time.
   *
   * @param readAt when the event was read
   * @param same how many bytes are the same as those of the last time read, or -1 for all
   */
  abstract long parse(byte[] bytes, int from, int to, long readAt, int same);

  /** Whether the last text, read again at this time, still means the last time. */
  boolean lastHolds(long readAt) {
    return true;
  }

  // ---------------------------------------------------------------- pieces

  /** The number of {@code count} digits, or a negative one where there are others. */
  static int digits(byte[] bytes, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** The first millisecond of a day, as in UTC; {@link #NONE} for a day that there is not. */
  static long day(int year, int month, int day) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) {
      return NONE;
    }
    return LocalDate.of(year, month, day).toEpochDay() * DAY;
  }

  /** The milliseconds of {@code HH:mm:ss} within the day; {@link #NONE} where it is none. */
  static long timeOfDay(byte[] bytes, int at) {
    int hour = digits(bytes, at, 2);
    int minute = digits(bytes, at + 3, 2);
    int second = digits(bytes, at + 6, 2);
    boolean valid = bytes[at + 2] == ':' && bytes[at + 5] == ':' && (hour | minute | second) >= 0 && hour < 24 && minute < 60 && second < 60;
    return valid ? ((hour * 60 + minute) * 60 + second) * 1000L : NONE;
  }

  /** The milliseconds by which a zone of a sign, hours and minutes is ahead of UTC; {@link #NONE} where it is none. */
  static long offset(byte sign, int hours, int minutes) {
    if (sign != '+' && sign != '-' || hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 18 * 60) {
      return NONE;
    }
    long ahead = (hours * 60 + minutes) * 60_000L;
    return sign == '+' ? ahead : -ahead;
  }
}
