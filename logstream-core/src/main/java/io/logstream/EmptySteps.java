package io.logstream;

import java.util.regex.Pattern;

/**
 * How many steps a regular expression may take in a row without looking at a character: what a budget of looks does not see. Such steps
 * come from repeating something that can match nothing ({@code (?:^){1000000}}), and from trying it in several ways ({@code (?:|)} again and
 * again). The estimate is an upper bound, up to the length of the expression, and 1 for nearly all that people write.
 *
 * <p>Reads the syntax of {@link Pattern} as far as it matters here. One use.
 */
final class EmptySteps {
  private static final long MOST = 1L << 40;

  /**
   * A part of an expression.
   *
   * @param empty in how many ways it can match nothing
   * @param ways in how many ways one can go on in it without a look, wherever one begins
   * @param repeats how often in a row something in it that can match nothing is repeated
   */
  private record Part(long empty, long ways, long repeats) {
    static final Part TAKES = new Part(0, 1, 1);
    static final Part ASKS = new Part(1, 1, 1);

    Part then(Part next) {
      return new Part(times(empty, next.empty), times(ways, next.ways), Math.max(repeats, next.repeats));
    }

    Part or(Part other) {
      long both = Math.min(MOST, empty + other.empty);
      return new Part(both, Math.max(both, Math.max(ways, other.ways)), Math.max(repeats, other.repeats));
    }

    Part atOnce() {
      return new Part(Math.min(1, empty), ways, repeats);
    }

    Part repeated(long least) {
      long all = Math.min(MOST, empty + (least == 0 ? 1 : 0));
      return new Part(all, Math.max(ways, all), empty == 0 ? repeats : times(repeats, Math.max(1, least)));
    }
  }

  private final String regex;
  private int at;
  private boolean comments;

  private EmptySteps(String regex, boolean comments) {
    this.regex = regex;
    this.comments = comments;
  }

  static long of(Pattern pattern) {
    if ((pattern.flags() & Pattern.LITERAL) != 0) {
      return 1;
    }
    try {
      Part whole = new EmptySteps(pattern.pattern(), false).alternatives();
      if ((pattern.flags() & Pattern.COMMENTS) != 0) {
        // flags() also tells what a (?x) in the middle has switched on, so both may be true
        whole = whole.or(new EmptySteps(pattern.pattern(), true).alternatives());
      }
      return times(whole.ways, whole.repeats);
    } catch (StackOverflowError e) {
      return MOST;
    }
  }

  private static long times(long a, long b) {
    return a == 0 || b == 0 ? 0 : a > MOST / b ? MOST : a * b;
  }

  private int peek() {
    while (comments && at < regex.length()) {
      char c = regex.charAt(at);
      if (c == '#') {
        int end = regex.indexOf('\n', at);
        at = end < 0 ? regex.length() : end + 1;
      } else if (c <= ' ') {
        at++;
      } else {
        break;
      }
    }
    return at < regex.length() ? regex.charAt(at) : -1;
  }

  /** Up to the parenthesis that closes, or the end. */
  private Part alternatives() {
    boolean outside = comments;
    Part all = null;
    while (true) {
      Part sequence = Part.ASKS;
      for (int c = peek(); c >= 0 && c != '|' && c != ')'; c = peek()) {
        sequence = sequence.then(quantified(atom()));
      }
      all = all == null ? sequence : all.or(sequence);
      if (peek() != '|') {
        comments = outside;
        return all;
      }
      at++;
    }
  }

  private Part atom() {
    char c = regex.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> {
        characterClass();
        yield Part.TAKES;
      }
      case '\\' -> escape();
      case '^', '$' -> Part.ASKS;
      default -> Part.TAKES;
    };
  }

  private Part group() {
    if (!regex.startsWith("?", at)) {
      return closed();
    }
    at++;
    if (regex.startsWith("<", at) && !regex.startsWith("<=", at) && !regex.startsWith("<!", at)) {
      at = behind('>');
      return closed();
    }
    for (String look : new String[] {"=", "!", "<=", "<!"}) {
      if (regex.startsWith(look, at)) {
        at += look.length();
        Part inner = closed();
        return new Part(1, inner.ways, inner.repeats);
      }
    }
    if (regex.startsWith(">", at)) {
      at++;
      return closed().atOnce();
    }
    boolean outside = comments;
    boolean on = true;
    while (at < regex.length() && regex.charAt(at) != ':' && regex.charAt(at) != ')') {
      char flag = regex.charAt(at++);
      on &= flag != '-';
      comments = flag == 'x' ? on : comments;
    }
    if (at >= regex.length() || regex.charAt(at++) == ')') {
      return Part.ASKS;
    }
    Part inner = closed();
    comments = outside;
    return inner;
  }

  private Part closed() {
    Part inner = alternatives();
    at = Math.min(at + 1, regex.length());
    return inner;
  }

  private void characterClass() {
    if (regex.startsWith("^", at)) {
      at++;
    }
    for (boolean first = true; at < regex.length(); first = false) {
      char c = regex.charAt(at++);
      if (c == '\\') {
        if (regex.startsWith("Q", at)) {
          at = behindQuoted();
        } else {
          at++;
        }
      } else if (c == '[') {
        characterClass();
      } else if (c == ']' && !first) {
        return;
      }
    }
  }

  private Part escape() {
    if (at >= regex.length()) {
      return Part.TAKES;
    }
    char c = regex.charAt(at++);
    if (c == 'Q') {
      int from = at;
      at = behindQuoted();
      return at > from + 2 ? Part.TAKES : Part.ASKS;
    }
    if ("pPxN".indexOf(c) >= 0 || c == 'b') {
      at = regex.startsWith("{", at) && !(c == 'b' && !regex.startsWith("{g}", at)) ? behind('}') : at;
    } else if (c == 'k') {
      at = behind('>');
    } else if (c == 'c') {
      at++;
    } else if (c >= '0' && c <= '9') {
      while (at < regex.length() && regex.charAt(at) >= '0' && regex.charAt(at) <= '9') {
        at++;
      }
    }
    return "bBAGzZk".indexOf(c) >= 0 || c >= '1' && c <= '9' ? Part.ASKS : Part.TAKES;
  }

  private int behindQuoted() {
    int end = regex.indexOf("\\E", at);
    return end < 0 ? regex.length() : end + 2;
  }

  private int behind(char c) {
    int end = regex.indexOf(c, at);
    return end < 0 ? regex.length() : end + 1;
  }

  private Part quantified(Part part) {
    Part all = part;
    while (true) {
      int c = peek();
      if (c == '?' || c == '*' || c == '+') {
        at++;
        all = all.repeated(c == '+' ? 1 : 0);
      } else if (c == '{') {
        at++;
        all = all.repeated(count());
      } else {
        return all;
      }
      if (peek() == '+') {
        at++;
        all = all.atOnce();
      } else if (peek() == '?') {
        at++;
      }
    }
  }

  private long count() {
    long least = 0;
    for (int c = peek(); c >= '0' && c <= '9'; c = peek()) {
      least = Math.min(MOST, least * 10 + c - '0');
      at++;
    }
    at = behind('}');
    return least;
  }
}
