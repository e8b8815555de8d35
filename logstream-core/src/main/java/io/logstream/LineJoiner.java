package io.logstream;

/** Decides line by line how records are made. One per stream of lines, on one thread. */
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
    ENDS,
    /**
     * It belongs to the unfinished record if a line that {@link #CONTINUES} or {@link #ENDS} comes behind it, else it is a record of its
     * own; so is it at once without an unfinished record. At most {@value #MOST_DOUBTFUL} such lines may follow each other: the next
     * one makes records of them all.
     */
    MAY_CONTINUE,
    /** It is a record of its own, and what is unfinished in any stream of its log is complete before it. */
    SEPARATES;

    /** How many lines in a row may be in doubt. */
    public static final int MOST_DOUBTFUL = 32;
  }

  /**
   * Looks at one line.
   *
   * @param open whether there is an unfinished record
   */
  Does next(byte[] bytes, int from, int to, boolean open);

  /** Looks at one line that is the message of an event, which may have fields. Only where the joiner does not run in a reader. */
  default Does next(LogEvent event, boolean open) {
    return next(event.bytes(), event.from(), event.to(), open);
  }

  /** Forgets the unfinished record: it was complete by silence, at the end of a file, or by {@link TooLong#FORGET}. */
  default void reset() {}

  /** The state of a joiner that has any, small enough for a number: saved with an unfinished record. */
  default long state() {
    return 0;
  }

  /** Takes that state back. */
  default void state(long saved) {}
}
