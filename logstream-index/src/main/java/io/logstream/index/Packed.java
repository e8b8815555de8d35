package io.logstream.index;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that are written or read one value after the other. Belongs to its thread. */
final class Packed {
  private static final int KEPT = 64 * 1024;

  byte[] bytes;
  /** Where the next value is written or read. */
  int at;

  Packed() {
    this(new byte[1024]);
  }

  Packed(byte[] bytes) {
    this.bytes = bytes;
  }

  // ---------------------------------------------------------------- writing

  void clear() {
    if (bytes.length > KEPT) {
      bytes = new byte[1024];
    }
    at = 0;
  }

  /** Seven bits to the byte, the sign in the lowest. */
  void number(long value) {
    room(10);
    long rest = value << 1 ^ value >> 63;
    while ((rest & ~0x7FL) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
  }

  void fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[at++] = (byte) (value >>> shift);
    }
  }

  void text(String text) {
    text(text.getBytes(StandardCharsets.UTF_8));
  }

  void text(byte[] utf8) {
    text(utf8, 0, utf8.length);
  }

  void text(byte[] of, int from, int length) {
    number(length);
    append(of, from, length);
  }

  void append(byte[] of, int from, int length) {
    room(length);
    System.arraycopy(of, from, bytes, at, length);
    at += length;
  }

  private void room(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(at + (long) more, 2L * bytes.length)));
    }
  }

  // ---------------------------------------------------------------- reading

  long number() {
    long rest = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = bytes[at++];
      rest |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return rest >>> 1 ^ -(rest & 1);
      }
    }
  }

  long fixed() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | bytes[at++] & 0xFF;
    }
    return value;
  }

  String text() {
    int length = (int) number();
    at += length;
    return text(at - length, length);
  }

  void skipText() {
    int length = (int) number();
    at += length;
  }

  String text(int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }
}
