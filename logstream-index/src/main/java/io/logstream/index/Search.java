package io.logstream.index;

import io.logstream.index.View.Times;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.lucene.document.DocumentStoredFieldVisitor;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;

/**
 * One search for the newest hits.
 *
 * <pre>
 *  slices and their leaves, in order of arrival         ... [leaf][leaf][leaf][newest leaf]
 *  a leaf, in windows of whole blocks            [ x 64  |     x 8     |  x 1 ]   <- begins here, goes backwards
 * </pre>
 *
 * <p>Events come in nearly in order of their time, so the newest hits are near the end. Lucene finds hits forwards only; so each leaf is
 * searched window by window from its end, each window wider than the one before, and the search stops where no earlier block has a time
 * that would get in among the hits kept. Late events are found because it is times that decide, not places.
 */
final class Search {
  private static final int WIDER = 8;
  private static final Comparator<Found> OLDEST_FIRST = Comparator.comparingLong(Found::time).thenComparingLong(Found::sequence);

  private final LogQuery query;
  private final Clause.Between between;
  private final boolean inOne;
  private final PriorityQueue<Found> kept;
  private final List<Leg> legs = new ArrayList<>();
  private long seen;
  private boolean exact = true;

  private record Found(long time, long sequence, Leg leg, int document) {}

  /** A leaf to be searched. */
  private record Leg(View view, Weight weight, LeafReaderContext leaf, Times times) {}

  /** @param views newest first, entered by the caller */
  Search(LogQuery query, List<View> views, IndexSettings settings) throws IOException {
    this.query = query;
    this.between = Translation.times(query.clause);
    this.inOne = Translation.collectsFirst(query.clause);
    this.kept = new PriorityQueue<>(Math.min(query.limit, 1024), OLDEST_FIRST);
    for (View view : views) {
      Weight weight = null;
      for (int i = view.leaves.size() - 1; i >= 0; i--) {
        Times times = view.times[i];
        if (times.greatest() >= between.from() && times.least <= between.to()) {
          if (weight == null) {
            weight = view.searcher.createWeight(
                view.searcher.rewrite(new Translation(view.schema, settings).of(query.clause)), ScoreMode.COMPLETE_NO_SCORES, 1);
          }
          legs.add(new Leg(view, weight, view.leaves.get(i), times));
        }
      }
    }
  }

  LogHits run() throws IOException {
    long[] greatest = new long[legs.size() + 1];
    greatest[legs.size()] = Long.MIN_VALUE;
    for (int i = legs.size() - 1; i >= 0; i--) {
      greatest[i] = Math.max(greatest[i + 1], legs.get(i).times.greatest());
    }
    for (int i = 0; i < legs.size(); i++) {
      if (cannotGetIn(greatest[i])) {
        exact = false;
        break;
      }
      walk(legs.get(i));
    }
    List<Found> newest = new ArrayList<>(kept);
    newest.sort(OLDEST_FIRST.reversed());
    List<LogHit> hits = new ArrayList<>(newest.size());
    Map<Leg, StoredFields> stored = new IdentityHashMap<>();
    for (Found found : newest) {
      StoredFields its = stored.get(found.leg);
      if (its == null) {
        its = found.leg.leaf.reader().storedFields();
        stored.put(found.leg, its);
      }
      hits.add(hit(found, its));
    }
    long total = exact ? seen : counted();
    return new LogHits(hits, total < 0 ? seen : total, total >= 0);
  }

  /** Whether events of this time, all of which came in before those seen, are too old to be among the hits. */
  private boolean cannotGetIn(long time) {
    return kept.size() == query.limit && time <= kept.peek().time;
  }

  private void walk(Leg leg) throws IOException {
    Times times = leg.times;
    int end = leg.leaf.reader().maxDoc();
    int width = inOne ? end : Math.max(Times.BLOCK, Integer.highestOneBit(query.limit) * 4);
    while (end > 0) {
      int last = (end - 1) / Times.BLOCK;
      if (cannotGetIn(times.upTo[last])) {
        exact = false;
        return;
      }
      if (cannotGetIn(times.greatest[last])) {
        exact = false;
        end = last * Times.BLOCK;
        continue;
      }
      int start = Math.max(0, end - width) / Times.BLOCK * Times.BLOCK;
      window(leg, start, end);
      end = start;
      width = (int) Math.min(Integer.MAX_VALUE, (long) width * WIDER);
    }
  }

  private void window(Leg leg, int start, int end) throws IOException {
    ScorerSupplier supplier = leg.weight.scorerSupplier(leg.leaf);
    if (supplier == null) {
      return;
    }
    DocIdSetIterator found = supplier.get(end - start).iterator();
    NumericDocValues time = DocValues.getNumeric(leg.leaf.reader(), Schema.TIME);
    NumericDocValues sequence = DocValues.getNumeric(leg.leaf.reader(), Schema.SEQUENCE);
    Bits live = leg.leaf.reader().getLiveDocs();
    for (int doc = found.advance(start); doc < end; doc = found.nextDoc()) {
      int block = doc / Times.BLOCK;
      // strictly older: in a window the later of two events of one time comes later
      if (kept.size() == query.limit && leg.times.greatest[block] < kept.peek().time) {
        exact = false;
        int next = Math.min(end, (block + 1) * Times.BLOCK);
        doc = next == end ? end : found.advance(next);
        if (doc >= end) {
          return;
        }
      }
      if (live != null && !live.get(doc)) {
        continue;
      }
      seen++;
      time.advanceExact(doc);
      long at = time.longValue();
      if (kept.size() < query.limit || at >= kept.peek().time) {
        sequence.advanceExact(doc);
        keep(new Found(at, sequence.longValue(), leg, doc));
      }
    }
  }

  private void keep(Found found) {
    if (kept.size() < query.limit) {
      kept.add(found);
    } else if (OLDEST_FIRST.compare(found, kept.peek()) > 0) {
      kept.poll();
      kept.add(found);
    }
  }

  /** How many match, if that can be told without looking at them; else -1. */
  private long counted() throws IOException {
    long sum = 0;
    for (Leg leg : legs) {
      int count = leg.weight.count(leg.leaf);
      if (count < 0) {
        return -1;
      }
      sum += count;
    }
    return sum;
  }

  private static LogHit hit(Found found, StoredFields stored) throws IOException {
    DocumentStoredFieldVisitor visitor = new DocumentStoredFieldVisitor(Schema.EVENT);
    stored.document(found.document, visitor);
    return StoredEvent.read(visitor.getDocument().getBinaryValue(Schema.EVENT).bytes, found.leg.view.schema);
  }
}
