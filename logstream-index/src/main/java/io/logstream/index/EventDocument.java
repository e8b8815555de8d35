package io.logstream.index;

import io.logstream.match.Words;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Field;

/**
 * What is indexed of one event: the terms of its fields, the words of its message, and the Lucene fields of everything else. Made once, used for event
 * after event.
 */
final class EventDocument {
  private static final byte[] NOTHING = {};

  final List<Field> fields = new ArrayList<>();
  final EventTerms terms = new EventTerms();
  final Words words = new Words();

  void clear() {
    fields.clear();
    terms.clear();
    words.over(NOTHING, 0, 0);
  }
}
