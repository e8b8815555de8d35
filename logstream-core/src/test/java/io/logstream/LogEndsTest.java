package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogEndsTest {
  private final TestClock clock = TestClock.at(Instant.EPOCH);
  private final ArrayDeque<String> script = new ArrayDeque<>();

  /** Steps are a log's name and a time in seconds, or {@code finished} or {@code gone}. */
  private InlineRun play(String... steps) {
    script.addAll(Arrays.asList(steps));
    Source source = context -> batch -> {
      String step = script.poll();
      if (step == null) {
        return Reader.Found.NOTHING;
      }
      String name = step.substring(0, step.indexOf(' '));
      String what = step.substring(step.indexOf(' ') + 1);
      batch.begin(context.log(name, Map.of()), "");
      batch.mark(() -> name.getBytes(StandardCharsets.UTF_8));
      switch (what) {
        case "finished" -> batch.finished();
        case "gone" -> batch.gone();
        default -> batch.line(what, 0, 0);
      }
      return Reader.Found.SOMETHING;
    };
    InlineRun run = LogStream.named("p").from(source).then(Timed.outOfOrder(0)).to(Sink.each(e -> { })).build().inline(clock);
    run.work();
    return run;
  }

  private static Instant at(long seconds) {
    return Instant.ofEpochSecond(seconds);
  }

  @Test
  void aFinishedLogDoesNotHoldTheWatermarkBack() {
    try (InlineRun run = play("a 10", "b 10", "b 100", "a finished")) {
      assertThat(run.watermark()).isEqualTo(at(100));
    }
    try (InlineRun run = play("a 10", "b 10", "b 100")) {
      assertThat(run.watermark()).isEqualTo(at(10));
    }
  }

  @Test
  void timeDoesNotGoOnWithTheClockWhenAllLogsAreFinished() {
    try (InlineRun run = play("a 10", "b 100", "a finished", "b finished")) {
      clock.advance(Duration.ofMinutes(10));
      run.work();
      assertThat(run.watermark()).isEqualTo(at(100));
    }
  }

  @Test
  void aLogThatIsGoneLeavesTheCheckpointAndOneThatIsFinishedDoesNot() {
    try (InlineRun run = play("log-a 10", "log-b 10", "log-c 10", "log-a finished", "log-b gone")) {
      assertThat(new String(run.save(), StandardCharsets.ISO_8859_1)).contains("log-a", "log-c").doesNotContain("log-b");
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  @Test
  void timeGoesOnWithTheClockBehindALogThatIsGone() {
    try (InlineRun run = play("a 100", "a gone")) {
      clock.advance(Duration.ofMinutes(1));
      run.work();
      assertThat(run.watermark()).isEqualTo(at(160));
    }
  }

  @Test
  void aLogThatComesBackCountsAgain() {
    try (InlineRun run = play("a 10", "b 10", "b gone", "a 100", "b 120", "a 150")) {
      assertThat(run.watermark()).isEqualTo(at(120));
      assertThat(new String(run.save(), StandardCharsets.ISO_8859_1)).contains("b");
    }
  }
}
