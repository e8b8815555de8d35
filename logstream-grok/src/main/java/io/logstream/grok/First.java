package io.logstream.grok;

import java.util.Arrays;

/** With which bytes something can begin, and whether it can match where no byte is left. Too many is right, too few is wrong. */
final class First {
  static final int END = 256;
  static final int SIZE = 257;

  private final long[] bits = new long[5];

  static First all() {
    First all = new First();
    for (int c = 0; c < SIZE; c++) {
      all.add(c);
    }
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

  boolean isDisjoint(First other) {
    return and(other).isEmpty();
  }

  boolean isEmpty() {
    return Arrays.stream(bits).allMatch(word -> word == 0);
  }

  boolean isAll() {
    return size() == SIZE;
  }

  int size() {
    return Arrays.stream(bits).mapToInt(Long::bitCount).sum();
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
