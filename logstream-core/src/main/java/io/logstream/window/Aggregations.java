package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The aggregations that come with the library. Each but {@link #percentiles} and {@link #topValues} fills one field of a row, named as said with it; {@code mean("seconds")} fills {@code
 * seconds.mean}, {@code mean("m", "seconds")} fills {@code m}. Events in which the field is missing or not a number are counted under
 * {@code <stage>.missing} and {@code <stage>.notNumeric}, and left out, by each aggregation that meets them.
 */
public final class Aggregations {
  private Aggregations() {}

  /** How many events: the field {@code count}. */
  public static Aggregation count() {
    return new Single("count()", "count", List.of(), null, (context, key) -> () -> new Counted(key, null, false));
  }

  /** How many events meet a condition. */
  public static Aggregation count(String name, Condition condition) {
    Objects.requireNonNull(condition, "condition of Aggregations.count");
    return new Single("count(" + name + ", " + condition + ")", name, List.copyOf(condition.fields()), condition, (context, key) -> {
      Predicate<LogEvent> bound = condition.bind(context);
      return () -> new Counted(key, bound, false);
    });
  }

  /**
   * Which part of the events meets a condition, from 0 to 1. Absent for no events.
   */
  public static Aggregation ratio(String name, Condition condition) {
    Objects.requireNonNull(condition, "condition of Aggregations.ratio");
    return new Single("ratio(" + name + ", " + condition + ")", name, List.copyOf(condition.fields()), condition, (context, key) -> {
      Predicate<LogEvent> bound = condition.bind(context);
      return () -> new Ratio(key, bound);
    });
  }

  /** How many events per second: the field {@code rate}. Over the window's length; where the window is not over yet, over the time it covers. */
  public static Aggregation rate() {
    return rate("rate");
  }

  /** How many events per second, under a name. */
  public static Aggregation rate(String name) {
    return new Single("rate(" + name + ")", name, List.of(), null, (context, key) -> () -> new Counted(key, null, true));
  }

  /** How many events per second meet a condition. */
  public static Aggregation rate(String name, Condition condition) {
    Objects.requireNonNull(condition, "condition of Aggregations.rate");
    return new Single("rate(" + name + ", " + condition + ")", name, List.copyOf(condition.fields()), condition, (context, key) -> {
      Predicate<LogEvent> bound = condition.bind(context);
      return () -> new Counted(key, bound, true);
    });
  }

  /** The sum of a field: {@code <field>.sum}. Exact, rounded once at the end; a whole number if all values are and it fits; 0 for no values. */
  public static Aggregation sum(String field) {
    return sum(field + ".sum", field);
  }

  /** The sum of a field, under a name. */
  public static Aggregation sum(String name, String field) {
    return numeric("sum", name, field, (number, key) -> new Sum(number, key, false));
  }

  /** The mean of a field: {@code <field>.mean}. From the exact sum; absent for no values. */
  public static Aggregation mean(String field) {
    return mean(field + ".mean", field);
  }

  /** The mean of a field, under a name. */
  public static Aggregation mean(String name, String field) {
    return numeric("mean", name, field, (number, key) -> new Sum(number, key, true));
  }

  /** The least value of a field: {@code <field>.min}. Absent for no values. */
  public static Aggregation min(String field) {
    return min(field + ".min", field);
  }

  /** The least value of a field, under a name. */
  public static Aggregation min(String name, String field) {
    return numeric("min", name, field, (number, key) -> new Extreme(number, key, -1));
  }

  /** The greatest value of a field: {@code <field>.max}. Absent for no values. */
  public static Aggregation max(String field) {
    return max(field + ".max", field);
  }

  /** The greatest value of a field, under a name. */
  public static Aggregation max(String name, String field) {
    return numeric("max", name, field, (number, key) -> new Extreme(number, key, 1));
  }

  /**
   * Percentiles of a field, by nearest rank (the least value such that at least p per cent of the values are not greater), to within 1 % of
   * the value: {@code <field>.p50} and so on. The 0th and the 100th are exact. Absent for no values. A sketch of 1 to 4 kB for each key
   * that spans the usual range of durations; 16.6 kB at most, when values span more than 17 orders of magnitude and the smallest lose accuracy.
   *
   * @param percents from 0 to 100, at most six digits behind the point; refused if all of them lie between 0 and 1, as fractions do
   */
  public static Aggregation percentiles(String field, double... percents) {
    Objects.requireNonNull(percents, "percents of Aggregations.percentiles");
    return percentiles(field, field, percents);
  }

