package io.logstream.grok;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One grok pattern on its way to a regular expression of {@code java.util.regex}: references are replaced by their definitions, and the
 * dialect of the pattern files (Onigmo's) by Java's. What differs, and what becomes of it:
 *
 * <ul>
 *   <li>groups: only captures that become fields, and groups that a back-reference in the same text names, capture. So a capture's
 *       number is all that is needed, and field names are free;
 *   <li>quantifiers: one on top of another, as in {@code .?*}, wraps what it repeats; <code>{n}?</code> and <code>{n,m}+</code> are such;
 *   <li>a brace that is no quantifier stands for itself;
 *   <li>a dot matches newlines, {@code ^} and {@code $} match at every line, and {@code \n} alone ends lines;
 *   <li>{@code \h} is a hexadecimal digit; {@code [[:alpha:]]} and {@code \p{Alpha}} are Unicode's; {@code \b} follows Unicode;
 *   <li>the flag m is Java's s; flags in mid-pattern hold to the end of the group, over alternatives; x is carried out here.
 * </ul>
 *
 * <p>The result is kept in pieces that know where they come from, so that an error of the regular expression's own compiler is
 * told in terms of what the user wrote.
 */
final class Translation {
  /** A capture that becomes a field; its group's number is its place in the list of groups. */
  record Capture(int group, String field, Type type) {}

  private static final int MOST_CHARS = 2_000_000;
  private static final String BOUNDARY = Runtime.version().feature() >= 19 ? "(?U:\\b)" : "\\b";
  private static final String NO_BOUNDARY = Runtime.version().feature() >= 19 ? "(?U:\\B)" : "\\B";
  private static final int FLAGS = Pattern.DOTALL | Pattern.MULTILINE | Pattern.UNIX_LINES;
  private static final String UNWANTED = "UNWANTED";

  /** A text under way: the pattern itself, or a definition that another text names. */
  private static final class Text {
    final String name;
    final Text namedBy;
    final String text;
    final boolean numbered;
    final List<Integer> groups = new ArrayList<>();
    int at;

    Text(String name, Text namedBy, String text) {
      this.name = name;
      this.namedBy = namedBy;
      this.text = text;
      this.numbered = hasNumberedReference(text);
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

  private record Piece(String regex, Text of, int at) {}

  /** Null while the texts that are named are left out: to check one text for itself. */
  private final Library library;
  private final List<Piece> pieces = new ArrayList<>();
  private final List<Capture> captures = new ArrayList<>();
  private final Map<String, Integer> named = new HashMap<>();
  private int groups;
  private int chars;
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

  Pattern regex() {
    return regex;
  }

  List<Capture> captures() {
    return captures;
  }

  private Translation run(Text whole) {
    try {
      sequence(whole, -1, false);
      regex = Pattern.compile(joined(), FLAGS);
    } catch (PatternSyntaxException e) {
      int at = 0;
      Piece found = pieces.isEmpty() ? new Piece("", whole, 0) : pieces.get(0);
      for (Piece piece : pieces) {
        if (at > Math.max(0, e.getIndex())) {
          break;
        }
        at += piece.regex.length();
        found = piece;
      }
      throw refused(found.of, found.at, lowered(e.getDescription()));
    } catch (StackOverflowError e) {
      throw refused(whole, 0, "it is nested too deeply");
    }
    return this;
  }

  private String joined() {
    StringBuilder all = new StringBuilder(chars);
    pieces.forEach(piece -> all.append(piece.regex));
    return all.toString();
  }

  private void put(String regexPart, Text of, int at) {
    chars += regexPart.length();
    if (chars > MOST_CHARS) {
      throw refused(of, at, "with all its definitions it becomes longer than " + MOST_CHARS + " characters");
    }
    pieces.add(new Piece(regexPart, of, at));
  }

  // ---------------------------------------------------------------- sequences

  /** Translates up to the end of the text, or of the group that was opened at {@code opened}. */
  private void sequence(Text in, int opened, boolean blanksGiven) {
    boolean blanks = blanksGiven;
    int atom = -1;
    boolean repeated = false;
    while (in.more()) {
      int at = in.at;
      int before = pieces.size();
      char c = in.text.charAt(at);
      if (blanks && Character.isWhitespace(c)) {
        in.at++;
        continue;
      }
      if (blanks && c == '#') {
        int end = in.text.indexOf('\n', at);
        in.at = end < 0 ? in.text.length() : end;
        continue;
      }
      String quantifier = quantifier(in);
      if (quantifier != null) {
        if (atom < 0) {
          throw refused(in, at, "there is nothing for '" + quantifier + "' to repeat");
        }
        if (repeated) {
          pieces.add(atom, new Piece("(?:", in, at));
          chars += 3;
          put(")", in, at);
        }
        put(quantifier, in, at);
        repeated = true;
        continue;
      }
      switch (c) {
        case ')' -> {
          if (opened < 0) {
            throw refused(in, at, "this ) closes nothing; write \\) for the character");
          }
          return;
        }
        case '|' -> {
          put("|", in, at);
          in.at++;
          before = -1;
        }
        case '(' -> {
          int flags = flags(in);
          if (flags >= 0) {
            blanks = flags == 1 || flags == 2 && blanks;
            sequence(in, opened, blanks);
            put(")", in, at);
            return;
          }
          group(in, blanks);
          before = pieces.size() == before ? atom : before;
        }
        case '[' -> bracket(in);
        case '\\' -> escape(in);
        case '{', '}', ']' -> {
          put("\\" + c, in, at);
          in.at++;
        }
        case '%' -> {
          if (in.peek(1) == '{') {
            reference(in, blanks);
          } else {
            put("%", in, at);
            in.at++;
          }
        }
        default -> {
          int code = in.text.codePointAt(at);
          put(Character.toString(code), in, at);
          in.at += Character.charCount(code);
        }
      }
      if (before != atom) {
        atom = before;
        repeated = false;
      }
    }
    if (opened >= 0) {
      throw refused(in, opened, "this ( is never closed; write \\( for the character");
    }
  }

  /** The quantifier that stands here, in Java's form, read; or null. */
  private static String quantifier(Text in) {
    char c = in.peek(0);
    if (in.more() && (c == '*' || c == '+' || c == '?')) {
      in.at++;
      char how = in.peek(0);
      if (how == '?' || how == '+') {
        in.at++;
        return "" + c + how;
      }
      return "" + c;
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
    in.at = i + 1;
    if (to == null) {
      return "{" + from + "}";
    }
    boolean lazy = in.peek(0) == '?';
    if (lazy) {
      in.at++;
    }
    return "{" + (from.isEmpty() ? "0" : from) + "," + to + "}" + (lazy ? "?" : "");
  }

  // ---------------------------------------------------------------- groups

  /**
   * Opens a group for flags that hold to the end of the one they stand in, if such flags stand here.
   *
   * @return -1 if there are none; else 1 if they turn on x, 0 if they turn it off, 2 if they leave it
   */
  private int flags(Text in) {
    int end = flagsEnd(in);
    return end < 0 || in.text.charAt(end) != ')' ? -1 : openFlags(in, end);
  }

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

  private int openFlags(Text in, int end) {
    int blanks = 2;
    StringBuilder on = new StringBuilder();
    StringBuilder off = new StringBuilder();
    boolean turnedOn = true;
    for (int i = in.at + 2; i < end; i++) {
      char c = in.text.charAt(i);
      StringBuilder to = turnedOn ? on : off;
      switch (c) {
        case '-' -> turnedOn = false;
        case 'x' -> blanks = turnedOn ? 1 : 0;
        case 'i' -> to.append(turnedOn ? "iu" : "i");
        case 'm', 's' -> to.append('s');
        case 'u', 'U' -> to.append(c);
        default -> { }
      }
    }
    put("(?" + on + (off.isEmpty() ? "" : "-" + off) + ":", in, in.at);
    in.at = end + 1;
    return blanks;
  }

  private void group(Text in, boolean blanksGiven) {
    int opened = in.at;
    boolean blanks = blanksGiven;
    int flags = flagsEnd(in);
    if (in.sees("(?#")) {
      int end = in.text.indexOf(')', opened);
      if (end < 0) {
        throw refused(in, opened, "this comment is never closed");
      }
      in.at = end + 1;
      return;
    }
    if (flags >= 0) {
      int x = openFlags(in, flags);
      blanks = x == 1 || x == 2 && blanks;
    } else if (in.sees("(?:") || in.sees("(?=") || in.sees("(?!") || in.sees("(?>")) {
      put(in.text.substring(opened, opened + 3), in, opened);
      in.at += 3;
    } else if (in.sees("(?<=") || in.sees("(?<!")) {
      put(in.text.substring(opened, opened + 4), in, opened);
      in.at += 4;
    } else if (in.sees("(?<") || in.sees("(?'") || in.sees("(?P<")) {
      namedGroup(in);
    } else if (in.sees("(?")) {
      throw refused(in, opened, "'" + shown(in.text.substring(opened), 4) + "' opens no group that is known");
    } else {
      if (in.numbered) {
        in.groups.add(++groups);
      }
      put(in.numbered ? "(" : "(?:", in, opened);
      in.at++;
    }
    sequence(in, opened, blanks);
    put(")", in, in.at);
    in.at++;
  }

  private void namedGroup(Text in) {
    int opened = in.at;
    int begin = opened + (in.sees("(?P<") ? 4 : 3);
    int end = in.text.indexOf(in.text.charAt(begin - 1) == '<' ? '>' : '\'', begin);
    if (end <= begin) {
      throw refused(in, opened, "a named group is written (?<name>..)");
    }
    put("(", in, opened);
    in.groups.add(++groups);
    capture(in, begin, in.text.substring(begin, end));
    in.at = end + 1;
  }

  /** Notes that the group opened last becomes a field: {@code name}, {@code name:type}, or as Java Grok writes it {@code name;type}. */
  private void capture(Text in, int at, String written) {
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
      captures.add(new Capture(groups, field, type));
    }
  }

  // ---------------------------------------------------------------- references

  static boolean isNameChar(char c) {
    return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || isDigit(c) || c == '_';
  }

  private static boolean isFieldChar(char c) {
    return isNameChar(c) || c > 0x7f || "@[].:;-".indexOf(c) >= 0;
  }

  private void reference(Text in, boolean blanks) {
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
    if (written.isEmpty()) {
      put("(?:", in, opened);
    } else {
      put("(", in, opened);
      groups++;
      capture(in, end + 1, written);
    }
    if (library != null) {
      sequence(definition(in, opened, name), -1, blanks);
    }
    put(")", in, opened);
  }

  private Text definition(Text in, int at, String name) {
    String text = library.get(name);
    if (text == null) {
      throw new IllegalArgumentException(chain(in) + " names %{" + name + "}, which is not defined" + library.insteadOf(name));
    }
    for (Text above = in; above.namedBy != null; above = above.namedBy) {
      if (name.equals(above.name)) {
        throw new IllegalArgumentException(chain(in) + " names %{" + name + "}, which is a circle");
      }
    }
    return new Text(name, in, text);
  }

  /** The texts that led here, as the beginning of a sentence: {@code pattern names %{A}, which names %{B}, which}. */
  private static String chain(Text in) {
    return in.namedBy == null ? subject(in) : chain(in.namedBy) + " names %{" + in.name + "}, which";
  }

  private static String subject(Text in) {
    return in.name == null ? "pattern" : "definition " + in.name;
  }

  // ---------------------------------------------------------------- escapes

  private void escape(Text in) {
    int at = in.at;
    if (at + 1 == in.text.length()) {
      throw refused(in, at, "a backslash stands at the end");
    }
    char c = in.text.charAt(at + 1);
    switch (c) {
      case 'h', 'H' -> simple(in, c == 'h' ? "[0-9a-fA-F]" : "[^0-9a-fA-F]");
      case 'b' -> simple(in, BOUNDARY);
      case 'B' -> simple(in, NO_BOUNDARY);
      case 'k' -> backReference(in);
      case 'Q' -> quoted(in);
      case 'p', 'P' -> put("[" + property(in) + "]", in, at);
      default -> {
        if (c >= '1' && c <= '9') {
          numberedReference(in);
          return;
        }
        int code = codePoint(in);
        if (code >= 0) {
          put(literal(code), in, at);
        } else {
          simple(in, "\\" + c);
        }
      }
    }
  }

  private void simple(Text in, String regexPart) {
    put(regexPart, in, in.at);
    in.at += 2;
  }

  private void quoted(Text in) {
    int at = in.at + 2;
    int end = in.text.indexOf("\\E", at);
    int to = end < 0 ? in.text.length() : end;
    put("(?:", in, in.at);
    for (int i = at; i < to; i += Character.charCount(in.text.codePointAt(i))) {
      put(literal(in.text.codePointAt(i)), in, i);
    }
    put(")", in, in.at);
    in.at = end < 0 ? to : end + 2;
  }

  private void numberedReference(Text in) {
    int at = in.at;
    int end = at + 1;
    while (end < in.text.length() && end < at + 4 && isDigit(in.text.charAt(end))) {
      end++;
    }
    int number = Integer.parseInt(in.text, at + 1, end, 10);
    if (number > in.groups.size()) {
      throw refused(in, at, "there is no group " + number + " before this");
    }
    put("(?:\\" + in.groups.get(number - 1) + ")", in, at);
    in.at = end;
  }

  private void backReference(Text in) {
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
    put(group == null ? "(?:)" : "(?:\\" + group + ")", in, at);
    in.at = end + 1;
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

  private void bracket(Text in) {
    int opened = in.at;
    in.at++;
    StringBuilder out = new StringBuilder("[");
    if (in.peek(0) == '^') {
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
        String posix = posix(in);
        if (posix != null) {
          out.append(posix);
        } else {
          put(out.toString(), in, at);
          out.setLength(0);
          bracket(in);
        }
      } else if (in.sees("&&")) {
        out.append("&&");
        in.at += 2;
      } else {
        if (c == '%' && isReference(in)) {
          throw refused(in, at, "a reference cannot stand in [..]; write \\%{ for the characters");
        }
        int low = member(in, out);
        if (low >= 0) {
          range(in, at, low, out);
        }
      }
    }
    in.at++;
    put(out.append(']').toString(), in, opened);
  }

  private boolean isReference(Text in) {
    int end = in.at + 2;
    while (end < in.text.length() && isNameChar(in.text.charAt(end))) {
      end++;
    }
    return in.peek(1) == '{' && end > in.at + 2 && end < in.text.length() && (in.text.charAt(end) == '}' || in.text.charAt(end) == ':');
  }

  private static void range(Text in, int at, int low, StringBuilder out) {
    char behind = in.peek(1);
    if (in.peek(0) != '-' || behind == ']' || behind == '[' || behind == '\0' || behind == '&' && in.peek(2) == '&') {
      out.append(literal(low));
      return;
    }
    in.at++;
    StringBuilder other = new StringBuilder();
    int high = member(in, other);
    if (high < 0) {
      out.append(literal(low)).append("\\-").append(other);
    } else if (high < low) {
      throw refused(in, at, "the range '" + Character.toString(low) + "-" + Character.toString(high) + "' is empty");
    } else {
      out.append(literal(low)).append('-').append(literal(high));
    }
  }

  /** Reads one member of a class: a character, which is returned, or a class, which is written out, with -1 returned. */
  private static int member(Text in, StringBuilder out) {
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
        out.append(c == 'h' ? "0-9a-fA-F" : "[^0-9a-fA-F]");
        in.at += 2;
        return -1;
      case 'p', 'P':
        out.append(property(in));
        return -1;
      case 'd', 'D', 'w', 'W', 's', 'S':
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
    String led = in.namedBy == null ? "" : " (" + chain(in.namedBy) + " names it)";
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
