package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Batch;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;

/** A pipeline of messages with a step of the test in front of a sink. */
final class SinksOver {
  private SinksOver() {}

  static Pipeline pipeline(Sink sink, Consumer<LogEvent> step, byte[]... messages) {
    Source source = context -> {
      var log = context.log("a.log", Map.of("file", "a.log"));
      return new Reader() {
        private int next;

        @Override
        public Found poll(Batch batch) {
          if (next == messages.length) {
            return Found.END;
          }
          batch.begin(log, "");
          int from = batch.used();
          System.arraycopy(messages[next], 0, batch.room(messages[next].length), from, messages[next].length);
          batch.filled(messages[next].length);
          batch.line(from, batch.used(), next * 10L, ++next);
          return Found.SOMETHING;
        }
      };
    };
    return LogStream.named("p").from(source).then(Stage.inOrder(step)).to("out", sink).build();
  }

  static byte[][] utf8(String... messages) {
    return java.util.Arrays.stream(messages).map(m -> m.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  static InlineRun run(Sink sink, Consumer<LogEvent> step, byte[]... messages) {
    InlineRun run = pipeline(sink, step, messages).inline(InstantSource.fixed(Instant.ofEpochMilli(1_500)));
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    return run;
  }
}
