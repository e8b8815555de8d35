package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;

/** The least or the greatest value. */
final class Extreme implements Aggregation.Value {
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
  public void fill(LogEvent row, Duration covered) {
    if (whole != Long.MIN_VALUE) {
      row.put(key, whole);
    } else if (extreme == extreme) {
      row.put(key, extreme);
    }
  }
}
