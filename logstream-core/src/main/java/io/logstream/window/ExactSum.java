package io.logstream.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;

/**
 * A sum of doubles that is exact, and so does not depend on their order. What a fixed point of 128 bits holds exactly is added there, which
 * is nearly everything: whatever is a multiple of 2^-74 and not beyond 2^44. The rest is held as partial sums that do not overlap, smallest
 * first: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates" (1997). The result is rounded
 * once, to the nearest double. Values so great that a sum of them might overflow on the way have a sum of their own, scaled down.
 */
final class ExactSum {
  private static final int POINT = 74;
  private static final int BIAS = 1075;
  private static final long MANTISSA = (1L << 52) - 1;
  private static final int MOST_SHIFT = 64;
  private static final long FULL = 1L << 61;
  private static final double GREAT = 0x1p960;
  private static final double SCALE = 0x1p-128;
  private static final double[] NONE = {};

  /** The fixed point: its upper and its lower half. */
  private long high;
  private long low;
  private double[] partials = NONE;
  private int count;
  /** Of the values from {@link #GREAT} on, times {@link #SCALE}; null without any. */
  private ExactSum great;

  void add(double value) {
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) & 0x7FF;
    long mantissa = bits & MANTISSA | MANTISSA + 1;
    int shift = exponent - BIAS + POINT;
    if (shift < 0 && shift > -53 && exponent != 0 && (mantissa & (1L << -shift) - 1) == 0) {
      mantissa >>>= -shift;
      shift = 0;
    }
    if (shift >= 0 && shift <= MOST_SHIFT) {
      long lower = shift == 64 ? 0 : mantissa << shift;
      long upper = shift == 0 ? 0 : mantissa >>> 64 - shift;
      if (bits < 0) {
        lower = -lower;
        upper = lower == 0 ? -upper : ~upper;
      }
      addFixed(upper, lower);
    } else if (Math.abs(value) >= GREAT) {
      great().addNext(value * SCALE);
    } else if (value != 0) {
      addNext(value);
    }
  }

  private void addFixed(long upper, long lower) {
    low += lower;
    high += upper + (Long.compareUnsigned(low, lower) < 0 ? 1 : 0);
    if (high >= FULL || high < -FULL) {
      addFixedToPartials();
      high = 0;
      low = 0;
    }
  }

  /** A double holds each quarter of the fixed point exactly. */
  private void addFixedToPartials() {
    addQuarters(high, low, POINT);
  }

  private void addQuarters(long upper, long lower, int point) {
    addNext(Math.scalb((double) (upper >> 32), 96 - point));
    addNext(Math.scalb((double) (upper & 0xFFFF_FFFFL), 64 - point));
    addNext(Math.scalb((double) (lower >>> 32), 32 - point));
    addNext(Math.scalb((double) (lower & 0xFFFF_FFFFL), -point));
  }

  private ExactSum great() {
    if (great == null) {
      great = new ExactSum();
    }
    return great;
  }

  private void addNext(double value) {
    double x = value;
    int kept = 0;
    for (int i = 0; i < count; i++) {
      double y = partials[i];
      if (Math.abs(x) < Math.abs(y)) {
        double swap = x;
        x = y;
        y = swap;
      }
      double high = x + y;
      double low = y - (high - x);
      if (low != 0) {
        partials[kept++] = low;
      }
      x = high;
    }
    if (kept == partials.length) {
      partials = Arrays.copyOf(partials, Math.max(4, kept * 2));
    }
    partials[kept] = x;
    count = kept + 1;
  }

  /** Adds a whole number of 128 bits exactly. */
  void add(long upper, long lower) {
    addQuarters(upper, lower, 0);
  }

  void add(ExactSum other) {
    addFixed(other.high, other.low);
    for (int i = 0; i < other.count; i++) {
      add(other.partials[i]);
    }
    if (other.great != null) {
      for (int i = 0; i < other.great.count; i++) {
        great().addNext(other.great.partials[i]);
      }
    }
  }

  /** The sum divided: also where the sum itself is beyond what a double holds. */
  double dividedBy(long n) {
    double sum = value();
    return Double.isInfinite(sum) ? exact().divide(BigDecimal.valueOf(n), MathContext.DECIMAL128).doubleValue() : sum / n;
  }

  private BigDecimal exact() {
    BigDecimal sum = new BigDecimal(BigInteger.valueOf(high).shiftLeft(64).add(new BigInteger(Long.toUnsignedString(low)))).divide(new BigDecimal(BigInteger.ONE.shiftLeft(POINT)));
    for (int i = 0; i < count; i++) {
      sum = sum.add(new BigDecimal(partials[i]));
    }
    return great == null ? sum : sum.add(great.exact().multiply(new BigDecimal(1 / SCALE)));
  }

  /** Infinite where it is beyond what a double holds. */
  double value() {
    if (great != null) {
      return exact().doubleValue();
    }
    if ((high | low) != 0) {
      ExactSum all = new ExactSum();
      all.partials = partials.clone();
      all.count = count;
      all.addQuarters(high, low, POINT);
      return all.value();
    }
    if (count == 0) {
      return 0;
    }
    int i = count - 1;
    double high = partials[i];
    double low = 0;
    while (i > 0) {
      double x = high;
      double y = partials[--i];
      high = x + y;
      low = y - (high - x);
      if (low != 0) {
        break;
      }
    }
    // half-way cases round by the sign of what is left
    if (i > 0 && (low < 0 && partials[i - 1] < 0 || low > 0 && partials[i - 1] > 0)) {
      double twice = low * 2;
      double x = high + twice;
      if (twice == x - high) {
        high = x;
      }
    }
    return high;
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(high);
    out.writeLong(low);
    out.writeInt(count);
    for (int i = 0; i < count; i++) {
      out.writeDouble(partials[i]);
    }
    out.writeBoolean(great != null);
    if (great != null) {
      great.write(out);
    }
  }

  void read(DataInput in) throws IOException {
    high = in.readLong();
    low = in.readLong();
    count = in.readInt();
    partials = new double[count];
    for (int i = 0; i < count; i++) {
      partials[i] = in.readDouble();
    }
    if (in.readBoolean()) {
      great().read(in);
    }
  }
}
