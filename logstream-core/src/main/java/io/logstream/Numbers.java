package io.logstream;

import java.nio.charset.StandardCharsets;

/**
 * Text read as a number, by the one rule of logstream: sign, digits, point and exponent, nothing else, not even blanks. What compares
 * fields as {@link LogEvent} reads them reads them by this.
 */
public final class Numbers {
  private static final double[] TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

  private Numbers() {}

  /** A whole number, or {@code otherwise} where the bytes are not one or it does not fit. */
  public static long whole(byte[] bytes, int from, int to, long otherwise) {
    int at = from;
    boolean negative = at < to && bytes[at] == '-';
    if (at < to && (negative || bytes[at] == '+')) {
      at++;
    }
    if (at == to) {
      return otherwise;
    }
    while (to - at > 19 && bytes[at] == '0') {
      at++;
    }
    if (to - at > 19) {
      return otherwise;
    }
    long value = 0;
    for (; at < to; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return otherwise;
      }
      value = value * 10 + digit;
    }
    if (value < 0) {
      return negative && value == Long.MIN_VALUE ? value : otherwise;
    }
    return negative ? -value : value;
  }

  /** A decimal number, or NaN where the bytes are not one. */
  public static double decimal(byte[] bytes, int from, int to) {
    int at = from;
    boolean negative = at < to && bytes[at] == '-';
    if (at < to && (negative || bytes[at] == '+')) {
      at++;
    }
    long mantissa = 0;
    int digits = 0;
    int fraction = -1;
    for (; at < to && digits <= 15; at++) {
      int c = bytes[at];
      if (c >= '0' && c <= '9') {
        mantissa = mantissa * 10 + (c - '0');
        digits++;
        if (fraction >= 0) {
          fraction++;
        }
      } else if (c == '.' && fraction < 0) {
        fraction = 0;
      } else {
        break;
      }
    }
    if (at == to && digits > 0 && digits <= 15) {
      double value = fraction > 0 ? mantissa / TEN[fraction] : mantissa;
      return negative ? -value : value;
    }
    return slow(bytes, from, to);
  }

  private static double slow(byte[] bytes, int from, int to) {
    if (to - from > 400 || !startsLikeANumber(bytes, from, to)) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Keeps out what {@code parseDouble} takes and no log means: hexadecimals, NaN, Infinity, a trailing 'd', blanks. */
  private static boolean startsLikeANumber(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      int c = bytes[at];
      if (!(c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E')) {
        return false;
      }
    }
    return from < to;
  }

  /** A {@code Long} or {@code Double}, or null where the text is not a number. */
  public static Number parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    long first = whole(bytes, 0, bytes.length, -1);
    if (first != -1 || whole(bytes, 0, bytes.length, 0) == -1) {
      return first;
    }
    double decimal = decimal(bytes, 0, bytes.length);
    return Double.isNaN(decimal) ? null : (Number) decimal;
  }
}
