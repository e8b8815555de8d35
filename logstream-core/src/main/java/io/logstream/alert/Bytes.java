package io.logstream.alert;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A hash of bytes, eight at a time. */
final class Bytes {
  private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long SPREADING = 0x9E3779B97F4A7C15L;

  private Bytes() {}

  static int hash(byte[] bytes, int from, int to) {
    long hash = to - from;
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      hash = mixed(hash ^ (long) EIGHT.get(bytes, at));
    }
    long rest = 0;
    for (; at < to; at++) {
      rest = rest << 8 | bytes[at] & 0xFF;
    }
    return (int) (mixed(hash ^ rest) >>> 32);
  }

  private static long mixed(long bits) {
    long spread = bits * SPREADING;
    return spread ^ spread >>> 29;
  }
}
