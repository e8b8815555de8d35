package io.logstream.match;

import io.logstream.LogEvent;
import io.logstream.Nearest;
import io.logstream.Numbers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the query language, in one pass from the left, into the tree that conditions are.
 *
 * <pre>
 * or      = and { OR and }      and = not { [AND] not }      not = { NOT | ! | - } primary
 * primary = ( or ) | name : value | name :( value { OR value } ) | name in ( literal { , literal } ) | name operator value
 *         | [ name ] ~ / regex / | time | text
 * value   = word | "phrase" | comparison number | [ a TO b ] | { a TO b } | *
 * </pre>
 *
 * <p>It never gives up on a text in another way than with a {@link QueryException}, and works no more than in proportion to the text's
 * length: the length, the depth, the number of conditions and the size of regular expressions are limited.
 */
final class QueryParser {
  static final int LONGEST = 32 * 1024;
  static final int DEEPEST = 64;
  static final int MOST_CLAUSES = 512;
  static final int LONGEST_REGEX = 256;
  static final int MOST_REPEATS = 1_000;
  static final int MOST_GAPS = 16;

  private static final String ESCAPED = "\"\\*(){}[]~:<>=!-, \t";
  private static final Set<String> COMPARISONS = Set.of("<", ">", "<=", ">=", "==", "!=");
  private static final Set<String> TIME_FIELDS = Set.of("ts", "time", "@time", "@timestamp");
  private static final String EXAMPLE_TIME = "a time such as 2026-11-20T10:30, 2026-11-20, now or now-15m";

  private final String text;
  private final QueryTimes times;
  private final Collection<String> known;
  private int at;
  private int depth;

  /**
   * @param times how to read times; null where the query may not name any
   * @param known the field names there are; null if that is not known
   */
  QueryParser(String text, QueryTimes times, Collection<String> known) {
    this.text = text;
    this.times = times;
    this.known = known;
  }

  Condition parse() {
    if (text.length() > LONGEST) {
      throw new QueryException("a query has at most " + LONGEST + " characters, was " + text.length(), text, LONGEST);
    }
    blanks();
    if (atEnd()) {
      return Clause.All.ALL;
    }
    Condition whole = or();
    if (!atEnd()) {
      throw expected("nothing more here: this ')' closes no '('; write it in quotes to search for it", at);
    }
    if (Clause.sizeOf(whole) > MOST_CLAUSES) {
      throw expected("at most " + MOST_CLAUSES + " conditions, was " + Clause.sizeOf(whole) + "; many values of one field count as one", at);
    }
    return whole;
  }

  // ---------------------------------------------------------------- combining

  private Condition or() {
    List<Condition> parts = new ArrayList<>();
    parts.add(and());
    while (keyword("OR")) {
      parts.add(and());
    }
    List<Condition> simple = List.copyOf(parts);
    return simple.size() == 1 ? simple.get(0) : Clause.Or.of(simple);
  }

  private Condition and() {
    List<Condition> parts = new ArrayList<>();
    int from = at;
    boolean empty = true;
    int word = -1;
    for (;;) {
      blanks();
      boolean joined = keyword("AND");
      if (joined) {
        if (empty) {
          throw expected("a condition before AND; write \"AND\" in quotes to search for the word", from);
        }
        blanks();
        if (atEnd() || peek() == ')' || isKeyword("OR") || isKeyword("AND")) {
          throw expected("a condition after AND; write \"AND\" in quotes to search for the word", at);
        }
      } else if (atEnd() || peek() == ')' || isKeyword("OR")) {
        break;
      }
      int place = at;
      Condition part = not();
      empty = false;
      if (part == null) {
        refuseSign(place, parts.isEmpty() ? null : parts.get(parts.size() - 1));
        continue;
      }
      if (word >= 0 && !joined) {
        refuseOperator(word, parts.size() > 1 ? parts.get(parts.size() - 2) : null, part);
      }
      word = joined ? -1 : place;
      parts.add(part);
    }
    if (parts.isEmpty()) {
      throw expected(empty ? "a condition" : "a letter or a digit to search for", empty ? at : from);
    }
    return parts.size() == 1 ? parts.get(0) : Clause.And.of(parts);
  }

