package io.logstream.examples;

import io.logstream.FieldKey;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;

/**
 * A stage of one's own: puts the path of {@code request}, without its query string, into {@code path}. Works on the bytes where they lie.
 */
final class PathOfRequest implements Stage {
  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    FieldKey request = context.key("request");
    FieldKey path = context.key("path");
    return (event, out) -> {
      long span = event.span(request);
      if (span != Span.NONE) {
        byte[] bytes = event.bytes();
        int end = Span.from(span);
        while (end < Span.to(span) && bytes[end] != '?') {
          end++;
        }
        event.put(path, Span.from(span), end);
      }
      out.emit(event);
    };
  }
}
