package io.logstream.parse;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes looked for and read where they lie. */
final class Bytes {
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final int SHOWN = 60;

  private Bytes() {}

  /** Eight bytes, the first lowest. */
  static long eight(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  /** Where a byte stands first, or -1. */
  static int find(byte[] bytes, int from, int to, byte wanted) {
    int at = from;
    long pattern = (wanted & 0xFF) * ONES;
    for (; at <= to - 8; at += 8) {
      long differing = eight(bytes, at) ^ pattern;
      long hit = (differing - ONES) & ~differing & HIGHS;
      if (hit != 0) {
        return at + (Long.numberOfTrailingZeros(hit) >>> 3);
      }
    }
    for (; at < to; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  /** Where one of two bytes stands first, or -1. */
  static int findEither(byte[] bytes, int from, int to, byte one, byte other) {
    int at = from;
    long ones = (one & 0xFF) * ONES;
    long others = (other & 0xFF) * ONES;
    for (; at <= to - 8; at += 8) {
      long eight = eight(bytes, at);
      long a = eight ^ ones;
      long b = eight ^ others;
      long hit = ((a - ONES & ~a) | (b - ONES & ~b)) & HIGHS;
      if (hit != 0) {
        return at + (Long.numberOfTrailingZeros(hit) >>> 3);
      }
    }
    for (; at < to; at++) {
      if (bytes[at] == one || bytes[at] == other) {
        return at;
      }
    }
    return -1;
  }

  /** Where a blank, a tab or a line end stands first, or the end. */
  static int findBlank(byte[] bytes, int from, int to) {
    int at = from;
    while (at <= to - 8) {
      long eight = eight(bytes, at);
      long low = eight - '!' * ONES & ~eight & HIGHS;
      if (low == 0) {
        at += 8;
        continue;
      }
      at += Long.numberOfTrailingZeros(low) >>> 3;
      if (isBlank(bytes[at])) {
        return at;
      }
      at++;
    }
    while (at < to && !isBlank(bytes[at])) {
      at++;
    }
    return at;
  }

  /** Where some bytes stand first, or -1. */
  static int find(byte[] bytes, int from, int to, byte[] wanted) {
    int last = to - wanted.length;
    for (int at = from; at <= last; at++) {
      at = find(bytes, at, last + 1, wanted[0]);
      if (at < 0) {
        return -1;
      }
      if (standsAt(bytes, at, wanted)) {
        return at;
      }
    }
    return -1;
  }

  /** Whether some bytes stand at a place that has room for them. */
  static boolean standsAt(byte[] bytes, int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** The value of a hexadecimal digit, or -1. */
  static int hex(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int letter = b | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  /** The value of four hexadecimal digits, or -1 where there are not four. */
  static int fourHex(byte[] bytes, int from, int to) {
    if (to - from < 4) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = hex(bytes[i]);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /** Writes a character as UTF-8, where there is room for four bytes; half a pair as U+FFFD. Returns where it ends. */
  static int write(int character, byte[] to, int from) {
    int code = character >= 0xD800 && character < 0xE000 ? 0xFFFD : character;
    int at = from;
    if (code < 0x80) {
      to[at++] = (byte) code;
    } else {
      if (code < 0x800) {
        to[at++] = (byte) (0xC0 | code >> 6);
      } else {
        if (code < 0x10000) {
          to[at++] = (byte) (0xE0 | code >> 12);
        } else {
          to[at++] = (byte) (0xF0 | code >> 18);
          to[at++] = (byte) (0x80 | code >> 12 & 0x3F);
        }
        to[at++] = (byte) (0x80 | code >> 6 & 0x3F);
      }
      to[at++] = (byte) (0x80 | code & 0x3F);
    }
    return at;
  }

  static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** The beginning of a text, for a detail. */
  static String shown(byte[] bytes, int from, int to) {
    return to - from <= SHOWN ? text(bytes, from, to) : text(bytes, from, from + SHOWN) + "..";
  }
}
