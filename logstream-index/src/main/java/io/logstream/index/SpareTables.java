package io.logstream.index;

import java.util.HashSet;
import java.util.Set;

/** The tables of a segment that was written, for the next one of the same index, whichever slice that is in. For all threads. */
final class SpareTables {
  private final Set<SegmentTerms> underWay = new HashSet<>();
  private SegmentTerms spare;

  synchronized SegmentTerms take() {
    SegmentTerms taken = spare == null ? new SegmentTerms() : spare;
    spare = null;
    underWay.add(taken);
    return taken;
  }

  synchronized void give(SegmentTerms used) {
    underWay.remove(used);
    spare = used.cleared();
  }

  /** How many segments have tables that were not given back. */
  synchronized int underWay() {
    return underWay.size();
  }
}
