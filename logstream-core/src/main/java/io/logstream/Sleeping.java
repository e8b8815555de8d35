package io.logstream;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.WaitStrategy;

/**
 * How the consumers of a ring wait: until a batch is published or somebody calls, and the one that looks at the clock no longer than it
 * has said. All others sleep until there is work.
 */
final class Sleeping implements WaitStrategy {
  private static final long FOREVER = Long.MAX_VALUE;

  private final Object mutex = new Object();
  private final boolean yielding;
  private volatile boolean called;
  /** Whose patience it is; written once, before the consumers start. */
  private SequenceBarrier impatient;
  private long patience;

  Sleeping(Waiting how) {
    this.yielding = how == Waiting.YIELDING;
  }

  /** Says which consumer looks at the clock. */
  void impatientAt(SequenceBarrier barrier) {
    impatient = barrier;
  }

  /** How long the consumer that looks at the clock will wait for a batch. Its own thread only. */
  void patience(long nanos) {
    patience = nanos;
  }

  /** Has the consumer that looks at the clock do so now. Any thread. */
  void call() {
    called = true;
    signalAllWhenBlocking();
  }

  @Override
  public long waitFor(long sequence, Sequence cursor, Sequence before, SequenceBarrier barrier)
      throws AlertException, InterruptedException, TimeoutException {
    if (cursor.get() < sequence) {
      long limit = barrier == impatient ? patience : FOREVER;
      long deadline = limit == FOREVER ? 0 : System.nanoTime() + limit;
      if (yielding) {
        giveWay(sequence, cursor, barrier, limit, deadline);
      } else {
        sleep(sequence, cursor, barrier, limit, deadline);
      }
    }
    long available;
    while ((available = before.get()) < sequence) {
      barrier.checkAlert();
      Thread.onSpinWait();
    }
    return available;
  }

  private void sleep(long sequence, Sequence cursor, SequenceBarrier barrier, long limit, long deadline)
      throws AlertException, InterruptedException, TimeoutException {
    synchronized (mutex) {
      while (cursor.get() < sequence) {
        barrier.checkAlert();
        if (limit == FOREVER) {
          mutex.wait();
        } else {
          long left = left(deadline);
          mutex.wait(left / 1_000_000, (int) (left % 1_000_000));
        }
      }
    }
  }

  private void giveWay(long sequence, Sequence cursor, SequenceBarrier barrier, long limit, long deadline) throws AlertException, TimeoutException {
    while (cursor.get() < sequence) {
      barrier.checkAlert();
      if (limit != FOREVER) {
        left(deadline);
      }
      Thread.yield();
    }
  }

  private long left(long deadline) throws TimeoutException {
    long left = deadline - System.nanoTime();
    if (called || left <= 0) {
      called = false;
      throw TimeoutException.INSTANCE;
    }
    return left;
  }

  @Override
  public void signalAllWhenBlocking() {
    synchronized (mutex) {
      mutex.notifyAll();
    }
  }
}
