package io.logstream.index;

import io.logstream.BudgetedMatcher;
import io.logstream.LogEvent;
import io.logstream.PushRing;
import io.logstream.match.Condition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * The events of an index as they come in: opened with {@link LogIndex#tail}, ended with {@link #close}, by the end of the index, or by an exception of
 * its receiver. Any thread.
 *
 * <pre>
 *   sequence    from ............ S ............
 *               history: looked up | live: tested one by one, before any refresh
 * </pre>
 *
 * <p>S is the number of the first event that comes in after the tail was opened: what lies below is read out of the index, page by page, what lies above
 * waits in a queue meanwhile. Numbers, not times, decide, so nothing is missing or given twice where the two meet.
 */
public final class LogTail implements AutoCloseable {
  /** Events that wait for a slow receiver, if they are not too large: together at most some 16 MiB. */
  public static final int MOST_WAITING = 10_000;

  private static final long MOST_WAITING_BYTES = 16 << 20;

  private static final int PAGE = 2_000;

  /** Takes what a tail gives. Called by the tail's thread, one call at a time. */
  @FunctionalInterface
  public interface Receiver {
    /** The next event that matches. */
    void hit(LogHit hit);

    /**
     * Events are missing here: so many that match, because this receiver was too slow, or at most so many, because the index has let them go before they
     * could be read.
     */
    default void missed(long events) {}
  }

  private final LogIndex index;
  private final Condition condition;
  /** As it is for new events. */
  private final Condition resolved;
  private final Receiver receiver;
  private final long live;
  private final Thread thread = new Thread(this::run, "logstream-index-tail");
  // guarded by the queue
  private final Deque<LogHit> queue = new ArrayDeque<>();
  private final Deque<Missing> missing = new ArrayDeque<>();
  private long queuedBytes;
  private long taken;
  private boolean ended;
  // the tail's thread only
  private long next;

  private volatile RuntimeException failure;

  /** Events left out before the one that would have been taken as number {@code before}. */
  private static final class Missing {
    private final long before;
    private long events;

    Missing(long before) {
      this.before = before;
    }
  }

  LogTail(LogIndex index, Condition condition, long from, long live, Receiver receiver) {
    this.index = index;
    this.condition = condition;
    this.resolved = Translation.resolved(condition, index.settings().declared());
    this.next = from;
    this.live = live;
    this.receiver = Objects.requireNonNull(receiver, "receiver");
  }

  void begin() {
    thread.setDaemon(true);
    thread.start();
  }

  // ---------------------------------------------------------------- the side of the index

  /** A new event; called under the index's lock. */
  void offer(LogEvent event, long sequence, Slice in) {
    if (sequence < live || !holds(event)) {
      return;
    }
    synchronized (queue) {
      if (ended) {
        return;
      }
      if (queue.size() < MOST_WAITING && queuedBytes < MOST_WAITING_BYTES) {
        LogHit last = in.last();
        queue.add(last);
        queuedBytes += last.bytes();
        taken++;
      } else {
        if (missing.isEmpty() || missing.peekLast().before != taken) {
          missing.add(new Missing(taken));
        }
        missing.peekLast().events++;
      }
      queue.notifyAll();
    }
  }

  private boolean holds(LogEvent event) {
    try {
      return resolved.test(event);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return false;
    }
  }

  // ---------------------------------------------------------------- the tail's thread

  private void run() {
    PushRing.Caller.handsOnOwnLog();
    try {
      history();
      follow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!isEnded()) {
        failure = e;
      }
    } finally {
      end();
    }
  }

  private void history() {
    if (next < live) {
      index.refresh();
    }
    boolean first = true;
    while (next < live && !isEnded()) {
      List<LogHit> page = new ArrayList<>();
      long begun = next;
      long oldest = index.over(views -> page(views, page));
      if (!first && oldest > begun) {
        receiver.missed(Math.min(oldest, live) - begun);
      }
      first = false;
      for (LogHit hit : page) {
        if (isEnded()) {
          return;
        }
        receiver.hit(hit);
      }
    }
  }

  /** Reads the next hits below the live ones and moves {@code next} behind what was read; gives the oldest number there was. */
  private long page(List<View> views, List<LogHit> page) throws IOException {
    Ask ask = new Ask(LogQuery.of(condition).within(Duration.ofDays(1)), Instant.EPOCH, views, null);
    BySequence found = new BySequence(ask, views, next);
    long bytes = 0;
    while (found.next() && found.number() < live) {
      if (page.size() == PAGE || bytes >= MOST_WAITING_BYTES) {
        return oldest(views);
      }
      LogHit hit = found.hit();
      bytes += hit.bytes();
      page.add(hit);
      next = found.number() + 1;
    }
    next = live;
    return oldest(views);
  }

  private static long oldest(List<View> views) {
    return views.stream().mapToLong(View::firstSequence).min().orElse(Long.MAX_VALUE);
  }

  private void follow() throws InterruptedException {
    long given = 0;
    for (;;) {
      LogHit hit = null;
      long missed = 0;
      synchronized (queue) {
        while (!ended && queue.isEmpty() && missing.isEmpty()) {
          queue.wait();
        }
        if (ended) {
          return;
        }
        if (!missing.isEmpty() && missing.peekFirst().before == given) {
          missed = missing.pollFirst().events;
        } else {
          hit = queue.poll();
          queuedBytes -= hit.bytes();
          given++;
        }
      }
      if (hit == null) {
        receiver.missed(missed);
      } else {
        receiver.hit(hit);
      }
    }
  }

  // ---------------------------------------------------------------- the end

  private boolean isEnded() {
    synchronized (queue) {
      return ended;
    }
  }

  void end() {
    synchronized (queue) {
      ended = true;
      queue.clear();
      queuedBytes = 0;
      missing.clear();
      queue.notifyAll();
    }
    index.released(this);
  }

  /** Whether it still follows the index. */
  public boolean isOpen() {
    return !isEnded();
  }

  /** The exception of the receiver or the index that ended it, or null. */
  public RuntimeException failure() {
    return failure;
  }

  /** Ends it. When this returns, the receiver is not called any more, unless the receiver itself is the caller, or takes longer than ten seconds. */
  @Override
  public void close() {
    end();
    if (Thread.currentThread() != thread) {
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
