package io.logstream.sink;

import io.logstream.Counter;
import io.logstream.StageContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Makes a request until it works, further attempts are of no use, or patience is at its end: again after a tenth of a second, then after twice as long each time,
 * half a minute at most. Counts {@code requests} and {@code retries}.
 */
final class Insisting {
  private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;
  private static final long FIRST_PAUSE_NANOS = 100_000_000L;

  /** A request, which may fail. */
  @FunctionalInterface
  interface Request {
    void make() throws IOException, InterruptedException;
  }

  /** An answer of the other end that is not the one wanted; its text is what was said. */
  static class Declined extends IOException {
    private static final long serialVersionUID = 1;

    Declined(String said) {
      super(said);
    }

    @Override
    public final String toString() {
      return getMessage();
    }
  }

  /** The other end may take it at another time, and perhaps says how long it wants to be left alone. */
  static final class Later extends Declined {
    private static final long serialVersionUID = 1;

    private final long nanos;

    Later(String said, long nanos) {
      super(said);
      this.nanos = nanos;
    }
  }

  /** The run was given up meanwhile: what became of the request is not known. */
  static final class GivenUp extends InterruptedIOException {
    private static final long serialVersionUID = 1;

    GivenUp() {
      super("the run was given up while events waited");
    }
  }

  private final StageContext context;
  private final String whom;
  private final Duration patience;
  private final Predicate<IOException> isFinal;
  private final Counter requests;
  private final Counter retries;

  /**
   * Requests to one other end.
   *
   * @param patience after how long it gives up; null for never
   */
  Insisting(StageContext context, String whom, Duration patience, Predicate<IOException> isFinal) {
    this.context = context;
    this.whom = whom;
    this.patience = patience;
    this.isFinal = isFinal;
    requests = context.counter("requests");
    retries = context.counter("retries");
  }

  /** Throws what the last attempt threw, or {@link GivenUp} where the thread is interrupted, which it stays. */
  void on(Request request) throws IOException {
    long began = System.nanoTime();
    long pause = FIRST_PAUSE_NANOS;
    for (;;) {
      requests.increment();
      try {
        request.make();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new GivenUp();
      } catch (IOException e) {
        pause = e instanceof Later later ? Math.max(pause, Math.min(later.nanos, LONGEST_PAUSE_NANOS)) : pause;
        if (isFinal.test(e) || patience != null && System.nanoTime() - began + pause > patience.toNanos()) {
          throw e;
        }
        retries.increment();
        context.warn("does not get through to " + whom + ", trying again: " + e);
      }
      LockSupport.parkNanos(this, pause);
      if (Thread.currentThread().isInterrupted()) {
        throw new GivenUp();
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }
}
