package io.logstream.grok;

import io.logstream.grok.Syntax.How;
import io.logstream.grok.Syntax.Place;
import io.logstream.grok.Syntax.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads one grok pattern into its {@link Syntax}: references are replaced by their definitions, and the dialect of the pattern files
 * (Onigmo's) by what it means in terms of {@code java.util.regex}. What differs, and what becomes of it:
 *
 * <ul>
 *   <li>groups: only captures that become fields, and groups that a back-reference in the same text names, capture. So a capture's
 *       number is all that is needed, and field names are free;
 *   <li>quantifiers: one on top of another, as in {@code .?*}, repeats the repetition; <code>{n}?</code> and <code>{n,m}+</code> are such;
 *   <li>a brace that is no quantifier stands for itself;
 *   <li>a dot matches newlines, {@code ^} and {@code $} match at every line, and {@code \n} alone ends lines;
 *   <li>{@code \h} is a hexadecimal digit; {@code [[:alpha:]]} and {@code \p{Alpha}} are Unicode's; {@code \b} follows Unicode;
 *   <li>the flag m is Java's s; flags in mid-pattern hold to the end of the group, over alternatives; x is carried out here.
 * </ul>
 */
final class Translation {
  /**
   * A capture that becomes a field; its group's number is its place in the list of groups.
   *
   * @param numeric whether the pattern's name says that it is a number
   */
  record Capture(int group, String field, Type type, boolean numeric) {}

  private static final Set<String> NUMBERS = Set.of("NUMBER", "BASE10NUM", "INT", "POSINT", "NONNEGINT");

  private static final int MOST_CHARS = 2_000_000;
  private static final String UNWANTED = "UNWANTED";

  /** Flags in the sense of java.util.regex, and x. */
  private record Flags(boolean i, boolean u, boolean s, boolean unicode, boolean x) {
    static final Flags NONE = new Flags(false, false, true, false, false);

    /** What a regular expression for one thing must stand in to have these flags. */
    String on(String regex) {
      if (!i && s && !unicode) {
        return regex;
      }
      return "(?" + (i ? "i" : "") + (i && u ? "u" : "") + (unicode ? "U" : "") + (s ? "" : "-s") + ":" + regex + ")";
    }

    boolean plain() {
      return !i && !unicode;
    }
  }

  /** A text under way: the pattern itself, or a definition that another text names. */
  static final class Text {
    /** The definition's name; null for the pattern itself. */
    final String name;

    /** What names it, and where; null for the pattern itself. */
    final Source namedBy;

    final String text;
    private final boolean numbered;
    private final List<Integer> groups = new ArrayList<>();
    private int at;

    Text(String name, Source namedBy, String text) {
      this.name = name;
      this.namedBy = namedBy;
      this.text = text;
      this.numbered = hasNumberedReference(text);
    }

    Text parent() {
      return namedBy == null ? null : namedBy.text();
    }

    boolean more() {
      return at < text.length();
    }

    boolean sees(String next) {
      return text.startsWith(next, at);
    }

    char peek(int ahead) {
      return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
    }

    private static boolean hasNumberedReference(String text) {
      for (int i = 0; i + 1 < text.length(); i++) {
        if (text.charAt(i) == '\\') {
          char c = text.charAt(++i);
          if (c >= '1' && c <= '9') {
            return true;
          }
        }
      }
      return false;
    }
  }

  /** Null while the texts that are named are left out: to check one text for itself. */
  private final Library library;
  private final List<Capture> captures = new ArrayList<>();
  private final Map<String, Integer> named = new HashMap<>();
  private int groups;
  private int chars;
  private Syntax syntax;
  private Pattern regex;

  private Translation(Library library) {
    this.library = library;
  }

  /** Translates a pattern with all that it names. */
  static Translation of(String pattern, Library library) {
    return new Translation(library).run(new Text(null, null, pattern));
  }

  /** Refuses a pattern (or a definition, if there is a name) that is no regular expression whatever the definitions it names may be. */
  static void check(String name, String pattern) {
    new Translation(null).run(new Text(name, null, pattern));
  }

  Syntax syntax() {
    return syntax;
  }

  Pattern regex() {
    return regex;
  }

  List<Capture> captures() {
    return captures;
  }

  /** How many groups capture. */
  int groups() {
    return groups;
  }

  private Translation run(Text whole) {
    Syntax.Printer printer = new Syntax.Printer();
    try {
      syntax = sequence(whole, -1, Flags.NONE);
      regex = Pattern.compile(printer.print(syntax), CharSet.FLAGS);
    } catch (PatternSyntaxException e) {
      Source at = printer.at(Math.max(0, e.getIndex()));
      throw refused(at == null ? whole : at.text(), at == null ? 0 : at.from(), lowered(e.getDescription()));
    } catch (StackOverflowError e) {
      throw refused(whole, 0, "it is nested too deeply");
    }
    return this;
  }

  private Source source(Text in, int from) {
    chars += Math.max(1, in.at - from);
    if (chars > MOST_CHARS) {
      throw refused(in, from, "with all its definitions it becomes longer than " + MOST_CHARS + " characters");
    }
    return new Source(in, from, in.at);
  }

  // ---------------------------------------------------------------- sequences

  /** Reads up to the end of the text, or of the group that was opened at {@code opened}. */
  private Syntax sequence(Text in, int opened, Flags flags) {
    int begin = in.at;
    List<Syntax> options = new ArrayList<>();
    List<Syntax> parts = new ArrayList<>();
    boolean atom = false;
    while (in.more()) {
      int at = in.at;
      char c = in.text.charAt(at);
      if (flags.x && Character.isWhitespace(c)) {
        in.at++;
        continue;
      }
      if (flags.x && c == '#') {
        int end = in.text.indexOf('\n', at);
        in.at = end < 0 ? in.text.length() : end;
        continue;
      }
      if (in.sees("(?#")) {
        int end = in.text.indexOf(')', at);
        if (end < 0) {
          throw refused(in, at, "this comment is never closed");
        }
        in.at = end + 1;
        continue;
      }
      int[] counts = new int[2];
      How how = quantifier(in, counts);
      if (how != null) {
        String written = in.text.substring(at, in.at);
        if (!atom) {
          throw refused(in, at, "there is nothing for '" + written + "' to repeat");
        }
        if (counts[1] < counts[0]) {
          throw refused(in, at, "illegal repetition range");
        }
        Syntax body = parts.remove(parts.size() - 1);
        int from = body.source() != null && body.source().text() == in ? body.source().from() : at;
        parts.add(new Syntax.Repeat(body, counts[0], counts[1], how, source(in, from)));
        continue;
      }
      if (c == ')') {
        if (opened < 0) {
          throw refused(in, at, "this ) closes nothing; write \\) for the character");
        }
        break;
      }
      if (c == '|') {
        options.add(new Syntax.Sequence(List.copyOf(parts), null));
        parts.clear();
        atom = false;
        in.at++;
        continue;
      }
      int flagsEnd = flagsEnd(in);
      if (flagsEnd >= 0 && in.text.charAt(flagsEnd) == ')') {
        parts.add(sequence(in, opened, flags(in, flagsEnd, flags)));
        break;
      }
      parts.add(switch (c) {
        case '(' -> group(in, flags);
        case '[' -> bracketed(in, flags);
        case '\\' -> escape(in, flags);
        case '.' -> {
          in.at++;
          CharSet any = flags.s ? CharSet.ANY : CharSet.of(flags.on("."), CharSet.Beyond.ALL);
          yield new Syntax.Chars(any, source(in, at));
        }
        case '^' -> anchor(in, 1, Place.LINE_BEGIN);
        case '$' -> anchor(in, 1, Place.LINE_END);
        default -> {
          if (c == '%' && in.peek(1) == '{') {
            yield reference(in, flags);
          }
          int code = in.text.codePointAt(at);
          in.at += Character.charCount(code);
          yield one(code, flags, source(in, at));
        }
      });
      atom = true;
    }
    if (opened >= 0 && !in.more()) {
      throw refused(in, opened, "this ( is never closed; write \\( for the character");
    }
    Syntax last = parts.size() == 1 ? parts.get(0) : new Syntax.Sequence(List.copyOf(parts), new Source(in, begin, in.at));
    if (options.isEmpty()) {
      return last;
    }
    options.add(last);
    return new Syntax.Choice(List.copyOf(options), source(in, begin));
  }

  private static Syntax one(int code, Flags flags, Source source) {
    boolean folded = flags.i && (code >= 0x80 || Character.isLetter(code));
    String regex = literal(code);
    return new Syntax.Chars(folded ? CharSet.of(flags.on(regex), CharSet.Beyond.SOME) : CharSet.one(code, regex), source);
  }

  private Syntax anchor(Text in, int length, Place place) {
    int at = in.at;
    in.at += length;
    return new Syntax.Anchor(place, source(in, at));
  }

  /** The quantifier that stands here, read, with its least and most; or null. */
  private static How quantifier(Text in, int[] counts) {
    char c = in.peek(0);
    if (in.more() && (c == '*' || c == '+' || c == '?')) {
      in.at++;
      counts[0] = c == '+' ? 1 : 0;
      counts[1] = c == '?' ? 1 : Syntax.NO_LIMIT;
      char how = in.peek(0);
      if (how == '?' || how == '+') {
        in.at++;
        return how == '?' ? How.LAZY : How.POSSESSIVE;
      }
      return How.GREEDY;
    }
    if (c != '{') {
      return null;
    }
    int i = in.at + 1;
    int least = i;
    while (i < in.text.length() && isDigit(in.text.charAt(i))) {
      i++;
    }
    String from = in.text.substring(least, i);
    String to = null;
    if (i < in.text.length() && in.text.charAt(i) == ',') {
      int most = ++i;
      while (i < in.text.length() && isDigit(in.text.charAt(i))) {
        i++;
      }
      to = in.text.substring(most, i);
    }
    if (i >= in.text.length() || in.text.charAt(i) != '}' || from.isEmpty() && (to == null || to.isEmpty())) {
      return null;
    }
    int at = in.at;
    in.at = i + 1;
    counts[0] = from.isEmpty() ? 0 : count(in, at, from);
    counts[1] = to == null ? counts[0] : to.isEmpty() ? Syntax.NO_LIMIT : count(in, at, to);
    boolean lazy = to != null && in.peek(0) == '?';
    if (lazy) {
      in.at++;
    }
    return lazy ? How.LAZY : How.GREEDY;
  }

  private static int count(Text in, int at, String digits) {
    if (digits.length() > 6) {
      throw refused(in, at, "nothing is repeated so often");
    }
    return Integer.parseInt(digits);
  }

  // ---------------------------------------------------------------- groups

  /** The end of flags that stand here, such as {@code (?i)} or {@code (?i:}; or -1. */
  private static int flagsEnd(Text in) {
    if (!in.sees("(?")) {
      return -1;
    }
    int end = in.at + 2;
    while (end < in.text.length() && "imxsuadU-".indexOf(in.text.charAt(end)) >= 0) {
      end++;
    }
    boolean some = end > in.at + 2 && end < in.text.length();
    return some && (in.text.charAt(end) == ')' || in.text.charAt(end) == ':') ? end : -1;
  }

  private static Flags flags(Text in, int end, Flags before) {
    boolean i = before.i;
    boolean u = before.u;
    boolean s = before.s;
    boolean unicode = before.unicode;
    boolean x = before.x;
    boolean on = true;
    for (int at = in.at + 2; at < end; at++) {
      switch (in.text.charAt(at)) {
        case '-' -> on = false;
        case 'x' -> x = on;
        case 'i' -> {
          i = on;
          u = on || u;
        }
        case 'm', 's' -> s = on;
        case 'u' -> u = on;
        case 'U' -> unicode = on;
        default -> { }
      }
    }
    in.at = end + 1;
    return new Flags(i, u, s, unicode, x);
  }

  private Syntax group(Text in, Flags given) {
    int opened = in.at;
    Flags flags = given;
    int flagsEnd = flagsEnd(in);
    int number = 0;
    int kind = 0;
    if (flagsEnd >= 0) {
      flags = flags(in, flagsEnd, flags);
    } else if (in.sees("(?:") || in.sees("(?=") || in.sees("(?!") || in.sees("(?>")) {
      kind = in.text.charAt(opened + 2);
      in.at += 3;
    } else if (in.sees("(?<=") || in.sees("(?<!")) {
      kind = in.text.charAt(opened + 3) == '=' ? 'b' : 'n';
      in.at += 4;
    } else if (in.sees("(?<") || in.sees("(?'") || in.sees("(?P<")) {
      number = namedGroup(in);
    } else if (in.sees("(?")) {
      throw refused(in, opened, "'" + shown(in.text.substring(opened), 4) + "' opens no group that is known");
    } else {
      if (in.numbered) {
        number = ++groups;
        in.groups.add(number);
      }
      in.at++;
    }
    Syntax body = sequence(in, opened, flags);
    in.at++;
    Source source = source(in, opened);
    return switch (kind) {
      case '=', '!' -> new Syntax.Look(false, kind == '=', body, source);
      case 'b', 'n' -> new Syntax.Look(true, kind == 'b', body, source);
      case '>' -> new Syntax.Atomic(body, source);
      default -> number > 0 ? new Syntax.Group(number, body, source) : new Syntax.Sequence(List.of(body), source);
    };
  }

  private int namedGroup(Text in) {
    int opened = in.at;
    int begin = opened + (in.sees("(?P<") ? 4 : 3);
    int end = in.text.indexOf(in.text.charAt(begin - 1) == '<' ? '>' : '\'', begin);
    if (end <= begin) {
      throw refused(in, opened, "a named group is written (?<name>..)");
    }
    int number = ++groups;
    in.groups.add(number);
    capture(in, begin, in.text.substring(begin, end), "");
    in.at = end + 1;
    return number;
  }

  /** Notes that the group opened last becomes a field: {@code name}, {@code name:type}, or as Java Grok writes it {@code name;type}. */
  private void capture(Text in, int at, String written, String pattern) {
    String field = written;
    Type type = Type.TEXT;
    int end = 0;
    while (end < written.length() && written.charAt(end) != ':' && written.charAt(end) != ';') {
      end++;
    }
    if (end < written.length()) {
      field = written.substring(0, end);
      int behind = end + 1;
      while (behind < written.length() && written.charAt(behind) != ':' && written.charAt(behind) != ';') {
        behind++;
      }
      String typed = written.substring(end + 1, behind);
      type = typed.isEmpty() ? Type.TEXT : Type.named(typed);
      if (type == null) {
        throw refused(in, at, "a type is one of " + Type.NAMES + ", was ':" + typed + "'");
      }
    }
    if (field.isEmpty()) {
      throw refused(in, at, "a capture needs a name before its type");
    }
    named.put(field, groups);
    if (!field.equals(UNWANTED)) {
      captures.add(new Capture(groups, field, type, NUMBERS.contains(pattern)));
    }
  }

  // ---------------------------------------------------------------- references

  static boolean isNameChar(char c) {
    return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || isDigit(c) || c == '_';
  }

  private static boolean isFieldChar(char c) {
    return isNameChar(c) || c > 0x7f || "@[].:;-".indexOf(c) >= 0;
  }

  private Syntax reference(Text in, Flags flags) {
    int opened = in.at;
    int begin = opened + 2;
    int end = begin;
    while (end < in.text.length() && isNameChar(in.text.charAt(end))) {
      end++;
    }
    int close = in.text.indexOf('}', end);
    if (end == begin || close < 0) {
      throw refused(in, opened, "a reference is written %{NAME}, %{NAME:field} or %{NAME:field:type}; write \\%{ for the characters");
    }
    String name = in.text.substring(begin, end);
    int fieldEnd = end;
    if (in.text.charAt(end) == ':' || in.text.charAt(end) == ';') {
      while (fieldEnd < close && isFieldChar(in.text.charAt(fieldEnd))) {
        fieldEnd++;
      }
    }
    String written = fieldEnd > end + 1 ? in.text.substring(end + 1, fieldEnd) : "";
    in.at = close + 1;
    Source source = source(in, opened);
    int number = 0;
    if (!written.isEmpty() && !written.equals(UNWANTED)) {
      number = ++groups;
      capture(in, end + 1, written, name);
    }
    Syntax body = library == null ? new Syntax.Sequence(List.of(), source) : sequence(definition(source, name), -1, flags);
    return number > 0 ? new Syntax.Group(number, body, source) : new Syntax.Sequence(List.of(body), source);
  }

  private Text definition(Source from, String name) {
    Text in = from.text();
    String text = library.get(name);
    if (text == null) {
      throw new IllegalArgumentException(chain(in) + " names %{" + name + "}, which is not defined" + library.insteadOf(name));
    }
    for (Text above = in; above.namedBy != null; above = above.parent()) {
      if (name.equals(above.name)) {
        throw new IllegalArgumentException(chain(in) + " names %{" + name + "}, which is a circle");
      }
    }
    return new Text(name, from, text);
  }

  /** The texts that led here, as the beginning of a sentence: {@code pattern names %{A}, which names %{B}, which}. */
  private static String chain(Text in) {
    return in.namedBy == null ? subject(in) : chain(in.parent()) + " names %{" + in.name + "}, which";
  }

  private static String subject(Text in) {
    return in.name == null ? "pattern" : "definition " + in.name;
  }

  // ---------------------------------------------------------------- escapes

  private Syntax escape(Text in, Flags flags) {
    int at = in.at;
    if (at + 1 == in.text.length()) {
      throw refused(in, at, "a backslash stands at the end");
    }
    char c = in.text.charAt(at + 1);
    switch (c) {
      case 'h':
        return chars(in, 2, "[0-9a-fA-F]", CharSet.Beyond.NONE);
      case 'H':
        return chars(in, 2, "[^0-9a-fA-F]", CharSet.Beyond.ALL);
      case 'd', 'w', 's':
        return chars(in, 2, flags.on("\\" + c), flags.unicode ? CharSet.Beyond.SOME : CharSet.Beyond.NONE);
      case 'D', 'W', 'S':
        return chars(in, 2, flags.on("\\" + c), flags.unicode ? CharSet.Beyond.SOME : CharSet.Beyond.ALL);
      case 'p', 'P':
        String property = property(in);
        return chars(in, at, flags.on("[" + property + "]"));
      case 'b', 'B':
        return flags.unicode ? foreign(in, flags.on("\\" + c)) : anchor(in, 2, c == 'b' ? Place.BOUNDARY : Place.NO_BOUNDARY);
      case 'A':
        return anchor(in, 2, Place.BEGIN);
      case 'z':
        return anchor(in, 2, Place.END);
      case 'Z':
        return anchor(in, 2, Place.LAST_LINE_END);
      case 'k':
        return backReference(in, flags);
      case 'Q':
        return quoted(in, flags);
      default:
        if (c >= '1' && c <= '9') {
          return numberedReference(in, flags);
        }
        int code = codePoint(in);
        return code >= 0 ? one(code, flags, source(in, at)) : foreign(in, flags.on("\\" + c));
    }
  }

  private Syntax foreign(Text in, String regexPart) {
    int at = in.at;
    in.at += 2;
    return new Syntax.Foreign(regexPart, source(in, at));
  }

  private Syntax chars(Text in, int length, String regexPart, CharSet.Beyond beyond) {
    int at = in.at;
    in.at += length;
    return new Syntax.Chars(CharSet.of(regexPart, beyond), source(in, at));
  }

  private Syntax chars(Text in, int from, String regexPart) {
    return new Syntax.Chars(CharSet.of(regexPart, CharSet.Beyond.SOME), source(in, from));
  }

  private Syntax quoted(Text in, Flags flags) {
    int opened = in.at;
    int at = opened + 2;
    int end = in.text.indexOf("\\E", at);
    int to = end < 0 ? in.text.length() : end;
    List<Syntax> parts = new ArrayList<>();
    in.at = end < 0 ? to : end + 2;
    for (int i = at; i < to; i += Character.charCount(in.text.codePointAt(i))) {
      parts.add(one(in.text.codePointAt(i), flags, new Source(in, i, i + Character.charCount(in.text.codePointAt(i)))));
    }
    return new Syntax.Sequence(parts, source(in, opened));
  }

  private Syntax numberedReference(Text in, Flags flags) {
    int at = in.at;
    int end = at + 1;
    while (end < in.text.length() && end < at + 4 && isDigit(in.text.charAt(end))) {
      end++;
    }
    int number = Integer.parseInt(in.text, at + 1, end, 10);
    if (number > in.groups.size()) {
      throw refused(in, at, "there is no group " + number + " before this");
    }
    in.at = end;
    return new Syntax.Foreign(flags.on("(?:\\" + in.groups.get(number - 1) + ")"), source(in, at));
  }

  private Syntax backReference(Text in, Flags flags) {
    int at = in.at;
    char open = in.peek(2);
    int end = open == '<' || open == '\'' ? in.text.indexOf(open == '<' ? '>' : '\'', at + 3) : -1;
    if (end < 0) {
      throw refused(in, at, "a back-reference is written \\k<name>");
    }
    String name = in.text.substring(at + 3, end);
    Integer group = named.get(name);
    if (group == null && library != null) {
      throw refused(in, at, "there is no capture called '" + name + "' before this");
    }
    in.at = end + 1;
    return new Syntax.Foreign(group == null ? "(?:)" : flags.on("(?:\\" + group + ")"), source(in, at));
  }

  /** The one character that an escape stands for, read; or -1 where it stands for something else. */
  private static int codePoint(Text in) {
    char c = in.peek(1);
    int at = in.at;
    switch (c) {
      case 't', 'n', 'r', 'f', 'a', 'e', 'v':
        in.at += 2;
        return "\t\n\r\f\u0007\u001b\u000b".charAt("tnrfaev".indexOf(c));
      case 'x':
        if (in.peek(2) == '{') {
          int end = in.text.indexOf('}', at);
          return hex(in, at + 3, end < 0 ? at + 3 : end, 1);
        }
        int to = at + 2;
        while (to < at + 4 && Character.digit(in.peek(to - at), 16) >= 0) {
          to++;
        }
        return hex(in, at + 2, to, 0);
      case 'u':
        return hex(in, at + 2, Math.min(at + 6, in.text.length()), 0);
      case '0':
        int end = at + 2;
        while (end < at + 4 && in.peek(end - at) >= '0' && in.peek(end - at) <= '7') {
          end++;
        }
        in.at = end;
        return end == at + 2 ? 0 : Integer.parseInt(in.text, at + 2, end, 8);
      default:
        if (c < 0x80 && (isNameChar(c) && c != '_')) {
          return -1;
        }
        int code = in.text.codePointAt(at + 1);
        in.at += 1 + Character.charCount(code);
        return code;
    }
  }

  private static int hex(Text in, int from, int to, int behind) {
    try {
      int code = Integer.parseInt(in.text, from, to, 16);
      if (Character.isValidCodePoint(code)) {
        in.at = to + behind;
        return code;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw refused(in, in.at, "a character by its number is written \\x41, \\x{1F600} or \\u0041");
  }

  private static String literal(int code) {
    boolean plain = code >= 0x80 || code < 0x80 && (isNameChar((char) code) || code <= ' ' || code == 0x7f);
    return plain ? Character.toString(code) : "\\" + (char) code;
  }

  // ---------------------------------------------------------------- classes of characters

  private Syntax bracketed(Text in, Flags flags) {
    int opened = in.at;
    Bracket members = new Bracket();
    bracket(in, members);
    CharSet.Beyond beyond = members.unsure || !flags.plain() ? CharSet.Beyond.SOME : members.all != members.negated ? CharSet.Beyond.ALL : CharSet.Beyond.NONE;
    try {
      return new Syntax.Chars(CharSet.of(flags.on(members.out.toString()), beyond), source(in, opened));
    } catch (PatternSyntaxException e) {
      throw refused(in, opened, lowered(e.getDescription()));
    }
  }

  /** A class of characters being read, and what is known of those beyond ASCII. */
  private static final class Bracket {
    final StringBuilder out = new StringBuilder();
    boolean negated;
    boolean all;
    boolean unsure;
  }

  private void bracket(Text in, Bracket members) {
    int opened = in.at;
    StringBuilder out = members.out;
    out.append('[');
    in.at++;
    if (in.peek(0) == '^') {
      members.negated = true;
      out.append('^');
      in.at++;
    }
    boolean first = true;
    while (true) {
      if (!in.more()) {
        throw refused(in, opened, "this [ is never closed; write \\[ for the character");
      }
      int at = in.at;
      char c = in.text.charAt(at);
      if (c == ']' && !first) {
        break;
      }
      first = false;
      if (c == '[') {
        members.unsure = true;
        String posix = posix(in);
        if (posix != null) {
          out.append(posix);
        } else {
          bracket(in, members);
        }
      } else if (in.sees("&&")) {
        members.unsure = true;
        out.append("&&");
        in.at += 2;
      } else {
        if (c == '%' && isReference(in)) {
          throw refused(in, at, "a reference cannot stand in [..]; write \\%{ for the characters");
        }
        int low = member(in, members);
        if (low >= 0) {
          range(in, at, low, members);
        }
      }
    }
    in.at++;
    out.append(']');
  }

  private boolean isReference(Text in) {
    int end = in.at + 2;
    while (end < in.text.length() && isNameChar(in.text.charAt(end))) {
      end++;
    }
    return in.peek(1) == '{' && end > in.at + 2 && end < in.text.length() && (in.text.charAt(end) == '}' || in.text.charAt(end) == ':');
  }

  private static void range(Text in, int at, int low, Bracket members) {
    StringBuilder out = members.out;
    members.unsure |= low >= 0x80;
    char behind = in.peek(1);
    if (in.peek(0) != '-' || behind == ']' || behind == '[' || behind == '\0' || behind == '&' && in.peek(2) == '&') {
      out.append(literal(low));
      return;
    }
    in.at++;
    int mark = out.length();
    int high = member(in, members);
    members.unsure |= high >= 0x80;
    if (high < 0) {
      out.insert(mark, literal(low) + "\\-");
    } else if (high < low) {
      throw refused(in, at, "the range '" + Character.toString(low) + "-" + Character.toString(high) + "' is empty");
    } else {
      out.append(literal(low)).append('-').append(literal(high));
    }
  }

  /** Reads one member of a class: a character, which is returned, or a class, which is written out, with -1 returned. */
  private static int member(Text in, Bracket members) {
    StringBuilder out = members.out;
    if (in.peek(0) != '\\') {
      int code = in.text.codePointAt(in.at);
      in.at += Character.charCount(code);
      return code;
    }
    if (in.at + 1 == in.text.length()) {
      throw refused(in, in.at, "a backslash stands at the end");
    }
    char c = in.peek(1);
    switch (c) {
      case 'b':
        in.at += 2;
        return '\b';
      case 'h', 'H':
        members.all |= c == 'H';
        out.append(c == 'h' ? "0-9a-fA-F" : "[^0-9a-fA-F]");
        in.at += 2;
        return -1;
      case 'p', 'P':
        members.unsure = true;
        out.append(property(in));
        return -1;
      case 'd', 'D', 'w', 'W', 's', 'S':
        members.all |= c < 'a';
        out.append('\\').append(c);
        in.at += 2;
        return -1;
      default:
        int code = codePoint(in);
        if (code < 0) {
          in.at += 2;
          return c;
        }
        return code;
    }
  }

  /** A class such as {@code [:alpha:]} or {@code [:^alpha:]}, read; or null where another thing stands here. */
  private static String posix(Text in) {
    if (in.peek(1) != ':') {
      return null;
    }
    int end = in.text.indexOf(":]", in.at + 2);
    if (end < 0) {
      return null;
    }
    boolean negated = in.peek(2) == '^';
    String members = members(in.text.substring(in.at + (negated ? 3 : 2), end));
    if (members == null) {
      return null;
    }
    in.at = end + 2;
    return negated ? "[^" + members + "]" : "[" + members + "]";
  }

  /** The POSIX classes as Unicode has them. */
  private static String members(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "alnum" -> "\\p{IsAlphabetic}\\p{Nd}";
      case "alpha" -> "\\p{IsAlphabetic}";
      case "ascii" -> "\\x00-\\x7F";
      case "blank" -> "\\t\\p{Zs}";
      case "cntrl" -> "\\p{Cc}";
      case "digit" -> "\\p{Nd}";
      case "graph" -> "[^\\p{IsWhite_Space}\\p{Cc}\\p{Cs}\\p{Cn}]";
      case "lower" -> "\\p{IsLowercase}";
      case "print" -> "\\p{Zs}[^\\p{IsWhite_Space}\\p{Cc}\\p{Cs}\\p{Cn}]";
      case "punct" -> "\\p{IsPunctuation}$+<=>\\^`|~";
      case "space" -> "\\p{IsWhite_Space}";
      case "upper" -> "\\p{IsUppercase}";
      case "word" -> "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";
      case "xdigit" -> "0-9A-Fa-f";
      default -> null;
    };
  }

  /** A property such as {@code \p{Alpha}}, {@code \P{L}} or {@code \p{^Han}}, read. */
  private static String property(Text in) {
    int at = in.at;
    boolean negated = in.peek(1) == 'P';
    String name;
    if (in.peek(2) == '{') {
      int end = in.text.indexOf('}', at);
      if (end < 0) {
        throw refused(in, at, "a property is written \\p{Name}");
      }
      name = in.text.substring(at + 3, end);
      in.at = end + 1;
    } else {
      name = at + 2 < in.text.length() ? in.text.substring(at + 2, at + 3) : "";
      in.at = Math.min(at + 3, in.text.length());
    }
    if (name.startsWith("^")) {
      negated = !negated;
      name = name.substring(1);
    }
    String members = members(name);
    if (members != null) {
      return negated ? "[^" + members + "]" : members;
    }
    for (String java : new String[] {name, "Is" + name}) {
      String known = (negated ? "\\P{" : "\\p{") + java + "}";
      try {
        Pattern.compile(known);
        return known;
      } catch (PatternSyntaxException e) {
        // the next form
      }
    }
    throw refused(in, at, "there is no property called '" + name + "'");
  }

  // ---------------------------------------------------------------- errors

  private static IllegalArgumentException refused(Text in, int at, String why) {
    String text = in.text;
    int from = Math.max(0, at - 20);
    String near = (from > 0 ? ".." : "") + shown(text.substring(from), 60);
    String led = in.namedBy == null ? "" : " (" + chain(in.parent()) + " names it)";
    return new IllegalArgumentException(subject(in) + " does not compile: " + why + ", at index " + at + " of '" + near + "'" + led);
  }

  static String shown(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "..";
  }

  private static String lowered(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
