package io.logstream.parse;

/** Turns {@code %41} into the byte that it stands for, and {@code +} into a blank. What is no such escape stays. */
final class PercentDecoder {
  private PercentDecoder() {}

  /** Whether there is anything to decode. */
  static boolean isEncoded(byte[] b, int from, int to) {
    return Bytes.find(b, from, to, (byte) '%') >= 0 || Bytes.find(b, from, to, (byte) '+') >= 0;
  }

  /** Writes what stands there, decoded. */
  static void decode(byte[] b, int from, int to, FoundFields into) {
    for (int at = from; at < to; at++) {
      int high = b[at] == '%' && at + 2 < to ? Bytes.hex(b[at + 1]) : -1;
      int low = high >= 0 ? Bytes.hex(b[at + 2]) : -1;
      if (low >= 0) {
        into.write(high << 4 | low);
        at += 2;
      } else {
        into.write(b[at] == '+' ? ' ' : b[at]);
      }
    }
  }
}
