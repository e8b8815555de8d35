package io.logstream.index;

import java.io.IOException;
import java.util.Arrays;
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
 * Documents with a term that a predicate accepts, among those that begin with a head and then some bytes; the predicate does not see the head. The terms are looked at one by one, as many as the budget
 * allows: no automaton is built, whose size would depend on the query, and a term is accepted by the very code that tests an event.
 */
final class TermsLike extends MultiTermQuery {
  private final int head;
  private final BytesRef prefix;
  private final Predicate<BytesRef> wanted;
  private final Budget budget;

  TermsLike(String field, byte[] head, byte[] prefix, Predicate<BytesRef> wanted, Budget budget) {
    super(field, CONSTANT_SCORE_BLENDED_REWRITE);
    this.head = head.length;
    byte[] both = Arrays.copyOf(head, head.length + prefix.length);
    System.arraycopy(prefix, 0, both, head.length, prefix.length);
    this.prefix = new BytesRef(both);
    this.wanted = wanted;
    this.budget = budget;
  }

  @Override
  protected TermsEnum getTermsEnum(Terms terms, AttributeSource attributes) throws IOException {
    return new FilteredTermsEnum(terms.iterator()) {
      private final BytesRef seen = new BytesRef();

      {
        setInitialSeekTerm(prefix);
      }

      @Override
      protected AcceptStatus accept(BytesRef term) {
        if (!StringHelper.startsWith(term, prefix)) {
          return AcceptStatus.END;
        }
        budget.term();
        seen.bytes = term.bytes;
        seen.offset = term.offset + head;
        seen.length = term.length - head;
        return wanted.test(seen) ? AcceptStatus.YES : AcceptStatus.NO;
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
    return field + ":" + prefix + "..";
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
