package io.logstream.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.util.BytesRef;

/**
 * Cuts UTF-8 text into words: runs of letters, digits and {@code _}, in lower case, each cut off behind {@value #LONGEST} bytes. Made
 * once, reused for text after text.
 */
final class Words extends TokenStream {
  /** Bytes of a word that are compared. */
  static final int LONGEST = 256;

  private final BytesTermAttribute term = addAttribute(BytesTermAttribute.class);
  private final BytesRef word = new BytesRef(LONGEST + 4);
  private byte[] bytes = {};
  private int next;
  private int end;
  // what codePoint() has read
  private int width;

  /** The words of a text, for a query. */
  static List<BytesRef> of(String text) {
    Words words = new Words();
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    words.over(utf8, 0, utf8.length);
    List<BytesRef> all = new ArrayList<>();
    while (words.advance()) {
      all.add(BytesRef.deepCopyOf(words.word));
    }
    return all;
  }

  /** The text to cut next. */
  Words over(byte[] of, int from, int to) {
    bytes = of;
    next = from;
    end = to;
    return this;
  }

  @Override
  public boolean incrementToken() throws IOException {
    clearAttributes();
    if (!advance()) {
      return false;
    }
    term.setBytesRef(word);
    return true;
  }

  private boolean advance() {
    word.length = 0;
    while (next < end) {
      int b = bytes[next];
      if (b >= 0) {
        next++;
        if (b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_') {
          append((byte) b);
          continue;
        }
        if (b >= 'A' && b <= 'Z') {
          append((byte) (b | 0x20));
          continue;
        }
      } else {
        int c = codePoint();
        next += width;
        if (Character.isLetterOrDigit(c)) {
          append(Character.toLowerCase(c));
          continue;
        }
        if (word.length > 0 && isMark(c)) {
          append(c);
          continue;
        }
      }
      if (word.length > 0) {
        return true;
      }
    }
    return word.length > 0;
  }

  /** Accents and vowel signs that are characters of their own belong to the letter before them. */
  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private void append(byte b) {
    if (word.length < LONGEST) {
      word.bytes[word.length++] = b;
    }
  }

  private void append(int c) {
    if (word.length >= LONGEST) {
      return;
    }
    if (c < 0x80) {
      append((byte) c);
    } else if (c < 0x800) {
      word.bytes[word.length++] = (byte) (0xC0 | c >> 6);
      word.bytes[word.length++] = (byte) (0x80 | c & 0x3F);
    } else if (c < 0x10000) {
      word.bytes[word.length++] = (byte) (0xE0 | c >> 12);
      word.bytes[word.length++] = (byte) (0x80 | c >> 6 & 0x3F);
      word.bytes[word.length++] = (byte) (0x80 | c & 0x3F);
    } else {
      word.bytes[word.length++] = (byte) (0xF0 | c >> 18);
      word.bytes[word.length++] = (byte) (0x80 | c >> 12 & 0x3F);
      word.bytes[word.length++] = (byte) (0x80 | c >> 6 & 0x3F);
      word.bytes[word.length++] = (byte) (0x80 | c & 0x3F);
    }
  }

  /** Reads a character beyond ASCII; bytes that are not UTF-8 read as U+FFFD, which is no letter. */
  private int codePoint() {
    int first = bytes[next] & 0xFF;
    int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 && first < 0xE0 ? 1 : 0;
    width = 1;
    if (more == 0) {
      return 0xFFFD;
    }
    int c = first & 0x3F >> more;
    for (int i = 1; i <= more; i++) {
      if (next + i >= end || (bytes[next + i] & 0xC0) != 0x80) {
        return 0xFFFD;
      }
      c = c << 6 | bytes[next + i] & 0x3F;
    }
    if (c > Character.MAX_CODE_POINT || more == 2 && c < 0x800 || more == 3 && c < 0x10000 || c >= 0xD800 && c < 0xE000) {
      return 0xFFFD;
    }
    width = 1 + more;
    return c;
  }
}
