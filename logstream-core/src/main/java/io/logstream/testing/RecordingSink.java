package io.logstream.testing;

import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A sink that keeps copies of all events it is given, in order. {@code new RecordingSink()} runs on the trunk; {@link #blocking()}
 * makes one that runs behind an outbox and can be brought to a halt, for tests of back-pressure. One may stand in several places and
 * runs at once; it keeps the events of all of them. Any thread.
 */
public final class RecordingSink implements Sink {
  private final boolean blocks;
  private final List<LogEvent> events = new ArrayList<>();
  private boolean held;
  private int stopped;

  /** A sink that does not block. */
  public RecordingSink() {
    this(false);
  }

  private RecordingSink(boolean blocks) {
    this.blocks = blocks;
  }

  /** A sink that {@linkplain Sink#blocks() blocks}, while told to {@link #hold}. */
  public static RecordingSink blocking() {
    return new RecordingSink(true);
  }

  // ---------------------------------------------------------------- what came

  /** The events given so far, copies of one's own. */
  public synchronized List<LogEvent> events() {
    return List.copyOf(events);
  }

  /** The messages of the events given so far. */
  public synchronized List<String> messages() {
    return events.stream().map(LogEvent::message).toList();
  }

  /** How many events were given so far. */
  public synchronized int size() {
    return events.size();
  }

  /** Forgets what came so far. */
  public synchronized void clear() {
    events.clear();
  }

  /**
   * Waits until so many events are here, but not longer than this.
   *
   * @return whether they are
   */
  public synchronized boolean await(int count, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (events.size() < count) {
      if (!waitUntil(deadline)) {
        return false;
      }
    }
    return true;
  }

  // ---------------------------------------------------------------- holding it up

  /** From now on every delivery waits, until {@link #release}. Only for one that blocks. */
  public synchronized RecordingSink hold() {
    if (!blocks) {
      throw new IllegalStateException("only RecordingSink.blocking() can be held: this one runs on the trunk");
    }
    held = true;
    return this;
  }

  /** Lets deliveries go on. */
  public synchronized void release() {
    held = false;
    notifyAll();
  }

  /**
   * Waits until a delivery has come and is being held, but not longer than this.
   *
   * @return whether one is
   */
  public synchronized boolean awaitHeld(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (stopped == 0) {
      if (!waitUntil(deadline)) {
        return false;
      }
    }
    return true;
  }

  private boolean waitUntil(long deadline) throws InterruptedException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      return false;
    }
    wait(millis);
    return true;
  }

  private synchronized void take(LogEvent event) throws InterruptedException {
    while (held) {
      stopped++;
      notifyAll();
      try {
        wait();
      } finally {
        stopped--;
      }
    }
    events.add(event.copy());
    notifyAll();
  }

  // ---------------------------------------------------------------- Sink

  @Override
  public Processor open(StageContext context) {
    return (event, out) -> take(event);
  }

  @Override
  public boolean blocks() {
    return blocks;
  }

  @Override
  public String toString() {
    return "RecordingSink of " + size() + " events";
  }
}
