package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.parse.EventTime;
import io.logstream.parse.KeyValue;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeapTest {
  private static final long YEAR_2099 = 4_070_908_800_000L;
  private static final long DAY = Duration.ofDays(1).toMillis();

  private final RecordingSink rows = new RecordingSink();

  private PipelineTester tester(EventTime time) {
    return PipelineTester.of(LogStream.named("leaps").from(new TimedLines(1)).then(KeyValue.fields()).then(time)
        .then(Window.tumbling(Duration.ofSeconds(1))).to(rows).build());
  }

  private static EventTime time() {
    return EventTime.from("t", "UNIX_MS").outOfOrder(Duration.ZERO);
  }

  private List<String> shortly() {
    return rows.events().stream().map(r -> r.text("window.start") + " " + r.text("count")).toList();
  }

  @Test
  void oneWrongDateDoesNotMakeWhatFollowsLate() {
    try (PipelineTester tester = tester(time())) {
      tester.feed("t=0", "t=" + YEAR_2099, "t=500", "t=1500", "t=1600", "t=2500");
      assertThat(shortly()).containsExactly("0 2", "1000 2");
      assertThat(tester.metrics()).containsEntry("Window.late", 0L);
      tester.end();
      assertThat(shortly()).containsExactly("0 2", "1000 2", "2000 1", YEAR_2099 + " 1");
    }
  }

  @Test
  void aSecondEventConfirmsTheLeap() {
    try (PipelineTester tester = tester(time())) {
      tester.feed("t=0", "t=" + YEAR_2099, "t=" + (YEAR_2099 + 5_000), "t=500");
      assertThat(shortly()).containsExactly("0 1");
      assertThat(tester.metrics()).containsEntry("Window.late", 1L);
    }
  }

  @Test
  void twentyFourHoursAreNoLeapUnlessSaid() {
    try (PipelineTester tester = tester(time())) {
      tester.feed("t=0", "t=" + DAY);
      assertThat(shortly()).containsExactly("0 1");
    }
    rows.clear();
    try (PipelineTester tester = tester(time())) {
      tester.feed("t=0", "t=" + (DAY + 1));
      assertThat(shortly()).isEmpty();
    }
    rows.clear();
    try (PipelineTester tester = tester(time().maxLeap(Duration.ofMinutes(1)))) {
      tester.feed("t=0", "t=60001", "t=1", "t=60000");
      assertThat(shortly()).containsExactly("0 2");
    }
  }

  @Test
  void isKeptByTheOtherWords() {
    assertThat(time().maxLeap(Duration.ofMinutes(1)).orElse("u", "ISO8601").idleAfter(Duration.ofSeconds(1)).in(java.time.ZoneOffset.UTC).outOfOrder(Duration.ofSeconds(1)).maxLeap())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(time().maxLeap()).isEqualTo(Duration.ofHours(24));
    assertThatThrownBy(() -> time().maxLeap(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("PT-1S");
  }
}
