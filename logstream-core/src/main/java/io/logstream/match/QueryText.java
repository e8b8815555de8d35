package io.logstream.match;

import io.logstream.Numbers;
import java.util.Set;

/** How names and values stand in the printed form of a condition, so that it can be parsed again. */
final class QueryText {
  private static final String SPECIAL = "\"\\*(){}[],";
  private static final Set<String> WORDS = Set.of("AND", "OR", "NOT", "TO");
  private static final Set<String> TIMES = Set.of("since", "until", "last", "_exists_");

  private QueryText() {}

  /** A field's name before a colon. */
  static String name(String name) {
    boolean plain = !name.isEmpty() && isNameStart(name.charAt(0)) && name.chars().allMatch(QueryText::isNamePart) && !WORDS.contains(name) && !TIMES.contains(name);
    return plain ? name : quoted(name);
  }

  /** A field's name before an operator: it may begin with a digit. */
  static String operand(String name) {
    boolean plain = !name.isEmpty() && Character.isDigit(name.charAt(0)) && isOperand(name);
    return plain ? name : name(name);
  }

  static boolean isNameStart(int c) {
    return Character.isLetter(c) || c == '_' || c == '@';
  }

  static boolean isNamePart(int c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '@' || c == '.' || c == '-';
  }

  static boolean isName(String text) {
    return !text.isEmpty() && isNameStart(text.charAt(0)) && text.chars().allMatch(QueryText::isNamePart);
  }

  static boolean isOperand(String text) {
    return !text.isEmpty() && (isNameStart(text.charAt(0)) || Character.isDigit(text.charAt(0))) && text.chars().allMatch(QueryText::isNamePart)
        && text.chars().anyMatch(Character::isLetter) && Numbers.parse(text) == null;
  }

  /** A value as a word where it can be one, else in quotes; behind a name and a colon, two slashes would make it all an address. */
  static String value(String text) {
    boolean word = !text.isEmpty() && !text.startsWith("//") && !WORDS.contains(text) && "<>=-!~".indexOf(text.charAt(0)) < 0
        && text.chars().allMatch(c -> c > ' ' && (c < 0x7f || Character.isLetterOrDigit(c)) && SPECIAL.indexOf(c) < 0) && !QueryParser.looksFuzzy(text);
    return word ? text : quoted(text);
  }

  static String quoted(String text) {
    return "\"" + escape(text, "\"\\") + "\"";
  }

  /** A part of a value, to stand beside a wildcard. */
  static String escaped(String text) {
    return escape(text, SPECIAL + " <>=-!~");
  }

  /** A regular expression between slashes. */
  static String regex(String regex) {
    StringBuilder escaped = new StringBuilder("/");
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\' && i + 1 < regex.length()) {
        escaped.append(c).append(regex.charAt(++i));
      } else {
        escaped.append(c == '/' ? "\\/" : c == '\n' ? "\\n" : String.valueOf(c));
      }
    }
    return escaped.append('/').toString();
  }

  private static String escape(String text, String special) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 0x7f || c > 0x7f && (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c))) {
        escaped.append("\\u").append(Character.forDigit(c >> 12 & 15, 16)).append(Character.forDigit(c >> 8 & 15, 16))
            .append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
      } else {
        escaped.append(special.indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return escaped.toString();
  }
}
