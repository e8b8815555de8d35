package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random queries over random events find what looking at every event finds, in the same order. */
class BruteForceTest {
  private static final String[] WORDS = {"alpha", "Beta", "gamma", "DELTA", "eps_1", "42", "x"};
  private static final Object[] VALUES = {0, 1, -1, 2, 500, 500.0, 500.5, -0.0, 1e300, Long.MAX_VALUE, 9007199254740993L, 9007199254740992.0, "500", "0500", "1e2", "100",
      "a", "ab", "abc", "", "true", true, false, List.of("a", 1), List.of(), "9223372036854775808", "-9007199254740993", Double.NaN, ".5", "1.", "+7"};

  private final long seed = Long.getLong("logstream.seed", 20261120L);
  private final Random random = new Random(seed);

  @Test void findsWhatLookingAtEveryEventFinds() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      List<Given.Event> given = new ArrayList<>();
      for (int round = 0; round < 30; round++) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
          events.add(event(random.nextInt(50) * 1000L));
        }
        given.addAll(events);
        fed.events(events);
        index.refresh();
        fed.advance(Duration.ofMinutes(random.nextInt(20)));
      }
      for (int i = 0; i < 1_500; i++) {
        LogQuery query = query(3);
        LogQuery limited = query.limit(1 + random.nextInt(random.nextBoolean() ? 10 : 1_000));
        compare(index, given, limited);
      }
    }
  }

  @Test void findsTheNewestAmongManyThatAreNearlyInOrder() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      List<Given.Event> given = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          long late = random.nextInt(50) == 0 ? random.nextInt(20_000_000) : random.nextInt(3);
          events.add(event((given.size() + i) * 1_000L / 3 - late));
        }
        given.addAll(events);
        fed.events(events);
        if (random.nextInt(3) == 0) {
          index.refresh();
        }
        fed.advance(Duration.ofMinutes(random.nextInt(15)));
      }
      boolean early = false;
      for (int i = 0; i < 80; i++) {
        LogQuery limited = query(1).limit(List.of(1, 3, 100, 2_000, 10_000).get(random.nextInt(5)));
        early |= !compare(index, given, limited).isExact();
      }
      early |= !compare(index, given, LogQuery.word("x").or(LogQuery.word("42")).limit(10)).isExact();
      assertThat(early).as("some search ended before it had seen everything").isTrue();
    }
  }

  private LogHits compare(LogIndex index, List<Given.Event> given, LogQuery query) {
    List<Integer> wanted = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      if (matches(query.clause, given.get(i))) {
        wanted.add(i);
      }
    }
    wanted.sort(Comparator.<Integer, Instant>comparing(i -> given.get(i).time()).thenComparing(i -> i).reversed());
    LogHits hits = index.search(query);
    String what = "seed " + seed + ", query " + query + " limit " + query.limit;
    assertThat(hits.hits().stream().map(h -> (int) h.sequence()).toList()).as(what).isEqualTo(wanted.subList(0, Math.min(wanted.size(), query.limit)));
    assertThat(index.count(query)).as(what).isEqualTo(wanted.size());
    if (hits.isExact()) {
      assertThat(hits.total()).as(what).isEqualTo(wanted.size());
    } else {
      assertThat(hits.total()).as(what).isBetween((long) hits.hits().size(), (long) wanted.size());
    }
    return hits;
  }

  // ---------------------------------------------------------------- random events and queries

  private Given.Event event(long millis) {
    StringBuilder message = new StringBuilder();
    for (int n = random.nextInt(8); n > 0; n--) {
      message.append(WORDS[random.nextInt(WORDS.length)]).append(List.of(" ", ".", "=", " - ").get(random.nextInt(4)));
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      fields.put("f" + random.nextInt(4), VALUES[random.nextInt(VALUES.length)]);
    }
    return new Given.Event(Fed.NOON.plusMillis(millis), message.toString(), fields);
  }

  private LogQuery query(int depth) {
    LogQuery.Field field = LogQuery.field("f" + random.nextInt(5));
    return switch (random.nextInt(depth == 0 ? 12 : 16)) {
      case 0 -> LogQuery.all();
      case 1 -> LogQuery.word(WORDS[random.nextInt(WORDS.length)]);
      case 2 -> LogQuery.phrase(WORDS[random.nextInt(WORDS.length)] + " " + WORDS[random.nextInt(WORDS.length)]);
      case 3, 4 -> {
        Object value = VALUES[random.nextInt(VALUES.length)];
        yield value instanceof List || value.equals(Double.NaN) ? field.exists() : field.is(value);
      }
      case 5 -> field.atLeast(number());
      case 6 -> field.above(number());
      case 7 -> field.atMost(number()).and(field.below(number()));
      case 8 -> field.startsWith(List.of("", "a", "ab", "5", "9").get(random.nextInt(5)));
      case 9 -> field.exists();
      case 10 -> LogQuery.all().since(time());
      case 11 -> LogQuery.all().until(time());
      case 12 -> LogQuery.not(query(depth - 1));
      case 13 -> query(depth - 1).or(query(depth - 1));
      default -> query(depth - 1).and(query(depth - 1));
    };
  }

  private Instant time() {
    return Fed.NOON.plusMillis(random.nextInt(50_000));
  }

  private Number number() {
    for (;;) {
      if (VALUES[random.nextInt(VALUES.length)] instanceof Number number && !Double.isNaN(number.doubleValue())) {
        return number;
      }
    }
  }

  // ---------------------------------------------------------------- looking at every event

  private static boolean matches(Clause clause, Given.Event event) {
    if (clause instanceof Clause.Words words) {
      return Collections.indexOfSubList(words(event.message()), words(words.text())) >= 0;
    } else if (clause instanceof Clause.Is is) {
      return values(event, is.field()).stream().anyMatch(v -> same(v, is.value()));
    } else if (clause instanceof Clause.Range range) {
      return values(event, range.field()).stream().anyMatch(v -> inside(number(v), range));
    } else if (clause instanceof Clause.StartsWith starts) {
      return values(event, starts.field()).stream().anyMatch(v -> v instanceof String text && text.startsWith(starts.prefix()));
    } else if (clause instanceof Clause.Exists exists) {
      return event.fields().containsKey(exists.field());
    } else if (clause instanceof Clause.Between between) {
      return event.time().toEpochMilli() >= between.from() && event.time().toEpochMilli() <= between.to();
    } else if (clause instanceof Clause.And and) {
      return and.all().stream().allMatch(c -> matches(c, event));
    } else if (clause instanceof Clause.Or or) {
      return or.any().stream().anyMatch(c -> matches(c, event));
    } else if (clause instanceof Clause.Not not) {
      return !matches(not.clause(), event);
    }
    return true;
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split("[^A-Za-z0-9_]+")).filter(w -> !w.isEmpty()).map(w -> w.toLowerCase(Locale.ROOT)).toList();
  }

  private static List<?> values(Given.Event event, String field) {
    Object value = event.fields().get(field);
    return value == null ? List.of() : value instanceof List<?> several ? several : List.of(value);
  }

  private static boolean same(Object value, Object wanted) {
    if (value.equals(wanted) || value.toString().equals(wanted.toString()) && (value instanceof Boolean || wanted instanceof Boolean)) {
      return true;
    }
    if (value instanceof String && wanted instanceof String) {
      return false;
    }
    BigDecimal a = number(value);
    BigDecimal b = number(wanted);
    return a != null && b != null && a.compareTo(b) == 0;
  }

  private static boolean inside(BigDecimal value, Clause.Range range) {
    if (value == null) {
      return false;
    }
    int lower = range.from() == null ? 1 : value.compareTo(number(range.from()));
    int upper = range.to() == null ? -1 : value.compareTo(number(range.to()));
    return (range.fromIncluded() ? lower >= 0 : lower > 0) && (range.toIncluded() ? upper <= 0 : upper < 0);
  }

  /** A whole number in text that no long can hold is read as the nearest double, as everywhere. */
  private static BigDecimal number(Object value) {
    if (value instanceof Double decimal) {
      return decimal.isNaN() ? null : new BigDecimal(decimal);
    }
    if (value instanceof Number whole) {
      return BigDecimal.valueOf(whole.longValue());
    }
    if (value instanceof String text && text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)(e\\d+)?")) {
      BigDecimal exact = new BigDecimal(text);
      return text.matches("[+-]?\\d{1,18}") || text.startsWith("-9") ? exact : new BigDecimal(exact.doubleValue());
    }
    return null;
  }
}
