package io.logstream.window;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.mapping.IndexMapping;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import com.datadoghq.sketch.ddsketch.store.Bin;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.datadoghq.sketch.ddsketch.store.Store;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Percentiles by DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
 * guarantees", VLDB 2019) at 1 %.
 *
 * <p>A percentile is the value of nearest rank r = ceil(p/100 x n): that of the bucket, from the least value on, with which r values are
 * reached. The sketch's own quantiles are of another definition, and walk over the buckets once for each. The answer is kept between
 * the exact least and greatest value.
 */
final class Percentiles implements Aggregation {
  private static final double ACCURACY = 0.01;
  private static final int BUCKETS = 2048;
  private static final IndexMapping MAPPING = new LogarithmicMapping(ACCURACY);
  /** Greater values, which only the last per cent below the greatest double are, count as this one. */
  private static final double MOST = MAPPING.maxIndexableValue();
  /** Greater values have buckets; those from here down to its negative count as 0. */
  private static final double LEAST = MAPPING.minIndexableValue();
  private static final Supplier<Store> STORE = () -> new CollapsingLowestDenseStore(BUCKETS);
  private static final long MILLIONTHS = 1_000_000;

  private final List<String> names;
  private final String field;
  /** Percentiles in millionths of a per cent, so that ranks are worked out in whole numbers. */
  private final long[] millionths;
  /** The percentiles' places in ascending order. */
  private final int[] order;

  Percentiles(String name, String field, double[] percents) {
    this.field = Objects.requireNonNull(field, "field");
    if (percents.length == 0) {
      throw new IllegalArgumentException("percentiles of '" + field + "' need at least one percentage, such as percentiles(\"" + field + "\", 50, 99)");
    }
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
    order = IntStream.range(0, percents.length).boxed().sorted(Comparator.comparingLong(i -> millionths[i])).mapToInt(i -> i).toArray();
    names = Aggregations.mapped(percents, p -> name + ".p" + BigDecimal.valueOf(p).stripTrailingZeros().toPlainString());
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
    FieldKey[] keys = names.stream().map(context::key).toArray(FieldKey[]::new);
    return () -> new Sketch(number, keys);
  }

  @Override
  public String toString() {
    return "percentiles(" + String.join(", ", names) + " of " + field + ")";
  }

  private final class Sketch implements Value {
    private final NumberField number;
    private final FieldKey[] keys;
    private DDSketch sketch;
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
          sketch().getPositiveValueStore().add(MAPPING.index(Math.min(MOST, value)));
        } else {
          sketch().accept(Math.max(-MOST, value));
        }
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }

    private DDSketch sketch() {
      if (sketch == null) {
        sketch = new DDSketch(MAPPING, STORE);
      }
      return sketch;
    }

    @Override
    public void merge(Value from) {
      Sketch other = (Sketch) from;
      if (other.sketch != null) {
        sketch().mergeWith(other.sketch);
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
      }
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeDouble(min);
      out.writeDouble(max);
      if (sketch == null) {
        out.writeInt(0);
        return;
      }
      GrowingByteArrayOutput bytes = GrowingByteArrayOutput.withDefaultInitialCapacity();
      sketch.encode(bytes, false);
      out.writeInt(bytes.numWrittenBytes());
      out.write(bytes.backingArray(), 0, bytes.numWrittenBytes());
    }

    @Override
    public void read(DataInput in) throws IOException {
      min = in.readDouble();
      max = in.readDouble();
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      sketch = bytes.length == 0 ? null : DDSketch.decode(ByteArrayInput.wrap(bytes), STORE);
    }

    @Override
    public void fill(LogEvent row, Duration covered) {
      if (sketch == null) {
        return;
      }
      long n = (long) sketch.getCount();
      Ranks ranks = new Ranks(n);
      ranks.walk(sketch.getNegativeValueStore().getDescendingIterator(), -1);
      ranks.reach(n - sketch.getPositiveValueStore().getTotalCount(), 0);
      ranks.walk(sketch.getPositiveValueStore().getAscendingIterator(), 1);
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
  private final class Ranks {
    private final double[] values = new double[millionths.length];
    private final long n;
    private double seen;
    private int found;

    Ranks(long n) {
      this.n = n;
    }

    void walk(Iterator<Bin> bins, int sign) {
      while (found < order.length && bins.hasNext()) {
        Bin bin = bins.next();
        double reached = seen + bin.getCount();
        if (rank(millionths[order[found]], n) <= reached) {
          reach(reached, sign * MAPPING.value(bin.getIndex()));
        } else {
          seen = reached;
        }
      }
    }

    /** With this value so many have been seen. */
    void reach(double count, double value) {
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
