package io.logstream.index;

import io.logstream.index.Schema.Shape;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FilteredDocIdSetIterator;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.NumericUtils;
import org.apache.lucene.util.StringHelper;

/** All events that match, counted. */
final class Matches {
  private static final int MOST_DIFFERENT = 200_000;
  private static final Map<Shape, String> TYPES = new EnumMap<>(Map.of(Shape.TEXT, "text", Shape.BOOLEAN, "boolean", Shape.LONG, "whole", Shape.DOUBLE, "decimal",
      Shape.TEXT_LONG, "numeric text", Shape.TEXT_DOUBLE, "numeric text"));

  private final Ask ask;
  private final List<View> views;

  Matches(Ask ask, List<View> views) {
    this.ask = ask;
    this.views = views;
  }

  @FunctionalInterface
  private interface Each {
    /** @param found the documents; null if all of the leaf's are */
    void leaf(View view, LeafReaderContext leaf, DocIdSetIterator found) throws IOException;
  }

  /** Gives all leaves with matches; says whether it came to the end. */
  private boolean forEach(Each each) throws IOException {
    try {
      boolean all = ask.condition instanceof io.logstream.match.Clause.All;
      for (View view : views) {
        if (!ask.mayBeIn(view)) {
          continue;
        }
        Weight weight = null;
        for (int i = view.leaves.size() - 1; i >= 0; i--) {
          LeafReaderContext leaf = view.leaves.get(i);
          if (view.times[i].greatest() < ask.from || view.times[i].least > ask.to) {
            continue;
          }
          ask.budget.look();
          if (all && leaf.reader().getLiveDocs() == null) {
            each.leaf(view, leaf, null);
            continue;
          }
          weight = weight == null ? ask.weight(view) : weight;
          Scorer scorer = weight.scorer(leaf);
          if (scorer != null) {
            each.leaf(view, leaf, live(scorer.iterator(), leaf));
          }
        }
      }
      return true;
    } catch (Budget.Spent e) {
      return false;
    }
  }

  long count() throws IOException {
    long sum = 0;
    try {
      for (View view : views) {
        if (!ask.mayBeIn(view)) {
          continue;
        }
        Weight weight = ask.weight(view);
        for (LeafReaderContext leaf : view.leaves) {
          int known = weight.count(leaf);
          sum += known >= 0 ? known : walked(weight, leaf);
        }
      }
      return sum;
    } catch (Budget.Spent e) {
      throw new IllegalStateException("counted " + sum + " events and not all: " + e.getMessage(), e);
    }
  }

  /** Without the documents of events that could not be added to their end. */
  static DocIdSetIterator live(DocIdSetIterator found, LeafReaderContext leaf) {
    Bits live = leaf.reader().getLiveDocs();
    return live == null ? found : new FilteredDocIdSetIterator(found) {
      @Override
      protected boolean match(int document) {
        return live.get(document);
      }
    };
  }

  private int walked(Weight weight, LeafReaderContext leaf) throws IOException {
    Scorer scorer = weight.scorer(leaf);
    if (scorer == null) {
      return 0;
    }
    int n = 0;
    DocIdSetIterator found = live(scorer.iterator(), leaf);
    for (int doc = found.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = found.nextDoc()) {
      ask.budget.step();
      n++;
    }
    return n;
  }

  // ---------------------------------------------------------------- over time

  LogHistogram overTime(long interval, ZoneId zone) throws IOException {
    TreeMap<Long, long[]> counts = new TreeMap<>();
    Buckets buckets = new Buckets(interval, zone, counts);
    boolean whole = forEach((view, leaf, found) -> {
      NumericDocValues times = DocValues.getNumeric(leaf.reader(), Schema.TIME);
      DocIdSetIterator docs = found == null ? times : found;
      for (int doc = docs.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = docs.nextDoc()) {
        if (found != null) {
          times.advanceExact(doc);
        }
        buckets.add(times.longValue());
        ask.budget.step();
      }
    });
    List<LogHistogram.Bucket> all = new ArrayList<>();
    counts.forEach((from, count) -> all.add(new LogHistogram.Bucket(Instant.ofEpochMilli(from), count[0])));
    return new LogHistogram(all, !whole);
  }

