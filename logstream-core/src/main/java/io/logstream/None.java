package io.logstream;

/** Arrays without anything in them, to begin with. */
final class None {
  static final byte[] BYTES = {};
  static final int[] INTS = {};
  static final long[] LONGS = {};
  static final String[] TEXTS = {};
  static final Object[] OBJECTS = {};

  private None() {}
}
