package io.logstream.index;

/** The tables of a segment that was written, for the next one of the same index, whichever slice that is in. For all threads. */
final class SpareTables {
  private SegmentTerms spare;

  synchronized SegmentTerms take() {
    SegmentTerms taken = spare == null ? new SegmentTerms() : spare;
    spare = null;
    return taken;
  }

  synchronized void give(SegmentTerms used) {
    spare = used.cleared();
  }
}
