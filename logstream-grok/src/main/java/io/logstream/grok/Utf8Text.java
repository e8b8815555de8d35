package io.logstream.grok;

/**
 * UTF-8 bytes as characters, without a string: where all bytes are ASCII they are read in place, else they are decoded once, and
 * each character knows the byte at which it begins. Bytes that are not UTF-8 become U+FFFD as in {@code new String}. Used again for
 * every text; one thread.
 */
final class Utf8Text implements CharSequence {
  private static final char BAD = '\uFFFD';
  private static final int KEPT = 1 << 16;

  private byte[] bytes = {};
  private int from;
  private int length;
  private boolean ascii = true;
  private char[] chars = {};
  private int[] starts = {};

  void of(byte[] in, int begin, int end) {
    bytes = in;
    from = begin;
    length = end - begin;
    ascii = true;
    for (int at = begin; at < end; at++) {
      if (in[at] < 0) {
        ascii = false;
        decode(end);
        return;
      }
    }
  }

  /** Where a character's first byte stands in the array; for the length, where the text ends. */
  int byteAt(int index) {
    return ascii ? from + index : starts[index];
  }

  private void decode(int end) {
    int size = end - from;
    if (chars.length < size || chars.length > KEPT && size <= KEPT) {
      chars = new char[size];
      starts = new int[size + 1];
    }
    int n = 0;
    int at = from;
    while (at < end) {
      int lead = bytes[at] & 0xff;
      int need = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
      starts[n] = at;
      if (need <= 0) {
        chars[n++] = need == 0 ? (char) lead : BAD;
        at++;
        continue;
      }
      int code = lead & (0x3f >> need);
      int next = at + 1;
      while (need > 0 && next < end && follows(lead, next - at, bytes[next] & 0xff)) {
        code = code << 6 | bytes[next++] & 0x3f;
        need--;
      }
      if (need > 0 || code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE) {
        chars[n++] = BAD;
      } else if (code < 0x10000) {
        chars[n++] = (char) code;
      } else {
        chars[n++] = Character.highSurrogate(code);
        starts[n] = at;
        chars[n++] = Character.lowSurrogate(code);
      }
      at = next;
    }
    starts[n] = end;
    length = n;
  }

  static boolean follows(int lead, int place, int b) {
    if ((b & 0xc0) != 0x80) {
      return false;
    }
    if (place > 1) {
      return true;
    }
    return switch (lead) {
      case 0xe0 -> b >= 0xa0;
      case 0xf0 -> b >= 0x90;
      case 0xf4 -> b < 0x90;
      default -> true;
    };
  }

  /** How many bytes the character has that begins with this byte of well-formed text. */
  static int length(byte lead) {
    return lead >= 0 ? 1 : (lead & 0xff) < 0xe0 ? 2 : (lead & 0xff) < 0xf0 ? 3 : 4;
  }

  /** The character that begins here in well-formed text. */
  static int codePoint(byte[] b, int at) {
    int lead = b[at];
    if (lead >= 0) {
      return lead;
    }
    return switch (length(b[at])) {
      case 2 -> (lead & 0x1f) << 6 | b[at + 1] & 0x3f;
      case 3 -> (lead & 0xf) << 12 | (b[at + 1] & 0x3f) << 6 | b[at + 2] & 0x3f;
      default -> (lead & 7) << 18 | (b[at + 1] & 0x3f) << 12 | (b[at + 2] & 0x3f) << 6 | b[at + 3] & 0x3f;
    };
  }

  /** Where the character begins that ends before {@code pos} in well-formed text. */
  static int previous(byte[] b, int pos) {
    int at = pos - 1;
    while ((b[at] & 0xc0) == 0x80) {
      at--;
    }
    return at;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public char charAt(int index) {
    return ascii ? (char) bytes[from + index] : chars[index];
  }

  @Override
  public CharSequence subSequence(int begin, int end) {
    StringBuilder part = new StringBuilder(end - begin);
    for (int i = begin; i < end; i++) {
      part.append(charAt(i));
    }
    return part.toString();
  }

  @Override
  public String toString() {
    return subSequence(0, length).toString();
  }
}
