package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.RecordingSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A live run in which nothing happens. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuietTest {
  /** Gives one line, then nothing; counts how often it is asked, and told of a checkpoint. */
  private static final class OneLine implements Source {
    final AtomicInteger polls = new AtomicInteger();
    final AtomicInteger saved = new AtomicInteger();
    final CountDownLatch polledOften = new CountDownLatch(40);

    @Override
    public Reader open(SourceContext context) {
      return new Reader() {
        @Override
        public Found poll(Batch batch) {
          polledOften.countDown();
          if (polls.getAndIncrement() > 0) {
            return Found.NOTHING;
          }
          batch.begin(context.log("log", Map.of()), "");
          batch.line("line", 0, 1);
          batch.mark(() -> "1".getBytes(StandardCharsets.UTF_8));
          return Found.SOMETHING;
        }

        @Override
        public void saved() {
          saved.incrementAndGet();
        }
      };
    }
  }

  /** Emits what it was given when the clock has gone on a little. */
  private static Stage later() {
    return context -> new Processor() {
      private LogEvent held;

      @Override
      public void process(LogEvent event, Emitter out) {
        held = out.hold(event);
        out.atClock(context.clock().instant().plusMillis(150));
      }

      @Override
      public void onClock(Instant deadline, Emitter out) {
        out.emit(held);
      }
    };
  }

  @ParameterizedTest
  @EnumSource(Waiting.class)
  void wakesForAStageThatWaitsForTheClock(Waiting how) throws Exception {
    RecordingSink sink = new RecordingSink();
    try (RunningPipeline running = LogStream.named("p").from(new OneLine()).then("later", later()).to(sink).build().waiting(how).start()) {
      sink.await(1, Duration.ofSeconds(8));
      assertThat(sink.messages()).containsExactly("line");
      assertThat(running.ledger().imbalances()).isEmpty();
    }
  }

  @Test
  void doesNotWriteACheckpointAgainThatWouldHoldTheSame(@TempDir Path dir) throws Exception {
    OneLine source = new OneLine();
    RecordingSink sink = new RecordingSink();
    try (RunningPipeline running = LogStream.named("p").from(source).to(sink).build().checkpointIn(dir).checkpointEvery(Duration.ofMillis(1)).start()) {
      sink.await(1, Duration.ofSeconds(8));
      assertThat(source.polledOften.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(source.saved.get()).isBetween(1, 3);
      assertThat(running.ledger().imbalances()).isEmpty();
    }
  }
}
