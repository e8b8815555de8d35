package io.logstream.index;

import java.io.IOException;
import org.apache.lucene.index.FilteredTermsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.MultiTermQuery;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.util.AttributeSource;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;

/** Terms that start with some bytes. Lucene's own query goes by way of an automaton, which refuses long prefixes. */
final class Prefix extends MultiTermQuery {
  private final BytesRef prefix;

  Prefix(String field, BytesRef prefix) {
    super(field, CONSTANT_SCORE_BLENDED_REWRITE);
    this.prefix = prefix;
  }

  @Override
  protected TermsEnum getTermsEnum(Terms terms, AttributeSource attributes) throws IOException {
    return new FilteredTermsEnum(terms.iterator()) {
      {
        setInitialSeekTerm(prefix);
      }

      @Override
      protected AcceptStatus accept(BytesRef term) {
        return StringHelper.startsWith(term, prefix) ? AcceptStatus.YES : AcceptStatus.END;
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
    return field + ":" + prefix.utf8ToString() + "*";
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other) && ((Prefix) other).prefix.equals(prefix);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + prefix.hashCode();
  }
}
