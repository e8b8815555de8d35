package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Rules against all events looked at again and again, on random input that comes out of order. */
class AlertBruteForceTest {
  private record Event(long millis, int k, int q) {}

  private static List<Event> events(Random random, int count, int disorder) {
    List<Event> events = new ArrayList<>();
    long millis = 0;
    for (int i = 0; i < count; i++) {
      millis += random.nextInt(5) == 0 ? 1_000 : random.nextInt(700);
      events.add(new Event(Math.max(0, millis - (disorder == 0 ? 0 : random.nextInt(disorder))), random.nextInt(2), random.nextInt(4)));
    }
    return events;
  }

  private static Rules run(String line, List<Event> events, Duration outOfOrder) {
    Rules r = Rules.of(Alert.parse(line), outOfOrder);
    for (Event e : events) {
      r.rows.atMillis(e.millis, "k", e.k, "q", e.q);
    }
    return r.work();
  }

  /** When a firing begins, by the events of one key that have come so far: the value of the last {@code size} ms up to the newest of them. */
  private interface Holds {
    boolean of(List<Event> window);
  }

  private static List<String> firings(List<Event> events, long size, Holds holds) {
    List<String> fired = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      List<Event> seen = new ArrayList<>();
      boolean was = false;
      long newest = Long.MIN_VALUE;
      for (Event e : events) {
        if (e.k != k) {
          continue;
        }
        TreeSet<Long> moments = new TreeSet<>();
        long before = newest;
        for (Event old : seen) {
          if (old.millis + size > before && old.millis + size <= e.millis) {
            moments.add(old.millis + size);
          }
        }
        for (long moment : moments) {
          was &= holds.of(seen.stream().filter(o -> o.millis > moment - size && o.millis <= moment).toList());
        }
        seen.add(e);
        newest = Math.max(newest, e.millis);
        long now = newest;
        boolean is = holds.of(seen.stream().filter(o -> o.millis > now - size && o.millis <= now).toList());
        if (is && !was) {
          fired.add(now + " " + k);
        }
        was = is;
      }
    }
    fired.sort(null);
    return fired;
  }

  private static List<String> fired(Rules r) {
    List<String> fired = new ArrayList<>();
    for (FiredAlert a : r.told.all) {
      if (a.state() == FiredAlert.State.FIRING) {
        fired.add(Duration.between(MadeRows.START, a.at()).toMillis() + " " + a.key().get("k"));
      }
    }
    fired.sort(null);
    return fired;
  }

  @Test void countsAndDifferentValuesInASlidingWindow() {
    Random random = new Random(1);
    int all = 0;
    for (int round = 0; round < 60; round++) {
      int disorder = round % 3 * 400;
      List<Event> events = events(random, 120, disorder);
      Duration lag = Duration.ofHours(1); // the watermark stays behind, so that only events move a key on
      int least = 2 + random.nextInt(4);
      try (Rules count = run("alert a: count() by k over 2s >= " + least, events, lag);
          Rules general = run("alert a: count() by k over 2s >= " + least + " and ratio(q >= 0) by k over 2s >= 0", events, lag);
          Rules values = run("alert a: distinct(q) by k over 3s > 2", events, lag);
          Rules sum = run("alert a: sum(q) by k over 2s >= 9", events, lag)) {
        List<String> expected = firings(events, 2_000, w -> w.size() >= least);
        all += expected.size();
        assertThat(fired(count)).as("round %d", round).isEqualTo(expected);
        assertThat(fired(general)).as("round %d", round).isEqualTo(expected);
        assertThat(fired(values)).as("round %d", round).isEqualTo(firings(events, 3_000, w -> w.stream().mapToInt(Event::q).distinct().count() > 2));
        assertThat(fired(sum)).as("round %d", round).isEqualTo(firings(events, 2_000, w -> w.stream().mapToInt(Event::q).sum() >= 9));
      }
    }
    assertThat(all).isGreaterThan(500);
  }

  @Test void whatFollowsAndWhatDoesNot() {
    Random random = new Random(2);
    int all = 0;
    for (int round = 0; round < 60; round++) {
      int disorder = round % 3 * 400;
      List<Event> events = events(random, 120, disorder);
      try (Rules then = run("alert a: any where q == 1 by k then q == 2 within 1s", events, Duration.ofSeconds(2));
          Rules not = run("alert a: any where q == 1 by k then not q == 2 within 1s", events, Duration.ofSeconds(2))) {
        List<String> followed = new ArrayList<>();
        List<String> alone = new ArrayList<>();
        long complete = events.stream().mapToLong(Event::millis).max().orElse(0) - 2_000;
        for (int i = 0; i < events.size(); i++) {
          Event a = events.get(i);
          if (a.q != 1) {
            continue;
          }
          Event first = null; // the first that comes behind it, or came before it and is later
          long before = Long.MAX_VALUE;
          for (int j = 0; j < events.size(); j++) {
            Event b = events.get(j);
            boolean follows = b.q == 2 && b.k == a.k && b.millis <= a.millis + 1_000 && (j > i ? b.millis >= a.millis : b.millis > a.millis);
            if (follows && j < i && b.millis < before) {
              before = b.millis;
              first = b;
            } else if (follows && j > i && first == null) {
              first = b;
            }
          }
          if (first != null) {
            followed.add(first.millis + " " + a.k);
          } else if (a.millis + 1_000 < complete) {
            alone.add(a.millis + 1_000 + " " + a.k);
          }
        }
        followed.sort(null);
        alone.sort(null);
        all += followed.size() + alone.size();
        assertThat(fired(then)).as("round %d", round).isEqualTo(followed);
        assertThat(fired(not)).as("round %d", round).isEqualTo(alone);
      }
    }
    assertThat(all).isGreaterThan(1_000);
  }

  /** The same events, some of them up to 900 ms behind. */
  private static List<Event> shaken(List<Event> events, Random random) {
    List<Event> shaken = new ArrayList<>(events);
    java.util.Map<Event, Long> arrival = new java.util.IdentityHashMap<>();
    shaken.forEach(e -> arrival.put(e, e.millis + random.nextInt(900)));
    shaken.sort(java.util.Comparator.comparing(arrival::get));
    return shaken;
  }

  @Test void silencesAndSpikes() {
    Random random = new Random(3);
    int all = 0;
    for (int round = 0; round < 40; round++) {
      List<Event> events = events(random, 150, 0);
      try (Rules silent = run("alert a: no events by k over 1500ms", shaken(events, random), Duration.ofSeconds(1)); Rules spike = run("alert a: count() by k over 2s > 1.5 x previous", events, Duration.ZERO)) {
        List<String> silences = new ArrayList<>();
        List<String> spikes = new ArrayList<>();
        long last = events.get(events.size() - 1).millis;
        for (int k = 0; k < 2; k++) {
          int key = k;
          long[] times = events.stream().filter(e -> e.k == key).mapToLong(Event::millis).toArray();
          for (int i = 0; i < times.length; i++) {
            long next = i + 1 < times.length ? times[i + 1] : Long.MAX_VALUE;
            if (next > times[i] + 1_500 && times[i] + 1_500 <= last - 1_000) {
              silences.add(times[i] + 1_500 + " " + k);
            }
          }
          long first = events.get(0).millis;
          boolean was = false;
          for (long start = Math.floorDiv(first, 2_000L) * 2_000; start + 2_000 <= last; start += 2_000) {
            long from = start;
            long now = java.util.Arrays.stream(times).filter(t -> t >= from && t < from + 2_000).count();
            long before = java.util.Arrays.stream(times).filter(t -> t >= from - 2_000 && t < from).count();
            boolean is = from - 2_000 >= first && before >= 1 && now > 1.5 * before;
            if (is && !was) {
              spikes.add(from + 2_000 + " " + k);
            }
            was = is;
          }
        }
        silences.sort(null);
        spikes.sort(null);
        all += silences.size() + spikes.size();
        assertThat(fired(silent)).as("round %d", round).isEqualTo(silences);
        assertThat(fired(spike)).as("round %d", round).isEqualTo(spikes);
      }
    }
    assertThat(all).isGreaterThan(300);
  }
}