  /** Refuses a word such as {@code and} where beside a question to a field an operator would stand. */
  private void refuseOperator(int place, Condition before, Condition after) {
    String word = text.substring(place, endOfWord(place));
    boolean meant = word.equals("not") ? (before == null || asksAField(before)) && asksAField(after)
        : (word.equals("and") || word.equals("or")) && before != null && (asksAField(before) || asksAField(after));
    if (meant) {
      throw expected(word.toUpperCase(Locale.ROOT) + " in upper case; write \"" + word + "\" in quotes to search for the word", place);
    }
  }

  /** Refuses signs that would be passed over as text without a letter, but are operators in other languages. */
  private void refuseSign(int place, Condition before) {
    String sign = text.substring(place, at);
    if (sign.equals("&&") || sign.equals("||")) {
      throw expected((sign.equals("&&") ? "AND" : "OR") + " in place of '" + sign + "'", place);
    }
    if (COMPARISONS.contains(sign) && before != null && asksAField(before)) {
      throw expected("the name of a field before '" + sign + "'", place);
    }
  }

  private int endOfWord(int from) {
    int end = from;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    return end == text.length() || isBlank(text.charAt(end)) ? end : from;
  }

  private static boolean asksAField(Condition condition) {
    return condition.fields().stream().anyMatch(field -> !field.equals(LogEvent.MESSAGE));
  }

  /** One condition; null for text without a letter or digit, such as a dash between words. */
  private Condition not() {
    int from = at;
    boolean negated = keyword("NOT");
    if (!negated && (peek() == '!' || peek() == '-') && at + 1 < text.length() && !isBlank(text.charAt(at + 1)) && startsCondition(at + 1)) {
      negated = true;
      at++;
    }
    if (!negated) {
      return primary();
    }
    deeper(from);
    blanks();
    if (atEnd() || peek() == ')' || isKeyword("OR") || isKeyword("AND")) {
      throw expected("a condition after NOT", at);
    }
    int inner = at;
    Condition part = not();
    depth--;
    if (part == null) {
      throw expected("a letter or a digit to search for", inner);
    }
    return new Clause.Not(part);
  }

  /** Whether what stands here can be negated: not more dashes, arrows and the like. */
  private boolean startsCondition(int from) {
    int place = from;
    while (place < text.length() && (text.charAt(place) == '-' || text.charAt(place) == '!')) {
      place++;
    }
    char c = place < text.length() ? text.charAt(place) : ' ';
    return c == '(' || c == '"' || c == '*' || c == '@' || c == '/' || c == '\\' || c == '[' || c == '_' || c == '~' || Character.isLetterOrDigit(c) || c > 0x7f;
  }

  private Condition primary() {
    int from = at;
    if (peek() == '(') {
      deeper(from);
      at++;
      Condition inside = or();
      if (atEnd()) {
        throw expected("a ')' for the '(' at " + from + "; write the parenthesis in quotes to search for it", at);
      }
      at++;
      depth--;
      return inside;
    }
    if (peek() == '"') {
      String quoted = quoted();
      char next = peek();
      if (next == ':' || next == '<' || next == '>' || text.startsWith("==", at) || text.startsWith("!=", at) || text.startsWith("~/", at)) {
        return named(quoted, from, true);
      }
      if (next == '~') {
        throw expected("nothing after a phrase: there is no distance between words in this language; use AND", at);
      }
      int behind = at;
      blanks();
      Condition worded = wordOperator(quoted, from);
      if (worded != null) {
        return worded;
      }
      at = behind;
      return text(List.of(quoted), from, true);
    }
    if (text.startsWith("~/", at)) {
      at++;
      return regex(LogEvent.MESSAGE, from);
    }
    Condition time = timeWord();
    if (time != null) {
      return time;
    }
    int end = at;
    while (end < text.length() && QueryText.isNamePart(text.charAt(end))) {
      end++;
    }
    String name = text.substring(at, end);
    boolean colon = end < text.length() && text.charAt(end) == ':' && QueryText.isName(name) && !text.startsWith("://", end);
    boolean operator = !colon && (QueryText.isName(name) || QueryText.isOperand(name)) && isOperator(end);
    if (colon || operator) {
      at = end;
      return named(name, from, false);
    }
    if (QueryText.isName(name) || QueryText.isOperand(name)) {
      at = end;
      int before = at;
      blanks();
      if (at > before) {
        if (isOperator(at) && peek() != '~') {
          return named(name, from, false);
        }
        Condition worded = wordOperator(name, from);
        if (worded != null) {
          return worded;
        }
      }
      at = from;
    }
    List<String> pieces = word("");
    if (pieces.size() == 1 && pieces.get(0).equals("=")) {
      throw expected("no '=' on its own: equality is written field:value", from);
    }
    if (looksFuzzy(text.substring(from, at))) {
      throw expected("no '~' here: there is no fuzzy search in this language; write a* for a beginning, or field~/regex/", text.indexOf('~', from));
    }
    return text(pieces, from, false);
  }

