package io.logstream;

/**
 * A range of bytes in one {@code long}: where a piece of text stands in {@link LogEvent#bytes}. For stages that read bytes where they
 * lie instead of making strings of them.
 */
public final class Span {
  /** No such text. */
  public static final long NONE = -1;

  private Span() {}

  /** The range from {@code from}, inclusive, to {@code to}, exclusive. */
  public static long of(int from, int to) {
    return (long) from << 32 | to;
  }

  /** Its first byte. */
  public static int from(long span) {
    return (int) (span >>> 32);
  }

  /** The byte behind its last. */
  public static int to(long span) {
    return (int) span;
  }

  /** How many bytes it has. */
  public static int length(long span) {
    return (int) span - (int) (span >>> 32);
  }
}
