package io.logstream.index;

import java.util.Iterator;
import java.util.List;

/**
 * What a search has found: the newest events by their time, and among events of one time those that came in last; newest first.
 * Immutable, for any thread.
 */
public final class LogHits implements Iterable<LogHit> {
  private final List<LogHit> hits;
  private final long total;
  private final boolean exact;

  LogHits(List<LogHit> hits, long total, boolean exact) {
    this.hits = List.copyOf(hits);
    this.total = total;
    this.exact = exact;
  }

  /** The hits, newest first: at most as many as the query's limit. */
  public List<LogHit> hits() {
    return hits;
  }

  /**
   * How many events match: all of them if {@link #isExact}, else at least so many, because the search ended when the newest were known.
   * {@link LogIndex#count} always counts them all.
   */
  public long total() {
    return total;
  }

  /** Whether {@link #total} is the number of all that match. */
  public boolean isExact() {
    return exact;
  }

  /** Whether nothing was found. */
  public boolean isEmpty() {
    return hits.isEmpty();
  }

  @Override
  public Iterator<LogHit> iterator() {
    return hits.iterator();
  }

  @Override
  public String toString() {
    return hits.size() + " of " + (exact ? "" : "at least ") + total + " events";
  }
}