  static boolean looksFuzzy(String word) {
    int tilde = word.lastIndexOf('~');
    return tilde > 0 && word.substring(tilde + 1).chars().allMatch(c -> c >= '0' && c <= '9' || c == '.') && word.substring(0, tilde).chars().allMatch(Character::isLetterOrDigit);
  }

  // ---------------------------------------------------------------- a field

  private boolean isOperator(int place) {
    char c = place < text.length() ? text.charAt(place) : ' ';
    return c == '>' || c == '<' || text.startsWith("==", place) || text.startsWith("!=", place) || text.startsWith("~/", place);
  }

  private Condition wordOperator(String name, int from) {
    if (keyword("contains")) {
      checkName(name, from);
      return new Clause.Like(name, List.of("", operand("contains"), ""));
    }
    if (keyword("startsWith")) {
      checkName(name, from);
      return new Clause.Like(name, List.of(operand("startsWith"), ""));
    }
    int before = at;
    if (keyword("in")) {
      blanks();
      if (peek() == '(') {
        checkName(name, from);
        return set(name);
      }
    }
    at = before;
    return null;
  }

  /** The text after a word that compares. */
  private String operand(String operator) {
    blanks();
    if (atEnd() || peek() == '(' || peek() == ')') {
      throw expected("text after '" + operator + "'; write the word in quotes to search for it", at);
    }
    return peek() == '"' ? quoted() : String.join("*", word(""));
  }

  private Condition set(String name) {
    int open = at++;
    List<Condition> values = new ArrayList<>();
    for (;;) {
      blanks();
      if (atEnd()) {
        throw expected("a ')' for the '(' at " + open, at);
      }
      int from = at;
      boolean quoted = peek() == '"';
      String value = quoted ? quoted() : String.join("*", word(","));
      if (!quoted && value.isEmpty()) {
        throw expected("a value", from);
      }
      values.add(equal(name, value, quoted));
      blanks();
      if (peek() == ')') {
        at++;
        return Clause.Or.of(values);
      }
      if (peek() == ',') {
        at++;
      } else if (!keyword("OR")) {
        throw expected("',' or ')'", at);
      }
    }
  }

  private static Condition equal(String name, String value, boolean quoted) {
    Number number = quoted ? null : Numbers.parse(value);
    return number == null ? new Clause.Equal(name, value) : new Clause.Equal(name, value, Interval.plain(number));
  }

  /** What stands behind a name. */
  private Condition named(String name, int from, boolean quotedName) {
    if (peek() != ':') {
      return operator(name, from);
    }
    at++;
    if (!quotedName && name.equals("_exists_")) {
      int place = at;
      String field = peek() == '"' ? quoted() : String.join("*", word(""));
      if (field.isEmpty()) {
        throw expected("the name of a field after '_exists_:'", place);
      }
      checkName(field, place);
      return new Clause.Exists(field);
    }
    if (!(TIME_FIELDS.contains(name) && (peek() == '[' || peek() == '{'))) {
      checkName(name, from);
    }
    if (peek() == '(') {
      int open = at++;
      deeper(open);
      List<Condition> values = new ArrayList<>();
      do {
        blanks();
        if (atEnd()) {
          throw expected("a ')' for the '(' at " + open, at);
        }
        values.add(value(name, from));
        blanks();
      } while (keyword("OR"));
      if (peek() != ')') {
        throw expected(atEnd() ? "a ')' for the '(' at " + open : "OR or ')' between the values of '" + name + "'", at);
      }
      at++;
      depth--;
      return Clause.Or.of(values);
    }
    return value(name, from);
  }

  private Condition operator(String name, int from) {
    checkName(name, from);
    if (peek() == '~') {
      at++;
      return regex(name, from);
    }
    if (peek() == '<' || peek() == '>') {
      return comparison(name);
    }
    boolean not = text.startsWith("!=", at);
    at += 2;
    blanks();
    int place = at;
    boolean quoted = peek() == '"';
    String value = quoted ? quoted() : String.join("*", word(""));
    if (!quoted && value.isEmpty()) {
      throw expected("a value after '" + (not ? "!=" : "==") + "'", place);
    }
    Condition equal = equal(name, value, quoted);
    return not ? new Clause.Not(equal) : equal;
  }

