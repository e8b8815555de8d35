package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;

/** Where a parser's text is: in the message or in a field of the event under way. One thread. */
final class TextField {
  final FieldKey key;
  /** The cause with which an event fails that has no such field. */
  final String missing;
  byte[] bytes;
  int from;
  int to;
  /** Whether the text stands in the event's own bytes. */
  boolean inPlace;

  TextField(StageContext context, String field) {
    key = context.key(field);
    missing = "no field '" + field + "'";
  }

  /** Finds the text of an event; false where there is none. */
  boolean read(LogEvent event) {
    long span = event.span(key);
    if (span != Span.NONE) {
      bytes = event.bytes();
      from = Span.from(span);
      to = Span.to(span);
      inPlace = true;
      return true;
    }
    String text = event.text(key);
    if (text == null) {
      return false;
    }
    bytes = text.getBytes(StandardCharsets.UTF_8);
    from = 0;
    to = bytes.length;
    inPlace = false;
    return true;
  }

  /** Puts a part of the text into a field. */
  void put(LogEvent event, FieldKey field, int begin, int end) {
    if (inPlace) {
      event.put(field, begin, end);
    } else {
      long span = event.append(bytes, begin, end);
      event.put(field, Span.from(span), Span.to(span));
    }
  }
}
