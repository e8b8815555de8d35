package io.logstream.index;

import io.logstream.BudgetedMatcher;
import java.io.IOException;
import java.util.function.IntPredicate;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
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

/** Documents found by a query and then looked at one by one: for what the index alone cannot tell. */
final class Check extends Query {
  private final Query among;
  private final String what;
  private final Look look;
  private final Budget budget;

  /** Makes the check of a segment's documents. */
  @FunctionalInterface
  interface Look {
    IntPredicate in(LeafReader leaf) throws IOException;
  }

  Check(Query among, String what, Look look, Budget budget) {
    this.among = among;
    this.what = what;
    this.look = look;
    this.budget = budget;
  }

  @Override
  public Query rewrite(IndexSearcher searcher) throws IOException {
    Query simple = among.rewrite(searcher);
    return simple == among ? this : new Check(simple, what, look, budget);
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) throws IOException {
    Weight candidates = among.createWeight(searcher, ScoreMode.COMPLETE_NO_SCORES, boost);
    return new ConstantScoreWeight(this, boost) {
      @Override
      public Scorer scorer(LeafReaderContext context) throws IOException {
        Scorer found = candidates.scorer(context);
        if (found == null) {
          return null;
        }
        IntPredicate wanted = look.in(context.reader());
        DocIdSetIterator approximation = found.iterator();
        return new ConstantScoreScorer(this, score(), mode, new TwoPhaseIterator(approximation) {
          @Override
          public boolean matches() {
            return approximation.docID() >= budget.end || passes(wanted, approximation.docID());
          }

          @Override
          public float matchCost() {
            return 1_000;
          }
        });
      }

      @Override
      public boolean isCacheable(LeafReaderContext context) {
        return false;
      }
    };
  }

  private boolean passes(IntPredicate wanted, int document) {
    budget.step();
    try {
      return wanted.test(document);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      budget.unsure();
      return false;
    }
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String field) {
    return what;
  }

  @Override
  public boolean equals(Object other) {
    return sameClassAs(other) && ((Check) other).look == look && ((Check) other).among.equals(among);
  }

  @Override
  public int hashCode() {
    return 31 * classHash() + what.hashCode();
  }
}