  private Condition comparison(String name) {
    boolean above = peek() == '>';
    at++;
    boolean included = peek() == '=';
    if (included) {
      at++;
    }
    blanks();
    Number bound = number(at, word(""), "a number after '" + (above ? ">" : "<") + (included ? "=" : "") + "'");
    return above ? new Clause.Range(name, bound, included, null, false) : new Clause.Range(name, null, false, bound, included);
  }

  private Number number(int place, List<String> word, String what) {
    String digits = String.join("*", word);
    Number number = Numbers.parse(digits);
    if (number == null && digits.endsWith("Infinity") && digits.length() <= 9) {
      return digits.equals("Infinity") ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
    if (number == null) {
      throw expected(what + (digits.isEmpty() ? "" : ", was '" + shortened(digits) + "'"), place);
    }
    return Interval.plain(number);
  }

  private Condition value(String name, int from) {
    int place = at;
    if (atEnd() || isBlank(peek()) || peek() == ')') {
      throw expected("a value after '" + shortened(text.substring(from, at)) + "'; " + shortened(text.substring(from, at)) + "* asks whether the field is there", at);
    }
    char c = peek();
    if (c == '<' || c == '>') {
      return comparison(name);
    }
    if (c == '[' || c == '{') {
      return range(name);
    }
    if (c == '(') {
      throw expected("a value, not a '(' among values", at);
    }
    boolean message = name.equals(LogEvent.MESSAGE);
    if (c == '"') {
      String quoted = quoted();
      if (peek() == '~') {
        throw expected("nothing after a phrase: there is no distance between words in this language; use AND", at);
      }
      return message ? some(text(List.of(quoted), place, true), place) : new Clause.Equal(name, quoted);
    }
    List<String> pieces = word("");
    if (pieces.isEmpty() || pieces.size() == 1 && pieces.get(0).isEmpty()) {
      throw expected("a value", place);
    }
    if (looksFuzzy(text.substring(place, at))) {
      throw expected("no '~' here: there is no fuzzy search in this language; write a* for a beginning, or " + name + "~/regex/", text.indexOf('~', place));
    }
    if (pieces.stream().allMatch(String::isEmpty)) {
      return new Clause.Exists(name);
    }
    if (message) {
      return some(text(pieces, place, false), place);
    }
    return pieces.size() > 1 ? new Clause.Like(name, pieces) : equal(name, pieces.get(0), false);
  }

  private Condition some(Condition condition, int place) {
    if (condition == null) {
      throw expected("a letter or a digit to search for", place);
    }
    return condition;
  }

  private Condition range(String name) {
    int open = at;
    boolean fromIncluded = peek() == '[';
    at++;
    blanks();
    int fromAt = at;
    String from = bound();
    blanks();
    if (!keyword("TO")) {
      throw expected("a range such as [1 TO 5], of which * is an open end; write the value in quotes if it begins with a bracket", atEnd() ? open : at);
    }
    blanks();
    int toAt = at;
    String to = bound();
    blanks();
    if (atEnd() || peek() != ']' && peek() != '}') {
      throw expected("']' or '}' at the end of the range", at);
    }
    boolean toIncluded = peek() == ']';
    at++;
    boolean openFrom = from.equals("*");
    boolean openTo = to.equals("*");
    if (TIME_FIELDS.contains(name) && !(isNumberOrOpen(from) && isNumberOrOpen(to) && !(openFrom && openTo))) {
      return Clause.And.of(List.of(
          openFrom ? Clause.All.ALL : Clause.TimeRange.since(fromIncluded ? time(from, fromAt).from() : time(from, fromAt).to()),
          openTo ? Clause.All.ALL : Clause.TimeRange.until(toIncluded ? time(to, toAt).to() : time(to, toAt).from())));
    }
    checkName(name, open);
    if (openFrom && openTo) {
      return new Clause.Range(name, null, false, Double.POSITIVE_INFINITY, true);
    }
    String what = "a number or * in a range; times are compared with since:, until: or time:[.. TO ..]";
    return new Clause.Range(name, openFrom ? null : number(fromAt, List.of(from), what), fromIncluded, openTo ? null : number(toAt, List.of(to), what), toIncluded);
  }

  private static boolean isNumberOrOpen(String bound) {
    return bound.equals("*") || Numbers.parse(bound) != null && bound.length() != 4;
  }

  private String bound() {
    int from = at;
    while (!atEnd() && !isBlank(peek()) && peek() != ']' && peek() != '}') {
      at++;
    }
    if (from == at) {
      throw expected("a bound of the range", at);
    }
    return text.substring(from, at);
  }

  private Condition regex(String name, int from) {
    int open = at++;
    StringBuilder regex = new StringBuilder();
    for (;;) {
      if (atEnd()) {
        throw expected("a '/' at the end of the regular expression", at);
      }
      char c = text.charAt(at++);
      if (c == '/') {
        break;
      }
      if (c == '\\' && !atEnd()) {
        char next = text.charAt(at++);
        regex.append(next == '/' ? "/" : "\\" + next);
      } else {
        regex.append(c == '\n' ? "\\n" : String.valueOf(c));
      }
    }
    if (regex.length() > LONGEST_REGEX) {
      throw expected("a regular expression of at most " + LONGEST_REGEX + " characters, was " + regex.length(), open);
    }
    long repeats = repeats(regex);
    if (repeats > MOST_REPEATS) {
      throw expected("a regular expression whose counted repetitions multiply to at most " + MOST_REPEATS + ", was " + repeats, open);
    }
    try {
      return new Clause.Matches(name, Pattern.compile(regex.toString()));
    } catch (PatternSyntaxException e) {
      throw expected("a regular expression, but " + e.getDescription().toLowerCase(Locale.ROOT), Math.min(text.length(), open + 1 + Math.max(0, e.getIndex())));
    } catch (StackOverflowError e) {
      throw expected("a regular expression that is not nested so deep", open);
    }
  }

  /** The product of the counts of all counted repetitions. */
  private static long repeats(CharSequence regex) {
    long product = 1;
    Matcher counts = COUNTED.matcher(regex);
    while (counts.find() && product <= MOST_REPEATS) {
      String greatest = counts.group(2) == null || counts.group(2).isEmpty() ? counts.group(1) : counts.group(2);
      product *= greatest.length() > 6 ? MOST_REPEATS + 1 : Math.max(1, Long.parseLong(greatest));
    }
    return product;
  }

  private static final Pattern COUNTED = Pattern.compile("\\{(\\d++)(?:,(\\d*+))?\\}");

  // ---------------------------------------------------------------- times

  private Condition timeWord() {
    int from = at;
    for (String word : new String[] {"since:", "until:", "last:", "@today", "@yesterday"}) {
      if (text.startsWith(word, at) && (word.endsWith(":") || endsWord(at + word.length()))) {
        at += word.length();
        if (times == null) {
          throw expected("no times: this condition stands for longer than one moment; ask the index with times, or compare a field", from);
        }
        if (word.startsWith("@")) {
          QueryTimes.Stretch day = times.day(word.equals("@today") ? 0 : 1);
          return Clause.And.of(List.of(Clause.TimeRange.since(day.from()), Clause.TimeRange.until(day.to())));
        }
        int place = at;
        String value = String.join("*", word(""));
        if (word.equals("last:")) {
          Duration span = QueryTimes.span(value);
          if (span == null) {
            throw expected("a span such as 90s, 15m, 6h or 7d after 'last:'", place);
          }
          return Clause.TimeRange.since(times.ago(span));
        }
        return word.equals("since:") ? Clause.TimeRange.since(time(value, place).from()) : Clause.TimeRange.until(time(value, place).from());
      }
    }
    return null;
  }

  private QueryTimes.Stretch time(String value, int place) {
    if (times == null) {
      throw expected("no times: this condition stands for longer than one moment; ask the index with times, or compare a field", place);
    }
    QueryTimes.Stretch stretch = times.read(value);
    if (stretch == null) {
      throw expected(EXAMPLE_TIME + (value.isEmpty() ? "" : ", was '" + shortened(value) + "'"), place);
    }
    return stretch;
  }

  private boolean endsWord(int place) {
    return place >= text.length() || isBlank(text.charAt(place)) || text.charAt(place) == ')' || text.charAt(place) == '(';
  }

  // ---------------------------------------------------------------- text

  /** Text in the message; null if there is nothing in it to search for. */
  private Condition text(List<String> pieces, int from, boolean quoted) {
    if (pieces.stream().allMatch(String::isEmpty) && pieces.size() > 1
        || pieces.size() == 3 && pieces.get(0).isEmpty() && pieces.get(1).equals(":") && pieces.get(2).isEmpty()) {
      return Clause.All.ALL;
    }
    if (pieces.size() == 1) {
      List<String> words = Words.of(pieces.get(0));
      if (words.isEmpty() && quoted) {
        throw expected("a letter or a digit to search for; message contains \"..\" searches for other characters", from);
      }
      if (words.size() > Clause.Phrase.MOST_WORDS) {
        throw expected("a phrase of at most " + Clause.Phrase.MOST_WORDS + " words, was " + words.size(), from);
      }
      return words.isEmpty() ? null : new Clause.Phrase(words);
    }
    List<String> lower = new ArrayList<>();
    for (String piece : pieces) {
      List<String> words = Words.of(piece);
      if (piece.isEmpty()) {
        lower.add("");
      } else if (words.size() == 1 && isOneWord(piece)) {
        lower.add(words.get(0));
      } else {
        throw expected("a wildcard within one word; for any text write message contains \"..\"", from);
      }
    }
    return new Clause.WordLike(lower);
  }

  private static boolean isOneWord(String piece) {
    return piece.codePoints().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || Character.getType(c) == Character.NON_SPACING_MARK
        || Character.getType(c) == Character.COMBINING_SPACING_MARK);
  }

