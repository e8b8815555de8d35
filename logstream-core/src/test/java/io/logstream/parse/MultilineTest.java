package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Ran;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.testing.Seed;
import io.logstream.testing.StackTraces;
import io.logstream.testing.StageContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MultilineTest {
  private static final Stage NOTHING = Stage.inOrder(event -> { });
  private static final Multiline DATED = Multiline.startingWith("^\\d{4}-");

  /** The records made of lines; the same ones when joined in the reader and on the trunk, in batches of any size. */
  private static List<String> joined(Multiline multiline, List<String> lines) {
    Ran reader = Ran.inBatchesOf(100, lines, multiline);
    assertThat(Ran.inBatchesOf(1, lines, multiline).messages()).isEqualTo(reader.messages());
    assertThat(Ran.inBatchesOf(3, lines, multiline).messages()).isEqualTo(reader.messages());
    Ran trunk = Ran.inBatchesOf(3, lines, NOTHING, multiline);
    assertThat(trunk.messages()).isEqualTo(reader.messages());
    assertThat(trunk.passed()).extracting(e -> e.number("line", 0)).isEqualTo(reader.passed().stream().map(e -> e.number("line", 0)).toList());
    long absorbed = lines.size() - reader.passed().size();
    assertThat(reader.ledger().stage("Multiline").absorbed()).isEqualTo(absorbed);
    assertThat(trunk.ledger().stage("Multiline").absorbed()).isEqualTo(absorbed);
    return reader.messages();
  }

  @Test void joinsTheLinesUpToTheNextBeginning() {
    assertThat(joined(DATED, List.of("2024-01 a", " at b", " at c", "2024-02 d", "2024-03 e", "f")))
        .containsExactly("2024-01 a\n at b\n at c", "2024-02 d", "2024-03 e\nf");
  }

  @Test void leavesLinesBeforeTheFirstBeginningAlone() {
    assertThat(joined(DATED, List.of(" at x", "", "y", "2024-01 a", "", "b"))).containsExactly(" at x", "", "y", "2024-01 a\n\nb");
  }

  @Test void searchesThePatternAnywhereInTheLine() {
    assertThat(joined(Multiline.startingWith("ERROR|INFO"), List.of("1 INFO a", "b", "2 ERROR c"))).containsExactly("1 INFO a\nb", "2 ERROR c");
  }

  @Test void completesARecordAtItsGreatestNumberOfLines() {
    assertThat(joined(DATED.maxLines(2), List.of("2024-1", "a", "b", "c", "d", "2024-2"))).containsExactly("2024-1\na", "b\nc", "d", "2024-2");
  }

  @Test void completesARecordBeforeItGrowsOverItsGreatestSize() {
    assertThat(joined(DATED.maxBytes(9), List.of("2024-1", "ab", "c", "1234567890", "d"))).containsExactly("2024-1\nab", "c", "1234567890", "d");
  }

  @Test void beginsNothingWithALineThatItsPatternCannotDecideOn() {
    String slow = "a".repeat(40) + "!";
    assertThat(joined(Multiline.startingWith("^(a|aa)+\\1$"), List.of("aaa", slow, "aa"))).containsExactly("aaa\n" + slow, "aa");
  }

  @Test void losesNoLineWhateverTheLimits() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < 50; round++) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
          lines.add(random.nextInt(4) == 0 ? "2024-" + i : "x".repeat(random.nextInt(9)));
        }
        Multiline limited = DATED.maxLines(1 + random.nextInt(5)).maxBytes(1 + random.nextInt(30));
        assertThat(String.join("\n", joined(limited, lines))).isEqualTo(String.join("\n", lines));
      }
    });
  }

  @Test void completesARecordAfterItsTimeoutWithNothingToRead() {
    for (List<Stage> stages : List.of(List.<Stage>of(DATED), List.of(NOTHING, DATED))) {
      ArrayDeque<String> waiting = new ArrayDeque<>(List.of("2024-1", "a"));
      List<String> seen = new ArrayList<>();
      Instant[] now = {Instant.EPOCH};
      var builder = LogStream.named("timed").from(context -> {
        var log = context.log("lines", Map.of());
        return batch -> {
          if (waiting.isEmpty()) {
            log.quiet();
            return Reader.Found.NOTHING;
          }
          batch.begin(log, "");
          batch.line(waiting.poll(), 0, 0);
          return Reader.Found.SOMETHING;
        };
      });
      stages.forEach(builder::then);
      Pipeline pipeline = builder.to(Sink.each((LogEvent event) -> seen.add(event.message()))).build();
      try (InlineRun run = pipeline.inline(() -> now[0])) {
        run.work();
        now[0] = now[0].plusMillis(999);
        run.work();
        assertThat(seen).isEmpty();
        now[0] = now[0].plusMillis(1);
        run.work();
        assertThat(seen).containsExactly("2024-1\na");
        waiting.add("late");
        run.work();
        assertThat(seen).containsExactly("2024-1\na", "late");
        assertThat(run.ledger().imbalances()).isEmpty();
      }
    }
  }

  @Test void keepsTheRulesOfAStage() {
    List<String> lines = StackTraces.seed(5).lines(60);
    StageContract.check(DATED.maxLines(4), lines);
  }

  @Test void hasDefaultsAndTakesOthers() {
    assertThat(DATED.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(DATED.maxBytes()).isEqualTo(1 << 20);
    assertThat(DATED.maxLines()).isEqualTo(1000);
    Multiline other = DATED.timeout(Duration.ofMillis(5)).maxBytes(6).maxLines(7);
    assertThat(other.timeout()).isEqualTo(Duration.ofMillis(5));
    assertThat(other.maxBytes()).isEqualTo(6);
    assertThat(other.maxLines()).isEqualTo(7);
    assertThat(other).hasToString("startingWith ^\\d{4}-");
  }

  @Test void refusesPatternsThatCannotWork() {
    assertThatThrownBy(() -> Multiline.startingWith("(")).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("Multiline.startingWith(..): ");
    for (String empty : List.of("", "^", "a*", "(x|)", "$")) {
      assertThatThrownBy(() -> Multiline.startingWith(empty)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("matches the empty string");
    }
  }

  @Test void refusesAPatternThatRepeatsNothingForEver() {
    for (ThrowingCallable made : List.<ThrowingCallable>of(() -> Multiline.startingWith("(?:^){2000000000}a"), () -> Redact.matching("(?:^){2000000000}a"),
        () -> Split.before("(?:^){2000000000}a"))) {
      assertThatThrownBy(made).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("repeats what can match nothing");
    }
  }

  @Test void refusesLimitsThatCannotWork() {
    assertThatThrownBy(() -> DATED.maxBytes(0)).hasMessage("maxBytes must be positive, was 0");
    assertThatThrownBy(() -> Multiline.every(5).maxLines(2)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Multiline.every(5) makes records of more lines than maxLines(2) lets be; say 5 or more, or every(2)");
    assertThatThrownBy(() -> DATED.maxLines(-1)).hasMessage("maxLines must be positive, was -1");
    assertThatThrownBy(() -> DATED.timeout(Duration.ZERO)).hasMessage("timeout must be at least a millisecond, was PT0S");
  }
}
