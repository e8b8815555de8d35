package io.logstream.index;

/** What one search may take. Belongs to its thread. */
final class Budget {
  /** Terms looked at one by one, for wildcards and regular expressions. */
  static final long MOST_TERMS = 2_000_000;

  private static final int BETWEEN_LOOKS = 1024;

  private final long deadline;
  private long terms;
  private int untilLook = BETWEEN_LOOKS;
  private boolean unsure;

  /** Where the documents end that are asked for at present: whether those behind match need not be found out. */
  int end = Integer.MAX_VALUE;

  /** The search has used up what it may take; what it has found is kept. */
  static final class Spent extends RuntimeException {
    private static final long serialVersionUID = 1;

    Spent(String what) {
      super(what, null, false, false);
    }
  }

  Budget(long nanos) {
    deadline = System.nanoTime() + nanos;
  }

  /** A term is looked at. */
  void term() {
    if (++terms > MOST_TERMS) {
      throw new Spent("more than " + MOST_TERMS + " different values would have to be looked at; bound the time, or begin the value with more letters");
    }
    step();
  }

  /** A document is looked at. */
  void step() {
    if (--untilLook <= 0) {
      look();
    }
  }

  void look() {
    untilLook = BETWEEN_LOOKS;
    if (System.nanoTime() - deadline > 0) {
      throw new Spent("the time for the search is over; bound the event time, or allow more with within(..)");
    }
  }

  /** A value could not be decided within the budget of a regular expression. */
  void unsure() {
    unsure = true;
  }

  boolean isUnsure() {
    return unsure;
  }
}
