package io.logstream.window;

/** The values of one key in one window. */
final class Group {
  final byte[] key;
  final int hash;
  final Aggregation.Value[] values;
  final boolean overflow;

  Group(byte[] key, int hash, Aggregation.Value[] values, boolean overflow) {
    this.key = key;
    this.hash = hash;
    this.values = values;
    this.overflow = overflow;
  }
}
