package io.logstream.grok;

import java.util.Locale;

/** What a capture is turned into, and the reading of it. A number ends at the first blank, as in Logstash: a capture may run on behind it. */
enum Type {
  TEXT, WHOLE, DECIMAL, TRUTH;

  static final String NAMES = ":int, :long, :float, :double and :boolean";

  private static final double[] TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

  /** The type of that name, or null. The names that Java Grok knows besides the documented ones are taken too; its dates stay text. */
  static Type named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "int", "integer", "long", "short", "byte" -> WHOLE;
      case "float", "double" -> DECIMAL;
      case "boolean" -> TRUTH;
      case "string", "text", "date", "datetime" -> TEXT;
      default -> null;
    };
  }

  /**
   * A whole number, the fraction of a decimal cut off.
   *
   * @return {@link Long#MIN_VALUE} where the text is no number or does not fit
   */
  static long whole(CharSequence text, int from, int end) {
    int to = beforeBlank(text, from, end);
    int at = from;
    boolean negative = at < to && text.charAt(at) == '-';
    if (at < to && (negative || text.charAt(at) == '+')) {
      at++;
    }
    long value = 0;
    if (at < to && to - at <= 18) {
      while (at < to && digit(text.charAt(at))) {
        value = value * 10 + text.charAt(at++) - '0';
      }
      if (at == to) {
        return negative ? -value : value;
      }
    }
    return exactly(text, from, to);
  }

  private static int beforeBlank(CharSequence text, int from, int end) {
    for (int at = from; at < end; at++) {
      if (text.charAt(at) <= ' ') {
        return at;
      }
    }
    return end;
  }

  private static long exactly(CharSequence text, int from, int to) {
    if (to - from <= 20) {
      try {
        return Long.parseLong(text, from, to, 10);
      } catch (NumberFormatException e) {
        // a decimal, or nothing
      }
    }
    double decimal = decimal(text, from, to);
    return Math.abs(decimal) < 0x1p63 ? (long) decimal : Long.MIN_VALUE;
  }

  /** A decimal number; NaN where the text is none. */
  static double decimal(CharSequence text, int from, int end) {
    int to = beforeBlank(text, from, end);
    int at = from;
    boolean negative = at < to && text.charAt(at) == '-';
    if (at < to && (negative || text.charAt(at) == '+')) {
      at++;
    }
    long mantissa = 0;
    int digits = 0;
    int fraction = -1;
    for (; at < to && digits <= 15; at++) {
      char c = text.charAt(at);
      if (digit(c)) {
        mantissa = mantissa * 10 + c - '0';
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
    return slowly(text, from, to);
  }

  /** Leaves out what {@code parseDouble} takes and no log means: hexadecimals, NaN, Infinity, a trailing 'd', blanks. */
  private static double slowly(CharSequence text, int from, int to) {
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (!digit(c) && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return Double.NaN;
      }
    }
    try {
      double value = from < to && to - from <= 400 ? Double.parseDouble(text.subSequence(from, to).toString()) : Double.NaN;
      return Double.isInfinite(value) ? Double.NaN : value;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** 1 for true, 0 for false, -1 where the text is neither. */
  static int truth(CharSequence text, int from, int to) {
    return is("true", text, from, to) ? 1 : is("false", text, from, to) ? 0 : -1;
  }

  private static boolean is(String word, CharSequence text, int from, int to) {
    if (to - from != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if ((text.charAt(from + i) | 0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The value of this type, which is not text; or null where the text is none of it. */
  Object read(CharSequence text, int from, int to) {
    switch (this) {
      case WHOLE:
        long whole = whole(text, from, to);
        return whole == Long.MIN_VALUE ? null : (Object) whole;
      case DECIMAL:
        double decimal = decimal(text, from, to);
        return Double.isNaN(decimal) ? null : (Object) decimal;
      case TRUTH:
        int truth = truth(text, from, to);
        return truth < 0 ? null : (Object) (truth == 1);
      default:
        throw new IllegalStateException("text is read as it is");
    }
  }
}
