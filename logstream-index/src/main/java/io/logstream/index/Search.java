package io.logstream.index;

import io.logstream.index.View.Times;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
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
 * searched window by window from its end, each window wider than the one before, in whatever leaf, and the search stops where no earlier block has a time
 * that would get in among the hits kept. Late events are found because it is times that decide, not places.
 */
final class Search {
  private static final int WIDER = 8;
  /** Documents between two hits that make it worth while to unpack all of them. */
  private static final int CLOSE = 24;
  private static final Comparator<Found> OLDEST_FIRST = Comparator.comparingLong(Found::time).thenComparingLong(Found::sequence);

  private final Ask ask;
  private final int limit;
  private final boolean inOne;
  private final boolean inOrder;
  private final PriorityQueue<Found> kept;
  /** Of the next window, in documents. */
  private int width;
  private final List<View> views;
  private final Map<View, Weight> weights = new IdentityHashMap<>();
  private int slices;
  private long seen;
  private boolean exact = true;

  private record Found(long time, long sequence, Leg leg, int document) {}

  /** A leaf to be searched. */
  private record Leg(View view, Weight weight, LeafReaderContext leaf, Times times) {}

  /** @param views newest first, entered by the caller */
  Search(Ask ask, int limit, List<View> views) {
    this.ask = ask;
    this.limit = limit;
    this.views = views;
    this.inOrder = View.areInOrder(views);
    this.inOne = Translation.collectsFirst(ask.condition);
    this.width = Math.max(Times.BLOCK, Integer.highestOneBit(limit) * 4);
    this.kept = new PriorityQueue<>(Math.min(limit, 1024), OLDEST_FIRST);
  }

  LogHits run() throws IOException {
    long[] greatest = new long[views.size() + 1];
    greatest[views.size()] = Long.MIN_VALUE;
    for (int i = views.size() - 1; i >= 0; i--) {
      greatest[i] = Math.max(greatest[i + 1], views.get(i).greatest());
    }
    String partial = null;
    try {
      for (int i = 0; i < views.size(); i++) {
        if (cannotGetIn(greatest[i])) {
          exact = false;
          break;
        }
        walk(views.get(i));
      }
    } catch (Budget.Spent e) {
      partial = e.getMessage();
    }
    return answer(partial);
  }

  /** Walks through the leaves of a slice, the newest first. */
  private void walk(View view) throws IOException {
    if (!ask.mayBeIn(view)) {
      return;
    }
    slices++;
    Weight weight = ask.weight(view);
    weights.put(view, weight);
    List<Leg> own = new ArrayList<>();
    for (int i = view.leaves.size() - 1; i >= 0; i--) {
      if (view.times[i].greatest() >= ask.from && view.times[i].least <= ask.to) {
        own.add(new Leg(view, weight, view.leaves.get(i), view.times[i]));
      }
    }
    long[] greatest = new long[own.size() + 1];
    greatest[own.size()] = Long.MIN_VALUE;
    for (int i = own.size() - 1; i >= 0; i--) {
      greatest[i] = Math.max(greatest[i + 1], own.get(i).times.greatest());
    }
    for (int i = 0; i < own.size(); i++) {
      if (cannotGetIn(greatest[i])) {
        exact = false;
        break;
      }
      walk(own.get(i));
    }
  }

  private LogHits answer(String partial) throws IOException {
    List<Found> newest = new ArrayList<>(kept);
    newest.sort(OLDEST_FIRST.reversed());
    List<LogHit> hits = read(newest);
    long total = partial != null ? -1 : exact ? seen : counted();
    return new LogHits(hits, total < 0 ? seen : total, total >= 0, partial != null || ask.budget.isUnsure(), ask.warnings(partial), slices);
  }

  /** Whether events of this time are too old to be among the hits: those of the very time of the last hit as well, if all of them came in before those seen. */
  private boolean cannotGetIn(long time) {
    return kept.size() == limit && (inOrder ? time <= kept.peek().time : time < kept.peek().time);
  }

  private void walk(Leg leg) throws IOException {
    Times times = leg.times;
    int end = leg.leaf.reader().maxDoc();
    if (times.least > ask.to) {
      return;
    }
    while (end > 0) {
      int last = (end - 1) / Times.BLOCK;
      if (cannotGetIn(times.upTo[last])) {
        exact = false;
        return;
      }
      if (cannotGetIn(times.greatest[last]) || times.greatest[last] < ask.from) {
        exact &= times.greatest[last] < ask.from;
        end = last * Times.BLOCK;
        continue;
      }
      int start = inOne ? 0 : Math.max(0, end - width) / Times.BLOCK * Times.BLOCK;
      window(leg, start, end);
      end = start;
      width = (int) Math.min(Integer.MAX_VALUE, (long) width * WIDER);
    }
  }

  private void window(Leg leg, int start, int end) throws IOException {
    ask.budget.look();
    ask.budget.end = end;
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
      if (kept.size() == limit && leg.times.greatest[block] < kept.peek().time) {
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
      time.advanceExact(doc);
      long at = time.longValue();
      if (ask.cursor != null && at == ask.to) {
        sequence.advanceExact(doc);
        if (sequence.longValue() >= ask.cursor.sequence()) {
          continue;
        }
      }
      ask.budget.step();
      seen++;
      if (kept.size() < limit || at >= kept.peek().time) {
        sequence.advanceExact(doc);
        keep(new Found(at, sequence.longValue(), leg, doc));
      }
    }
  }

  private void keep(Found found) {
    if (kept.size() < limit) {
      kept.add(found);
    } else if (OLDEST_FIRST.compare(found, kept.peek()) > 0) {
      kept.poll();
      kept.add(found);
    }
  }

  /** How many match, if that can be told without looking at them; else -1. */
  private long counted() throws IOException {
    if (ask.cursor != null) {
      return -1;
    }
    long sum = 0;
    for (View view : views) {
      if (!ask.mayBeIn(view)) {
        continue;
      }
      Weight weight = weights.get(view);
      if (weight == null && inOne) {
        return -1;
      }
      weight = weight == null ? ask.weight(view) : weight;
      for (LeafReaderContext leaf : view.leaves) {
        int count = weight.count(leaf);
        if (count < 0) {
          return -1;
        }
        sum += count;
      }
    }
    return sum;
  }

  /** Reads hits out of their leaves, each leaf from its beginning. */
  private static List<LogHit> read(List<Found> newest) throws IOException {
    Map<Leg, List<Integer>> byLeg = new IdentityHashMap<>();
    for (int i = 0; i < newest.size(); i++) {
      byLeg.computeIfAbsent(newest.get(i).leg, any -> new ArrayList<>()).add(i);
    }
    LogHit[] hits = new LogHit[newest.size()];
    for (Map.Entry<Leg, List<Integer>> each : byLeg.entrySet()) {
      List<Integer> places = each.getValue();
      places.sort(Comparator.comparingInt(place -> newest.get(place).document));
      int stretch = newest.get(places.get(places.size() - 1)).document - newest.get(places.get(0)).document;
      LeafReader leaf = each.getKey().leaf.reader();
      Schema schema = each.getKey().view.schema;
      boolean close = places.size() > 1 && stretch / places.size() < CLOSE;
      StoredEvents stored = close ? StoredEvents.ofNeighbours(leaf, schema) : StoredEvents.of(leaf, schema);
      for (int place : places) {
        hits[place] = stored.hit(newest.get(place).document);
      }
    }
    return Arrays.asList(hits);
  }
}
