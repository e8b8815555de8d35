package io.logstream.window;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.distinct;
import static io.logstream.window.Aggregations.first;
import static io.logstream.window.Aggregations.last;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HoppingTest {
  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  /** What windows give that look at all events, one window after the other. Nothing is late. */
  private static List<String> bruteForce(List<Came> events, long size, long step, int maxKeys) {
    TreeMap<Long, List<Came>> windows = new TreeMap<>();
    for (Came event : events) {
      for (long start = Math.floorDiv(event.time() - size, step) * step + step; start <= event.time(); start += step) {
        windows.computeIfAbsent(start, s -> new ArrayList<>()).add(event);
      }
    }
    long greatest = events.stream().mapToLong(Came::time).max().orElse(0);
    List<String> rows = new ArrayList<>();
    windows.forEach((start, in) -> {
      Map<String, List<Came>> byKey = new LinkedHashMap<>();
      List<Came> others = new ArrayList<>();
      for (Came event : in) {
        if (byKey.containsKey(event.key()) || byKey.size() < maxKeys) {
          byKey.computeIfAbsent(event.key(), k -> new ArrayList<>()).add(event);
        } else {
          others.add(event);
        }
      }
      String window = start + ".." + (start + size) + " ";
      String partial = greatest < start + size ? " partial" : "";
      new TreeMap<>(byKey).forEach((key, of) -> rows.add(window + key + of(of) + " r0" + partial));
      if (!others.isEmpty()) {
        rows.add(window + "__other__" + of(others) + " r0" + partial + " overflow");
      }
    });
    return rows;
  }

  private static String of(List<Came> events) {
    Came first = events.get(0);
    Came last = first;
    for (Came event : events) {
      first = event.time() < first.time() ? event : first;
      last = event.time() >= last.time() ? event : last;
    }
    return " " + events.size() + " " + events.stream().mapToLong(Came::value).sum() + " " + events.stream().mapToLong(Came::value).max().orElseThrow() + " "
        + events.stream().map(Came::value).distinct().count() + " " + first.value() + " " + last.value();
  }

  private static final String[] SHOWN = {"count", "v.sum", "v.max", "v.distinct", "v.first", "v.last"};

  private static Window window(long size, long step, int maxKeys) {
    return Window.hopping(ms(size), ms(step)).by("k").maxKeys(maxKeys).aggregate(count(), sum("v"), max("v"), distinct("v"), first("v"), last("v"), percentiles("v", 50));
  }

  private static List<Came> random(Seed random, int n) {
    List<Came> events = new ArrayList<>();
    long time = -3_000;
    for (int i = 0; i < n; i++) {
      time += random.nextInt(20) == 0 ? random.nextInt(2_000) : random.nextInt(60);
      events.add(new Came(time - random.nextInt(100), "k" + random.nextInt(8), random.nextInt(50)));
    }
    return events;
  }

  @Test
  void panesGiveWhatAddingToEveryWindowWouldGive() throws Exception {
    long[][] sizesAndSteps = {{500, 100}, {500, 500}, {300, 200}, {700, 300}, {1000, 999}, {60, 7}};
    Seed.random(random -> {
      for (long[] one : sizesAndSteps) {
        for (int maxKeys : new int[] {100, 3}) {
          List<Came> events = random(random, 300);
          List<String> expected = bruteForce(events, one[0], one[1], maxKeys);
          At at = new At().outOfOrder(200);
          Window window = window(one[0], one[1], maxKeys);
          assertThat(new WindowRun().over(WindowRun.lines(events, 7), at, window).shortly(SHOWN)).as("size and step %s, %s keys", one, maxKeys).isEqualTo(expected);
        }
      }
    });
  }

  @Test
  void restoringAtEveryEventGivesTheSameRows() throws Exception {
    Seed.random(random -> {
      List<Came> events = random(random, 80);
      At at = new At().outOfOrder(200);
      Window window = window(700, 300, 3).early(ms(250)).allowedLateness(ms(150));
      List<String> undisturbed = new WindowRun().over(WindowRun.lines(events, 7), at, window).text();
      assertThat(new WindowRun().restoredAtEvery(WindowRun.lines(events, 1), at, window).text()).isEqualTo(undisturbed);
      assertThat(new WindowRun().onRing(WindowRun.lines(events, 7), 2, at, window).text()).isEqualTo(undisturbed);
    });
  }

  @Test
  void anyOrderWithinTheAllowedOneGivesTheSameRows() throws Exception {
    Seed.random(random -> {
      List<Came> events = random(random, 300);
      Window window = window(500, 100, 100);
      Map<String, String> expected = new WindowRun().over(WindowRun.lines(events, 7), new At().outOfOrder(100_000), window).upserted("count", "v.sum", "v.max", "v.distinct");
      Collections.shuffle(events, random);
      WindowRun shuffled = new WindowRun().over(WindowRun.lines(events, 7), new At().outOfOrder(100_000), window);
      assertThat(shuffled.upserted("count", "v.sum", "v.max", "v.distinct")).isEqualTo(expected);
    });
  }

  @Test
  void anEventTooLateForOneWindowIsCountedInTheOthers() {
    List<Came> events = List.of(new Came(50, "a", 1), new Came(320, "a", 1), new Came(150, "a", 1), new Came(1_000, "a", 1));
    WindowRun run = new WindowRun().over(WindowRun.lines(events, 1), new At(), Window.hopping(ms(300), ms(100)).by("k"));
    assertThat(run.shortly("count")).startsWith("-200..100 a 1 r0", "-100..200 a 1 r0", "0..300 a 1 r0", "100..400 a 2 r0", "200..500 a 1 r0");
    assertThat(run.metrics).containsEntry("Window.partlyLate", 1L).containsEntry("Window.late", 0L).containsEntry("Window.greatestLatenessMillis", 170L);
  }

  @Test
  void whatIsLateForItsOwnLogIsLeftOutOfWindowsThatAnotherLogHoldsOpen() {
    // log b holds the watermark at 0; log a is at 320, so that what it brings for [0, 300) is late there, but not in [100, 400)
    TimedLines lines = new TimedLines(1).add("b", "t=0 k=b").add("a", "t=320 k=a", "t=150 k=a").add("b", "t=160 k=a", "t=2000 k=b").add("a", "t=2000 k=b");
    WindowRun run = new WindowRun().over(lines, new At(), Window.hopping(ms(300), ms(100)).by("k"));
    assertThat(run.shortly("count")).contains("0..300 a 1 r0", "100..400 a 3 r0", "-100..200 a 1 r0").doesNotContain("0..300 a 2 r0");
  }

  @Test
  void eightyYearsBetweenTwoEventsCostNothing() {
    long later = Duration.ofDays(29_220).toMillis();
    List<Came> events = List.of(new Came(0, "a", 1), new Came(later, "a", 1), new Came(later + 1, "a", 1), new Came(later + 1_000_000, "a", 1));
    WindowRun run = new WindowRun().over(WindowRun.lines(events, 1), new At(), Window.hopping(ms(1000), ms(10)).by("k").early(ms(10)).allowedLateness(Duration.ofDays(1)));
    assertThat(run.rows.stream().filter(r -> !r.has("early"))).hasSize(300);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Window.hopping(ms(100), ms(200))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("leaves events out");
    assertThatThrownBy(() -> Window.hopping(ms(100), ms(0))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("window step");
    assertThatThrownBy(() -> new WindowRun().pipeline(new TimedLines(1), new At(), Window.hopping(Duration.ofDays(1), ms(7)))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("panes of PT0.001S");
    assertThat(Window.hopping(Duration.ofMinutes(5), Duration.ofMinutes(1)).by("k")).hasToString("hopping PT5M every PT1M by k: count()");
  }
}
