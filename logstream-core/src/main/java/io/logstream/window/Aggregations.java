package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The aggregations that come with the library. Each fills one field of a row, named as said with it; {@code mean("seconds")} fills {@code
 * seconds.mean}, {@code mean("m", "seconds")} fills {@code m}. Events in which the field is missing or not a number are counted under
 * {@code <stage>.missing} and {@code <stage>.notNumeric}, and left out, by each aggregation that meets them.
 */
public final class Aggregations {
  private Aggregations() {}

  /** How many events: the field {@code count}. */
  public static Aggregation count() {
    return new Single("count()", "count", List.of(), (context, key) -> () -> new Count(key, null));
  }

  /** How many events meet a condition. */
  public static Aggregation count(String name, Condition condition) {
    return new Single("count(" + name + ", " + condition + ")", name, List.copyOf(condition.fields()), (context, key) -> {
      Predicate<LogEvent> bound = condition.bind(context);
      return () -> new Count(key, bound);
    });
  }

  /**
   * Which part of the events meets a condition, from 0 to 1. Absent for no events.
   */
  public static Aggregation ratio(String name, Condition condition) {
    return new Single("ratio(" + name + ", " + condition + ")", name, List.copyOf(condition.fields()), (context, key) -> {
      Predicate<LogEvent> bound = condition.bind(context);
      return () -> new Ratio(key, bound);
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
   * @param percents from 0 to 100, at most six digits behind the point
   */
  public static Aggregation percentiles(String field, double... percents) {
    return percentiles(field, field, percents);
  }

  /** Percentiles of a field, under the names {@code <name>.p50} and so on. */
  public static Aggregation percentiles(String name, String field, double... percents) {
    return new Percentiles(name, field, percents.clone());
  }

  private interface OpenNumeric {
    Aggregation.Value empty(NumberField number, FieldKey key);
  }

  private static Aggregation numeric(String what, String name, String field, OpenNumeric how) {
    Objects.requireNonNull(name, "name of an aggregation");
    Objects.requireNonNull(field, "field");
    String shown = what + "(" + (name.equals(field + "." + what) ? "" : name + ", ") + field + ")";
    return new Single(shown, name, List.of(field), (context, key) -> {
      NumberField number = new NumberField(context, field);
      return () -> how.empty(number, key);
    });
  }

  private interface OpenSingle {
    Aggregation.Opened open(StageContext context, FieldKey key);
  }

  /** An aggregation of one field. */
  private record Single(String shown, String name, List<String> reads, OpenSingle how) implements Aggregation {
    Single {
      Objects.requireNonNull(name, "name of an aggregation");
    }

    @Override
    public List<String> fields() {
      return List.of(name);
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

  private static final class Count implements Aggregation.Value {
    private final FieldKey key;
    private final Predicate<LogEvent> condition;
    private long count;

    Count(FieldKey key, Predicate<LogEvent> condition) {
      this.key = key;
      this.condition = condition;
    }

    @Override
    public void add(LogEvent event) {
      if (condition == null || condition.test(event)) {
        count++;
      }
    }

    @Override
    public void merge(Aggregation.Value other) {
      count += ((Count) other).count;
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeLong(count);
    }

    @Override
    public void read(DataInput in) throws IOException {
      count = in.readLong();
    }

    @Override
    public void fill(LogEvent row) {
      row.put(key, count);
    }
  }

  private static final class Ratio implements Aggregation.Value {
    private final FieldKey key;
    private final Predicate<LogEvent> condition;
    private long all;
    private long met;

    Ratio(FieldKey key, Predicate<LogEvent> condition) {
      this.key = key;
      this.condition = condition;
    }

    @Override
    public void add(LogEvent event) {
      all++;
      if (condition.test(event)) {
        met++;
      }
    }

    @Override
    public void merge(Aggregation.Value other) {
      all += ((Ratio) other).all;
      met += ((Ratio) other).met;
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeLong(all);
      out.writeLong(met);
    }

    @Override
    public void read(DataInput in) throws IOException {
      all = in.readLong();
      met = in.readLong();
    }

    @Override
    public void fill(LogEvent row) {
      if (all > 0) {
        row.put(key, (double) met / all);
      }
    }
  }

  private static final class Sum implements Aggregation.Value {
    private final NumberField number;
    private final FieldKey key;
    private final boolean mean;
    private long count;
    /** The sum of the whole numbers in 128 bits: the upper and the lower half. */
    private long high;
    private long low;
    /** The sum of the decimals; null where there were none. */
    private ExactSum decimals;

    Sum(NumberField number, FieldKey key, boolean mean) {
      this.number = number;
      this.key = key;
      this.mean = mean;
    }

    @Override
    public void add(LogEvent event) {
      long value = number.whole(event);
      if (value != Long.MIN_VALUE) {
        addWhole(value >> 63, value);
        count++;
        return;
      }
      double decimal = number.of(event);
      if (decimal == decimal) {
        decimals().add(decimal);
        count++;
      }
    }

    private void addWhole(long upper, long lower) {
      low += lower;
      high += upper + (Long.compareUnsigned(low, lower) < 0 ? 1 : 0);
    }

    private ExactSum decimals() {
      if (decimals == null) {
        decimals = new ExactSum();
      }
      return decimals;
    }

    @Override
    public void merge(Aggregation.Value from) {
      Sum other = (Sum) from;
      count += other.count;
      addWhole(other.high, other.low);
      if (other.decimals != null) {
        decimals().add(other.decimals);
      }
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeLong(count);
      out.writeLong(high);
      out.writeLong(low);
      out.writeBoolean(decimals != null);
      if (decimals != null) {
        decimals.write(out);
      }
    }

    @Override
    public void read(DataInput in) throws IOException {
      count = in.readLong();
      high = in.readLong();
      low = in.readLong();
      if (in.readBoolean()) {
        decimals().read(in);
      }
    }

    @Override
    public void fill(LogEvent row) {
      if (mean) {
        if (count > 0) {
          row.put(key, isLong() ? (double) low / count : inAll().dividedBy(count));
        }
      } else if (isLong()) {
        row.put(key, low);
      } else {
        row.put(key, inAll().value());
      }
    }

    private boolean isLong() {
      return decimals == null && high == low >> 63;
    }

    private ExactSum inAll() {
      ExactSum all = new ExactSum();
      all.add(high, low);
      if (decimals != null) {
        all.add(decimals);
      }
      return all;
    }
  }

  private static final class Extreme implements Aggregation.Value {
    private final NumberField number;
    private final FieldKey key;
    private final int sign;
    private double extreme = Double.NaN;
    /** The extreme as a whole number, where it came as one. */
    private long whole = Long.MIN_VALUE;

    Extreme(NumberField number, FieldKey key, int sign) {
      this.number = number;
      this.key = key;
      this.sign = sign;
    }

    @Override
    public void add(LogEvent event) {
      long value = number.whole(event);
      take(value != Long.MIN_VALUE ? value : number.of(event), value);
    }

    private void take(double value, long asWhole) {
      if (value != value) {
        return;
      }
      int order = extreme != extreme ? sign : compare(value, asWhole);
      if (order * sign > 0) {
        extreme = value + 0.0; // -0.0 becomes 0.0
        whole = asWhole;
      } else if (order == 0 && asWhole != Long.MIN_VALUE) {
        whole = asWhole; // 5 and 5.0 are equal: the whole form stands, whichever came first
      }
    }

    private int compare(double value, long asWhole) {
      if (asWhole != Long.MIN_VALUE && whole != Long.MIN_VALUE) {
        return Long.compare(asWhole, whole);
      }
      if (asWhole != Long.MIN_VALUE) {
        return compare(asWhole, extreme);
      }
      return whole != Long.MIN_VALUE ? -compare(whole, value) : value == extreme ? 0 : Double.compare(value, extreme);
    }

    /** Exactly, where a double cannot hold the long. */
    private static int compare(long whole, double decimal) {
      if (decimal >= 0x1p63 || decimal < -0x1p63) {
        return decimal > 0 ? -1 : 1;
      }
      int order = Long.compare(whole, (long) decimal);
      return order != 0 ? order : Double.compare(0, decimal - (long) decimal + 0.0);
    }

    @Override
    public void merge(Aggregation.Value other) {
      take(((Extreme) other).extreme, ((Extreme) other).whole);
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeDouble(extreme);
      out.writeLong(whole);
    }

    @Override
    public void read(DataInput in) throws IOException {
      extreme = in.readDouble();
      whole = in.readLong();
    }

    @Override
    public void fill(LogEvent row) {
      if (whole != Long.MIN_VALUE) {
        row.put(key, whole);
      } else if (extreme == extreme) {
        row.put(key, extreme);
      }
    }
  }

  static <T> List<T> mapped(double[] values, Function<Double, T> to) {
    return Arrays.stream(values).boxed().map(to).toList();
  }
}
