package io.logstream.appender;

import io.logstream.PushRing;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which terms events of a logging framework are taken. Immutable.
 *
 * @param holding how many events there is room for, a power of two
 * @param patience how long a thread that logs something important waits for room; zero for not at all
 * @param ignoring names of loggers that are left out, with all below them
 * @param callers whether it is found out where an event was logged, which is slow
 */
public record Terms(int holding, Duration patience, List<String> ignoring, boolean callers) {
  /** Room for 1,024 events, 50 milliseconds of patience, no logger left out, callers not found out. */
  public static final Terms USUAL = new Terms(1024, Duration.ofMillis(50), List.of(), false);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|milliseconds?|s|seconds?|m|minutes?)", Pattern.CASE_INSENSITIVE);

  /**
   * Refuses what is out of range.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public Terms {
    PushRing.powerOfTwo(holding);
    if (patience.isNegative()) {
      throw new IllegalArgumentException("waitingAtMost must not be negative, was " + patience);
    }
    ignoring = List.copyOf(ignoring);
    ignoring.forEach(logger -> {
      if (logger.isBlank()) {
        throw new IllegalArgumentException("ignoring takes names of loggers, was '" + logger + "'; to hear nothing, start no pipeline");
      }
    });
  }

  /** The same with room for so many events. */
  public Terms holding(int events) {
    return new Terms(events, patience, ignoring, callers);
  }

  /**
   * The same with room for so many events, as a configuration says it: {@code 1024}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public Terms holding(String events) {
    try {
      return holding(Integer.parseInt(events.strip()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("holding takes a number, was '" + events + "'", e);
    }
  }

  /** The same with this patience. */
  public Terms waitingAtMost(Duration limit) {
    return new Terms(holding, limit, ignoring, callers);
  }

  /**
   * The same with this patience, as a configuration says it: {@code 50ms}, {@code 2 seconds}, {@code 1 m}, {@code PT0.05S}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public Terms waitingAtMost(String limit) {
    return waitingAtMost(duration(limit.strip()));
  }

  /** The same with these loggers left out as well. */
  public Terms ignoring(List<String> loggers) {
    List<String> all = new ArrayList<>(ignoring);
    all.addAll(loggers);
    return new Terms(holding, patience, all, callers);
  }

  /** The same, finding out callers or not. */
  public Terms callers(boolean wanted) {
    return new Terms(holding, patience, ignoring, wanted);
  }

  /**
   * The same, finding out callers or not, as a configuration says it: {@code true} or {@code false}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public Terms callers(String wanted) {
    return callers(switch (wanted.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("callers takes true or false, was '" + wanted + "'");
    });
  }

  private static Duration duration(String text) {
    Matcher found = DURATION.matcher(text);
    if (found.matches()) {
      long n = Long.parseLong(found.group(1));
      String unit = found.group(2).toLowerCase(Locale.ROOT);
      return unit.startsWith("ms") || unit.startsWith("mil") ? Duration.ofMillis(n) : unit.startsWith("s") ? Duration.ofSeconds(n) : Duration.ofMinutes(n);
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("waitingAtMost takes a duration such as 50ms, 2s or PT0.05S, was '" + text + "'", e);
    }
  }
}
