package io.logstream.alert;

import io.logstream.Numbers;
import io.logstream.match.Field;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A line of text with a place in it that moves on: words, signs, names and values, and what was looked for in vain where it is. */
abstract class RuleScanner {
  final String text;
  int at;
  /** What was looked for at {@link #triedAt} in vain. */
  private final Set<String> tried = new LinkedHashSet<>();
  private int triedAt;

  RuleScanner(String text) {
    this.text = text;
  }

  // ---------------------------------------------------------------- values

  /** A number, a percentage or a duration in the unit of a field. */
  final Number value(String field) {
    skip();
    int place = at;
    Duration time = durationAhead();
    if (time != null) {
      if (field.isEmpty()) {
        throw error("expected a number: what is counted has no unit of time", place);
      }
      return Field.inUnit(field, time);
    }
    Number number = plainNumber("a number, a percentage or a time such as 800ms");
    if (at < text.length() && peek() == '%') {
      at++;
      return plain(new BigDecimal(number.toString()).movePointLeft(2));
    }
    return number;
  }

  static Number plain(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0 && number.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0 ? (Number) number.longValueExact() : (Number) number.doubleValue();
  }

  final Number plainNumber(String what) {
    skip();
    int end = at;
    while (end < text.length() && (Character.isDigit(text.charAt(end)) || "+-.eE".indexOf(text.charAt(end)) >= 0)) {
      end++;
    }
    Number number = Numbers.parse(text.substring(at, end));
    boolean goesOn = end < text.length() && (Character.isLetter(text.charAt(end)) || text.charAt(end) == '_');
    if (number == null || goesOn || Double.isInfinite(number.doubleValue())) {
      tried(what);
      throw unexpected();
    }
    at = end;
    return number;
  }

  final long wholeNumber() {
    int place = skip();
    Number number = plainNumber("a whole number");
    if (!(number instanceof Long)) {
      throw error("expected a whole number", place);
    }
    return number.longValue();
  }

  /** Text in quotes, a number, or a word. */
  final Object literal() {
    skip();
    if (peek() == '"') {
      return quoted();
    }
    int end = at;
    while (end < text.length() && text.charAt(end) > ' ' && "(),\"{}".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    String word = text.substring(at, end);
    if (word.isEmpty()) {
      tried("a value");
      throw unexpected();
    }
    at = end;
    Number number = Numbers.parse(word);
    return number == null ? word : number;
  }

  final Duration duration() {
    skip();
    Duration time = durationAhead();
    if (time == null) {
      tried("a time such as 90s, 15m or 1h");
      throw unexpected();
    }
    return time;
  }

  /** A duration if one is here, else null and nothing is taken. */
  final Duration durationAhead() {
    int end = skip();
    BigDecimal millis = BigDecimal.ZERO;
    boolean any = false;
    while (end < text.length() && Character.isDigit(text.charAt(end))) {
      int number = end;
      while (end < text.length() && (text.charAt(end) >= '0' && text.charAt(end) <= '9' || text.charAt(end) == '.')) {
        end++;
      }
      int unit = end;
      while (end < text.length() && Character.isLetter(text.charAt(end))) {
        end++;
      }
      long in = switch (text.substring(unit, end)) {
        case "ms" -> 1;
        case "s" -> 1_000;
        case "m" -> 60_000;
        case "h" -> 3_600_000;
        case "d" -> 86_400_000;
        case "w" -> 604_800_000;
        default -> 0;
      };
      Number count = Numbers.parse(text.substring(number, unit));
      if (in == 0 || count == null || unit - number > 15) {
        return null;
      }
      millis = millis.add(new BigDecimal(count.toString()).multiply(BigDecimal.valueOf(in)));
      any = true;
    }
    boolean goesOn = end < text.length() && (RuleText.isNamePart(text.charAt(end)) || text.charAt(end) == '%');
    if (!any || goesOn) {
      return null;
    }
    if (millis.stripTrailingZeros().scale() > 0 || millis.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 1_000_000)) > 0) {
      throw error("expected whole milliseconds, and not more than 100 years", at);
    }
    at = end;
    return Duration.ofMillis(millis.longValueExact());
  }

  final String quoted() {
    int from = at++;
    StringBuilder inside = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return inside.toString();
      }
      if (c == '\\' && at < text.length() && (peek() == '"' || peek() == '\\')) {
        inside.append(text.charAt(at++));
      } else if (c == '\\' && at + 5 <= text.length() && peek() == 'u' && text.substring(at + 1, at + 5).chars().allMatch(d -> Character.digit(d, 16) >= 0)) {
        inside.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
        at += 5;
      } else {
        inside.append(c);
      }
    }
    throw error("expected a '\"' at the end of what begins here", from);
  }

  final String name(String what) {
    skip();
    if (peek() == '"') {
      int place = at;
      String name = quoted();
      if (name.isBlank()) {
        throw error("expected " + what, place);
      }
      return name;
    }
    int end = at;
    while (end < text.length() && RuleText.isNamePart(text.charAt(end))) {
      end++;
    }
    if (end == at) {
      tried(what);
      throw unexpected();
    }
    String name = text.substring(at, end);
    at = end;
    return name;
  }

  // ---------------------------------------------------------------- places

  final int skip() {
    while (at < text.length() && text.charAt(at) <= ' ') {
      at++;
    }
    return at;
  }

  final char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  /** Takes a word if it is here, whatever its case. */
  final boolean word(String word) {
    skip();
    int end = at + word.length();
    if (text.regionMatches(true, at, word, 0, word.length()) && (end >= text.length() || !RuleText.isNamePart(text.charAt(end)))) {
      at = end;
      return true;
    }
    tried("'" + word + "'");
    return false;
  }

  final void expect(String word) {
    if (!word(word)) {
      throw unexpected();
    }
  }

  final boolean isSign(String sign) {
    skip();
    if (text.startsWith(sign, at)) {
      return true;
    }
    tried("'" + sign + "'");
    return false;
  }

  final boolean sign(String sign) {
    if (isSign(sign)) {
      at += sign.length();
      return true;
    }
    return false;
  }

  final void expectSign(String sign) {
    if (!sign(sign)) {
      throw unexpected();
    }
  }

  final void tried(String what) {
    if (triedAt != at) {
      tried.clear();
      triedAt = at;
    }
    tried.add(what);
  }

  /** What stands here is none of what was looked for here. */
  final AlertSyntaxException unexpected() {
    List<String> all = new ArrayList<>(triedAt == at ? tried : Set.of("something else"));
    String last = all.remove(all.size() - 1);
    return error("expected " + (all.isEmpty() ? last : String.join(", ", all) + " or " + last), at);
  }

  final AlertSyntaxException error(String problem, int place) {
    return new AlertSyntaxException(problem, text, place, null);
  }
}
