package io.logstream.parse;

import java.util.Arrays;
import java.util.Random;

/** Bytes that were good before something happened to them. */
final class Mutated {
  private static final byte[] TELLING = "{}[]\"'\\,:;=-+.eE%/?&#@<>|_ \t\n\r0123456789tfn".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private Mutated() {}

  /** One to four changes; with {@code ascii}, none that leaves UTF-8. */
  static byte[] bytes(Random random, byte[] seed, boolean ascii) {
    byte[] b = seed.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int at = b.length == 0 ? 0 : random.nextInt(b.length);
      if (ascii && b.length > 0 && b[at] < 0) {
        continue;
      }
      byte other = ascii || random.nextInt(3) > 0 ? TELLING[random.nextInt(TELLING.length)] : (byte) random.nextInt(256);
      switch (random.nextInt(5)) {
        case 0 -> b = Arrays.copyOf(b, ascii ? asciiEnd(b, at) : at);
        case 1 -> b = joined(b, 0, at, new byte[] {other}, b, at, b.length);
        case 2 -> b = b.length == 0 ? b : joined(b, 0, at, new byte[0], b, at + 1, b.length);
        case 3 -> {
          if (b.length > 0) {
            b[at] = other;
          }
        }
        default -> {
          int to = b.length == 0 ? 0 : Math.min(b.length, at + 1 + random.nextInt(20));
          b = ascii ? b : joined(b, 0, to, new byte[0], b, at, b.length);
        }
      }
    }
    return b;
  }

  private static int asciiEnd(byte[] b, int at) {
    int end = at;
    while (end > 0 && b[end - 1] < 0) {
      end--;
    }
    return end;
  }

  private static byte[] joined(byte[] a, int from, int to, byte[] between, byte[] c, int cFrom, int cTo) {
    byte[] all = new byte[to - from + between.length + cTo - cFrom];
    System.arraycopy(a, from, all, 0, to - from);
    System.arraycopy(between, 0, all, to - from, between.length);
    System.arraycopy(c, cFrom, all, to - from + between.length, cTo - cFrom);
    return all;
  }
}
