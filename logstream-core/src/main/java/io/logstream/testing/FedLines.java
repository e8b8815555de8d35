package io.logstream.testing;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;

/**
 * A source that brings what it is fed, as a file of that name would: with offsets and line numbers. What was not read yet stays when
 * another run opens it, as does the place in the file. One thread.
 */
final class FedLines implements Source {
  private record Fed(String line, long offset, long number) {}

  private final String name;
  private final ArrayDeque<Fed> waiting = new ArrayDeque<>();
  private long offset;
  private long number;
  private int perBatch = Batch.RECORDS;
  private boolean ended;

  FedLines(String name) {
    this.name = name;
  }

  void feed(String line) {
    if (ended) {
      throw new IllegalStateException("source '" + name + "' was ended, so it takes no more lines");
    }
    feedAt(line, offset, ++number);
    offset += line.getBytes(StandardCharsets.UTF_8).length + 1L;
  }

  /** A line of another place in the file than the next one. */
  void feedAt(String line, long at, long ofNumber) {
    waiting.add(new Fed(line, at, ofNumber));
  }

  void perBatch(int lines) {
    perBatch = lines;
  }

  void end() {
    ended = true;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext context) {
    Log log = context.log(name, Map.of("file", name));
    return batch -> {
      if (waiting.isEmpty()) {
        return ended ? Reader.Found.END : Reader.Found.NOTHING;
      }
      batch.begin(log, "");
      long upTo = 0;
      for (int n = 0; n < perBatch && !waiting.isEmpty() && !batch.full() && batch.used() < Batch.BYTES; n++) {
        Fed next = waiting.poll();
        batch.line(next.line, next.offset, next.number);
        upTo = next.number;
      }
      byte[] mark = Long.toString(upTo).getBytes(StandardCharsets.US_ASCII);
      batch.mark(() -> mark);
      return Reader.Found.SOMETHING;
    };
  }
}
