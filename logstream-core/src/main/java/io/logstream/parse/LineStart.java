package io.logstream.parse;

import io.logstream.BudgetedMatcher;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Whether a pattern is found in a line, decided by the line's first bytes where they suffice. One thread.
 *
 * <p>The beginning of a pattern of the form {@code ^} and single characters, {@code \d}, {@code [0-9]} or {@code \S}, each once or a fixed
 * number of times, is a row of tests of bytes: a line that fails one of them cannot match. If the pattern is nothing else, a
 * line that passes them all does match. The row ends where a pattern may go on in more than one way. Patterns of several alternatives
 * have no row, since another alternative may begin otherwise.
 */
final class LineStart {
  private static final int MOST = 64;
  private static final byte DIGIT = -1;
  private static final byte NOT_BLANK = -2;

  private final byte[] row;
  private final boolean whole;
  private final BudgetedMatcher matcher;

  private LineStart(byte[] row, boolean whole, Pattern pattern) {
    this.row = row;
    this.whole = whole;
    this.matcher = new BudgetedMatcher(pattern);
  }

  static LineStart of(Pattern pattern) {
    String regex = pattern.pattern();
    if (pattern.flags() != 0 || !regex.startsWith("^") || mayHaveAlternatives(regex.replace("[0-9]", "0"))) {
      return new LineStart(new byte[0], false, pattern);
    }
    return new Row(regex).read(pattern);
  }

  boolean in(byte[] bytes, int from, int to) {
    if (to - from < row.length) {
      return false;
    }
    for (int i = 0; i < row.length; i++) {
      if (!passes(row[i], bytes[from + i])) {
        return false;
      }
    }
    if (whole) {
      return true;
    }
    try {
      return matcher.find(bytes, from, to);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return false;
    }
  }

  private static boolean passes(byte wanted, byte b) {
    return switch (wanted) {
      case DIGIT -> b >= '0' && b <= '9';
      case NOT_BLANK -> b != ' ' && (b < '\t' || b > '\r');
      default -> b == wanted;
    };
  }

  /** Whether a {@code |} may stand outside all groups; true also where that takes more than a glance to see. */
  private static boolean mayHaveAlternatives(String regex) {
    if (regex.indexOf('|') < 0) {
      return false;
    }
    int depth = 0;
    for (int i = 0; i < regex.length(); i++) {
      switch (regex.charAt(i)) {
        case '\\' -> {
          i++;
          if (i < regex.length() && regex.charAt(i) == 'Q') {
            return true;
          }
        }
        case '[' -> {
          return true;
        }
        case '(' -> {
          if (regex.startsWith("(?", i) && !regex.startsWith("(?:", i)) {
            return true;
          }
          depth++;
        }
        case ')' -> depth--;
        case '|' -> {
          if (depth == 0) {
            return true;
          }
        }
        default -> { }
      }
    }
    return false;
  }

  /** Reads the row of tests off a pattern. */
  private static final class Row {
    private final String regex;
    private final byte[] row = new byte[MOST];
    private int length;
    private int at = 1;

    Row(String regex) {
      this.regex = regex;
    }

    LineStart read(Pattern pattern) {
      boolean goesOn = true;
      while (goesOn && at < regex.length()) {
        goesOn = element();
      }
      return new LineStart(Arrays.copyOf(row, length), goesOn, pattern);
    }

    /** Takes one element with its count. Returns whether what follows stands at a known place. */
    private boolean element() {
      byte test;
      int next;
      char c = regex.charAt(at);
      if (regex.startsWith("\\d", at)) {
        test = DIGIT;
        next = at + 2;
      } else if (regex.startsWith("[0-9]", at)) {
        test = DIGIT;
        next = at + 5;
      } else if (regex.startsWith("\\S", at)) {
        test = NOT_BLANK;
        next = at + 2;
      } else if (c == '\\' && at + 1 < regex.length() && isPunctuation(regex.charAt(at + 1))) {
        test = (byte) regex.charAt(at + 1);
        next = at + 2;
      } else if (c >= ' ' && c < 0x7f && "\\[](){}.*+?^$|".indexOf(c) < 0) {
        test = (byte) c;
        next = at + 1;
      } else {
        return false;
      }
      int times = 1;
      boolean fixed = true;
      if (next < regex.length()) {
        char quantifier = regex.charAt(next);
        if (quantifier == '?' || quantifier == '*') {
          return false;
        }
        if (quantifier == '+') {
          fixed = false;
        } else if (quantifier == '{') {
          int end = next + 1;
          times = 0;
          while (end < regex.length() && Character.isDigit(regex.charAt(end)) && times <= MOST) {
            times = times * 10 + regex.charAt(end++) - '0';
          }
          boolean exactly = end < regex.length() && regex.charAt(end) == '}';
          fixed = exactly && (end + 1 == regex.length() || "?+*{".indexOf(regex.charAt(end + 1)) < 0);
          next = end + 1;
        }
      }
      // a character that is not blank may take several bytes
      if (test == NOT_BLANK) {
        fixed &= times == 1 && next == regex.length();
        times = Math.min(times, 1);
      }
      if (times == 0 || length + times > MOST) {
        return false;
      }
      Arrays.fill(row, length, length + times, test);
      length += times;
      at = next;
      return fixed;
    }

    private static boolean isPunctuation(char c) {
      return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    }
  }
}
