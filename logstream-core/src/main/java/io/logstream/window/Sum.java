package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;

/** A sum or a mean: exact, so that the order of events does not matter. */
final class Sum implements Reversible {
  private static final byte WHOLE = 1;
  private static final byte DECIMAL = 2;

  private final NumberField number;
  private final FieldKey key;
  private final boolean mean;
  private long count;
  /** The sum of the whole numbers in 128 bits: the upper and the lower half. */
  private long high;
  private long low;
  /** How many of the values are decimals. */
  private long fractions;
  /** The sum of the decimals; null where there are none. */
  private ExactSum decimals;
  private long cell;

  Sum(NumberField number, FieldKey key, boolean mean) {
    this.number = number;
    this.key = key;
    this.mean = mean;
  }

  @Override
  public byte kind(LogEvent event) {
    cell = number.whole(event);
    if (cell != Long.MIN_VALUE) {
      return WHOLE;
    }
    double decimal = number.of(event);
    cell = Double.doubleToRawLongBits(decimal);
    return decimal == decimal ? DECIMAL : NOTHING;
  }

  @Override
  public long cell() {
    return cell;
  }

  @Override
  public void include(byte kind, long brought) {
    count++;
    if (kind == WHOLE) {
      addWhole(brought >> 63, brought);
    } else {
      fractions++;
      decimals().add(Double.longBitsToDouble(brought));
    }
  }

  @Override
  public void exclude(byte kind, long brought) {
    count--;
    if (kind == WHOLE) {
      addWhole(-brought >> 63, -brought);
    } else if (--fractions == 0) {
      decimals = null;
    } else {
      decimals.add(-Double.longBitsToDouble(brought));
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
      fractions += other.fractions;
      decimals().add(other.decimals);
    }
  }

  @Override
  public void write(DataOutput out) throws IOException {
    out.writeLong(count);
    out.writeLong(high);
    out.writeLong(low);
    out.writeLong(fractions);
    if (fractions > 0) {
      decimals.write(out);
    }
  }

  @Override
  public void read(DataInput in) throws IOException {
    count = in.readLong();
    high = in.readLong();
    low = in.readLong();
    fractions = in.readLong();
    if (fractions > 0) {
      decimals().read(in);
    }
  }

  @Override
  public void fill(LogEvent row, Duration covered) {
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
