package io.logstream;

/** Decides line by line how records are made. One per log, on one thread. */
@FunctionalInterface
public interface LineJoiner {
  /** What a line does. */
  enum Does {
    /** It is a record of its own; what was unfinished is complete without it. */
    STANDS_ALONE,
    /** It begins a record; what was unfinished is complete without it. */
    BEGINS,
    /** It belongs to the unfinished record; without one, it begins a record. */
    CONTINUES,
    /** It is the last line of the unfinished record, or without one a record of its own. */
    ENDS
  }

  /**
   * Looks at one line.
   *
   * @param open whether there is an unfinished record
   */
  Does next(byte[] bytes, int from, int to, boolean open);

  /** The state of a joiner that has any, small enough for a number: saved with an unfinished record. */
  default long state() {
    return 0;
  }

  /** Takes that state back. */
  default void state(long saved) {}
}
