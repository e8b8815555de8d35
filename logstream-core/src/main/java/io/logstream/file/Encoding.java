package io.logstream.file;

import java.util.Arrays;

/** In what code units a file is written, as the mark at its beginning says: bytes of UTF-8, unless it says something else. */
enum Encoding {
  UTF_8(1) {
    @Override
    int unit(byte[] bytes, int at) {
      return bytes[at];
    }
  },
  UTF_16LE(2) {
    @Override
    int unit(byte[] bytes, int at) {
      return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
    }
  },
  UTF_16BE(2) {
    @Override
    int unit(byte[] bytes, int at) {
      return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
  };

  private static final int REPLACEMENT = 0xFFFD;

  final int unitLength;

  Encoding(int unitLength) {
    this.unitLength = unitLength;
  }

  abstract int unit(byte[] bytes, int at);

  /** What the mark at the beginning of a text says; null where there is none. */
  static Encoding marked(byte[] bytes, int from, int length) {
    if (length >= 2 && bytes[from] == (byte) 0xFF && bytes[from + 1] == (byte) 0xFE) {
      return UTF_16LE;
    }
    if (length >= 2 && bytes[from] == (byte) 0xFE && bytes[from + 1] == (byte) 0xFF) {
      return UTF_16BE;
    }
    boolean utf8 = length >= 3 && bytes[from] == (byte) 0xEF && bytes[from + 1] == (byte) 0xBB && bytes[from + 2] == (byte) 0xBF;
    return utf8 ? UTF_8 : null;
  }

  /** Whether these few bytes may become a mark. */
  static boolean beginsAsMark(byte[] bytes, int from, int length) {
    return length == 1 && (bytes[from] == (byte) 0xFF || bytes[from] == (byte) 0xFE || bytes[from] == (byte) 0xEF)
        || length == 2 && bytes[from] == (byte) 0xEF && bytes[from + 1] == (byte) 0xBB;
  }

  int markLength() {
    return this == UTF_8 ? 3 : 2;
  }

  /** Where the first line's end is; -1 for none. */
  int newline(byte[] bytes, int from, int to) {
    for (int i = from; i + unitLength <= to; i += unitLength) {
      if (unit(bytes, i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** Up to where a text has at most so many bytes of UTF-8, whole characters, and at least one. */
  int fitting(byte[] bytes, int from, int to, int most) {
    if (this == UTF_8) {
      if (to - from <= most) {
        return to;
      }
      int end = from + wholeCharacters(bytes, from, most);
      if (end == from) {
        end++;
        while (end < to && end - from < 4 && (bytes[end] & 0xC0) == 0x80) {
          end++;
        }
      }
      return end;
    }
    int length = 0;
    for (int i = from, next; i + unitLength <= to; i = next) {
      char c = (char) unit(bytes, i);
      boolean pair = Character.isHighSurrogate(c) && i + 2 * unitLength <= to && Character.isLowSurrogate((char) unit(bytes, i + unitLength));
      next = i + (pair ? 2 : 1) * unitLength;
      length += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      if (length > most) {
        return i == from ? next : i;
      }
    }
    return to;
  }

  /** The greatest length up to {@code length} that does not end within a character of UTF-8; that itself where the bytes are none. */
  static int wholeCharacters(byte[] bytes, int from, int length) {
    int end = length;
    while (end > 0 && end > length - 3 && (bytes[from + end] & 0xC0) == 0x80) {
      end--;
    }
    return (bytes[from + end] & 0xC0) == 0x80 ? length : end;
  }

  /** A text as UTF-8, exactly as long as it is; what is no character becomes U+FFFD. */
  byte[] toUtf8(byte[] bytes, int from, int to) {
    byte[] text = new byte[(to - from) / unitLength * 3];
    int n = 0;
    for (int i = from; i + unitLength <= to; i += unitLength) {
      int c = unit(bytes, i);
      if (Character.isHighSurrogate((char) c) && i + 2 * unitLength <= to && Character.isLowSurrogate((char) unit(bytes, i + unitLength))) {
        i += unitLength;
        c = Character.toCodePoint((char) c, (char) unit(bytes, i));
      } else if (Character.isSurrogate((char) c)) {
        c = REPLACEMENT;
      }
      if (c < 0x80) {
        text[n++] = (byte) c;
      } else if (c < 0x800) {
        text[n++] = (byte) (0xC0 | c >> 6);
        text[n++] = (byte) (0x80 | c & 0x3F);
      } else {
        if (c >= 0x10000) {
          text[n++] = (byte) (0xF0 | c >> 18);
          text[n++] = (byte) (0x80 | c >> 12 & 0x3F);
        } else {
          text[n++] = (byte) (0xE0 | c >> 12);
        }
        text[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        text[n++] = (byte) (0x80 | c & 0x3F);
      }
    }
    return Arrays.copyOf(text, n);
  }
}