  /** A word up to a blank, a parenthesis or one of these; in pieces, between which a wildcard stood. */
  private List<String> word(String alsoEndsAt) {
    int from = at;
    List<String> pieces = new ArrayList<>();
    StringBuilder piece = new StringBuilder();
    while (!atEnd()) {
      char c = peek();
      if (isBlank(c) || c == '(' || c == ')' || c == '"' && at > from || alsoEndsAt.indexOf(c) >= 0) {
        break;
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
        escaped(piece, ESCAPED);
        continue;
      }
      at++;
      if (c == '*') {
        pieces.add(piece.toString());
        piece.setLength(0);
        if (pieces.size() > MOST_GAPS) {
          throw expected("at most " + MOST_GAPS + " wildcards in a word", at - 1);
        }
      } else {
        piece.append(c);
      }
    }
    pieces.add(piece.toString());
    return pieces;
  }

  /** What a backslash stands before: one of these characters, or a character's number; else the backslash is itself. */
  private void escaped(StringBuilder into, String special) {
    char c = peek();
    if (c == 'u' && at + 5 <= text.length() && text.substring(at + 1, at + 5).chars().allMatch(d -> Character.digit(d, 16) >= 0)) {
      into.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
      at += 5;
    } else if (special.indexOf(c) >= 0) {
      into.append(c);
      at++;
    } else {
      into.append('\\');
    }
  }

