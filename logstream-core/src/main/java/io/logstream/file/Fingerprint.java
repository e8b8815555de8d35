package io.logstream.file;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A hash of some bytes of a file: enough to know them again, without keeping what they say. */
final class Fingerprint {
  /** How many bytes at the head, and before the offset, a fingerprint covers at most. */
  static final int BYTES = 256;

  private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private Fingerprint() {}

  static long of(byte[] bytes, int from, int length) {
    long hash = length * MULTIPLIER;
    int i = from;
    int end = from + length;
    for (; i + 8 <= end; i += 8) {
      hash = mix(hash ^ (long) WORDS.get(bytes, i));
    }
    for (; i < end; i++) {
      hash = mix(hash ^ (bytes[i] & 0xff));
    }
    return hash;
  }

  /** That of the last bytes before an offset. */
  static long before(long offset, Content content) throws IOException {
    byte[] bytes = new byte[(int) Math.min(BYTES, offset)];
    return of(bytes, 0, content.read(offset - bytes.length, bytes, 0, bytes.length));
  }

  private static long mix(long x) {
    long mixed = x * MULTIPLIER;
    mixed ^= mixed >>> 32;
    return Long.rotateLeft(mixed * 0xD6E8FEB86659FD93L, 29);
  }
}
