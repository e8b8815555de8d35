package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Batch;
import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.Log;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A source of given lines, as bytes that need not be text. */
record Bytewise(Iterable<byte[]> lines) implements Source {
  static Bytewise of(List<String> lines) {
    return new Bytewise(lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList());
  }

  @Override
  public Reader open(SourceContext context) {
    Log log = context.log("bytes", Map.of("file", "bytes.log"));
    Iterator<byte[]> next = lines.iterator();
    long[] number = {0};
    return batch -> {
      if (!next.hasNext()) {
        return Reader.Found.END;
      }
      batch.begin(log, "");
      while (next.hasNext() && !batch.full() && batch.used() < Batch.BYTES) {
        byte[] line = next.next();
        System.arraycopy(line, 0, batch.room(line.length), batch.used(), line.length);
        batch.filled(line.length);
        batch.line(batch.used() - line.length, batch.used(), number[0], ++number[0]);
      }
      return Reader.Found.SOMETHING;
    };
  }

  /** Runs a pipeline to its end; its ledger balances. */
  static Ledger run(Pipeline pipeline) {
    InlineRun run = pipeline.inline(() -> Instant.parse("2026-01-01T00:00:00Z"));
    try (run) {
      while (run.work()) {
        // until all lines are read
      }
    }
    assertThat(run.ledger().imbalances()).isEmpty();
    return run.ledger();
  }
}
