package io.logstream.index;

import io.logstream.Position;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.search.DocIdSetIterator;

/** The records of one log around a hit, in the order in which they came in. */
final class Around {
  private Around() {}

  /** @param views newest first */
  static List<LogHit> of(LogHit hit, int before, int after, List<View> views) throws IOException {
    boolean inOrder = View.areInOrder(views);
    List<LogHit> earlier = new ArrayList<>();
    List<LogHit> later = new ArrayList<>();
    for (View view : views) {
      for (int i = view.leaves.size() - 1; i >= 0 && (!inOrder || earlier.size() <= before); i--) {
        earlier.addAll(last(view, view.leaves.get(i), hit, before + 1));
      }
    }
    for (int v = views.size() - 1; v >= 0; v--) {
      for (int i = 0; i < views.get(v).leaves.size() && (!inOrder || later.size() < after); i++) {
        later.addAll(next(views.get(v), views.get(v).leaves.get(i), hit, after));
      }
    }
    earlier.sort(Comparator.comparingLong(LogHit::sequence));
    later.sort(Comparator.comparingLong(LogHit::sequence));
    boolean still = !earlier.isEmpty() && earlier.get(earlier.size() - 1).sequence() == hit.sequence();
    List<LogHit> all = new ArrayList<>(earlier.subList(Math.max(0, earlier.size() - before - (still ? 1 : 0)), earlier.size()));
    all.addAll(later.subList(0, Math.min(after, later.size())));
    return all;
  }

  /** Whether the record at a position has come in, or a later one of the same file. */
  static boolean has(Position position, List<View> views) throws IOException {
    for (View view : views) {
      for (int i = view.leaves.size() - 1; i >= 0; i--) {
        LogHit last = last(position, view, view.leaves.get(i));
        if (last != null && last.position().offset() >= position.offset()) {
          return true;
        }
        if (last != null && View.areInOrder(views)) {
          return false;
        }
      }
    }
    return false;
  }

  /** The last record of a file in a leaf; null if it has none. */
  private static LogHit last(Position position, View view, LeafReaderContext leaf) throws IOException {
    PostingsEnum records = records(leaf, position.log());
    Deque<Integer> documents = new ArrayDeque<>();
    for (int doc = records == null ? DocIdSetIterator.NO_MORE_DOCS : records.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = records.nextDoc()) {
      documents.addFirst(doc);
    }
    StoredEvents stored = StoredEvents.of(leaf.reader(), view.schema);
    for (int document : documents) {
      LogHit hit = stored.hit(document);
      if (hit.position().generation().equals(position.generation())) {
        return hit;
      }
    }
    return null;
  }

  private static PostingsEnum records(LeafReaderContext leaf, String log) throws IOException {
    return leaf.reader().postings(Schema.ofLog(log), PostingsEnum.NONE);
  }

  /** The last records up to the hit, the hit included. */
  private static List<LogHit> last(View view, LeafReaderContext leaf, LogHit hit, int most) throws IOException {
    PostingsEnum records = records(leaf, hit.position().log());
    NumericDocValues sequences = DocValues.getNumeric(leaf.reader(), Schema.SEQUENCE);
    if (records == null || sequences.nextDoc() == DocIdSetIterator.NO_MORE_DOCS || sequences.longValue() > hit.sequence()) {
      return List.of();
    }
    Deque<Integer> documents = new ArrayDeque<>();
    for (int doc = records.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = records.nextDoc()) {
      if (doc > sequences.docID()) {
        sequences.advance(doc);
      }
      if (sequences.longValue() > hit.sequence()) {
        break;
      }
      documents.addLast(doc);
      if (documents.size() > most) {
        documents.pollFirst();
      }
    }
    return hits(view, leaf, documents);
  }

  /** The first records behind the hit. */
  private static List<LogHit> next(View view, LeafReaderContext leaf, LogHit hit, int most) throws IOException {
    PostingsEnum records = records(leaf, hit.position().log());
    NumericDocValues sequences = DocValues.getNumeric(leaf.reader(), Schema.SEQUENCE);
    Deque<Integer> documents = new ArrayDeque<>();
    if (records == null || !sequences.advanceExact(leaf.reader().maxDoc() - 1) || sequences.longValue() <= hit.sequence()) {
      return List.of();
    }
    sequences = DocValues.getNumeric(leaf.reader(), Schema.SEQUENCE);
    for (int doc = records.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS && documents.size() < most; doc = records.nextDoc()) {
      sequences.advanceExact(doc);
      if (sequences.longValue() > hit.sequence()) {
        documents.addLast(doc);
      }
    }
    return hits(view, leaf, documents);
  }

  private static List<LogHit> hits(View view, LeafReaderContext leaf, Iterable<Integer> documents) throws IOException {
    StoredEvents stored = StoredEvents.of(leaf.reader(), view.schema);
    List<LogHit> hits = new ArrayList<>();
    for (int document : documents) {
      hits.add(stored.hit(document));
    }
    return hits;
  }
}
