package io.logstream.match;

import java.util.Set;

/** How values stand in the printed form of a condition. */
final class QueryText {
  private static final String SPECIAL = "\"\\*(){}[]";
  private static final Set<String> WORDS = Set.of("AND", "OR", "NOT", "TO");

  private QueryText() {}

  /** A value as a word where it can be one, else in quotes. */
  static String value(String text) {
    boolean word = !text.isEmpty() && !WORDS.contains(text) && "<>=-!~".indexOf(text.charAt(0)) < 0
        && text.chars().allMatch(c -> c > ' ' && c != 0x7f && SPECIAL.indexOf(c) < 0);
    return word ? text : "\"" + escape(text, "\"\\") + "\"";
  }

  /** A part of a value, to stand beside a wildcard. */
  static String escaped(String text) {
    return escape(text, SPECIAL + " ");
  }

  /** A regular expression between slashes. */
  static String regex(String regex) {
    return "/" + escape(regex, "/") + "/";
  }

  private static String escape(String text, String special) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> escaped.append(special.indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return escaped.toString();
  }
}
