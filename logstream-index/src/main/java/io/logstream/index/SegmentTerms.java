package io.logstream.index;

import io.logstream.match.Words;
import java.util.Iterator;
import java.util.List;
import org.apache.lucene.index.Fields;
import org.apache.lucene.index.Terms;

/** The terms of a segment under way, as Lucene is given them when it writes the segment. */
final class SegmentTerms extends Fields {
  private final TermTable terms = new TermTable(false);
  private final TermTable words = new TermTable(true);
  private int documents;

  /** The terms of the next document. */
  void add(EventDocument document) {
    document.terms.into(terms, documents);
    Words text = document.words;
    for (int position = 0; text.next(); position++) {
      words.add(text.bytes(), 0, text.length(), documents, position);
    }
    documents++;
  }

  /** The next document has none. */
  void addNothing() {
    documents++;
  }

  boolean isEmpty() {
    return terms.count() == 0 && words.count() == 0;
  }

  long bytesUsed() {
    return terms.bytesUsed() + words.bytesUsed();
  }

  long capacity() {
    return terms.capacity() + words.capacity();
  }

  SegmentTerms cleared() {
    terms.clear();
    words.clear();
    documents = 0;
    return this;
  }

  @Override
  public Iterator<String> iterator() {
    return List.of(Schema.TERMS, Schema.WORDS).stream().filter(field -> terms(field) != null).iterator();
  }

  @Override
  public Terms terms(String field) {
    TermTable table = field.equals(Schema.TERMS) ? terms : words;
    return table.count() == 0 ? null : new TableTerms(table);
  }

  @Override
  public int size() {
    return -1;
  }
}
