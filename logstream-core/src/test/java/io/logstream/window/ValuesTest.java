package io.logstream.window;

import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.first;
import static io.logstream.window.Aggregations.last;
import static io.logstream.window.Aggregations.rate;
import static io.logstream.window.Aggregations.topValues;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Aggregations that look at which values there are. */
class ValuesTest {
  private static List<Object> numbers(int from, int to) {
    return LongStream.range(from, to).boxed().map(n -> (Object) n).toList();
  }

  // ---------------------------------------------------------------- distinct

  @Test
  void distinctIsExactUpToItsCap() {
    AggregationLab.inAStage(distinct("v"), lab -> {
      for (int n : new int[] {0, 1, 2, 500, 1_023, 1_024}) {
        List<Object> twice = new ArrayList<>(numbers(0, n));
        twice.addAll(numbers(0, n));
        Collections.shuffle(twice, new java.util.Random(n));
        assertThat(lab.row(twice)).containsEntry("v.distinct", (long) n);
      }
      assertThat(lab.row(List.of(5L, "5", 5.0, true, "", -0.0, 0.0))).as("types are told apart, the two zeros are not").containsEntry("v.distinct", 6L);
    });
  }

  @Test
  void distinctBeyondItsCapIsWithinAFewPerCentWhateverTheOrderAndTheSplit() {
    AggregationLab.inAStage(distinct("v"), lab -> {
      for (int n : new int[] {1_025, 3_000, 20_000, 200_000}) {
        List<Object> values = new ArrayList<>(numbers(0, n));
        Map<String, Object> row = lab.row(values);
        assertThat((Long) row.get("v.distinct")).isCloseTo(n, Percentage.withPercentage(6));
        Collections.shuffle(values, new java.util.Random(n));
        Aggregation.Value merged = lab.roundTrip(lab.of(values.subList(0, n / 3)));
        merged.merge(lab.of(values.subList(n / 4, n)));
        assertThat(lab.row(lab.roundTrip(merged))).isEqualTo(row);
      }
    });
  }

  @Test
  void mergingIsCountedOnceWhereSmallAndLargeMeet() {
    AggregationLab.inAStage(distinct("v"), lab -> {
      Aggregation.Value small = lab.of(numbers(0, 1_000));
      small.merge(lab.of(numbers(500, 1_024)));
      assertThat(lab.row(small)).containsEntry("v.distinct", 1_024L);
      Aggregation.Value crossing = lab.of(numbers(0, 1_000));
      crossing.merge(lab.of(numbers(1_000, 1_100)));
      assertThat(lab.row(crossing)).isEqualTo(lab.row(numbers(0, 1_100)));
      Aggregation.Value into = lab.of(numbers(0, 10));
      into.merge(lab.of(numbers(0, 5_000)));
      assertThat(lab.row(into)).isEqualTo(lab.row(numbers(0, 5_000)));
    });
  }

  // ---------------------------------------------------------------- topValues

  @Test
  void topValuesAreExactBelowTheCap() throws Exception {
    Seed.random(random -> AggregationLab.inAStage(topValues("v", 5), lab -> {
      List<Object> values = new ArrayList<>();
      Map<String, Long> counts = new HashMap<>();
      for (int i = 0; i < 5_000; i++) {
        String value = "v" + (int) (1_000 * Math.pow(random.nextDouble(), 2));
        values.add(value);
        counts.merge(value, 1L, Long::sum);
      }
      List<String> expected = counts.keySet().stream().sorted((a, b) -> counts.get(a).equals(counts.get(b)) ? a.compareTo(b) : Long.compare(counts.get(b), counts.get(a))).limit(5).toList();
      Map<String, Object> row = lab.row(values);
      assertThat(row.get("v.top")).isEqualTo(expected);
      assertThat(row.get("v.top.count")).isEqualTo(expected.stream().map(counts::get).toList());
      assertThat(row.get("v.top.error")).isEqualTo(List.of(0L, 0L, 0L, 0L, 0L));
      assertThat(row).doesNotContainKey("v.top.approximate");
    }));
  }

