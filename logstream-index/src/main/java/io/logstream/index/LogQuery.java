package io.logstream.index;

import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.match.QueryException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A question to a {@link LogIndex}: which events, how many of them, and how long the answer may take. Immutable; every word returns a new one.
 *
 * <pre>{@code
 * LogQuery.parse("level:ERROR path:/api/* last:15m").and(field("tenant").is("acme")).limit(20)
 * }</pre>
 *
 * <p>{@link #parse} takes the query language, with times; {@link #of} takes a {@link Condition} made in Java, which is the same tree: both find what the
 * condition finds where it tests events one by one. To add a filter to what a user has typed, {@link #and} is the safe way.
 */
public final class LogQuery {
  /** How many hits are asked for unless {@link #limit} says otherwise. */
  public static final int DEFAULT_LIMIT = 100;

  /** How many hits can be asked for. */
  public static final int MOST_HITS = 10_000;

  /** How many conditions a query can have. */
  public static final int MOST_CONDITIONS = 512;

  /** How deep the conditions of a query can be nested. */
  public static final int DEEPEST = 64;

  /** How long an answer may take unless {@link #within} says otherwise. */
  public static final Duration DEFAULT_TIME = Duration.ofSeconds(10);

  private static final LogQuery ALL = new LogQuery(Condition.all(), List.of(), DEFAULT_LIMIT, null, DEFAULT_TIME);

  private final Condition condition;
  /** What names times that depend on when it is asked. */
  private final List<Timed> timed;
  final int limit;
  final LogCursor after;
  final Duration within;

  private record Timed(String text, ZoneId zone) {
    Condition at(Instant now) {
      return Condition.parseAt(text, now, zone);
    }
  }

  private LogQuery(Condition condition, List<Timed> timed, int limit, LogCursor after, Duration within) {
    this.condition = condition;
    this.timed = timed;
    this.limit = limit;
    this.after = after;
    this.within = within;
    if (condition instanceof Clause clause && clause.size() > MOST_CONDITIONS) {
      throw new IllegalArgumentException("a query has at most " + MOST_CONDITIONS + " conditions, was " + clause.size());
    }
    if (condition instanceof Clause clause && clause.depth() > DEEPEST) {
      throw new IllegalArgumentException("conditions can be nested " + DEEPEST + " deep, was " + clause.depth());
    }
  }

  /** Every event. */
  public static LogQuery all() {
    return ALL;
  }

  /** The events for which a condition holds. */
  public static LogQuery of(Condition condition) {
    return ALL.and(condition);
  }

  /**
   * Reads a query in the query language. Times without a zone are those of UTC; {@code now}, {@code last:15m} and {@code @today} are counted from when
   * the query is asked, on the clock of the pipeline that feeds the index.
   *
   * @throws QueryException if it cannot be understood; it says where and why
   */
  public static LogQuery parse(String text) {
    return parse(text, ZoneOffset.UTC);
  }

  /** As {@link #parse(String)}, with times in this zone. */
  public static LogQuery parse(String text, ZoneId zone) {
    Timed read = new Timed(Objects.requireNonNull(text, "text"), Objects.requireNonNull(zone, "zone"));
    Condition once = read.at(Instant.EPOCH);
    boolean standing = once.equals(read.at(Instant.EPOCH.plus(Duration.ofDays(3000))));
    return standing ? ALL.and(once) : new LogQuery(Condition.all(), List.of(read), DEFAULT_LIMIT, null, DEFAULT_TIME);
  }

  /** Only events for which this holds as well. */
  public LogQuery and(Condition other) {
    return new LogQuery(condition.and(other), timed, limit, after, within);
  }

  /** Only events of this time or later. To the millisecond, as the time of an event. */
  public LogQuery since(Instant time) {
    Objects.requireNonNull(time, "time of LogQuery.since");
    return and(Clause.TimeRange.since(time));
  }

  /** Only events before this time. */
  public LogQuery until(Instant time) {
    Objects.requireNonNull(time, "time of LogQuery.until");
    return and(Clause.TimeRange.until(time));
  }

  /** At most so many hits, the newest: 1 to {@value #MOST_HITS}; {@value #DEFAULT_LIMIT} unless said. */
  public LogQuery limit(int hits) {
    if (hits < 1 || hits > MOST_HITS) {
      throw new IllegalArgumentException("limit must be 1 to " + MOST_HITS + ", was " + hits + "; to know how many there are, use LogIndex.count(query)");
    }
    return new LogQuery(condition, timed, hits, after, within);
  }

  /** Only hits that come behind this one in the order of hits: the next page after {@link LogHits#last}. */
  public LogQuery after(LogCursor cursor) {
    return new LogQuery(condition, timed, limit, Objects.requireNonNull(cursor, "cursor"), within);
  }

  /** The answer may take so long; then it is {@linkplain LogHits#isPartial partial}. */
  public LogQuery within(Duration time) {
    Objects.requireNonNull(time, "time of LogQuery.within");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("a search may take a positive time, was " + time);
    }
    return new LogQuery(condition, timed, limit, after, time.compareTo(Duration.ofDays(1)) > 0 ? Duration.ofDays(1) : time);
  }

  /** What must hold, if it is asked at this time. */
  public Condition conditionAt(Instant now) {
    Condition all = condition;
    List<Condition> parts = new ArrayList<>();
    timed.forEach(part -> parts.add(part.at(now)));
    for (Condition part : parts) {
      all = all instanceof Clause.All ? part : part.and(all);
    }
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogQuery query && query.condition.equals(condition) && query.timed.equals(timed) && query.limit == limit
        && Objects.equals(query.after, after) && query.within.equals(within);
  }

  @Override
  public int hashCode() {
    return Objects.hash(condition, timed, limit, after, within);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Timed part : timed) {
      text.append('(').append(part.text).append(") AND ");
    }
    if (text.length() > 0 && condition instanceof Clause.All) {
      return text.substring(0, text.length() - 5);
    }
    return text.append(text.length() > 0 && condition instanceof Clause.Or ? "(" + condition + ")" : condition.toString()).toString();
  }
}
