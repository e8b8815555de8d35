package io.logstream.window;

import com.datadoghq.sketch.ddsketch.mapping.IndexMapping;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * Percentiles by DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
 * guarantees", VLDB 2019) at 1 %.
 *
 * <p>A percentile is the value of nearest rank r = ceil(p/100 x n): that of the bucket, from the least value on, with which r values are
 * reached. The answer is kept between the exact least and greatest value. The buckets' bounds are those of sketches-java; their counts
 * are kept here ({@link Buckets}), where an event costs one of them.
 */
final class Percentiles implements Aggregation {
  private static final double ACCURACY = 0.01;
  private static final IndexMapping MAPPING = new LogarithmicMapping(ACCURACY);
  /** Greater values, which only the last per cent below the greatest double are, count as this one. */
  private static final double MOST = MAPPING.maxIndexableValue();
  /** Greater values have buckets; those from here down to its negative count as 0. */
  private static final double LEAST = MAPPING.minIndexableValue();
  private static final long MILLIONTHS = 1_000_000;

  private final List<String> names;
  private final String field;
  /** Percentiles in millionths of a per cent, so that ranks are worked out in whole numbers. */
  private final long[] millionths;
  /** The percentiles' places in ascending order. */
  private final int[] order;

  private void refuseFractions(double[] percents) {
    for (double percent : percents) {
      if (!(percent > 0 && percent < 1)) {
        return;
      }
    }
    double[] meant = DoubleStream.of(percents).map(percent -> Math.rint(percent * 100 * MILLIONTHS) / MILLIONTHS).toArray();
    throw new IllegalArgumentException("percentiles of '" + field + "' are from 0 to 100, and " + Arrays.toString(percents) + " look like fractions: say "
        + Arrays.toString(meant) + ", or 0 beside them if so low ones are meant");
  }

  Percentiles(String name, String field, double[] percents) {
    this.field = Objects.requireNonNull(field, "field");
    if (percents.length == 0) {
      throw new IllegalArgumentException("percentiles of '" + field + "' need at least one percentage, such as percentiles(\"" + field + "\", 50, 99)");
    }
    refuseFractions(percents);
    millionths = new long[percents.length];
    for (int i = 0; i < percents.length; i++) {
      if (!(percents[i] >= 0 && percents[i] <= 100)) {
        throw new IllegalArgumentException("a percentile of '" + field + "' must be from 0 to 100, was " + percents[i]);
      }
      if (BigDecimal.valueOf(percents[i]).stripTrailingZeros().scale() > 6) {
        throw new IllegalArgumentException("a percentile of '" + field + "' has at most six digits behind the point, was " + percents[i]);
      }
      millionths[i] = Math.round(percents[i] * MILLIONTHS);
    }
    order = new int[percents.length];
    List<String> named = new ArrayList<>();
    for (int i = 0; i < percents.length; i++) {
      int at = i;
      for (; at > 0 && millionths[order[at - 1]] > millionths[i]; at--) {
        order[at] = order[at - 1];
      }
      order[at] = i;
      named.add(name + ".p" + BigDecimal.valueOf(percents[i]).stripTrailingZeros().toPlainString());
    }
    names = List.copyOf(named);
  }

  @Override
  public List<String> fields() {
    return names;
  }

  @Override
  public Measure measure() {
    return new Measure("percentiles", names, field, null, Arrays.stream(millionths).mapToObj(m -> (double) m / MILLIONTHS).toList());
  }

  @Override
  public List<String> reads() {
    return List.of(field);
  }

  @Override
  public Opened open(StageContext context) {
    NumberField number = new NumberField(context, field);
    FieldKey[] keys = new FieldKey[names.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = context.key(names.get(i));
    }
    return () -> new Sketch(number, keys);
  }

  @Override
  public String toString() {
    return "percentiles(" + String.join(", ", names) + " of " + field + ")";
  }

  private final class Sketch implements Value {
    private final NumberField number;
    private final FieldKey[] keys;
    private Buckets positive = new Buckets();
    private Buckets negative;
    /** Values too near to 0 for a bucket. */
    private long zeros;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    Sketch(NumberField number, FieldKey[] keys) {
      this.number = number;
      this.keys = keys;
    }

    @Override
    public void add(LogEvent event) {
      double value = number.of(event) + 0.0; // -0.0 becomes 0.0
      if (value == value) {
        if (value > LEAST) {
          positive.add(MAPPING.index(Math.min(MOST, value)));
        } else if (value < -LEAST) {
          negative().add(MAPPING.index(Math.min(MOST, -value)));
        } else {
          zeros++;
        }
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }

    private Buckets negative() {
      if (negative == null) {
        negative = new Buckets();
      }
      return negative;
    }

    @Override
    public void merge(Value from) {
      Sketch other = (Sketch) from;
      positive.add(other.positive);
      if (other.negative != null) {
        negative().add(other.negative);
      }
      zeros += other.zeros;
      min = Math.min(min, other.min);
      max = Math.max(max, other.max);
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeDouble(min);
      out.writeDouble(max);
      out.writeLong(zeros);
      positive.write(out);
      out.writeBoolean(negative != null);
      if (negative != null) {
        negative.write(out);
      }
    }

    @Override
    public void read(DataInput in) throws IOException {
      min = in.readDouble();
      max = in.readDouble();
      zeros = in.readLong();
      positive = Buckets.read(in);
      negative = in.readBoolean() ? Buckets.read(in) : null;
    }

    @Override
    public void fill(LogEvent row, Duration covered) {
      long n = positive.total() + zeros + (negative == null ? 0 : negative.total());
      if (n == 0) {
        return;
      }
      Ranks ranks = new Ranks(n);
      if (negative != null) {
        ranks.sign = -1;
        negative.downwards(ranks);
      }
      ranks.reach(n - positive.total(), 0);
      ranks.sign = 1;
      positive.upwards(ranks);
      for (int i = 0; i < keys.length; i++) {
        put(row, i, ranks);
      }
    }

    private void put(LogEvent row, int i, Ranks ranks) {
      double value = millionths[i] == 0 ? min : millionths[i] == 100 * MILLIONTHS ? max : ranks.values[i];
      row.put(keys[i], Math.min(max, Math.max(min, value)));
    }
  }

  /** Finds the values of all percentiles in one walk over the sketch's buckets, from the least value on. */
  private final class Ranks implements Buckets.Walk {
    private final double[] values = new double[millionths.length];
    private final long n;
    private int sign;
    private long seen;
    private int found;

    Ranks(long n) {
      this.n = n;
    }

    /** Goes past a bucket with so many values; returns whether there are ranks behind it. */
    @Override
    public boolean take(int bucket, long count) {
      if (found < order.length && rank(millionths[order[found]], n) <= seen + count) {
        reach(seen + count, sign * MAPPING.value(bucket));
      } else {
        seen += count;
      }
      return found < order.length;
    }

    /** With this value so many have been seen. */
    void reach(long count, double value) {
      seen = count;
      while (found < order.length && rank(millionths[order[found]], n) <= seen) {
        values[order[found++]] = value;
      }
    }
  }

  /** The nearest rank of a percentile among n values, from 1. */
  static long rank(long millionthsOfPercent, long n) {
    return Math.max(1, ceilDiv(millionthsOfPercent, n));
  }

  private static long ceilDiv(long millionthsOfPercent, long n) {
    long whole = 100 * MILLIONTHS;
    // split n, so that the product does not overflow
    long high = n / whole;
    long low = n % whole;
    long product = millionthsOfPercent * low;
    return millionthsOfPercent * high + (product + whole - 1) / whole;
  }
}
