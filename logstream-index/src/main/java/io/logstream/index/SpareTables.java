package io.logstream.index;

import java.util.HashSet;
import java.util.Set;

/** The tables of the segments under way of an index, and those of one that was written, for the next, whichever slice that is in. For all threads. */
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

  /** What those under way take of the heap, about: a segment that has begun with large tables holds them, however little is in them. */
  synchronized long bytesUnderWay() {
    return underWay.stream().mapToLong(SegmentTerms::capacity).sum();
  }
}
