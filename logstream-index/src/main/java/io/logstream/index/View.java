package io.logstream.index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.IndexSearcher;

/** A slice as it was at one moment, for searches. Immutable; whoever searches it enters first and leaves last. */
final class View {
  final Schema schema;
  /** Whose events these are. */
  final Tenant tenant;
  final DirectoryReader reader;
  final IndexSearcher searcher;
  final List<LeafReaderContext> leaves;
  /** The times in each leaf. */
  final Times[] times;

  /** A view that takes over a reference to a reader; leaves that an earlier view had as well are not looked at again. */
  View(Schema schema, Tenant tenant, DirectoryReader reader, View earlier) throws IOException {
    this.schema = schema;
    this.tenant = tenant;
    this.reader = reader;
    this.searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    this.leaves = reader.leaves();
    this.times = new Times[leaves.size()];
    Map<IndexReader.CacheKey, Times> known = new HashMap<>();
    for (int i = 0; earlier != null && i < earlier.times.length; i++) {
      known.put(key(earlier.leaves.get(i)), earlier.times[i]);
    }
    for (int i = 0; i < times.length; i++) {
      Times same = known.get(key(leaves.get(i)));
      times[i] = same == null ? Times.of(leaves.get(i).reader()) : same;
    }
  }

  /** The greatest time in it. */
  long greatest() {
    long greatest = Long.MIN_VALUE;
    for (Times its : times) {
      greatest = Math.max(greatest, its.greatest());
    }
    return greatest;
  }

  /** The least time in it. */
  long least() {
    long least = Long.MAX_VALUE;
    for (Times its : times) {
      least = Math.min(least, its.least);
    }
    return least;
  }

  /** Whether views follow one another, so that all events of one came in before all of the next: those of several tenants do not. */
  static boolean areInOrder(List<View> views) {
    return views.stream().allMatch(view -> view.tenant.isAny());
  }

  /** The number of the event that came in first; the greatest there is if it has none. */
  long firstSequence() {
    return times.length == 0 ? Long.MAX_VALUE : times[0].firstSequence;
  }

  private static IndexReader.CacheKey key(LeafReaderContext leaf) {
    return leaf.reader().getCoreCacheHelper().getKey();
  }

  /** False if the slice was let go in the meantime. */
  boolean enter() {
    return reader.tryIncRef();
  }

  void leave() {
    try {
      reader.decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The greatest times of blocks of documents, by which a search for the newest knows where it need not look. */
  static final class Times {
    static final int BLOCK = 256;

    /** The greatest time in each block. */
    final long[] greatest;
    /** The least time in each block. */
    final long[] leastOf;
    /** The greatest time in each block and all blocks before it. */
    final long[] upTo;
    final long least;
    /** The numbers of the first and the last event. */
    final long firstSequence;
    final long lastSequence;

    private Times(long[] greatest, long[] leastOf, long[] upTo, long least, long firstSequence, long lastSequence) {
      this.greatest = greatest;
      this.leastOf = leastOf;
      this.upTo = upTo;
      this.least = least;
      this.firstSequence = firstSequence;
      this.lastSequence = lastSequence;
    }

    static Times of(LeafReader leaf) throws IOException {
      int documents = leaf.maxDoc();
      long[] greatest = new long[(documents + BLOCK - 1) / BLOCK];
      long[] upTo = new long[greatest.length];
      long least = Long.MAX_VALUE;
      long[] leastOf = new long[greatest.length];
      Arrays.fill(greatest, Long.MIN_VALUE);
      Arrays.fill(leastOf, Long.MAX_VALUE);
      NumericDocValues times = DocValues.getNumeric(leaf, Schema.TIME);
      for (int doc = times.nextDoc(); doc != NumericDocValues.NO_MORE_DOCS; doc = times.nextDoc()) {
        long time = times.longValue();
        greatest[doc / BLOCK] = Math.max(greatest[doc / BLOCK], time);
        leastOf[doc / BLOCK] = Math.min(leastOf[doc / BLOCK], time);
        least = Math.min(least, time);
      }
      long running = Long.MIN_VALUE;
      for (int block = 0; block < greatest.length; block++) {
        running = Math.max(running, greatest[block]);
        upTo[block] = running;
      }
      NumericDocValues sequences = DocValues.getNumeric(leaf, Schema.SEQUENCE);
      sequences.advanceExact(0);
      long first = sequences.longValue();
      sequences.advanceExact(documents - 1);
      return new Times(greatest, leastOf, upTo, least, first, sequences.longValue());
    }

    long greatest() {
      return upTo.length == 0 ? Long.MIN_VALUE : upTo[upTo.length - 1];
    }
  }
}
