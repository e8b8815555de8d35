package io.logstream.index;

import java.util.IdentityHashMap;
import java.util.Map;

/** The tables of the segments under way of an index. Those of a segment that was written are for the next, whichever slice that is in. For all threads. */
final class SegmentTables {
  private final Map<Object, SegmentTerms> underWay = new IdentityHashMap<>();
  private SegmentTerms spare;

  /** Tables for a segment that begins. */
  synchronized SegmentTerms begin(Object segment) {
    SegmentTerms taken = spare == null ? new SegmentTerms() : spare;
    spare = null;
    underWay.put(segment, taken);
    return taken;
  }

  /** The tables of a segment; null if it has none. */
  synchronized SegmentTerms of(Object segment) {
    return underWay.get(segment);
  }

  /** A segment needs its tables no more, if it has any. */
  synchronized void end(Object segment) {
    SegmentTerms used = underWay.remove(segment);
    if (used != null) {
      spare = used.cleared();
    }
  }

  /** What the tables of the segments under way take of the heap, about: one that has begun with large tables holds them, however little is in them. */
  synchronized long bytes() {
    return underWay.values().stream().mapToLong(SegmentTerms::capacity).sum();
  }
}
