package io.logstream;

/**
 * A way for the metrics of runs to a metrics system: given to {@link Pipeline#meteredBy}, told of each live run of that pipeline. It
 * reads what it wants to know, when it wants to; nothing is measured for it that would not be counted anyway. What it throws is logged
 * and harms no run. Several runs may be told of at the same time, from several threads.
 */
public interface Metering {
  /** A run has started. */
  void started(Metered run);

  /** Metrics have come or gone since the last call for this run, for example with a file that was found; looked at every 5 seconds. */
  default void changed(Metered run) {}

  /** A run has ended; its last figures can still be read. */
  void stopped(Metered run);
}