  private String quoted() {
    int from = at++;
    StringBuilder inside = new StringBuilder();
    for (;;) {
      if (atEnd()) {
        throw expected("a '\"' at the end of what begins at " + from, from);
      }
      char c = text.charAt(at++);
      if (c == '"') {
        return inside.toString();
      }
      if (c == '\\' && !atEnd()) {
        escaped(inside, "\"\\");
      } else {
        inside.append(c);
      }
    }
  }

  // ---------------------------------------------------------------- places

  private boolean isKeyword(String keyword) {
    int end = at + keyword.length();
    return text.startsWith(keyword, at) && (endsWord(end) || text.charAt(end) == '"');
  }

  private boolean keyword(String keyword) {
    if (!isKeyword(keyword)) {
      return false;
    }
    at += keyword.length();
    return true;
  }

  private void blanks() {
    while (!atEnd() && isBlank(peek())) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c <= ' ' || c == 0x7f || c > 0x7f && (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c));
  }

  private boolean atEnd() {
    return at >= text.length();
  }

  private char peek() {
    return atEnd() ? ' ' : text.charAt(at);
  }

  private void deeper(int place) {
    if (++depth > DEEPEST - 2) {
      throw expected("at most " + DEEPEST + " levels of parentheses and negations", place);
    }
  }

  private void checkName(String name, int place) {
    if (name.isEmpty()) {
      throw expected("the name of a field", place);
    }
    if (known != null && !known.contains(name) && !name.equals(LogEvent.MESSAGE)) {
      List<String> near = Nearest.to(name, known);
      throw expected("a field that there is, and '" + shortened(name) + "' is none" + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"), place);
    }
  }

  private static String shortened(String value) {
    return value.length() <= 40 ? value : value.substring(0, 40) + "..";
  }

  private QueryException expected(String what, int place) {
    return new QueryException("expected " + what + ", at position " + place, text, place);
  }
}
