package io.logstream.grok;

import java.util.regex.Pattern;

/** Whether one pattern leaves nothing for another, where that can be told from how they are written. */
final class Shadow {
  private static final Pattern EVERYTHING = Pattern.compile("\\^?(%\\{GREEDYDATA(:[^}]*)?\\}|\\.\\*|\\(\\?<\\w+>\\.\\*\\))\\$?");

  private Shadow() {}

  /**
   * Whether the earlier pattern matches all that the later one does.
   *
   * @param anywhere whether a match counts that does not reach the end of the text
   */
  static boolean hides(String earlier, String later, boolean anywhere, Library library) {
    if (earlier.equals(later)) {
      return true;
    }
    if (EVERYTHING.matcher(earlier).matches() && (!earlier.contains("GREEDYDATA") || ".*".equals(library.get("GREEDYDATA")))) {
      return true;
    }
    // where a match may end anywhere, the beginning of a pattern matches wherever the whole does
    return anywhere && later.startsWith(earlier) && later.indexOf('|') < 0 && " %".indexOf(later.charAt(earlier.length())) >= 0;
  }
}
