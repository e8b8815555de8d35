package io.logstream.index;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How the time of arrival is cut into slices: by hours, days or months of the calendar in UTC, or into equal parts of the time that events are kept. */
final class Slicing {
  private static final int PARTS = 8;
  private static final long SHORTEST_MILLIS = 100;
  private static final Duration LEAST_FOR_DAYS = Duration.ofDays(4);
  private static final Duration LEAST_FOR_MONTHS = Duration.ofDays(120);
  private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH", Locale.ROOT);
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT);
  private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("yyyy-MM", Locale.ROOT);
  private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS", Locale.ROOT);
  /** Beyond it no calendar has names of four digits. */
  private static final long LAST_NAMED = Instant.parse("9999-12-01T00:00:00Z").toEpochMilli();

  /** The unit, or null for equal parts. */
  private final ChronoUnit unit;
  private final long millis;

  private Slicing(ChronoUnit unit, long millis) {
    this.unit = unit;
    this.millis = millis;
  }

  /** @param said the unit that was said, or null */
  static Slicing of(long keepMillis, ChronoUnit said) {
    ChronoUnit unit = said != null ? said
        : keepMillis >= LEAST_FOR_MONTHS.toMillis() ? ChronoUnit.MONTHS : keepMillis >= LEAST_FOR_DAYS.toMillis() ? ChronoUnit.DAYS : null;
    return new Slicing(unit, Math.max(SHORTEST_MILLIS, keepMillis / PARTS));
  }

  /** A stretch of time that one slice is for. */
  record Stretch(String name, long until) {}

  /** The stretch that this moment is in. */
  Stretch at(long now) {
    long within = Math.max(0, Math.min(now, LAST_NAMED));
    LocalDateTime time = LocalDateTime.ofEpochSecond(within / 1000, (int) (within % 1000) * 1_000_000, ZoneOffset.UTC);
    if (unit == null) {
      return new Stretch(MOMENT.format(time), now + millis);
    } else if (unit == ChronoUnit.HOURS) {
      return new Stretch(HOUR.format(time), millis(time.truncatedTo(ChronoUnit.HOURS).plusHours(1)));
    } else if (unit == ChronoUnit.DAYS) {
      return new Stretch(DAY.format(time), millis(time.toLocalDate().plusDays(1)));
    }
    return new Stretch(MONTH.format(time), millis(time.toLocalDate().withDayOfMonth(1).plusMonths(1)));
  }

  private static long millis(LocalDate day) {
    return millis(day.atStartOfDay());
  }

  private static long millis(LocalDateTime time) {
    return time.toInstant(ZoneOffset.UTC).toEpochMilli();
  }
}
