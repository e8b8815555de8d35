package io.logstream.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A sum of doubles that is exact, and so does not depend on their order: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic
 * and Fast Robust Geometric Predicates" (1997). The sum is held as partial sums that do not overlap, smallest first; the result is
 * rounded once, to the nearest double.
 */
final class ExactSum {
  private double[] partials = new double[4];
  private int count;

  void add(double value) {
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

  /** Adds a long exactly: a double holds its upper and its lower half each. */
  void add(long value) {
    add((double) (value >> 32) * 4_294_967_296.0);
    add((double) (value & 0xFFFF_FFFFL));
  }

  void add(ExactSum other) {
    for (int i = 0; i < other.count; i++) {
      add(other.partials[i]);
    }
  }

  double value() {
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
  }

  void read(DataInput in) throws IOException {
    count = in.readInt();
    partials = new double[Math.max(4, count)];
    for (int i = 0; i < count; i++) {
      partials[i] = in.readDouble();
    }
  }
}
