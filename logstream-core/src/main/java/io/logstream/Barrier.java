package io.logstream;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A checkpoint under way: the state as of one moment, which counts once every outbox has delivered what came before. */
final class Barrier {
  /** The number of the checkpoint. */
  final long number;
  final Map<String, byte[]> state;
  /** How far each log had been read. */
  final Map<Log, Mark> marks;
  /** The last place in the ring before it. */
  final long upTo;
  private final AtomicInteger missing;
  private final AtomicBoolean spoiled = new AtomicBoolean();
  private final Consumer<Barrier> whenSettled;
  /** Why it could not be written; null if it was, or need not be. Set before it is handed back to the trunk. */
  Exception trouble;

  /**
   * A barrier.
   *
   * @param state what is to be saved; empty in a run without a checkpoint
   * @param answers how many outboxes must answer
   * @param whenSettled called once, on the thread of the last to answer
   */
  Barrier(long number, Map<String, byte[]> state, Map<Log, Mark> marks, long upTo, int answers, Consumer<Barrier> whenSettled) {
    this.number = number;
    this.state = state;
    this.marks = marks;
    this.upTo = upTo;
    this.missing = new AtomicInteger(answers);
    this.whenSettled = whenSettled;
  }

  void answer(boolean delivered) {
    if (!delivered) {
      spoiled.set(true);
    }
    if (missing.decrementAndGet() == 0) {
      whenSettled.accept(this);
    }
  }

  boolean holds() {
    return !spoiled.get();
  }
}
