package io.logstream.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/**
 * A sum of doubles that is exact, and so does not depend on their order: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic
 * and Fast Robust Geometric Predicates" (1997). The sum is held as partial sums that do not overlap, smallest first; the result is
 * rounded once, to the nearest double. Values so great that a sum of them might overflow on the way have a sum of their own, scaled down.
 */
final class ExactSum {
  private static final double GREAT = 0x1p960;
  private static final double SCALE = 0x1p-128;

  private double[] partials = new double[4];
  private int count;
  /** Of the values from {@link #GREAT} on, times {@link #SCALE}; null without any. */
  private ExactSum great;

  void add(double value) {
    if (Math.abs(value) >= GREAT) {
      great().addNext(value * SCALE);
    } else {
      addNext(value);
    }
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
      partials = Arrays.copyOf(partials, kept * 2);
    }
    partials[kept] = x;
    count = kept + 1;
  }

  /** Adds a whole number of 128 bits exactly: a double holds each quarter. */
  void add(long high, long low) {
    add((double) (high >> 32) * 0x1p96);
    add((double) (high & 0xFFFF_FFFFL) * 0x1p64);
    add((double) (low >>> 32) * 0x1p32);
    add((double) (low & 0xFFFF_FFFFL));
  }

  void add(ExactSum other) {
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
    BigDecimal sum = BigDecimal.ZERO;
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
    count = in.readInt();
    partials = new double[Math.max(4, count)];
    for (int i = 0; i < count; i++) {
      partials[i] = in.readDouble();
    }
    if (in.readBoolean()) {
      great().read(in);
    }
  }
}
