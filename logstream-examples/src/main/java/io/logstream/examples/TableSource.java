package io.logstream.examples;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * A source of one's own: the rows of a table in the order of their numbers, and then those that are added. With a checkpoint it goes on behind the last
 * row that every sink has taken.
 *
 * @param table what it is called, in events and in the checkpoint
 * @param behind the next rows behind this number, in order, up to a few thousand; none if there are none yet
 * @param every how long it waits before it asks again when there was none
 */
// tag::source[]
public record TableSource(String table, LongFunction<List<Row>> behind, Duration every) implements Source {
  /** A row: its number, greater than 0, and its text. */
  public record Row(long number, String text) {}

  @Override
  public String name() {
    return table;
  }

  @Override
  public Reader open(SourceContext context) {
    Log log = context.log(table, Map.of("table", table));
    byte[] saved = context.saved().get(table);
    return new Reader() {
      private long last = saved == null ? 0 : ByteBuffer.wrap(saved).getLong();
      private Instant next = Instant.MIN;

      @Override
      public Found poll(Batch batch) {
        Instant now = context.clock().instant();
        List<Row> rows = now.isBefore(next) ? List.of() : behind.apply(last);
        if (rows.isEmpty()) {
          next = now.isBefore(next) ? next : now.plus(every);
          return Found.NOTHING;
        }
        batch.begin(log, "");
        for (int i = 0; i < rows.size() && !batch.full(); i++) {
          last = rows.get(i).number();
          batch.line(rows.get(i).text(), last, 0);
        }
        long upTo = last;
        batch.mark(() -> ByteBuffer.allocate(Long.BYTES).putLong(upTo).array());
        return Found.SOMETHING;
      }
    };
  }
}
// end::source[]
