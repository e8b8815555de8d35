package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.Objects;

/** A stage that puts the value of a field under another name: what {@link Copy} and {@link Rename} make. */
record MovedField(String name, String from, String to, boolean stays) implements Stage {
  MovedField {
    if (from.equals(Objects.requireNonNull(to, "new name"))) {
      throw new IllegalArgumentException(name + ".field(\"" + from + "\").to(\"" + to + "\") changes nothing; give two different names");
    }
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(from).yieldsAs(to, from);
    return stays ? use : use.removes(from);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
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
        if (!stays) {
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
