package io.logstream;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/**
 * The running half of a {@link Source}: pulled by one thread, the reader's own in a live run, the caller's in an inline one. It never
 * waits inside {@link #poll}. What it throws is counted and reported, and it is asked again a little later.
 */
@FunctionalInterface
public interface Reader extends AutoCloseable {
  /** What a look for more has brought. */
  enum Found {
    /** The batch holds something: lines, or news of how far a log has been read. */
    SOMETHING,
    /** There is nothing to read now. */
    NOTHING,
    /** There will never be more. */
    END
  }

  /** Fills a batch with what is there, up to a batch's fill. */
  Found poll(Batch batch) throws IOException;

  /**
   * Asked in place of {@link #poll} once the run is being closed, until it answers END; NOTHING means that there will be more in a moment.
   * For sources whose events die with the process: they give what they have been handed. Others have nothing more to say.
   */
  default Found drain(Batch batch) throws IOException {
    return Found.END;
  }

  /** Called at least every 100 ms also while the ring is full: looks after what cannot wait, such as files that are being rotated. */
  default void tend() throws IOException {}

  /** Waits for more, at most this long; {@link #wake} ends it early. */
  default void await(long nanos) throws IOException {
    LockSupport.parkNanos(this, nanos);
  }

  /**
   * Whether {@link #await} ends by itself when there is more to read. Such a reader is left alone while nothing happens; another one is
   * asked every 20 ms.
   */
  default boolean notices() {
    return false;
  }

  /** Ends a wait, from another thread. The engine also unparks the reader's thread. */
  default void wake() {}

  /** A checkpoint now holds everything up to these marks. Called on the reader's thread some time after it was written. */
  default void saved() throws IOException {}

  @Override
  default void close() throws IOException {}
}
