package io.logstream.file;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;

/** Has lines fail of which the reader has left out the rest. */
record TooLongLines(int maxRecord) implements Stage {
  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading("truncated");
  }

  @Override
  public Processor open(StageContext context) {
    String detail = "a line of more than " + maxRecord + " bytes";
    return (event, out) -> {
      if (event.has("truncated")) {
        out.fail(event, "too long", detail);
      } else {
        out.emit(event);
      }
    };
  }

  @Override
  public String name() {
    return "tooLong";
  }
}
