package io.logstream.grok;

import java.util.Arrays;

/** With which bytes something can begin, and whether it can match where no byte is left. Too many is right, too few is wrong. */
final class First {
  static final int END = 256;
  static final int SIZE = 257;

  private final long[] bits = new long[5];

  static First all() {
    First all = new First();
    Arrays.fill(all.bits, -1);
    all.bits[END >> 6] = 1L << END;
    return all;
  }

  First add(int c) {
    bits[c >> 6] |= 1L << c;
    return this;
  }

  boolean has(int c) {
    return (bits[c >> 6] >>> c & 1) != 0;
  }

  First or(First other) {
    First both = new First();
    for (int i = 0; i < bits.length; i++) {
      both.bits[i] = bits[i] | other.bits[i];
    }
    return both;
  }

  First and(First other) {
    First both = new First();
    for (int i = 0; i < bits.length; i++) {
      both.bits[i] = bits[i] & other.bits[i];
    }
    return both;
  }

  First without(First other) {
    First left = new First();
    for (int i = 0; i < bits.length; i++) {
      left.bits[i] = bits[i] & ~other.bits[i];
    }
    return left;
  }

  /** The bytes of which one is in it and the one before is not, or the other way round. */
  First edges() {
    First edges = new First();
    long carried = 0;
    for (int i = 0; i < bits.length; i++) {
      edges.bits[i] = bits[i] ^ (bits[i] << 1 | carried);
      carried = bits[i] >>> 63;
    }
    return edges;
  }

  /** The first one of it from here on; {@link #SIZE} for none. */
  int next(int from) {
    for (int i = from >> 6; i < bits.length; i++) {
      long word = i == from >> 6 ? bits[i] & -1L << from : bits[i];
      if (word != 0) {
        return Math.min(SIZE, i * 64 + Long.numberOfTrailingZeros(word));
      }
    }
    return SIZE;
  }

  boolean isDisjoint(First other) {
    return and(other).isEmpty();
  }

  boolean isEmpty() {
    for (long word : bits) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  boolean isAll() {
    return size() == SIZE;
  }

  int size() {
    int size = 0;
    for (long word : bits) {
      size += Long.bitCount(word);
    }
    return size;
  }

  /** For each value of a byte, whether it is one of them. */
  boolean[] table() {
    boolean[] table = new boolean[256];
    for (int c = 0; c < 256; c++) {
      table[c] = has(c);
    }
    return table;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof First first && Arrays.equals(bits, first.bits);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bits);
  }
}
