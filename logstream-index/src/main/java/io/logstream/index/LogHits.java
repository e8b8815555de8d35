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
  private final boolean partial;
  private final List<String> warnings;
  private final int slices;

  LogHits(List<LogHit> hits, long total, boolean exact, boolean partial, List<String> warnings, int slices) {
    this.hits = List.copyOf(hits);
    this.total = total;
    this.exact = exact && !partial;
    this.partial = partial;
    this.warnings = List.copyOf(warnings);
    this.slices = slices;
  }

  /** The hits, newest first: at most as many as the query's limit. */
  public List<LogHit> hits() {
    return hits;
  }

  /**
   * How many events match, behind the cursor if there is one: all of them if {@link #isExact}, else at least so many, because the search
   * ended when the newest were known. {@link LogIndex#count} always counts them all.
   */
  public long total() {
    return total;
  }

  /** Whether {@link #total} is the number of all that match. */
  public boolean isExact() {
    return exact;
  }

  /** Whether the search ended before it was done, so that hits may be missing: its time was over, or it had to look at too much. */
  public boolean isPartial() {
    return partial;
  }

  /** What a person should know about the question or the answer: fields that no event has, with the nearest names; why it is partial. */
  public List<String> warnings() {
    return warnings;
  }

  /** The place of the last hit, behind which {@link LogQuery#after} goes on; null if there is none. */
  public LogCursor last() {
    return hits.isEmpty() ? null : hits.get(hits.size() - 1).cursor();
  }

  /** How many slices of the index were looked into: the newest first, no more than were needed. */
  public int slices() {
    return slices;
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
    return hits.size() + " of " + (exact ? "" : "at least ") + total + " events" + (partial ? ", partial" : "");
  }
}
