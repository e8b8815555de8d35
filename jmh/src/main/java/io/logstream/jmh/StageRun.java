package io.logstream.jmh;

import io.logstream.Batch;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The same lines again and again through a pipeline of some stages, on the caller's thread; a number in each is summed up behind them. */
final class StageRun implements AutoCloseable {
  private final Lines lines;
  private final Summing summing;
  private final InlineRun run;

  StageRun(List<String> lines, String summed, Stage... stages) {
    this.lines = new Lines(lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new));
    summing = new Summing(summed);
    var builder = LogStream.named("bench").from(this.lines);
    for (Stage stage : stages) {
      builder.then(stage);
    }
    run = builder.to(summing).build().inline(() -> Instant.EPOCH);
  }

  /** Sends all lines through once more and returns the sum. */
  long once() {
    summing.sum = 0;
    lines.next = 0;
    run.work();
    return summing.sum;
  }

  @Override
  public void close() {
    run.close();
  }

  private static final class Lines implements Source {
    private final byte[][] lines;
    private int next;

    Lines(byte[][] lines) {
      this.lines = lines;
    }

    @Override
    public Reader open(SourceContext context) {
      Log log = context.log("lines", Map.of("file", "lines"));
      return batch -> {
        if (next == lines.length) {
          return Reader.Found.NOTHING;
        }
        batch.begin(log, "");
        while (next < lines.length && !batch.full() && batch.used() < Batch.BYTES) {
          byte[] line = lines[next++];
          System.arraycopy(line, 0, batch.room(line.length), batch.used(), line.length);
          batch.filled(line.length);
          batch.line(batch.used() - line.length, batch.used(), next, next);
        }
        return Reader.Found.SOMETHING;
      };
    }
  }

  private static final class Summing implements Sink {
    private final String field;
    private long sum;

    Summing(String field) {
      this.field = field;
    }

    @Override
    public Processor open(StageContext context) {
      FieldKey key = context.key(field);
      return (event, out) -> {
        sum += event.whole(key, Integer.MIN_VALUE);
        out.absorb(event);
      };
    }
  }
}
