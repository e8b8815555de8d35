package io.logstream.match;

import io.logstream.Numbers;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The numbers between two bounds, each included or not, or open. Whole numbers and decimals are compared by their exact value, which a
 * conversion of one into the other would lose: so an interval is the longs and the doubles that lie in it.
 */
final class Interval {
  private static final long NONE = Long.MIN_VALUE;
  private static final double TWO_TO_63 = 0x1p63;

  final long leastWhole;
  final long greatestWhole;
  final double least;
  final double greatest;

  Interval(Number from, boolean fromIncluded, Number to, boolean toIncluded) {
    least = leastDouble(from, fromIncluded);
    greatest = greatestDouble(to, toIncluded);
    Long low = leastLong(from, fromIncluded);
    Long high = greatestLong(to, toIncluded);
    leastWhole = low == null || high == null ? 1 : low;
    greatestWhole = low == null || high == null ? 0 : high;
  }

  boolean holds(long value) {
    return value >= leastWhole && value <= greatestWhole;
  }

  boolean holds(double value) {
    return value >= least && value <= greatest;
  }

  /** For text: false where it is no number. */
  boolean holds(byte[] text, int from, int to) {
    long whole = Numbers.whole(text, from, to, NONE);
    return whole != NONE ? holds(whole) : holds(Numbers.decimal(text, from, to));
  }

  /** A number as conditions have it: a Long where it is a whole number that fits, else a Double. */
  static Number plain(Number number) {
    if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
      return number.longValue();
    }
    if (number instanceof BigInteger big && big.bitLength() < 64) {
      return big.longValue();
    }
    if (number instanceof BigDecimal big && big.scale() == 0 && big.unscaledValue().bitLength() < 64) {
      return big.longValue();
    }
    double decimal = number.doubleValue();
    return decimal == Math.rint(decimal) && Math.abs(decimal) < TWO_TO_63 ? (Number) (long) decimal : (Number) decimal;
  }

  static int compare(Number a, Number b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    return x != y || Double.isInfinite(x) ? Double.compare(x, y) : exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Number number) {
    return number instanceof Long whole ? BigDecimal.valueOf(whole) : new BigDecimal(number.doubleValue());
  }

  private static Long leastLong(Number from, boolean included) {
    if (from == null) {
      return Long.MIN_VALUE;
    }
    if (from instanceof Long whole) {
      return included ? whole : whole == Long.MAX_VALUE ? null : (Long) (whole + 1);
    }
    double bound = from.doubleValue();
    if (bound >= TWO_TO_63) {
      return null;
    }
    if (bound < -TWO_TO_63) {
      return Long.MIN_VALUE;
    }
    return included ? (Long) (long) Math.ceil(bound) : (Long) ((long) Math.floor(bound) + 1);
  }

  private static Long greatestLong(Number to, boolean included) {
    if (to == null) {
      return Long.MAX_VALUE;
    }
    if (to instanceof Long whole) {
      return included ? whole : whole == Long.MIN_VALUE ? null : (Long) (whole - 1);
    }
    double bound = to.doubleValue();
    if (bound < -TWO_TO_63 || bound == -TWO_TO_63 && !included) {
      return null;
    }
    if (bound >= TWO_TO_63) {
      return Long.MAX_VALUE;
    }
    return included ? (Long) (long) Math.floor(bound) : (Long) ((long) Math.ceil(bound) - 1);
  }

  private static double leastDouble(Number from, boolean included) {
    if (from == null) {
      return Double.NEGATIVE_INFINITY;
    }
    double bound = from.doubleValue();
    int order = compare(bound, from);
    if (order > 0 || order == 0 && included) {
      return bound;
    }
    return bound == Double.POSITIVE_INFINITY ? Double.NaN : Math.nextUp(bound) + 0.0;
  }

  private static double greatestDouble(Number to, boolean included) {
    if (to == null) {
      return Double.POSITIVE_INFINITY;
    }
    double bound = to.doubleValue();
    int order = compare(bound, to);
    if (order < 0 || order == 0 && included) {
      return bound;
    }
    return bound == Double.NEGATIVE_INFINITY ? Double.NaN : Math.nextDown(bound) + 0.0;
  }
}
