package io.logstream;

import java.util.List;
import java.util.Map;

/** A bounded source of given lines, some per batch. */
final class TestLines implements Source {
  private final String name;
  private final List<String> lines;
  private final int perBatch;

  TestLines(String name, List<String> lines, int perBatch) {
    this.name = name;
    this.lines = List.copyOf(lines);
    this.perBatch = perBatch;
  }

  static TestLines of(String... lines) {
    return new TestLines("lines", List.of(lines), 3);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext context) {
    return new Reader() {
      private int next;
      private Log log;

      @Override
      public Found poll(Batch batch) {
        if (next == lines.size()) {
          return Found.END;
        }
        if (log == null) {
          log = context.log(name, Map.of("file", name + ".log"));
        }
        batch.begin(log, "");
        for (int n = 0; n < perBatch && next < lines.size(); n++, next++) {
          batch.line(lines.get(next), next, next + 1);
        }
        long upTo = next;
        batch.mark(() -> Long.toString(upTo).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return Found.SOMETHING;
      }
    };
  }
}