  @Test
  void topValuesBeyondTheCapKeepTheirErrorBounds() throws Exception {
    Seed.random(random -> AggregationLab.inAStage(topValues("t", "v", 10, 50), lab -> {
      List<Object> values = new ArrayList<>();
      Map<Object, Long> counts = new HashMap<>();
      for (int i = 0; i < 20_000; i++) {
        Object value = (long) (2_000 * Math.pow(random.nextDouble(), 4));
        values.add(value);
        counts.merge(value, 1L, Long::sum);
      }
      bounds(lab.row(values), counts);
      assertThat(lab.row(values)).isEqualTo(lab.row(lab.roundTrip(lab.of(values))));
      Aggregation.Value merged = lab.of(values.subList(0, 7_000));
      merged.merge(lab.of(values.subList(7_000, 7_020)));
      merged.merge(lab.of(values.subList(7_020, 20_000)));
      bounds(lab.row(merged), counts);
      Aggregation.Value resumed = lab.roundTrip(lab.of(values.subList(0, 10_000)));
      values.subList(10_000, 20_000).forEach(value -> resumed.add(lab.event(value)));
      assertThat(lab.row(resumed)).isEqualTo(lab.row(values));
    }));
  }

  private static void bounds(Map<String, Object> row, Map<Object, Long> counts) {
    assertThat(row).containsEntry("t.approximate", true);
    List<?> values = (List<?>) row.get("t");
    for (int i = 0; i < values.size(); i++) {
      long count = (Long) ((List<?>) row.get("t.count")).get(i);
      long error = (Long) ((List<?>) row.get("t.error")).get(i);
      assertThat(counts.getOrDefault(values.get(i), 0L)).isBetween(count - error, count);
    }
    Object most = counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    assertThat(values).first().isEqualTo(most);
  }

  @Test
  void longTextIsCountedByItsBeginning() {
    AggregationLab.inAStage(topValues("v", 3), lab -> {
      String begin = "x".repeat(1_023);
      assertThat(lab.row(List.of(begin + "\u00e9a", begin + "\u00e9b", begin)).get("v.top.count")).as("no character is torn").isEqualTo(List.of(3L));
      assertThat(lab.row(List.of("y".repeat(1_024) + "a", "y".repeat(1_024) + "b")).get("v.top")).isEqualTo(List.of("y".repeat(1_024)));
      assertThat(lab.row(List.of("z".repeat(1_022) + "\u0000\u0000a", "z".repeat(1_022) + "\u0000\u0000b")).get("v.top.count")).isEqualTo(List.of(2L));
    });
  }

  @Test
  void aListIsGivenForTheTopValuesOfOneWindow() {
    WindowRun run = new WindowRun().over(new TimedLines(1).add("a", "t=0 k=a p=/x", "t=1 k=a p=/y", "t=2 k=a p=/x"), new At(),
        Window.tumbling(java.time.Duration.ofSeconds(1)).by("k").aggregate(topValues("p", 2)));
    assertThat(run.rows.get(0).value("p.top")).isEqualTo(List.of("/x", "/y"));
    assertThat(run.rows.get(0).value("p.top.count")).isEqualTo(List.of(2L, 1L));
  }

  // ---------------------------------------------------------------- first, last

  @Test
  void firstAndLastGoByEventTimeAndThenByTheOrderOfEvents() {
    for (boolean isFirst : new boolean[] {true, false}) {
      AggregationLab.inAStage(isFirst ? first("x", "v") : last("x", "v"), lab -> {
        Aggregation.Value value = lab.opened.empty();
        long[] times = {20, 10, 30, 10, 30, 20};
        IntStream.range(0, times.length).forEach(i -> value.add(lab.event("at" + i).time(Instant.ofEpochMilli(times[i]))));
        value.add(lab.event(null).time(Instant.ofEpochMilli(isFirst ? 0 : 100)));
        assertThat(lab.row(value)).containsEntry("x", isFirst ? "at1" : "at4");
        Aggregation.Value other = lab.of(List.of());
        other.merge(value);
        assertThat(lab.row(lab.roundTrip(other))).containsEntry("x", isFirst ? "at1" : "at4");
        assertThat(lab.row(List.of())).isEmpty();
        assertThat(lab.row(List.of(7L))).containsEntry("x", 7L);
      });
    }
  }

  // ---------------------------------------------------------------- rate

  @Test
  void ratesArePerSecondOfTheTimeCovered() {
    AggregationLab.inAStage(rate(), lab -> assertThat(lab.row(List.of(1L, 2L, 3L))).as("in two seconds").containsEntry("rate", 1.5));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> topValues("v", 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    assertThatThrownBy(() -> topValues("t", "v", 10, 9)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("must keep at least the 10");
    assertThat(List.of(distinct("v"), topValues("v", 3), topValues("t", "v", 3), topValues("t", "v", 3, 9), first("v"), last("l", "v"), rate())).extracting(Object::toString)
        .containsExactly("distinct(v)", "topValues(v, 3)", "topValues(t, v, 3)", "topValues(t, v, 3, 9)", "first(v)", "last(l, v)", "rate(rate)");
    assertThat(topValues("v", 3).fields()).containsExactly("v.top", "v.top.count", "v.top.error", "v.top.approximate");
  }
}
