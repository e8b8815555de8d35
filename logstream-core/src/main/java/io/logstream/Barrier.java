package io.logstream;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A checkpoint under way: the state as of one moment, which counts once every outbox has delivered what came before. */
final class Barrier {
  final Map<String, byte[]> state;
  /** How far each log had been read. */
  final Map<Log, Mark> marks;
  /** The last place in the ring before it. */
  final long upTo;
  private final AtomicInteger missing;
  private final AtomicBoolean spoiled = new AtomicBoolean();
  private final Runnable whenSettled;

  /**
   * A barrier.
   *
   * @param state what is to be saved; empty in a run without a checkpoint
   * @param answers how many outboxes must answer
   * @param whenSettled called once, on the thread of the last to answer
   */
  Barrier(Map<String, byte[]> state, Map<Log, Mark> marks, long upTo, int answers, Runnable whenSettled) {
    this.state = state;
    this.marks = marks;
    this.upTo = upTo;
    this.missing = new AtomicInteger(answers);
    this.whenSettled = whenSettled;
    if (answers == 0) {
      whenSettled.run();
    }
  }

  void answer(boolean delivered) {
    if (!delivered) {
      spoiled.set(true);
    }
    if (missing.decrementAndGet() == 0) {
      whenSettled.run();
    }
  }

  boolean holds() {
    return !spoiled.get();
  }
}
