package io.logstream.index;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;

/**
 * What a search finds in the order in which it came in. A leaf has its events in that order; those of several tenants came in at the same time, so
 * leaves are merged, each opened when its first event may be the next.
 */
final class BySequence {
  private final Ask ask;
  private final long from;
  private final Deque<Leg> waiting = new ArrayDeque<>();
  private final PriorityQueue<Leg> open = new PriorityQueue<>(Comparator.comparingLong((Leg leg) -> leg.number));
  private final Map<View, Weight> weights = new IdentityHashMap<>();
  private Leg current;

  private static final class Leg {
    final View view;
    final LeafReaderContext leaf;
    final View.Times times;
    DocIdSetIterator found;
    NumericDocValues sequences;
    StoredEvents stored;
    long number;

    Leg(View view, int leaf) {
      this.view = view;
      this.leaf = view.leaves.get(leaf);
      this.times = view.times[leaf];
    }
  }

  /** @param from the number of the first event that is wanted */
  BySequence(Ask ask, List<View> views, long from) {
    this.ask = ask;
    this.from = from;
    List<Leg> legs = new ArrayList<>();
    for (View view : views) {
      for (int i = 0; i < view.leaves.size(); i++) {
        if (view.times[i].lastSequence >= from && ask.mayBeIn(view)) {
          legs.add(new Leg(view, i));
        }
      }
    }
    legs.sort(Comparator.comparingLong(leg -> leg.times.firstSequence));
    waiting.addAll(legs);
  }

  /** Goes to the next event; false if there is none. */
  boolean next() throws IOException {
    if (current != null) {
      enter(current, current.found.nextDoc());
    }
    while (!waiting.isEmpty() && (open.isEmpty() || waiting.peek().times.firstSequence <= open.peek().number)) {
      begin(waiting.poll());
    }
    current = open.poll();
    return current != null;
  }

  private void begin(Leg leg) throws IOException {
    Weight weight = weights.get(leg.view);
    if (weight == null) {
      weight = ask.weight(leg.view);
      weights.put(leg.view, weight);
    }
    Scorer scorer = weight.scorer(leg.leaf);
    if (scorer != null) {
      LeafReader reader = leg.leaf.reader();
      leg.sequences = DocValues.getNumeric(reader, Schema.SEQUENCE);
      leg.stored = StoredEvents.of(reader, leg.view.schema);
      leg.found = Matches.live(scorer.iterator(), leg.leaf);
      enter(leg, leg.found.advance(firstFrom(reader)));
    }
  }

  private void enter(Leg leg, int document) throws IOException {
    if (document != DocIdSetIterator.NO_MORE_DOCS) {
      leg.sequences.advanceExact(document);
      leg.number = leg.sequences.longValue();
      open.add(leg);
    }
  }

  /** The first document with a wanted number: documents stand in order of their numbers. */
  private int firstFrom(LeafReader reader) throws IOException {
    int low = 0;
    int high = reader.maxDoc() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      NumericDocValues sequences = DocValues.getNumeric(reader, Schema.SEQUENCE);
      sequences.advanceExact(middle);
      if (sequences.longValue() < from) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The number of the event. */
  long number() {
    return current.number;
  }

  LogHit hit() throws IOException {
    return current.stored.hit(current.found.docID());
  }
}
