package io.logstream.window;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.rate;
import static io.logstream.window.Aggregations.ratio;
import static io.logstream.window.Aggregations.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import io.logstream.testing.Seed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SlidingTest {
  private static final long SIZE = 600;

  private record Came(long time, Object value) {}

  /** Puts what a slide says after every event into it. */
  private static List<Map<String, Object>> rows(Window window, List<Came> events, boolean savedAtEvery) {
    List<Map<String, Object>> rows = new ArrayList<>();
    String[] lines = events.stream().map(e -> "t=" + e.time + (e.value == null ? "" : " v=" + e.value)).toArray(String[]::new);
    var run = LogStream.named("slides").from(new TimedLines(64).add("a", lines)).then(new At()).then("slide", context -> processor(context, window, savedAtEvery, rows))
        .to(Sink.each(e -> {})).build().inline(InstantSource.fixed(Instant.EPOCH));
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().failed()).isZero();
    return rows;
  }

  private static Processor processor(StageContext context, Window window, boolean savedAtEvery, List<Map<String, Object>> rows) {
    Sliding sliding = window.slide(context);
    Sliding.Slide[] slide = {sliding.empty()};
    return (event, out) -> {
      boolean taken = slide[0].add(event);
      if (savedAtEvery) {
        slide[0] = roundTrip(sliding, slide[0]);
      }
      LogEvent row = out.create();
      row.put("taken", taken);
      slide[0].fill(row);
      rows.add(row.fields());
      out.absorb(event);
    };
  }

  private static Sliding.Slide roundTrip(Sliding sliding, Sliding.Slide slide) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    slide.write(new DataOutputStream(bytes));
    Sliding.Slide back = sliding.empty();
    back.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    return back;
  }

  private static List<Came> random(Seed random, int n) {
    List<Came> events = new ArrayList<>();
    long time = -2_000;
    for (int i = 0; i < n; i++) {
      time += random.nextInt(60);
      Object value = switch (random.nextInt(4)) {
        case 0 -> null;
        case 1 -> (Object) (random.nextInt(200) - 100L);
        case 2 -> random.nextGaussian() * 1e6;
        default -> (random.nextBoolean() ? Long.MAX_VALUE : -Long.MAX_VALUE) - random.nextInt(3);
      };
      events.add(new Came(time - random.nextInt(5) * random.nextInt(200), value instanceof Long n2 && n2 == Long.MIN_VALUE ? 0L : value));
    }
    return events;
  }

  @Test
  void whatHasNoPanesEqualsASumOverTheEventsOfTheLastStretch() throws Exception {
    Window window = Window.sliding(Duration.ofMillis(SIZE)).aggregate(count(), count("large", field("v").above(0)), ratio("part", field("v").above(0)), sum("v"), mean("v"), rate());
    Seed.random(random -> {
      List<Came> events = random(random, 400);
      List<Map<String, Object>> rows = rows(window, events, false);
      assertThat(rows(window, events, true)).isEqualTo(rows);
      List<Came> in = new ArrayList<>();
      long now = Long.MIN_VALUE;
      for (int i = 0; i < events.size(); i++) {
        Came event = events.get(i);
        boolean taken = i == 0 || event.time > now - SIZE;
        now = Math.max(now, event.time);
        long from = now - SIZE;
        if (taken) {
          in.add(event);
        }
        in.removeIf(e -> e.time <= from);
        List<Object> values = in.stream().map(Came::value).collect(Collectors.toList());
        Map<String, Object> expected = ofAll(window, values);
        expected.put("taken", taken);
        assertThat(rows.get(i)).as("event %s", i).isEqualTo(expected);
      }
    });
  }

  /** What the aggregations say of events that are added without sliding. */
  private static Map<String, Object> ofAll(Window window, List<Object> values) {
    Map<String, Object> row = new java.util.HashMap<>();
    for (Aggregation one : window.aggregations()) {
      AggregationLab.inAStage(one, lab -> {
        Aggregation.Value value = lab.opened.empty();
        values.forEach(v -> value.add(lab.event(v)));
        LogEvent filled = lab.out.create();
        value.fill(filled, Duration.ofMillis(SIZE));
        row.putAll(filled.fields());
      });
    }
    return row;
  }

  @Test
  void othersLookBackUpToASixtiethFurther() throws Exception {
    Window window = Window.sliding(Duration.ofMillis(SIZE)).aggregate(max("v"));
    Seed.random(random -> {
      List<Came> events = new ArrayList<>();
      long time = 0;
      for (int i = 0; i < 500; i++) {
        time += random.nextInt(40);
        events.add(new Came(time - random.nextInt(100), (long) random.nextInt(1000)));
      }
      List<Map<String, Object>> rows = rows(window, events, false);
      assertThat(rows(window, events, true)).isEqualTo(rows);
      long now = Long.MIN_VALUE;
      for (int i = 0; i < events.size(); i++) {
        now = Math.max(now, events.get(i).time);
        long exact = greatest(events.subList(0, i + 1), now - SIZE);
        long further = greatest(events.subList(0, i + 1), now - SIZE - SIZE / 60);
        assertThat((Long) rows.get(i).get("v.max")).isBetween(exact, further);
      }
    });
  }

  private static long greatest(List<Came> events, long after) {
    return events.stream().filter(e -> e.time > after).mapToLong(e -> (Long) e.value).max().orElseThrow();
  }

  @Test
  void saysWhenSomethingLeavesNext() {
    Window window = Window.sliding(Duration.ofMillis(SIZE));
    List<Long> leaves = new ArrayList<>();
    var run = LogStream.named("slides").from(new TimedLines(64).add("a", "t=0", "t=10")).then(new At()).then("slide", context -> {
      Sliding.Slide slide = window.slide(context).empty();
      return (event, out) -> {
        assertThat(slide.add(event)).isTrue();
        leaves.add(slide.nextLeave());
        if (event.epochMillis() == 10) {
          assertThat(slide.moveTo(599)).isFalse();
          assertThat(slide.moveTo(600)).isTrue();
          leaves.add(slide.nextLeave());
          assertThat(slide.moveTo(610)).isTrue();
          assertThat(slide.isEmpty()).isTrue();
          leaves.add(slide.nextLeave());
        }
        out.absorb(event);
      };
    }).build().inline(InstantSource.fixed(Instant.EPOCH));
    run.work();
    run.close();
    assertThat(run.ledger().failed()).isZero();
    assertThat(leaves).containsExactly(600L, 600L, 610L, Long.MAX_VALUE);
  }

  @Test
  void givesNoRows() {
    var chain = LogStream.named("p").from(new TimedLines(1)).then(Window.sliding(Duration.ofMinutes(5)));
    assertThatThrownBy(chain::build).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a sliding window gives no rows").hasMessageContaining("hopping");
    assertThatThrownBy(() -> Window.tumbling(Duration.ofMinutes(1)).slide(null)).isInstanceOf(IllegalStateException.class).hasMessageContaining("only a sliding window slides");
  }
}
