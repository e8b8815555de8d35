package io.logstream.index;

import io.logstream.index.View.Times;
import java.io.IOException;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.Weight;

/**
 * Documents with a time in a range. The least and the greatest time of each block of documents say which blocks have none, and which have no others; since
 * events come in nearly in order of their time, few blocks are left of which every document has to be looked at. So times need no index of their own.
 */
final class TimeQuery extends Query {
  private final View view;
  private final long from;
  private final long to;

  /** @param to the last time that is in the range */
  TimeQuery(View view, long from, long to) {
    this.view = view;
    this.from = from;
    this.to = to;
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
    return new ConstantScoreWeight(this, boost) {
      @Override
      public Scorer scorer(LeafReaderContext leaf) throws IOException {
        Times times = view.times[leaf.ord];
        if (times.greatest() < from || times.least > to) {
          return null;
        }
        int documents = leaf.reader().maxDoc();
        if (times.least >= from && times.greatest() <= to) {
          return new ConstantScoreScorer(this, score(), mode, DocIdSetIterator.all(documents));
        }
        return new ConstantScoreScorer(this, score(), mode, new InRange(times, DocValues.getNumeric(leaf.reader(), Schema.TIME), documents));
      }

      @Override
      public int count(LeafReaderContext leaf) throws IOException {
        if (leaf.reader().hasDeletions()) {
          return super.count(leaf);
        }
        Times times = view.times[leaf.ord];
        NumericDocValues values = DocValues.getNumeric(leaf.reader(), Schema.TIME);
        int documents = leaf.reader().maxDoc();
        int count = 0;
        for (int block = 0; block < times.greatest.length; block++) {
          int begin = block * Times.BLOCK;
          int end = Math.min(documents, begin + Times.BLOCK);
          if (isInside(times, block)) {
            count += end - begin;
          } else if (!isOutside(times, block)) {
            for (int doc = begin; doc < end; doc++) {
              count += isIn(values, doc) ? 1 : 0;
            }
          }
        }
        return count;
      }

      @Override
      public boolean isCacheable(LeafReaderContext leaf) {
        return false;
      }
    };
  }

  private boolean isInside(Times times, int block) {
    return times.leastOf[block] >= from && times.greatest[block] <= to;
  }

  private boolean isOutside(Times times, int block) {
    return times.greatest[block] < from || times.leastOf[block] > to;
  }

  private boolean isIn(NumericDocValues values, int document) throws IOException {
    values.advanceExact(document);
    return values.longValue() >= from && values.longValue() <= to;
  }

  private final class InRange extends TwoPhaseIterator {
    private final Times times;
    private final NumericDocValues values;

    InRange(Times times, NumericDocValues values, int documents) {
      super(new Blocks(times, documents));
      this.times = times;
      this.values = values;
    }

    @Override
    public boolean matches() throws IOException {
      return isInside(times, approximation.docID() / Times.BLOCK) || isIn(values, approximation.docID());
    }

    @Override
    public float matchCost() {
      return 2;
    }
  }

  /** All documents of the blocks that have times in the range. */
  private final class Blocks extends DocIdSetIterator {
    private final Times times;
    private final int documents;
    private int document = -1;

    Blocks(Times times, int documents) {
      this.times = times;
      this.documents = documents;
    }

    @Override
    public int docID() {
      return document;
    }

    @Override
    public int nextDoc() {
      return advance(document + 1);
    }

    @Override
    public int advance(int target) {
      int block = target / Times.BLOCK;
      int at = target;
      while (at < documents && isOutside(times, block)) {
        block++;
        at = block * Times.BLOCK;
      }
      document = at < documents ? at : NO_MORE_DOCS;
      return document;
    }

    @Override
    public long cost() {
      return documents;
    }
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String field) {
    return "time " + from + " to " + to;
  }

  @Override
  public boolean equals(Object other) {
    return sameClassAs(other) && ((TimeQuery) other).view == view && ((TimeQuery) other).from == from && ((TimeQuery) other).to == to;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * classHash() + Long.hashCode(from)) + Long.hashCode(to);
  }
}
