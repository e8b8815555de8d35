package io.logstream.parse;

import java.nio.charset.StandardCharsets;
import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A time written after a pattern of java.time. */
final class PatternTime extends WrittenTime {
  private static final ZonedDateTime SAMPLE = ZonedDateTime.of(2001, 2, 3, 14, 5, 6, 0, ZoneOffset.UTC);
  private static final int NO_YEAR = 0;

  private final String pattern;
  private final ZoneId zone;
  private final boolean hasYear;
  private final boolean hasTime;
  private final DateTimeFormatter formatter;
  /** Of a pattern without a year: as if it had this one. */
  private final Map<Integer, DateTimeFormatter> byYear = new HashMap<>();

  PatternTime(String pattern, ZoneId zone) {
    this.pattern = pattern;
    this.zone = zone;
    String letters = lettersOf(pattern);
    this.hasYear = hasOneOf(letters, "yuY");
    this.hasTime = hasOneOf(letters, "HhKkmsSAnNaB");
    this.formatter = formatter(NO_YEAR);
    check();
  }

  private void check() {
    String written;
    try {
      written = formatter.format(SAMPLE);
    } catch (DateTimeException e) {
      throw refused(e.getMessage());
    }
    byte[] bytes = written.getBytes(StandardCharsets.UTF_8);
    if (parse(bytes, 0, bytes.length, SAMPLE.toInstant().toEpochMilli(), 0) == NONE) {
      throw refused("it does not tell a day" + (hasTime ? " and a time of day" : ""));
    }
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("'" + pattern + "' is no format of a time: " + why
        + "; give a pattern of java.time.format.DateTimeFormatter, such as yyyy-MM-dd HH:mm:ss, or ISO8601, UNIX, UNIX_MS");
  }

  private DateTimeFormatter formatter(int year) {
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder();
    try {
      builder.appendPattern(pattern);
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
    if (year != NO_YEAR) {
      builder.parseDefaulting(ChronoField.YEAR, year);
    } else if (lettersOf(pattern).indexOf('G') < 0) {
      builder.parseDefaulting(ChronoField.ERA, 1);
    }
    return builder.toFormatter(Locale.ENGLISH).withResolverStyle(ResolverStyle.STRICT).withChronology(IsoChronology.INSTANCE);
  }

  @Override
  long parse(byte[] bytes, int from, int to, long readAt, int same) {
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (hasYear) {
      return parse(text, formatter);
    }
    ParsePosition end = new ParsePosition(0);
    if (formatter.parseUnresolved(text, end) == null || end.getIndex() < text.length()) {
      return NONE;
    }
    int year = Instant.ofEpochMilli(readAt).atZone(zone).getYear();
    for (int candidate = year + 1; candidate >= year - 8; candidate--) {
      long time = parse(text, byYear.computeIfAbsent(candidate, this::formatter));
      if (time != NONE && time <= readAt + DAY) {
        return time;
      }
    }
    return NONE;
  }

  /** Without a year, the same text means another time when it has been read about a year later, or long before. */
  @Override
  boolean lastHolds(long readAt) {
    return hasYear || readAt >= lastTime - DAY && readAt < lastTime + 364 * DAY;
  }

  private long parse(String text, DateTimeFormatter with) {
    try {
      TemporalAccessor parsed = with.parse(text);
      if (parsed.isSupported(ChronoField.INSTANT_SECONDS)) {
        return Math.multiplyExact(parsed.getLong(ChronoField.INSTANT_SECONDS), 1000L) + parsed.get(ChronoField.MILLI_OF_SECOND);
      }
      LocalDate date = parsed.query(TemporalQueries.localDate());
      LocalTime time = parsed.query(TemporalQueries.localTime());
      if (date == null || time == null && hasTime) {
        return NONE;
      }
      ZoneId told = parsed.query(TemporalQueries.zone());
      return date.atTime(time == null ? LocalTime.MIDNIGHT : time).atZone(told == null ? zone : told).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return NONE;
    }
  }

  /** A pattern without what is quoted in it. */
  private static String lettersOf(String pattern) {
    return pattern.replaceAll("'[^']*'", "");
  }

  private static boolean hasOneOf(String letters, String wanted) {
    return letters.chars().anyMatch(c -> wanted.indexOf(c) >= 0);
  }
}
