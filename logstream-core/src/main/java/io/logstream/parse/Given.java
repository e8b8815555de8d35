package io.logstream.parse;

import java.time.Duration;
import java.util.Objects;

/** What the words of stages are given: passed on, or refused. */
final class Given {
  private Given() {}

  static int atLeastOne(String word, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(word + " must be at least 1, was " + number);
    }
    return number;
  }

  /** A length of event time. */
  static Duration eventTime(String word, Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException(word + " must be from 1 ms to 100 years, was " + time);
    }
    return time;
  }

  /** How long something waits for its next line. */
  static Duration timeout(Duration silence) {
    if (Objects.requireNonNull(silence, "timeout").toMillis() <= 0) {
      throw new IllegalArgumentException("timeout must be at least a millisecond, was " + silence);
    }
    return silence;
  }

  /** What stands before the dot of names. */
  static String prefix(String prefix) {
    if (Objects.requireNonNull(prefix, "prefix").isEmpty() || prefix.endsWith(".")) {
      throw new IllegalArgumentException("under(prefix) takes a name to stand before the dot, as in under(\"app\"), was '" + prefix + "'");
    }
    return prefix;
  }

  static byte separator(String word, char separator) {
    if (separator >= 0x80 || "\"'\\".indexOf(separator) >= 0) {
      throw new IllegalArgumentException(word + " takes a character of ASCII that is no quote and no backslash, was '" + separator + "'");
    }
    return (byte) separator;
  }
}
