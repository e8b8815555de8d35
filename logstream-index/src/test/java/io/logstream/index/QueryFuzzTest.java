package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.match.QueryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is typed, the index answers or says where the mistake is. More: {@code -Dlogstream.queries=100000}. */
class QueryFuzzTest {
  private static final int QUERIES = Integer.getInteger("logstream.queries", 3_000);
  private static final String[] PIECES = {"alpha", "status", "level", "message", "path", ":", ":", ">=", "<", "==", "!=", "~/", "/", "(", ")", "(", ")", "\"", "\"", "\\", "*", "*", "[", "]", "{", "}",
      " TO ", " AND ", " OR ", "NOT ", "-", " ", " ", "500", "1e5", "since:", "until:", "last:15m", "@today", "2026-11-20", "now", "_exists_:", " contains ", " in ", ",", "=", "~2", "\u0000",
      "\ud800", "{100}", "(a|b)*", "(a+)+$", ".*", "a"};

  @Test void answersOrSaysWhereTheMistakeIs() {
    Random random = new Random(Long.getLong("logstream.seed", 20261120L));
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8)); Fed fed = new Fed(index)) {
      List<Given.Event> events = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        events.add(new Given.Event(Fed.NOON.plusMillis(i), "alpha beta " + "a".repeat(i % 40), Map.of("status", i % 3 == 0 ? 500 : "a" + i, "path", "/alpha/" + "a".repeat(i % 30) + "!", "level", "WARN")));
      }
      fed.events(events);
      index.refresh();
      int answered = 0;
      long longest = 0;
      for (int n = 0; n < QUERIES; n++) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
          text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        long begun = System.nanoTime();
        try {
          LogHits hits = index.search(LogQuery.parse(text.toString()).limit(5).within(Duration.ofSeconds(2)));
          assertThat(hits.hits().size()).isLessThanOrEqualTo(5);
          answered++;
        } catch (QueryException e) {
          assertThat(e.position()).isBetween(0, text.length());
        }
        longest = Math.max(longest, System.nanoTime() - begun);
      }
      assertThat(answered).isGreaterThan(QUERIES / 20);
      assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test void looksAtNoMoreTermsThanItMay() {
    Budget budget = new Budget(Duration.ofMinutes(1).toNanos());
    long looked = 0;
    try {
      for (; looked <= Budget.MOST_TERMS; looked++) {
        budget.term();
      }
    } catch (Budget.Spent e) {
      assertThat(e).hasMessageContaining("different values");
    }
    assertThat(looked).isEqualTo(Budget.MOST_TERMS);
  }
}
