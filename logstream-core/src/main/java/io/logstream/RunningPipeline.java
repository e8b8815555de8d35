package io.logstream;

import java.time.Duration;
import java.util.Map;

/** A started pipeline. All methods from any thread. */
public interface RunningPipeline extends Metered, AutoCloseable {
  /**
   * What became of every record up to now. Balances at any time, without stopping anything; when a stage or sink on the trunk hangs, it
   * is the ledger of the last moment before.
   */
  Ledger ledger();

  /**
   * What sources and stages count beside the ledger, by {@code <place>.<name>}; what they count for each log also by
   * {@code <place>.<name>[<log>]}, those with labels by {@code <place>.<name>{<label>=<value>, ..}}. Gauges are rounded down.
   * The same with labels, and the ledger's counts with it, is in {@link #meters}.
   */
  Map<String, Long> metrics();

  /**
   * Looks at the next events before and after a stage. A later tap of the same stage replaces an earlier one.
   *
   * @throws IllegalArgumentException if there is no stage of that name; the message lists those there are
   */
  Tap tap(String stage, int events);

  /** How the run is. */
  RunState state();

  /**
   * Waits until the run has ended: its sources are at their end and everything is delivered, or it was closed.
   *
   * @throws PipelineException if an error ended it
   */
  void await() throws InterruptedException;

  /**
   * As {@link #await()}, but not longer than this.
   *
   * @return whether the run has ended
   */
  boolean await(Duration atMost);

  /**
   * Ends the run: stops reading at once, works off what was read, delivers it, and returns when all that is done. After
   * {@link Pipeline#closeWithin} it interrupts what still works and returns within a second or two; what was left then is logged, and shown as held in the ledger. With a checkpoint, what is still
   * open (windows, joined records, held events) is saved for the next start; without one it is emitted. Asked for on one of the
   * pipeline's own threads, it only begins that. A second call does no harm.
   *
   * @throws PipelineException if an error had ended the run before
   */
  @Override
  void close();
}
