package io.logstream;

import java.time.Instant;

/** Instants as the engine counts them; what a {@code long} of milliseconds cannot hold is the nearest it can. */
final class Millis {
  private Millis() {}

  static long of(Instant instant) {
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      return instant.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  static Instant instant(long millis) {
    return millis == Long.MIN_VALUE ? Instant.MIN : millis == Long.MAX_VALUE ? Instant.MAX : Instant.ofEpochMilli(millis);
  }
}
