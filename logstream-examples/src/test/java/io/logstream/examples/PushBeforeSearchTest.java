package io.logstream.examples;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.alert.Alert;
import io.logstream.index.LogIndex;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An alert comes from the stream, so it does not wait until a search would find what it is about. */
class PushBeforeSearchTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  @Test void tellsBeforeTheClockHasMovedAndBeforeTheIndexShowsTheEvent() {
    List<String> told = new ArrayList<>();
    List<Long> foundThen = new ArrayList<>();
    try (LogIndex index = LogIndex.refreshEvery(Duration.ofHours(1)).inMemory(Duration.ofHours(6));
        InlineRun run = LogStream.named("push").from(new Numbered(300)).to(index)
            .to(Alert.named("two").when(field("message").is("2")).notify(alert -> {
              told.add(alert.name());
              foundThen.add(index.search("message:2").total());
            })).build().inline(() -> NOW)) {
      run.work();
      assertThat(told).containsExactly("two");
      assertThat(foundThen).as("what a search found when the alert was told").containsExactly(0L);
      index.refresh();
      assertThat(index.search("message:2").total()).isEqualTo(1);
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }
}
