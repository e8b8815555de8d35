package io.logstream.index;

import java.io.IOException;
import java.util.function.Predicate;
import org.apache.lucene.index.FilteredTermsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.MultiTermQuery;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.util.AttributeSource;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;

/**
 * Documents with a term that a predicate accepts, among those that begin with some bytes. The terms are looked at one by one, as many as the budget
 * allows: no automaton is built, whose size would depend on the query, and a term is accepted by the very code that tests an event.
 */
final class TermsLike extends MultiTermQuery {
  private final BytesRef prefix;
  private final Predicate<BytesRef> wanted;
  private final Budget budget;

  TermsLike(String field, BytesRef prefix, Predicate<BytesRef> wanted, Budget budget) {
    super(field, CONSTANT_SCORE_BLENDED_REWRITE);
    this.prefix = prefix;
    this.wanted = wanted;
    this.budget = budget;
  }

  @Override
  protected TermsEnum getTermsEnum(Terms terms, AttributeSource attributes) throws IOException {
    return new FilteredTermsEnum(terms.iterator()) {
      {
        setInitialSeekTerm(prefix);
      }

      @Override
      protected AcceptStatus accept(BytesRef term) {
        if (!StringHelper.startsWith(term, prefix)) {
          return AcceptStatus.END;
        }
        budget.term();
        return wanted.test(term) ? AcceptStatus.YES : AcceptStatus.NO;
      }
    };
  }

  @Override
  public void visit(QueryVisitor visitor) {
    if (visitor.acceptField(field)) {
      visitor.visitLeaf(this);
    }
  }

  @Override
  public String toString(String ofField) {
    return field + ":" + prefix.utf8ToString() + "..";
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other) && ((TermsLike) other).wanted == wanted;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + System.identityHashCode(wanted);
  }
}
