package io.logstream.index;

import io.logstream.match.Words;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;

/**
 * What is indexed of one event: the terms of its fields, the words of its message, and the Lucene fields of everything else. Made once, used for event
 * after event.
 */
final class EventDocument {
  private static final byte[] NOTHING = {};

  final List<Field> fields = new ArrayList<>();
  final EventTerms terms = new EventTerms();
  final Words words = new Words();
  // Lucene is to know these fields; what is in them it gets when it writes a segment
  private final TokenStream none = new TokenStream() {
    @Override
    public boolean incrementToken() {
      return false;
    }
  };
  private final Field termsField = new Field(Schema.TERMS, none, indexed(IndexOptions.DOCS));
  private final Field wordsField = new Field(Schema.WORDS, none, indexed(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS));

  private static FieldType indexed(IndexOptions options) {
    FieldType type = new FieldType();
    type.setIndexOptions(options);
    type.setOmitNorms(true);
    type.freeze();
    return type;
  }

  void clear() {
    fields.clear();
    terms.clear();
    words.over(NOTHING, 0, 0);
  }

  /** The message, of which the words are indexed. */
  void message(byte[] bytes, int from, int to) {
    words.over(bytes, from, to);
    fields.add(wordsField);
  }

  /** All terms are there. */
  void endTerms() {
    fields.add(termsField);
  }
}
