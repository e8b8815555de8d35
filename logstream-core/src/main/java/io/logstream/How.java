package io.logstream;

/** How a record was made of lines, in one number: 0 for a line as it was read. {@code lines 32 | part 24 | ended 7 | truncated 1} */
final class How {
  static final long TRUNCATED = 1;

  private How() {}

  static long of(int lines, int part, boolean truncated, Ended ended) {
    return (long) lines << 32 | (long) Math.min(part, 0xFFFFFF) << 8 | (ended == null ? 0 : ended.ordinal() + 1) << 1 | (truncated ? TRUNCATED : 0);
  }

  static int lines(long how) {
    return (int) (how >>> 32);
  }

  static int part(long how) {
    return (int) (how >>> 8) & 0xFFFFFF;
  }

  static String ended(long how) {
    int ended = (int) (how >>> 1) & 0x7F;
    return ended == 0 ? null : Ended.of(ended - 1).text;
  }
}
