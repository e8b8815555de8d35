package io.logstream.index;

import java.time.Instant;
import java.util.List;

/**
 * How many events fall into each interval of time, the earliest first. Immutable.
 *
 * @param buckets the intervals that have events
 * @param partial whether counting ended before it was done, because its time was over
 */
public record LogHistogram(List<Bucket> buckets, boolean partial) {
  /** How many intervals there can be. */
  public static final int MOST_BUCKETS = 10_000;

  /** Copies the list. */
  public LogHistogram {
    buckets = List.copyOf(buckets);
  }

  /**
   * One interval.
   *
   * @param from when it begins
   * @param count how many events fall into it
   */
  public record Bucket(Instant from, long count) {}
}
