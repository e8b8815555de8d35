package io.logstream.match;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Text cut into words, as searches see it: runs of letters, digits and {@code _}, in lower case, each cut off behind {@value #LONGEST}
 * bytes; everything else only separates. Conditions on words and the search index cut by this. Made once and used for text after text,
 * by one thread.
 */
public final class Words {
  /** Bytes of a word that are compared. */
  public static final int LONGEST = 256;

  /** Bytes of a message that are cut into words; what comes behind is not found by its words. */
  public static final int LONGEST_TEXT = 32 * 1024;

  private final byte[] word = new byte[LONGEST + 4];
  private int length;
  private byte[] bytes = {};
  private int next;
  private int end;
  // what codePoint() has read
  private int width;

  /** The words of a text. */
  public static List<String> of(String text) {
    Words words = new Words();
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    words.over(utf8, 0, utf8.length);
    List<String> all = new ArrayList<>();
    while (words.next()) {
      all.add(new String(words.word, 0, words.length, StandardCharsets.UTF_8));
    }
    return all;
  }

  /** The text to cut next, in UTF-8: its first {@value #LONGEST_TEXT} bytes. */
  public Words over(byte[] utf8, int from, int to) {
    bytes = utf8;
    next = from;
    end = Math.min(to, from + LONGEST_TEXT);
    return this;
  }

  /** The bytes of the word: the first {@link #length} of this array, until the next call of {@link #next}. */
  public byte[] bytes() {
    return word;
  }

  /** How many bytes the word has. */
  public int length() {
    return length;
  }

  /** Goes to the next word; false if there is none. */
  public boolean next() {
    length = 0;
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
        if (length > 0 && isMark(c)) {
          append(c);
          continue;
        }
      }
      if (length > 0) {
        return true;
      }
    }
    return length > 0;
  }

  boolean is(byte[] other) {
    return Arrays.equals(word, 0, length, other, 0, other.length);
  }

  /** Accents and vowel signs that are characters of their own belong to the letter before them. */
  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private void append(byte b) {
    if (length < LONGEST) {
      word[length++] = b;
    }
  }

  private void append(int c) {
    if (length >= LONGEST) {
      return;
    }
    if (c < 0x80) {
      append((byte) c);
    } else if (c < 0x800) {
      word[length++] = (byte) (0xC0 | c >> 6);
      word[length++] = (byte) (0x80 | c & 0x3F);
    } else if (c < 0x10000) {
      word[length++] = (byte) (0xE0 | c >> 12);
      word[length++] = (byte) (0x80 | c >> 6 & 0x3F);
      word[length++] = (byte) (0x80 | c & 0x3F);
    } else {
      word[length++] = (byte) (0xF0 | c >> 18);
      word[length++] = (byte) (0x80 | c >> 12 & 0x3F);
      word[length++] = (byte) (0x80 | c >> 6 & 0x3F);
      word[length++] = (byte) (0x80 | c & 0x3F);
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
