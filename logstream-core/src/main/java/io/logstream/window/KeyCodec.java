package io.logstream.window;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The values of an event's key fields as bytes whose unsigned order is the order of the keys: absent first, then false, true, numbers,
 * text by code points. Text ends in 0 0, a 0 in it is 0 1. One thread.
 */
final class KeyCodec {
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte ABSENT = 1;
  private static final byte BOOLEAN = 2;
  private static final byte NUMBER = 3;
  private static final byte DECIMAL = 4;
  private static final byte TEXT = 5;

  private final FieldKey[] keys;
  byte[] bytes = new byte[256];
  int length;

  KeyCodec(FieldKey... keys) {
    this.keys = keys;
  }

  KeyCodec(StageContext context, List<String> fields) {
    this.keys = new FieldKey[fields.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = context.key(fields.get(i));
    }
  }

  /** Encodes the key of an event into {@link #bytes}. */
  void encode(LogEvent event) {
    length = 0;
    for (FieldKey key : keys) {
      long span = event.span(key);
      if (span != Span.NONE) {
        text(event.bytes(), Span.from(span), Span.to(span));
      } else {
        value(event.value(key.name()));
      }
    }
  }

  /** The key that was encoded last, as an array of its own. */
  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  /** Whether the one field of the key was absent in the event that was encoded last. */
  boolean isAbsent() {
    return bytes[0] == ABSENT;
  }

