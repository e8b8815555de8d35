package io.logstream;

import java.nio.charset.StandardCharsets;

/** Text into UTF-8 bytes without garbage. */
final class Utf8 {
  private Utf8() {}

  /** The same text with '?' for every lone surrogate: what it would be after a way through bytes. */
  static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
      }
    }
    return text;
  }

  /** Encodes into an array that has room for three bytes per char behind {@code at}; a lone surrogate becomes '?'. Returns how many bytes there are. */
  static int encode(CharSequence text, byte[] to, int at) {
    int n = at;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        to[n++] = (byte) c;
      } else if (c < 0x800) {
        to[n++] = (byte) (0xC0 | c >> 6);
        to[n++] = (byte) (0x80 | c & 0x3F);
      } else if (!Character.isSurrogate(c)) {
        to[n++] = (byte) (0xE0 | c >> 12);
        to[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        to[n++] = (byte) (0x80 | c & 0x3F);
      } else if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
        int code = Character.toCodePoint(c, text.charAt(++i));
        to[n++] = (byte) (0xF0 | code >> 18);
        to[n++] = (byte) (0x80 | code >> 12 & 0x3F);
        to[n++] = (byte) (0x80 | code >> 6 & 0x3F);
        to[n++] = (byte) (0x80 | code & 0x3F);
      } else {
        to[n++] = '?';
      }
    }
    return n - at;
  }
}
