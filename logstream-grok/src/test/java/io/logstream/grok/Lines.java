package io.logstream.grok;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A bounded source of given lines, as bytes so that they need not be UTF-8. */
record Lines(List<byte[]> lines) implements Source {
  static Lines of(String... lines) {
    return new Lines(List.of(lines).stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList());
  }

  @Override
  public Reader open(SourceContext context) {
    Log log = context.log("lines", Map.of());
    return new Reader() {
      private int next;

      @Override
      public Found poll(Batch batch) {
        if (next == lines.size()) {
          return Found.END;
        }
        batch.begin(log, "");
        while (next < lines.size() && !batch.full()) {
          byte[] line = lines.get(next++);
          System.arraycopy(line, 0, batch.room(line.length), batch.used(), line.length);
          int from = batch.used();
          batch.filled(line.length);
          batch.line(from, from + line.length, next, next);
        }
        return Found.SOMETHING;
      }
    };
  }
}