  /** Counts by interval; knows the one that the last time fell into, as times are mostly in order. */
  private static final class Buckets {
    private static final long FARTHEST = Long.MAX_VALUE / 2;

    private final long interval;
    private final ZoneId zone;
    private final boolean fixed;
    private final long shift;
    private final TreeMap<Long, long[]> counts;
    private long from = 1;
    private long to;
    private long[] count;

    Buckets(long interval, ZoneId zone, TreeMap<Long, long[]> counts) {
      this.interval = interval;
      this.zone = zone;
      this.fixed = zone.getRules().isFixedOffset();
      this.shift = fixed ? zone.getRules().getOffset(Instant.EPOCH).getTotalSeconds() * 1000L : 0;
      this.counts = counts;
    }

    /** Times that no calendar can be asked about count as the last that one can. */
    void add(long any) {
      long time = Math.max(-FARTHEST, Math.min(FARTHEST, any));
      if (time < from || time >= to) {
        find(time);
      }
      count[0]++;
    }

    private void find(long time) {
      if (fixed) {
        from = Math.floorDiv(time + shift, interval) * interval - shift;
        to = from + interval;
      } else {
        from = start(time);
        to = time + 1;
      }
      count = counts.computeIfAbsent(from, any -> new long[1]);
      if (counts.size() > LogHistogram.MOST_BUCKETS) {
        throw new IllegalArgumentException("a histogram has at most " + LogHistogram.MOST_BUCKETS + " buckets; take a longer interval, or bound the time");
      }
    }

    private long start(long time) {
      ZoneOffset offset = zone.getRules().getOffset(Instant.ofEpochMilli(time));
      long local = Math.floorDiv(time + offset.getTotalSeconds() * 1000L, interval) * interval;
      LocalDateTime wall = LocalDateTime.ofEpochSecond(Math.floorDiv(local, 1000L), (int) Math.floorMod(local, 1000L) * 1_000_000, ZoneOffset.UTC);
      // an hour, or less, that the clock on the wall shows twice: each time it comes is its own
      boolean comesAgain = interval <= 3_600_000 && zone.getRules().isValidOffset(wall, offset);
      return comesAgain ? local - offset.getTotalSeconds() * 1000L : wall.atZone(zone).withEarlierOffsetAtOverlap().toInstant().toEpochMilli();
    }
  }

  // ---------------------------------------------------------------- values

  LogValues topValues(String field, int most) throws IOException {
    Map<String, long[]> counts = new HashMap<>();
    boolean whole = forEach((view, leaf, found) -> {
      if (!view.schema.has(field)) {
        return;
      }
      FixedBitSet wanted = null;
      if (found != null) {
        wanted = new FixedBitSet(leaf.reader().maxDoc());
        for (int doc = found.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = found.nextDoc()) {
          wanted.set(doc);
          ask.budget.step();
        }
      }
      terms(counts, leaf.reader(), view.schema.head(field, Shape.TEXT), wanted);
      terms(counts, leaf.reader(), view.schema.head(field, Shape.BOOLEAN), wanted);
      for (Shape shape : new Shape[] {Shape.LONG, Shape.DOUBLE}) {
        numbers(counts, leaf.reader(), shape, shape.of(field), wanted);
      }
    });
    List<LogValues.Value> top = counts.entrySet().stream()
        .sorted(Comparator.<Map.Entry<String, long[]>>comparingLong(e -> -e.getValue()[0]).thenComparing(Map.Entry::getKey))
        .limit(most).map(e -> new LogValues.Value(e.getKey(), e.getValue()[0])).toList();
    return new LogValues(top, !whole);
  }

