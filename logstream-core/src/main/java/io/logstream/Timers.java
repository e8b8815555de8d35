package io.logstream;

import java.util.TreeSet;

/** Deadlines in order, each once. */
final class Timers {
  static final long NEVER = Long.MAX_VALUE;

  private final TreeSet<Long> deadlines = new TreeSet<>();
  private long next = NEVER;

  void add(long deadline) {
    if (deadline != next && deadlines.add(deadline) && deadline < next) {
      next = deadline;
    }
  }

  /** The earliest deadline, or {@link #NEVER}. */
  long next() {
    return next;
  }

  long take() {
    long taken = next;
    deadlines.pollFirst();
    next = deadlines.isEmpty() ? NEVER : deadlines.first();
    return taken;
  }
}
