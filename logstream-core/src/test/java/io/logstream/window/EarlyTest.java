package io.logstream.window;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.rate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlyTest {
  private static final Window PER_SECOND = Window.tumbling(Duration.ofSeconds(1)).by("k").aggregate(count()).early(Duration.ofMillis(300));

  private static Came at(long time, String key) {
    return new Came(time, key, 1);
  }

  private static List<String> rows(Window window, String field, Came... events) {
    return new WindowRun().over(WindowRun.lines(List.of(events), 1), new At(), window).shortly(field);
  }

  @Test
  void changedKeysAreShownEveryPeriodAndTheFinalRowComesLastUnflagged() {
    assertThat(rows(PER_SECOND, "count", at(10, "a"), at(20, "b"), at(310, "a"), at(620, "b"), at(1000, "a")))
        .containsExactly("0..1000 a 2 r0 early", "0..1000 b 1 r0 early", "0..1000 b 2 r0 early", "0..1000 a 2 r0", "0..1000 b 2 r0",
            "1000..2000 a 1 r0 partial");
  }

  @Test
  void aPeriodInWhichNothingChangedShowsNothing() {
    assertThat(rows(PER_SECOND, "count", at(10, "a"), at(310, "b"), at(950, "b"), at(1000, "a"))).filteredOn(row -> row.contains(" a ") && row.contains("early")).hasSize(1);
  }

  @Test
  void earlyRowsDoNotSayWhatClosedThem() {
    WindowRun run = new WindowRun().over(WindowRun.lines(List.of(at(10, "a"), at(310, "a")), 1), new At(), PER_SECOND);
    assertThat(run.rows.get(0).has("early")).isTrue();
    assertThat(run.rows.get(0).has("closedBy")).isFalse();
    assertThat(run.rows.get(0).id()).isEqualTo(run.rows.get(1).id());
  }

  @Test
  void ratesGoByTheTimeThatIsCovered() {
    Window window = Window.tumbling(Duration.ofSeconds(1)).by("k").aggregate(rate()).early(Duration.ofMillis(500));
    assertThat(rows(window, "rate", at(0, "a"), at(100, "a"), at(600, "a"), at(1000, "a"), at(1249, "a"))).containsExactly("0..1000 a 6.0 r0 early", "0..1000 a 3.0 r0",
        "1000..2000 a 8.0 r0 partial");
  }

  @Test
  void refusesPeriodsThatAreNoEarlierThanTheWindow() {
    assertThatThrownBy(() -> new WindowRun().pipeline(new TimedLines(1), new At(), PER_SECOND.early(Duration.ofSeconds(1)))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no earlier");
    assertThatThrownBy(() -> PER_SECOND.early(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("early");
  }
}
