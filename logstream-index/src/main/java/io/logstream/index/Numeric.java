package io.logstream.index;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers as a query and a field may have them: compared by value, whatever their type. */
final class Numeric {
  private static final int LONGEST = 400;
  private static final double TWO_TO_63 = 0x1p63;

  private Numeric() {}

  /** As a Long if it is one in value or by type, else as a Double; without a negative zero. */
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
    return number.doubleValue() + 0.0;
  }

  /** The number that a text reads as, a Long or a Double, or null. No more than sign, digits, point and exponent. */
  static Number read(String text) {
    int length = text.length();
    int at = 0;
    if (length > LONGEST || length == 0) {
      return null;
    }
    if (text.charAt(0) == '-' || text.charAt(0) == '+') {
      at++;
    }
    int whole = digits(text, at);
    int end = at + whole;
    int fraction = 0;
    if (end < length && text.charAt(end) == '.') {
      fraction = digits(text, end + 1);
      end += 1 + fraction;
    }
    if (whole + fraction == 0) {
      return null;
    }
    boolean decimal = end > at + whole;
    if (end < length && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      int sign = end + 1 < length && (text.charAt(end + 1) == '-' || text.charAt(end + 1) == '+') ? 1 : 0;
      int exponent = digits(text, end + 1 + sign);
      if (exponent == 0) {
        return null;
      }
      end += 1 + sign + exponent;
      decimal = true;
    }
    if (end < length) {
      return null;
    }
    if (!decimal) {
      if (whole <= 18) {
        return Long.parseLong(text);
      }
      BigInteger big = new BigInteger(text);
      return big.bitLength() < 64 ? (Number) big.longValue() : (Number) big.doubleValue();
    }
    return Double.parseDouble(text) + 0.0;
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }

  /** By value; infinities are the least and the greatest. */
  static int compare(Number a, Number b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    if (x != y || Double.isInfinite(x)) {
      return Double.compare(x, y);
    }
    return exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Number number) {
    return number instanceof Long whole ? BigDecimal.valueOf(whole) : new BigDecimal(number.doubleValue());
  }

  /** The least long that is in a range from here on, or null if there is none. */
  static Long leastLong(Number from, boolean included) {
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

  /** The greatest long that is in a range up to here, or null if there is none. */
  static Long greatestLong(Number to, boolean included) {
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

  /** The least double that is in a range from here on, or NaN if there is none. */
  static double leastDouble(Number from, boolean included) {
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

  /** The greatest double that is in a range up to here, or NaN if there is none. */
  static double greatestDouble(Number to, boolean included) {
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
