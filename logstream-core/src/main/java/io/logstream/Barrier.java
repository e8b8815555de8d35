package io.logstream;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A checkpoint under way: the state as of one moment, which counts once every outbox has delivered what came before. */
final class Barrier {
  final Map<String, byte[]> state;
  private final AtomicInteger missing;
  private final AtomicBoolean spoiled = new AtomicBoolean();
  private final Runnable whenSettled;

  /**
   * A barrier.
   *
   * @param answers how many outboxes must answer
   * @param whenSettled called once, on the thread of the last to answer
   */
  Barrier(Map<String, byte[]> state, int answers, Runnable whenSettled) {
    this.state = state;
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
