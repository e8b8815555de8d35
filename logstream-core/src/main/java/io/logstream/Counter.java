package io.logstream;

import java.util.concurrent.atomic.LongAdder;

/** A count that a stage keeps beside the ledger. Any thread. */
public final class Counter {
  private final LongAdder sum = new LongAdder();

  Counter() {}

  /** Adds one. */
  public void increment() {
    sum.increment();
  }

  /** Adds so many. */
  public void add(long n) {
    sum.add(n);
  }

  /** The count so far. */
  public long value() {
    return sum.sum();
  }
}