  private void terms(Map<String, long[]> counts, LeafReader leaf, byte[] head, FixedBitSet wanted) throws IOException {
    PostingsEnum postings = null;
    TermsEnum each = Terms.getTerms(leaf, Schema.TERMS).iterator();
    for (BytesRef term = first(each, head); term != null; term = next(each, head)) {
      ask.budget.term();
      long n = 0;
      if (wanted == null) {
        n = each.docFreq();
      } else {
        postings = each.postings(postings, PostingsEnum.NONE);
        for (int doc = postings.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = postings.nextDoc()) {
          n += wanted.get(doc) ? 1 : 0;
        }
        ask.budget.step();
      }
      if (n > 0) {
        count(counts, new BytesRef(term.bytes, term.offset + head.length, Math.min(term.length - head.length, Schema.LONGEST_TERM)).utf8ToString(), n);
      }
    }
  }

  /** The first term with this head; null if there is none. */
  private static BytesRef first(TermsEnum terms, byte[] head) throws IOException {
    return terms.seekCeil(new BytesRef(head)) == TermsEnum.SeekStatus.END ? null : headed(terms.term(), head);
  }

  private static BytesRef next(TermsEnum terms, byte[] head) throws IOException {
    return headed(terms.next(), head);
  }

  private static BytesRef headed(BytesRef term, byte[] head) {
    return term != null && StringHelper.startsWith(term, new BytesRef(head)) ? term : null;
  }

  private void numbers(Map<String, long[]> counts, LeafReader leaf, Shape shape, String name, FixedBitSet wanted) throws IOException {
    SortedNumericDocValues values = leaf.getSortedNumericDocValues(name);
    if (values == null) {
      return;
    }
    Map<Long, long[]> own = new HashMap<>();
    for (int doc = values.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = values.nextDoc()) {
      ask.budget.step();
      if (wanted != null && !wanted.get(doc)) {
        continue;
      }
      long before = 0;
      for (int i = 0; i < values.docValueCount(); i++) {
        long value = values.nextValue();
        if (i == 0 || value != before) {
          own.computeIfAbsent(value, any -> new long[1])[0]++;
        }
        before = value;
      }
      if (own.size() > MOST_DIFFERENT) {
        throw new Budget.Spent("the field has more than " + MOST_DIFFERENT + " different values");
      }
    }
    for (Map.Entry<Long, long[]> value : own.entrySet()) {
      count(counts, shape == Shape.LONG ? value.getKey().toString() : Double.toString(NumericUtils.sortableLongToDouble(value.getKey())), value.getValue()[0]);
    }
  }

  private static void count(Map<String, long[]> counts, String value, long n) {
    counts.computeIfAbsent(value, any -> new long[1])[0] += n;
    if (counts.size() > MOST_DIFFERENT) {
      throw new Budget.Spent("the field has more than " + MOST_DIFFERENT + " different values");
    }
  }

  // ---------------------------------------------------------------- fields

  static List<LogField> fields(List<View> views) throws IOException {
    Map<String, long[]> counts = new TreeMap<>();
    Map<String, Set<String>> types = new HashMap<>();
    for (View view : views) {
      for (LeafReaderContext leaf : view.leaves) {
        TermsEnum each = Terms.getTerms(leaf.reader(), Schema.TERMS).iterator();
        for (BytesRef names = first(each, Schema.NAMES); names != null; names = next(each, Schema.NAMES)) {
          int n = each.docFreq();
          NameSet.forEach(new BytesRef(names.bytes, names.offset + Schema.NAMES.length, names.length - Schema.NAMES.length), number -> counts.computeIfAbsent(view.schema.numbered()[number], any -> new long[1])[0] += n);
        }
      }
      for (String name : view.schema.names()) {
        Set<String> its = types.computeIfAbsent(name, any -> new TreeSet<>());
        TYPES.forEach((shape, type) -> {
          if (view.schema.has(name, shape)) {
            its.add(type);
          }
        });
        if (name.equals(Schema.MESSAGE)) {
          its.add("text");
        }
      }
    }
    List<LogField> all = new ArrayList<>();
    counts.forEach((name, count) -> all.add(new LogField(name, count[0], types.get(name))));
    return all;
  }
}
