package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionTest {
  @Test void keepsEveryEventForItsTimeAndLetsItGoSoonAfter() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      for (int minute = 0; minute < 12 * 60; minute++) {
        fed.message("minute " + minute);
        long kept = index.size();
        assertThat(kept).isBetween(Math.min(minute + 1L, 8 * 60L), 9 * 60 + 1L);
        if (minute % 60 == 0) {
          List<LogHit> hits = index.search(LogQuery.all().limit(1_000)).hits();
          assertThat(hits).hasSize((int) kept);
          assertThat(hits.get(0).message()).isEqualTo("minute " + minute);
          assertThat(hits.get(hits.size() - 1).sequence()).isEqualTo(minute + 1 - kept);
        }
        fed.advance(Duration.ofMinutes(1));
      }
    }
  }

  @Test void letsGoAlsoWhenNothingComesIn() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofMinutes(59)).message("b");
      assertThat(index.size()).isEqualTo(2);
      fed.advance(Duration.ofMinutes(1));
      assertThat(fed.found(LogQuery.all())).containsExactly("b");
      fed.advance(Duration.ofMinutes(58));
      assertThat(index.size()).isEqualTo(1);
      fed.advance(Duration.ofMinutes(1));
      assertThat(index.size()).isZero();
      assertThat(fed.found(LogQuery.all())).isEmpty();
      fed.message("c");
      assertThat(fed.found(LogQuery.all())).containsExactly("c");
    }
  }

  @Test void countsAgeFromWhenEventsCameInNotFromTheirTime() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      fed.event(Instant.EPOCH, "of old", Map.of()).event(Fed.NOON.plus(Duration.ofDays(3650)), "of times to come", Map.of());
      fed.advance(Duration.ofMinutes(30)).message("now");
      assertThat(fed.found(LogQuery.all())).containsExactly("of times to come", "now", "of old");
      assertThat(fed.found(LogQuery.all().until(Fed.NOON))).containsExactly("of old");
      fed.advance(Duration.ofMinutes(31));
      assertThat(fed.found(LogQuery.all())).containsExactly("now");
    }
  }

  @Test void letsTheOldestGoWhenMemoryIsShort() {
    try (LogIndex index = LogIndex.atMostBytes(16 << 20).inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      java.util.Random random = new java.util.Random(1);
      int given = 0;
      for (int round = 0; round < 120; round++) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          byte[] noise = new byte[500];
          random.nextBytes(noise);
          events.add(new Given.Event(Fed.NOON.plusMillis(given++), new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1), Map.of()));
        }
        fed.events(events);
      }
      assertThat(fed.counter("dropped for space")).isPositive().isEqualTo(given - index.size());
      assertThat(index.size()).isGreaterThan(1_000);
      assertThat(index.search(LogQuery.all().limit(1)).hits().get(0).sequence()).isEqualTo(given - 1);
      assertThat(index.count(LogQuery.all())).isEqualTo(index.size());
    }
  }

  @Test void holdsNoMoreThanSoManyEventsHoweverManyTenantsTheyAreOf() {
    try (LogIndex index = LogIndex.atMostEvents(10_000).tenant("client").inMemory(Duration.ofHours(1)); Fed fed = new Fed(index)) {
      int given = 0;
      for (int round = 0; round < 40; round++) {
        List<Given.Event> events = new ArrayList<>();
        for (int i = 0; i < 1_000; i++, given++) {
          events.add(new Given.Event(Fed.NOON, "", Map.of("client", "c" + given % 60, "n", given)));
        }
        fed.events(events);
        fed.advance(Duration.ofMillis(1));
        assertThat(index.size()).isBetween(Math.min(given, 7_000L), 11_500L);
        assertThat(index.size() + fed.counter("dropped for space")).isEqualTo(given);
      }
      assertThat(index.search(LogQuery.all().limit(5_000)).hits()).extracting(LogHit::sequence).isEqualTo(
          java.util.stream.LongStream.range(35_000, 40_000).map(n -> 74_999 - n).boxed().toList());
    }
  }

  @Test void keepsForAsLongAsADurationCanSay() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofSeconds(Long.MAX_VALUE)); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofDays(100_000)).message("b");
      assertThat(fed.found(LogQuery.all())).containsExactly("b", "a");
    }
  }

  @Test void keepsForOneNanosecondWithoutHarm() {
    try (LogIndex index = LogIndex.inMemory(Duration.ofNanos(1)); Fed fed = new Fed(index)) {
      fed.message("a").advance(Duration.ofSeconds(1)).message("b");
      assertThat(fed.found(LogQuery.all())).containsExactly("b");
    }
  }
}
