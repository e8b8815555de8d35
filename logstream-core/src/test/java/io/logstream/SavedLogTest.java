package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SavedLogTest {
  private final TestClock clock = TestClock.at(Instant.parse("2026-01-01T00:00:00Z"));
  private final ArrayDeque<String> waiting = new ArrayDeque<>();
  private final List<String> encoded = new ArrayList<>();
  private final List<Map<String, byte[]>> handedBack = new ArrayList<>();

  /** A batch of one line, and a mark that tells when it is encoded, for each name of a log that waits. */
  private final class Logs implements Source {
    @Override
    public Reader open(SourceContext context) {
      handedBack.add(context.saved());
      int[] number = {0};
      return batch -> {
        String key = waiting.poll();
        if (key == null) {
          return Reader.Found.NOTHING;
        }
        String mark = key + ++number[0];
        batch.begin(context.log(key, Map.of()), "");
        batch.line(mark, number[0], number[0]);
        batch.mark(() -> {
          encoded.add(mark);
          return mark.getBytes(StandardCharsets.US_ASCII);
        });
        return Reader.Found.SOMETHING;
      };
    }
  }

  private final Pipeline pipeline = LogStream.named("p").from(new Logs()).to(Sink.each(e -> { })).build();

  private byte[] saved(InlineRun run) {
    run.work();
    encoded.clear();
    return run.save();
  }

  private Map<String, String> marks() {
    Map<String, String> marks = new java.util.TreeMap<>();
    handedBack.get(handedBack.size() - 1).forEach((log, mark) -> marks.put(log, new String(mark, StandardCharsets.US_ASCII)));
    return marks;
  }

  @Test
  void onlyMarksThatAreNewAreTurnedIntoBytes() {
    try (InlineRun run = pipeline.inline(clock)) {
      waiting.addAll(List.of("a", "b", "c"));
      saved(run);
      assertThat(encoded).containsExactlyInAnyOrder("a1", "b2", "c3");
      byte[] before = saved(run);
      assertThat(encoded).isEmpty();
      assertThat(run.save()).isEqualTo(before);
      waiting.add("b");
      assertThat(saved(run)).isNotEqualTo(before);
      assertThat(encoded).containsExactly("b4");
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test
  void marksOfLogsThatHaveNotTurnedUpAgainStay() {
    byte[] state;
    try (InlineRun run = pipeline.inline(clock)) {
      waiting.addAll(List.of("a", "b"));
      state = saved(run);
    }
    try (InlineRun run = pipeline.inline(clock, state)) {
      assertThat(marks()).isEqualTo(Map.of("a", "a1", "b", "b2"));
      waiting.add("b");
      state = saved(run);
    }
    try (InlineRun run = pipeline.inline(clock, state)) {
      assertThat(marks()).isEqualTo(Map.of("a", "a1", "b", "b1"));
      assertThat(run.save()).isEqualTo(state);
    }
  }
}
