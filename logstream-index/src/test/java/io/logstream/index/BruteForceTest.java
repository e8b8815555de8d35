package io.logstream.index;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.match.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random queries over random events find what testing every event finds, in the same order. More of them: {@code -Dlogstream.queries=100000}.
 */
class BruteForceTest {
  private static final String[] WORDS = {"alpha", "Beta", "gamma", "DELTA", "eps_1", "42", "x"};
  private static final Object[] VALUES = {0, 1, -1, 2, 500, 500.0, 500.5, -0.0, 1e300, Long.MAX_VALUE, 9007199254740993L, 9007199254740992.0, "500", "0500", "1e2", "100",
      "a", "ab", "abc", "", "true", true, false, List.of("a", 1), List.of(), "9223372036854775808", "-9007199254740993", Double.NaN, ".5", "1.", "+7", "ERROR", "error",
      "long ".repeat(300) + "a", "long ".repeat(300) + "b"};

  private static final int QUERIES = Integer.getInteger("logstream.queries", 1_500);
  private static final String[] PIECES = {"", "a", "b", "5", "50", ".", "0", "1e", "tru", "-", "x ", " - ", "gam", "Beta.", "long"};

  private final long seed = Long.getLong("logstream.seed", 20261120L);
  private final Random random = new Random(seed);
  private final List<LogEvent> tested = new ArrayList<>();

  @Test void findsWhatLookingAtEveryEventFinds() {
    try (LogIndex index = LogIndex.ranged("f1", "f2").inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
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
      for (int i = 0; i < QUERIES; i++) {
        LogQuery limited = LogQuery.of(condition(3)).limit(1 + random.nextInt(random.nextBoolean() ? 10 : 1_000));
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
        LogQuery limited = LogQuery.of(condition(1)).limit(List.of(1, 3, 100, 2_000, 10_000).get(random.nextInt(5)));
        early |= !compare(index, given, limited).isExact();
      }
      early |= !compare(index, given, LogQuery.parse("x OR 42").limit(10)).isExact();
      assertThat(early).as("some search ended before it had seen everything").isTrue();
    }
  }

  @Test void findsTheSameInAnIndexOnDiskThatIsClosedAndOpenedAgain(@TempDir Path dir) {
    List<Given.Event> given = new ArrayList<>();
    IndexSettings settings = LogIndex.ranged("f1").tenant("tenant").slicedBy(ChronoUnit.HOURS);
    long hours = 0;
    for (int opened = 0; opened < 8; opened++) {
      try (LogIndex index = settings.in(dir, Duration.ofDays(3)); Fed fed = new Fed(index)) {
        fed.advance(Duration.ofHours(hours));
        for (int round = 0; round < 3; round++) {
          List<Given.Event> events = new ArrayList<>();
          for (int i = 0; i < 40; i++) {
            Given.Event event = event(random.nextInt(50) * 1000L);
            if (random.nextInt(4) > 0) {
              event.fields().put("tenant", List.of("a", "b", "7", List.of("a", "b"), 7).get(random.nextInt(5)));
            }
            events.add(event);
          }
          given.addAll(events);
          fed.events(events);
          if (random.nextInt(3) == 0) {
            fed.advance(Duration.ofHours(1));
            hours++;
          }
          for (int i = 0; i < 20; i++) {
            Condition tenant = field("tenant").is(List.of("a", "b", "c").get(random.nextInt(3)));
            Condition condition = random.nextInt(3) == 0 ? condition(2) : random.nextBoolean() ? tenant.and(condition(1)) : tenant.or(condition(1));
            compare(index, given, LogQuery.of(random.nextInt(5) == 0 ? Condition.not(condition) : condition).limit(1 + random.nextInt(random.nextBoolean() ? 10 : 1_000)));
          }
        }
      }
    }
  }

  private LogHits compare(LogIndex index, List<Given.Event> given, LogQuery query) {
    List<Integer> wanted = new ArrayList<>();
    Condition condition = query.conditionAt(Fed.NOON);
    for (int i = 0; i < given.size(); i++) {
      if (tested.size() == i) {
        tested.add(tested(i, given.get(i)));
      }
      if (condition.test(tested.get(i))) {
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
    if (random.nextInt(3) == 0) {
      fields.put("level", List.of("ERROR", "error", "Warn", 5).get(random.nextInt(4)));
    }
    for (int n = random.nextInt(4); n > 0; n--) {
      fields.put("f" + random.nextInt(4), VALUES[random.nextInt(VALUES.length)]);
    }
    return new Given.Event(Fed.NOON.plusMillis(millis), message.toString(), fields);
  }

  private Condition condition(int depth) {
    Field field = field(random.nextInt(12) == 0 ? List.of("message", "level", "file", "line", "nowhere").get(random.nextInt(5)) : "f" + random.nextInt(4));
    Condition made = switch (random.nextInt(depth == 0 ? 17 : 22)) {
      case 0 -> Condition.all();
      case 1 -> Condition.phrase(WORDS[random.nextInt(WORDS.length)]);
      case 2 -> Condition.phrase(WORDS[random.nextInt(WORDS.length)] + " " + WORDS[random.nextInt(WORDS.length)]);
      case 3, 4 -> value(field);
      case 5 -> value(field).or(value(field)).or(value(field));
      case 6 -> field.atLeast(number());
      case 7 -> field.above(number());
      case 8 -> field.atMost(number()).and(field.below(number()));
      case 9 -> field.between(-1, 500.25);
      case 10 -> field.startsWith(PIECES[random.nextInt(PIECES.length)]);
      case 11 -> field.contains(PIECES[random.nextInt(PIECES.length)]);
      case 12 -> field.matches(List.of("^a", "[0-9]{3}", "E", "b$", "tru|fal", "(l)ong a").get(random.nextInt(6)));
      case 13 -> field.exists();
      case 14 -> Condition.parse(List.of("*a*", "be*", "*a", "g*a", "4*").get(random.nextInt(5)));
      case 15 -> Clause.TimeRange.since(time());
      case 16 -> Clause.TimeRange.until(time());
      case 17 -> Condition.not(condition(depth - 1));
      case 18, 19 -> condition(depth - 1).or(condition(depth - 1));
      default -> condition(depth - 1).and(condition(depth - 1));
    };
    return random.nextInt(4) == 0 ? Condition.parseAt(made.toString(), Fed.NOON, ZoneOffset.UTC) : made;
  }

  private Condition value(Field field) {
    Object value = VALUES[random.nextInt(VALUES.length)];
    return value instanceof List || value.equals(Double.NaN) ? field.exists() : field.is(value);
  }

  /** The event as a stage would test it. */
  private static LogEvent tested(int number, Given.Event given) {
    LogEvent event = LogEvent.of(given.message()).time(given.time()).put("file", "/var/log/app.log").put("host", "web-1").put("offset", number);
    given.fields().forEach(event::put);
    return event;
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
}
