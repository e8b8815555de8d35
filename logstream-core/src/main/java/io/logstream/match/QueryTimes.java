package io.logstream.match;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The times that a query names: the present, spans before it, and ISO times cut off anywhere, in a zone. */
final class QueryTimes {
  private static final Pattern ISO = Pattern.compile("(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?)?)?)?)?(Z|[+-]\\d\\d:?\\d\\d)?");
  private static final Pattern EXTREME = Pattern.compile("[+-]\\d{4,9}-\\d\\d-\\d\\dT.{1,20}Z");
  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})(ms|s|m|h|d|w)");
  private static final Pattern NOW = Pattern.compile("now(?:([+-])(\\d{1,6}(?:ms|[smhdw])))?");

  private final Instant now;
  private final ZoneId zone;

  QueryTimes(Instant now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /** A stretch of time that a text names, such as a day; end exclusive. Null where it names none. */
  record Stretch(Instant from, Instant to) {}

  Stretch read(String text) {
    Matcher relative = NOW.matcher(text);
    if (relative.matches()) {
      Duration by = relative.group(2) == null ? Duration.ZERO : span(relative.group(2));
      Instant at = "-".equals(relative.group(1)) ? now.minus(by) : now.plus(by);
      return new Stretch(at, at.plusMillis(1));
    }
    try {
      if (EXTREME.matcher(text).matches()) {
        Instant at = Instant.parse(text);
        return new Stretch(at, at.plusMillis(1));
      }
      Matcher iso = ISO.matcher(text);
      return iso.matches() && text.length() >= 4 ? stretch(iso) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private Stretch stretch(Matcher iso) {
    String fraction = iso.group(7);
    LocalDateTime from = LocalDateTime.of(number(iso, 1, 0), number(iso, 2, 1), number(iso, 3, 1), number(iso, 4, 0), number(iso, 5, 0), number(iso, 6, 0),
        fraction == null ? 0 : Integer.parseInt((fraction + "00000000").substring(0, 9)));
    ChronoUnit unit = fraction != null ? ChronoUnit.MILLIS : iso.group(6) != null ? ChronoUnit.SECONDS : iso.group(5) != null ? ChronoUnit.MINUTES
        : iso.group(4) != null ? ChronoUnit.HOURS : iso.group(3) != null ? ChronoUnit.DAYS : iso.group(2) != null ? ChronoUnit.MONTHS : ChronoUnit.YEARS;
    ZoneId in = iso.group(8) == null ? zone : ZoneOffset.of(iso.group(8));
    return new Stretch(from.atZone(in).toInstant(), from.plus(1, unit).atZone(in).toInstant());
  }

  private static int number(Matcher iso, int group, int otherwise) {
    return iso.group(group) == null ? otherwise : Integer.parseInt(iso.group(group));
  }

  /** A span such as 15m, or null. */
  static Duration span(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      return null;
    }
    long n = Long.parseLong(span.group(1));
    return switch (span.group(2)) {
      case "ms" -> Duration.ofMillis(n);
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      case "d" -> Duration.ofDays(n);
      default -> Duration.ofDays(7 * n);
    };
  }

  Instant ago(Duration span) {
    return now.minus(span);
  }

  /** The day that lies so many days before today. */
  Stretch day(int before) {
    LocalDate day = LocalDate.ofInstant(now, zone).minusDays(before);
    return new Stretch(day.atStartOfDay(zone).toInstant(), day.plusDays(1).atStartOfDay(zone).toInstant());
  }
}
