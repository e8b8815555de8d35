package io.logstream;

import java.util.List;

/** A run whose metrics can be read. All methods from any thread. */
public interface Metered {
  /** The pipeline's name. */
  String pipeline();

  /**
   * All metrics as of now. Those of the ledger are of one moment and balance. It costs a pass over all counters, so a binding that
   * is asked for one figure at a time keeps what it got for a while.
   */
  List<Metric> meters();
}
