package io.logstream.index;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Field;

/** What Lucene is given of one event: the terms of its fields, and the Lucene fields of everything else. Made once, used for event after event. */
final class EventDocument {
  final List<Field> fields = new ArrayList<>();
  final EventTerms terms = new EventTerms();

  void clear() {
    fields.clear();
    terms.clear();
  }
}
