package io.logstream.window;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A source of lines in one order, of several logs, that gives as many as it is let; positions are kept in a saved state. */
final class TimedLines implements Source {
  private record Line(String log, String text) {}

  private final List<Line> lines = new ArrayList<>();
  private final int perBatch;
  private volatile int given = Integer.MAX_VALUE;
  private volatile boolean ends = true;
  private Runnable onQuiet;

  TimedLines(int perBatch) {
    this.perBatch = perBatch;
  }

  TimedLines add(String log, String... text) {
    for (String one : text) {
      lines.add(new Line(log, one));
    }
    return this;
  }

  /** Gives only the first so many, and then nothing. */
  TimedLines upTo(int count) {
    given = count;
    return this;
  }

  /** Ends only when it has nothing to read for the twentieth time, and says so each time. */
  TimedLines onQuiet(Runnable told) {
    onQuiet = told;
    return this;
  }

  /** Does not end behind its last line. */
  TimedLines endless() {
    ends = false;
    return this;
  }

  int size() {
    return lines.size();
  }

  @Override
  public String name() {
    return "lines";
  }

  @Override
  public Reader open(SourceContext context) {
    int first = context.saved().values().stream().mapToInt(mark -> ByteBuffer.wrap(mark).getInt()).max().orElse(0);
    Map<String, Log> logs = new HashMap<>();
    return new Reader() {
      private int next = first;
      private int quiet;

      @Override
      public Found poll(Batch batch) {
        if (next >= Math.min(given, lines.size())) {
          if (onQuiet != null && quiet++ < 20) {
            onQuiet.run();
            return Found.NOTHING;
          }
          return ends && next == lines.size() ? Found.END : Found.NOTHING;
        }
        String log = lines.get(next).log();
        batch.begin(logs.computeIfAbsent(log, key -> context.log(key, Map.of("file", key))), "");
        for (int n = 0; n < perBatch && next < Math.min(given, lines.size()) && lines.get(next).log().equals(log); n++, next++) {
          batch.line(lines.get(next).text(), next, next + 1);
        }
        int upTo = next;
        batch.mark(() -> ByteBuffer.allocate(Integer.BYTES).putInt(upTo).array());
        return Found.SOMETHING;
      }
    };
  }
}
