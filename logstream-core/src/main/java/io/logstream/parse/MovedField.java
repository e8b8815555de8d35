package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.StageContext;
import java.util.Objects;

/** A field whose value goes under another name. */
record MovedField(String from, String to) {
  static MovedField of(String stage, String from, String to) {
    if (Objects.requireNonNull(from, "field").equals(Objects.requireNonNull(to, "new name"))) {
      throw new IllegalArgumentException(stage + ".field(\"" + from + "\").to(\"" + to + "\") changes nothing; give two different names");
    }
    return new MovedField(from, to);
  }

  FieldUse fieldUse() {
    return FieldUse.reading(from).yields(to, FieldUse.Type.ANY);
  }

  Processor open(StageContext context, boolean remove) {
    FieldKey old = context.key(from);
    FieldKey other = context.key(to);
    return (event, out) -> {
      if (event.has(old)) {
        long span = event.span(old);
        if (span != Span.NONE) {
          event.put(other, Span.from(span), Span.to(span));
        } else {
          event.put(to, event.value(from));
        }
        if (remove) {
          event.remove(from);
        }
      }
      out.emit(event);
    };
  }

  @Override
  public String toString() {
    return from + " to " + to;
  }
}