  /** Encodes the same text for every field. */
  void encodeAll(String text) {
    length = 0;
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < keys.length; i++) {
      text(utf8, 0, utf8.length);
    }
  }

  private void value(Object value) {
    room(16);
    if (value == null) {
      bytes[length++] = ABSENT;
    } else if (value instanceof Boolean truth) {
      bytes[length++] = BOOLEAN;
      bytes[length++] = (byte) (truth ? 1 : 0);
    } else if (value instanceof Long number) {
      bytes[length++] = NUMBER;
      bigEndian(number ^ Long.MIN_VALUE);
    } else if (value instanceof Double decimal) {
      long bits = Double.doubleToLongBits(decimal == 0 ? 0.0 : decimal);
      bytes[length++] = DECIMAL;
      bigEndian(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
    } else {
      byte[] utf8 = value.toString().getBytes(StandardCharsets.UTF_8);
      text(utf8, 0, utf8.length);
    }
  }

  private void text(byte[] from, int start, int end) {
    int n = end - start;
    room(2 * n + 3);
    byte[] to = bytes;
    int at = length;
    to[at++] = TEXT;
    System.arraycopy(from, start, to, at, n);
    if (hasZero(to, at, at + n)) {
      for (int i = start; i < end; i++) {
        to[at++] = from[i];
        if (from[i] == 0) {
          to[at++] = 1;
        }
      }
    } else {
      at += n;
    }
    to[at++] = 0;
    to[at++] = 0;
    length = at;
  }

  private static boolean hasZero(byte[] b, int from, int to) {
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long eight = (long) LONGS.get(b, i);
      if ((eight - 0x0101_0101_0101_0101L & ~eight & 0x8080_8080_8080_8080L) != 0) {
        return true;
      }
    }
    for (; i < to; i++) {
      if (b[i] == 0) {
        return true;
      }
    }
    return false;
  }

  private void bigEndian(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  /** Cuts text that is longer off behind so many bytes, or up to three fewer, so that no character is torn. For a key of one field. */
  void cut(int most) {
    if (bytes[0] != TEXT || length <= most + 3) {
      return;
    }
    int end = most + 1;
    while (end > most - 2 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    if (bytes[end] == 1 && bytes[end - 1] == 0) {
      end--; // not between a 0 and its mark
    }
    bytes[end++] = 0;
    bytes[end++] = 0;
    length = end;
  }

  /** A hash of the encoded key. */
  int hash() {
    return hash(bytes, length);
  }

  static int hash(byte[] b, int n) {
    long h = n;
    int i = 0;
    for (; i + 8 <= n; i += 8) {
      h = (h ^ (long) LONGS.get(b, i)) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 32;
    }
    if (i < n) {
      long rest = 0;
      for (; i < n; i++) {
        rest = rest << 8 | b[i] & 0xFF;
      }
      h = (h ^ rest) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 32;
    }
    h *= 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }

  /**
   * Puts the values of an encoded key into a row, and returns them as one text, different for different keys: text as it is, but for a
   * backslash before comma, bar and backslash and bytes that are not UTF-8 as {@code \xff}; what is not text behind a backslash, such as {@code
   * \200} or {@code \null}.
   */
  String decode(byte[] key, LogEvent row) {
    StringBuilder shown = new StringBuilder();
    int at = 0;
    for (int k = 0; k < keys.length; k++) {
      if (k > 0) {
        shown.append(',');
      }
      byte kind = key[at++];
      switch (kind) {
        case BOOLEAN -> {
          row.put(keys[k], key[at] == 1);
          shown.append('\\').append(key[at++] == 1);
        }
        case NUMBER -> {
          long number = longAt(key, at) ^ Long.MIN_VALUE;
          row.put(keys[k], number);
          shown.append('\\').append(number);
          at += 8;
        }
        case DECIMAL -> {
          double decimal = decimalAt(key, at);
          row.put(keys[k], decimal);
          shown.append('\\').append(decimal);
          at += 8;
        }
        case TEXT -> {
          int start = at;
          at = endOfText(key, start);
          byte[] utf8 = plain(key, start, at);
          String text = new String(utf8, StandardCharsets.UTF_8);
          row.put(keys[k], text);
          show(utf8, text, shown);
          at += 2;
        }
        default -> shown.append("\\null");
      }
    }
    return shown.toString();
  }

  private static int endOfText(byte[] key, int from) {
    int at = from;
    while (key[at] != 0 || key[at + 1] != 0) {
      at += key[at] == 0 ? 2 : 1;
    }
    return at;
  }

  /** The value of an encoded key of one field. */
  static Object value(byte[] key) {
    return switch (key[0]) {
      case BOOLEAN -> key[1] == 1;
      case NUMBER -> longAt(key, 1) ^ Long.MIN_VALUE;
      case DECIMAL -> decimalAt(key, 1);
      case TEXT -> new String(plain(key, 1, key.length - 2), StandardCharsets.UTF_8);
      default -> null;
    };
  }

  private static double decimalAt(byte[] key, int at) {
    long bits = longAt(key, at);
    return Double.longBitsToDouble(bits < 0 ? bits ^ Long.MIN_VALUE : ~bits);
  }

  private static void show(byte[] utf8, String text, StringBuilder shown) {
    if (text.indexOf('\uFFFD') >= 0) { // some bytes of it are perhaps not UTF-8
      for (byte b : utf8) {
        if (b < 0) {
          shown.append("\\x").append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        } else {
          show((char) b, shown);
        }
      }
    } else if (text.indexOf('\\') < 0 && text.indexOf(',') < 0 && text.indexOf('|') < 0) {
      shown.append(text);
    } else {
      for (int i = 0; i < text.length(); i++) {
        show(text.charAt(i), shown);
      }
    }
  }

  private static void show(char c, StringBuilder shown) {
    if (c == '\\' || c == ',' || c == '|') {
      shown.append('\\');
    }
    shown.append(c);
  }

  /** Text without the marks behind its zeros. */
  private static byte[] plain(byte[] key, int start, int end) {
    if (!hasZero(key, start, end)) {
      return Arrays.copyOfRange(key, start, end);
    }
    byte[] plain = new byte[end - start];
    int n = 0;
    for (int i = start; i < end; i++) {
      plain[n++] = key[i];
      if (key[i] == 0) {
        i++;
      }
    }
    return n == plain.length ? plain : Arrays.copyOf(plain, n);
  }

  private static long longAt(byte[] key, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | key[at + i] & 0xFF;
    }
    return value;
  }
}
