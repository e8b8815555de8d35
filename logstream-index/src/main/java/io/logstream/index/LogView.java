package io.logstream.index;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

/**
 * A {@link LogIndex} with a certain say on how new what it shows must be: {@link LogIndex#latest}, {@link LogIndex#refreshed}, or the index itself,
 * which has the same words. Any thread.
 */
public final class LogView {
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(366_000);

  private final LogIndex index;
  private final long olderThanNanos;

  /** @param olderThanNanos how old what is visible may be; 0 for not at all, {@link Long#MAX_VALUE} for whatever age */
  LogView(LogIndex index, long olderThanNanos) {
    this.index = index;
    this.olderThanNanos = olderThanNanos;
  }

  /** The newest events that match a query in the query language, at most {@value LogQuery#DEFAULT_LIMIT}. */
  public LogHits search(String query) {
    return search(LogQuery.parse(query));
  }

  /** The newest events that match. */
  public LogHits search(LogQuery query) {
    return index.ask(query, olderThanNanos, (ask, views) -> new Search(ask, query.limit, views).run());
  }

  /**
   * How many events match, whatever the query's limit and cursor.
   *
   * @throws IllegalStateException if it cannot be counted in the query's time
   */
  public long count(LogQuery query) {
    return index.ask(query, olderThanNanos, (ask, views) -> new Matches(ask, views).count());
  }

  /** How many events match in each interval of time, in UTC; see {@link #histogram(LogQuery, Duration, ZoneId)}. */
  public LogHistogram histogram(LogQuery query, Duration interval) {
    return histogram(query, interval, ZoneOffset.UTC);
  }

  /**
   * How many events match in each interval of time. Intervals begin where the clock on the wall of this zone shows a multiple of their length, so days
   * begin at midnight. Intervals without events are left out.
   *
   * @throws IllegalArgumentException if the interval is shorter than a millisecond or longer than 366,000 days, or if there would be
   *     more than {@value LogHistogram#MOST_BUCKETS} of them
   */
  public LogHistogram histogram(LogQuery query, Duration interval, ZoneId zone) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0 || interval.compareTo(LONGEST_INTERVAL) > 0) {
      throw new IllegalArgumentException("a histogram's interval is at least a millisecond and at most " + LONGEST_INTERVAL.toDays() + " days, was " + interval);
    }
    Objects.requireNonNull(zone, "zone");
    return index.ask(query, olderThanNanos, (ask, views) -> new Matches(ask, views).overTime(interval.toMillis(), zone));
  }

  /** The values of a field that most of the matching events have, the most frequent first, of equally frequent ones in order of their text. */
  public LogValues topValues(LogQuery query, String field, int most) {
    Objects.requireNonNull(field, "field");
    if (most < 1 || most > LogValues.MOST) {
      throw new IllegalArgumentException("topValues gives 1 to " + LogValues.MOST + " values, was asked for " + most);
    }
    return index.ask(query, olderThanNanos, (ask, views) -> new Matches(ask, views).topValues(field, most));
  }

  /** The fields that events have, by name, with how many have each and what types their values are. */
  public List<LogField> fields() {
    return index.ask(LogQuery.all(), olderThanNanos, (ask, views) -> Matches.fields(views));
  }

  /**
   * A hit among the records of the same log that came in before and after it, whatever tenants they are of: the oldest first, the hit itself included if it
   * is still there.
   *
   * @param before how many before it, from 0
   * @param after how many after it, from 0
   */
  public List<LogHit> around(LogHit hit, int before, int after) {
    if (before < 0 || after < 0 || before > LogQuery.MOST_HITS || after > LogQuery.MOST_HITS) {
      throw new IllegalArgumentException("around takes 0 to " + LogQuery.MOST_HITS + " records on each side, was " + before + " and " + after);
    }
    return index.ask(LogQuery.all(), olderThanNanos, (ask, views) -> Around.of(hit, before, after, views));
  }

  /** The time that questions take for the present. */
  Instant now() {
    return index.now();
  }
}
