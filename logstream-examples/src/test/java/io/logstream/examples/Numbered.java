package io.logstream.examples;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.util.Map;

/** A log whose lines are the numbers from 0. */
record Numbered(int lines) implements Source {
  @Override
  public Reader open(SourceContext context) {
    return new Reader() {
      private Log log;
      private int next;

      @Override
      public Found poll(Batch batch) {
        if (next == lines) {
          return Found.END;
        }
        log = log == null ? context.log("numbers", Map.of()) : log;
        batch.begin(log, "");
        while (next < lines && batch.count() < 100) {
          batch.event(Integer.toString(next), next);
          next++;
        }
        return Found.SOMETHING;
      }
    };
  }
}
