package io.logstream.grok;

/**
 * What {@code \b} takes for part of a word: as {@code java.util.regex} does, whose notion of characters beyond ASCII changed with Java
 * 19, so that the flag U is needed from then on to go by Unicode. A mark that stands on a letter belongs to its word.
 */
final class Words {
  private static final boolean BY_FLAG = Runtime.version().feature() >= 19;
  static final String BOUNDARY = BY_FLAG ? "(?U:\\b)" : "\\b";
  static final String NO_BOUNDARY = BY_FLAG ? "(?U:\\B)" : "\\B";
  private static final CharSet UNICODE_WORD = BY_FLAG ? CharSet.of("(?U:\\w)", CharSet.Beyond.SOME) : null;

  private Words() {}

  /** Whether a word begins or ends at {@code pos}; the text is well-formed. */
  static boolean boundary(byte[] b, int from, int to, int pos) {
    return before(b, from, pos) != after(b, from, to, pos);
  }

  private static boolean before(byte[] b, int from, int pos) {
    if (pos <= from) {
      return false;
    }
    if (b[pos - 1] >= 0) {
      return isWord(b[pos - 1]);
    }
    int at = Utf8Text.previous(b, pos);
    return beyond(b, from, at);
  }

  private static boolean after(byte[] b, int from, int to, int pos) {
    return pos < to && (b[pos] >= 0 ? isWord(b[pos]) : beyond(b, from, pos));
  }

  static boolean isWord(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }

  private static boolean beyond(byte[] b, int from, int at) {
    int code = Utf8Text.codePoint(b, at);
    return BY_FLAG ? UNICODE_WORD.hasBeyond(code) || marked(code, b, from, at) : Character.isLetterOrDigit(code) || marked(code, b, from, at);
  }

  private static boolean marked(int code, byte[] b, int from, int begin) {
    if (Character.getType(code) != Character.NON_SPACING_MARK) {
      return false;
    }
    for (int at = begin; at > from; ) {
      at = Utf8Text.previous(b, at);
      int base = Utf8Text.codePoint(b, at);
      if (Character.isLetterOrDigit(base)) {
        return true;
      }
      if (Character.getType(base) != Character.NON_SPACING_MARK) {
        return false;
      }
    }
    return false;
  }
}
