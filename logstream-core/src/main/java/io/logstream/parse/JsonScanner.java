package io.logstream.parse;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads one JSON object after RFC 8259 and collects its fields. Bytes of strings that are not UTF-8 are left as they are. One thread.
 *
 * <p>All methods that read return where they stand then, or -1 after an error, which {@link #error} and {@link #errorAt} tell.
 */
final class JsonScanner {
  private static final int BAD = -1;
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final double[] TEN = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

  static final String BAD_JSON = "bad JSON";
  static final String TOO_MUCH = "too much JSON";

  private final FoundFields found;
  private final int depth;
  private final int fields;
  private byte[] b;
  private int end;

  String cause;
  String error;
  int errorAt;

  // the string read last
  private int textFrom;
  private int textTo;
  /** Where it was written to, or -1 where it stands in the text. */
  private int textOwn;

  // the number read last
  private boolean isWhole;
  private boolean isDecimal;
  private long whole;
  private double decimal;

  JsonScanner(FoundFields found, int depth, int fields) {
    this.found = found;
    this.depth = depth;
    this.fields = fields;
  }

  /** Reads a text that must be one object. Whether it is. */
  boolean read(byte[] bytes, int from, int to) {
    b = bytes;
    end = to;
    int at = blanks(from);
    if (at == end || b[at] != '{') {
      bad(at, "an object");
      return false;
    }
    at = object(at + 1, found.names.root(), 1);
    if (at < 0) {
      return false;
    }
    at = blanks(at);
    if (at < end) {
      bad(at, "the end");
      return false;
    }
    return true;
  }

  private int bad(int at, String wanted) {
    cause = BAD_JSON;
    errorAt = at;
    error = "wanted " + wanted + ", found " + (at >= end ? "the end" : what(b[at] & 0xFF));
    return BAD;
  }

  private static String what(int c) {
    return c > ' ' && c < 0x7F ? "'" + (char) c + "'" : "byte 0x" + Character.forDigit(c >> 4, 16) + Character.forDigit(c & 15, 16);
  }

  private int tooMuch(int at, String what) {
    cause = TOO_MUCH;
    errorAt = at;
    error = what;
    return BAD;
  }

  private int blanks(int from) {
    int at = from;
    while (at < end && Bytes.isBlank(b[at])) {
      at++;
    }
    return at;
  }

  /** Reads an object from behind its brace on. */
  private int object(int from, FieldNames.Name above, int level) {
    if (level > depth) {
      return tooMuch(from - 1, "objects and arrays in more than " + depth + " others");
    }
    int at = blanks(from);
    if (at < end && b[at] == '}') {
      return at + 1;
    }
    while (true) {
      if (at == end || b[at] != '"') {
        return bad(at, "a name in quotes");
      }
      int begin = at;
      FieldNames.Name name = found.names.likely(above, b, at + 1, end, (byte) '"');
      if (name != null) {
        at += name.length + 2;
      } else {
        at = string(at + 1);
        if (at < 0) {
          return BAD;
        }
        name = textOwn < 0 ? found.names.under(above, b, textFrom, textTo) : found.nameWritten(above, textOwn);
      }
      if (at < end && b[at] != ':') {
        at = blanks(at);
      }
      if (at == end || b[at] != ':') {
        return bad(at, "':'");
      }
      if (found.isFull()) {
        return tooMuch(begin, "more than " + fields + " fields");
      }
      at++;
      at = at < end && b[at] == '"' ? at : blanks(at);
      at = value(at, name, level);
      if (at < 0) {
        return BAD;
      }
      if (at < end && b[at] != ',') {
        at = blanks(at);
      }
      if (at < end && b[at] == ',') {
        at++;
        at = at < end && b[at] == '"' ? at : blanks(at);
      } else if (at < end && b[at] == '}') {
        return at + 1;
      } else {
        return bad(at, "',' or '}'");
      }
    }
  }

  private int value(int from, FieldNames.Name name, int level) {
    if (from == end) {
      return bad(from, "a value");
    }
    int at;
    switch (b[from]) {
      case '"' -> {
        at = string(from + 1);
        if (at >= 0) {
          if (textOwn < 0) {
            found.text(name, textFrom, textTo, b);
          } else {
            found.ownText(name, textOwn, b);
          }
        }
        return at;
      }
      case '{' -> {
        return object(from + 1, name, level + 1);
      }
      case '[' -> {
        List<Object> values = new ArrayList<>();
        at = array(from + 1, values, level + 1);
        if (at >= 0) {
          found.list(name, values, b);
        }
        return at;
      }
      case 't' -> {
        at = word(from, "true");
        if (at >= 0) {
          found.truth(name, true, b);
        }
        return at;
      }
      case 'f' -> {
        at = word(from, "false");
        if (at >= 0) {
          found.truth(name, false, b);
        }
        return at;
      }
      case 'n' -> {
        return word(from, "null");
      }
      default -> {
        at = number(from);
        if (at < 0) {
          return BAD;
        }
        if (isWhole) {
          found.whole(name, whole, b);
        } else if (isDecimal) {
          found.decimal(name, decimal, b);
        } else {
          found.text(name, from, at, b);
        }
        return at;
      }
    }
  }

  private int array(int from, List<Object> values, int level) {
    if (level > depth) {
      return tooMuch(from - 1, "objects and arrays in more than " + depth + " others");
    }
    int at = blanks(from);
    if (at < end && b[at] == ']') {
      return at + 1;
    }
    while (true) {
      at = element(at, values, level);
      if (at < 0) {
        return BAD;
      }
      at = blanks(at);
      if (at < end && b[at] == ',') {
        at = blanks(at + 1);
      } else if (at < end && b[at] == ']') {
        return at + 1;
      } else {
        return bad(at, "',' or ']'");
      }
    }
  }

  private int element(int from, List<Object> values, int level) {
    if (from == end) {
      return bad(from, "a value");
    }
    int at;
    switch (b[from]) {
      case '"' -> {
        at = string(from + 1);
        if (at >= 0) {
          values.add(textOwn < 0 ? Bytes.text(b, textFrom, textTo) : found.takeBack(textOwn));
        }
        return at;
      }
      case '{', '[' -> {
        at = skip(from, level + 1);
        if (at >= 0) {
          values.add(Bytes.text(b, from, at));
        }
        return at;
      }
      case 't' -> {
        values.add(true);
        return word(from, "true");
      }
      case 'f' -> {
        values.add(false);
        return word(from, "false");
      }
      case 'n' -> {
        values.add(null);
        return word(from, "null");
      }
      default -> {
        at = number(from);
        if (at >= 0) {
          values.add(isWhole ? (Object) whole : isDecimal ? (Object) decimal : Bytes.text(b, from, at));
        }
        return at;
      }
    }
  }

  /** Reads a value that stays as it is written. */
  private int skip(int from, int level) {
    if (from == end) {
      return bad(from, "a value");
    }
    int at;
    switch (b[from]) {
      case '"' -> {
        at = string(from + 1);
        if (at >= 0 && textOwn >= 0) {
          found.takeBack(textOwn);
        }
        return at;
      }
      case '{', '[' -> {
        return skipAll(from, level);
      }
      case 't' -> {
        return word(from, "true");
      }
      case 'f' -> {
        return word(from, "false");
      }
      case 'n' -> {
        return word(from, "null");
      }
      default -> {
        return number(from);
      }
    }
  }

  private int skipAll(int from, int level) {
    if (level > depth) {
      return tooMuch(from, "objects and arrays in more than " + depth + " others");
    }
    boolean named = b[from] == '{';
    byte closing = (byte) (named ? '}' : ']');
    int at = blanks(from + 1);
    if (at < end && b[at] == closing) {
      return at + 1;
    }
    while (true) {
      if (named) {
        if (at == end || b[at] != '"') {
          return bad(at, "a name in quotes");
        }
        at = skip(at, level);
        if (at < 0) {
          return BAD;
        }
        at = blanks(at);
        if (at == end || b[at] != ':') {
          return bad(at, "':'");
        }
        at = blanks(at + 1);
      }
      at = skip(at, level + 1);
      if (at < 0) {
        return BAD;
      }
      at = blanks(at);
      if (at < end && b[at] == ',') {
        at = blanks(at + 1);
      } else if (at < end && b[at] == closing) {
        return at + 1;
      } else {
        return bad(at, named ? "',' or '}'" : "',' or ']'");
      }
    }
  }

  private int word(int from, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (from + i == end || b[from + i] != word.charAt(i)) {
        return bad(from, "a value");
      }
    }
    return from + word.length();
  }

  // ---------------------------------------------------------------- strings

  /** Reads a string from behind its quote on. */
  private int string(int from) {
    int at = plainEnd(from);
    if (at < end && b[at] == '"') {
      textFrom = from;
      textTo = at;
      textOwn = -1;
      return at + 1;
    }
    textOwn = found.written();
    int done = from;
    while (at < end && b[at] == '\\') {
      found.write(b, done, at);
      done = escape(at + 1);
      if (done < 0) {
        return BAD;
      }
      at = plainEnd(done);
    }
    if (at < end && b[at] == '"') {
      found.write(b, done, at);
      return at + 1;
    }
    return at < end ? bad(at, "no control character in a string") : bad(end, "'\"'");
  }

  /** Where a quote, a backslash or a control character stands first, or the end. */
  private int plainEnd(int from) {
    int at = from;
    for (; at <= end - 8; at += 8) {
      long eight = Bytes.eight(b, at);
      long quotes = eight ^ '"' * ONES;
      long slashes = eight ^ '\\' * ONES;
      long special = ((quotes - ONES & ~quotes) | (slashes - ONES & ~slashes) | (eight - ' ' * ONES & ~eight)) & HIGHS;
      if (special != 0) {
        return at + (Long.numberOfTrailingZeros(special) >>> 3);
      }
    }
    while (at < end && b[at] != '"' && b[at] != '\\' && (b[at] < 0 || b[at] >= ' ')) {
      at++;
    }
    return at;
  }

  private int escape(int at) {
    if (at == end) {
      return bad(at, "an escaped character");
    }
    switch (b[at]) {
      case '"', '\\', '/' -> found.write(b[at]);
      case 'b' -> found.write('\b');
      case 'f' -> found.write('\f');
      case 'n' -> found.write('\n');
      case 'r' -> found.write('\r');
      case 't' -> found.write('\t');
      case 'u' -> {
        int code = Bytes.fourHex(b, at + 1, end);
        if (code < 0) {
          return bad(at, "four hexadecimal digits behind \\u");
        }
        int next = at + 5;
        if (Character.isHighSurrogate((char) code) && next + 6 <= end && b[next] == '\\' && b[next + 1] == 'u') {
          int low = Bytes.fourHex(b, next + 2, end);
          if (low >= 0 && Character.isLowSurrogate((char) low)) {
            found.writeCharacter(Character.toCodePoint((char) code, (char) low));
            return next + 6;
          }
        }
        found.writeCharacter(code);
        return next;
      }
      default -> {
        return bad(at, "one of \"\\/bfnrtu behind \\");
      }
    }
    return at + 1;
  }

  // ---------------------------------------------------------------- numbers

  private int number(int from) {
    int at = from;
    boolean negative = b[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long value = 0;
    while (at < end && Bytes.isDigit(b[at])) {
      value = value * 10 + b[at++] - '0';
    }
    if (at == first) {
      return bad(at, negative ? "a digit" : "a value");
    }
    if (at - first > 1 && b[first] == '0') {
      return bad(first + 1, "no digit behind a leading zero");
    }
    boolean plain = at == end || b[at] != '.' && (b[at] | 0x20) != 'e';
    isWhole = plain && at - first <= 18;
    isDecimal = false;
    if (isWhole) {
      whole = negative ? -value : value;
      return at;
    }
    return plain ? longNumber(from, at) : decimal(from, first, at, value, negative);
  }

  private int longNumber(int from, int to) {
    if (to - from <= 20) {
      try {
        whole = Long.parseLong(Bytes.text(b, from, to));
        isWhole = true;
      } catch (NumberFormatException e) {
        // too great: it stays text, digit by digit
      }
    }
    return to;
  }

  private int decimal(int from, int first, int point, long wholePart, boolean negative) {
    int at = point;
    long value = wholePart;
    int fraction = 0;
    if (b[at] == '.') {
      int begin = ++at;
      while (at < end && Bytes.isDigit(b[at])) {
        value = value * 10 + b[at++] - '0';
      }
      fraction = at - begin;
      if (fraction == 0) {
        return bad(at, "a digit");
      }
    }
    int digits = point - first + fraction;
    boolean scaled = at < end && (b[at] | 0x20) == 'e';
    if (scaled) {
      at++;
      if (at < end && (b[at] == '+' || b[at] == '-')) {
        at++;
      }
      int begin = at;
      while (at < end && Bytes.isDigit(b[at])) {
        at++;
      }
      if (at == begin) {
        return bad(at, "a digit");
      }
    }
    if (!scaled && digits <= 15) {
      decimal = value / TEN[fraction];
      decimal = negative ? -decimal : decimal;
      isDecimal = true;
    } else if (at - from <= 1000) {
      decimal = Double.parseDouble(Bytes.text(b, from, at));
      isDecimal = !Double.isInfinite(decimal);
    }
    return at;
  }
}
