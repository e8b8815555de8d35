package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.StageContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A stage's context and its emitter, lent to a test of aggregations. */
final class AggregationLab {
  final Aggregation.Opened opened;
  final FieldKey v;
  Emitter out;

  AggregationLab(StageContext context, Aggregation aggregation) {
    v = context.key("v");
    opened = aggregation.open(context);
  }

  /** Lends a stage's context and its emitter to a test. */
  static Map<String, Long> inAStage(Aggregation aggregation, Consumer<AggregationLab> body) {
    Source one = context -> {
      var log = context.log("a", Map.of());
      return new Reader() {
        private boolean done;

        @Override
        public Found poll(io.logstream.Batch batch) {
          if (done) {
            return Found.END;
          }
          done = true;
          batch.begin(log, "");
          batch.line("x", 0, 1);
          return Found.SOMETHING;
        }
      };
    };
    Throwable[] thrown = new Throwable[1];
    InlineRun run = LogStream.named("lab").from(one).then("lab", context -> {
      AggregationLab lab = new AggregationLab(context, aggregation);
      return (Processor) (event, out) -> {
        lab.out = out;
        try {
          body.accept(lab);
        } catch (Throwable e) {
          thrown[0] = e;
        }
        out.emit(event);
      };
    }).build().inline(InstantSource.fixed(Instant.EPOCH));
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    if (thrown[0] instanceof Error error) {
      throw error;
    }
    if (thrown[0] != null) {
      throw (RuntimeException) thrown[0];
    }
    return run.metrics();
  }

  LogEvent event(Object value) {
    LogEvent event = out.create();
    if (value instanceof Long whole) {
      return event.put(v, whole);
    }
    return value instanceof Double decimal ? event.put(v, decimal) : event.put("v", value);
  }

  Aggregation.Value of(List<?> values) {
    Aggregation.Value value = opened.empty();
    values.forEach(one -> value.add(event(one)));
    return value;
  }

  Map<String, Object> row(Aggregation.Value value) {
    LogEvent row = out.create();
    value.fill(row, Duration.ofSeconds(2));
    return row.fields();
  }

  Map<String, Object> row(List<?> values) {
    return row(of(values));
  }

  Aggregation.Value roundTrip(Aggregation.Value value) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      value.write(new DataOutputStream(bytes));
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
      Aggregation.Value back = opened.empty();
      back.read(in);
      assertThat(in.read()).as("all that was written is read").isEqualTo(-1);
      return back;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
