package io.logstream.alert;

import java.time.Duration;

/**
 * How often a notifier that fails is asked again for one alert, and how long it is waited before: {@code first}, then twice as long each time, at most {@code
 * most}. Nothing else waits for it but later alerts of the same notifier.
 *
 * @param attempts how often it is asked in all; 1 for once
 */
public record Retry(int attempts, Duration first, Duration most) {
  /** Asked once. */
  public static final Retry NONE = new Retry(1, Duration.ZERO, Duration.ZERO);
  /** Asked six times, after 1, 2, 4, 8 and 16 seconds. */
  public static final Retry SIX = new Retry(6, Duration.ofSeconds(1), Duration.ofSeconds(16));

  /** Refuses what makes no sense. */
  public Retry {
    if (attempts < 1 || first.isNegative() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("a retry takes at least one attempt, and a pause that grows, was " + attempts + " attempts from " + first + " to " + most);
    }
  }

  Duration pause(int failed) {
    Duration pause = first.multipliedBy(1L << Math.min(30, failed - 1));
    return pause.compareTo(most) < 0 ? pause : most;
  }
}
