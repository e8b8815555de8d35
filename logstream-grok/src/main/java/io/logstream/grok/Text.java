package io.logstream.grok;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Bytes as well-formed UTF-8: in place if they are, else a copy in which what is malformed is U+FFFD, as in {@code new String}, and
 * which knows where each byte comes from. Used again for every text; one thread.
 */
final class Text {
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int KEPT = 1 << 16;

  byte[] bytes;
  int from;
  int to;

  private byte[] mended = {};
  private int[] origin = {};
  private boolean isMended;

  void of(byte[] in, int begin, int end) {
    bytes = in;
    from = begin;
    to = end;
    isMended = false;
    int at = ascii(in, begin, end);
    if (at < end && malformed(in, at, end) < end) {
      mend(in, begin, end);
    }
  }

  /** Whether it is a copy. */
  boolean isMended() {
    return isMended;
  }

  /** Where a byte of the text stands in the bytes that were given. */
  int given(int pos) {
    return isMended ? origin[pos] : pos;
  }

  /** Makes places in the copy, of which there are so many, into those of the bytes that were given. */
  void given(int[] places, int count) {
    for (int i = 0; i < count; i++) {
      places[i] = places[i] < 0 ? -1 : origin[places[i]];
    }
  }

  /** The first byte that is not ASCII, or up to seven before it; the end if there is none. */
  private static int ascii(byte[] in, int begin, int end) {
    int at = begin;
    for (; at <= end - 8; at += 8) {
      if (((long) LONGS.get(in, at) & HIGH_BITS) != 0) {
        return at;
      }
    }
    while (at < end && in[at] >= 0) {
      at++;
    }
    return at;
  }

  private static int malformed(byte[] in, int begin, int end) {
    int at = begin;
    while (at < end) {
      if (in[at] >= 0) {
        at++;
      } else {
        int length = character(in, at, end);
        if (length < 0) {
          return at;
        }
        at += length;
      }
    }
    return end;
  }

  /** How many bytes the character here has; less than 0 where it is malformed, and then as many bytes are its part. */
  private static int character(byte[] in, int at, int end) {
    int lead = in[at] & 0xff;
    int length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : -1;
    int next = 1;
    while (next < length && at + next < end && Utf8Text.follows(lead, next, in[at + next] & 0xff)) {
      next++;
    }
    boolean surrogate = length == 3 && next == 3 && lead == 0xed && (in[at + 1] & 0xff) >= 0xa0;
    return next == length && !surrogate ? length : -next;
  }

  private void mend(byte[] in, int begin, int end) {
    int most = 3 * (end - begin);
    if (mended.length < most || mended.length > KEPT && most <= KEPT) {
      mended = new byte[most];
      origin = new int[most + 1];
    }
    int n = 0;
    int at = begin;
    while (at < end) {
      int length = character(in, at, end);
      if (length < 0) {
        for (int b : new int[] {0xef, 0xbf, 0xbd}) {
          origin[n] = at;
          mended[n++] = (byte) b;
        }
        at -= length;
      } else {
        for (int i = 0; i < length; i++) {
          origin[n] = at;
          mended[n++] = in[at++];
        }
      }
    }
    origin[n] = end;
    bytes = mended;
    from = 0;
    to = n;
    isMended = true;
  }
}