  /** Percentiles of a field, under the names {@code <name>.p50} and so on. */
  public static Aggregation percentiles(String name, String field, double... percents) {
    Objects.requireNonNull(percents, "percents of Aggregations.percentiles");
    return new Percentiles(name, field, percents.clone());
  }

  /**
   * How many different values a field has: {@code <field>.distinct}. Exact up to 1,024, beyond that estimated with a standard error of
   * 1.6 %. A number and the text that reads like it are two values. At most 16 kB for each key.
   */
  public static Aggregation distinct(String field) {
    return distinct(field + ".distinct", field);
  }

  /** How many different values a field has, under a name. */
  public static Aggregation distinct(String name, String field) {
    return ofField("distinct", name, field, (context, key) -> {
      Distinct.Shared shared = new Distinct.Shared(context, key, field);
      return () -> new Distinct(shared);
    });
  }

  /** The value that a field has in the first event, by event time, that has it: {@code <field>.first}. Of several events of one time, the one that came first. */
  public static Aggregation first(String field) {
    return first(field + ".first", field);
  }

  /** The value that a field has in the first event, under a name. */
  public static Aggregation first(String name, String field) {
    return edge("first", name, field, true);
  }

  /** The value that a field has in the last event, by event time, that has it: {@code <field>.last}. Of several events of one time, the one that came last. */
  public static Aggregation last(String field) {
    return last(field + ".last", field);
  }

  /** The value that a field has in the last event, under a name. */
  public static Aggregation last(String name, String field) {
    return edge("last", name, field, false);
  }

  private static Aggregation edge(String what, String name, String field, boolean first) {
    return ofField(what, name, field, (context, key) -> {
      Edge.Shared shared = new Edge.Shared(context, key, field, first);
      return () -> new Edge(shared);
    });
  }

  /**
   * The k most frequent values of a field, most frequent first, of equally frequent ones the lesser first: four fields. {@code <field>.top} is the list
   * of values, {@code <field>.top.count} that of their counts, {@code <field>.top.error} that of the errors which these may have: a value
   * came at most {@code count} times and at least {@code count - error}. Exact, all errors 0, up to 1,024 different values; beyond that {@code
   * <field>.top.approximate} is true. Text is counted by its first 1,024 bytes.
   */
  public static Aggregation topValues(String field, int k) {
    return topValues(field + ".top", field, k);
  }

  /** The k most frequent values of a field, under the names {@code <name>}, {@code <name>.count}, {@code <name>.error} and {@code <name>.approximate}. */
  public static Aggregation topValues(String name, String field, int k) {
    return topValues(name, field, k, TopValues.EXACT);
  }

  /** As {@link #topValues(String, String, int)}, exact up to so many different values. */
  public static Aggregation topValues(String name, String field, int k, int maxValues) {
    return new TopValues(name, field, k, maxValues);
  }

  private static Aggregation ofField(String what, String name, String field, OpenSingle how) {
    Objects.requireNonNull(name, "name of an aggregation");
    Objects.requireNonNull(field, "field");
    return new Single(what + "(" + (name.equals(field + "." + what) ? "" : name + ", ") + field + ")", name, List.of(field), null, how);
  }

  private interface OpenNumeric {
    Aggregation.Value empty(NumberField number, FieldKey key);
  }

  private static Aggregation numeric(String what, String name, String field, OpenNumeric how) {
    return ofField(what, name, field, (context, key) -> {
      NumberField number = new NumberField(context, field);
      return () -> how.empty(number, key);
    });
  }

  private interface OpenSingle {
    Aggregation.Opened open(StageContext context, FieldKey key);
  }

  /** An aggregation of one field. */
  private record Single(String shown, String name, List<String> reads, Condition condition, OpenSingle how) implements Aggregation {
    Single {
      Objects.requireNonNull(name, "name of an aggregation");
    }

    @Override
    public List<String> fields() {
      return List.of(name);
    }

    @Override
    public Measure measure() {
      return new Measure(shown.substring(0, shown.indexOf('(')), fields(), condition == null && !reads.isEmpty() ? reads.get(0) : null, condition, List.of());
    }

    @Override
    public Opened open(StageContext context) {
      return how.open(context, context.key(name));
    }

    @Override
    public String toString() {
      return shown;
    }
  }
}
