package io.logstream.index;

import static io.logstream.match.Condition.phrase;
import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.match.Condition;
import io.logstream.match.QueryException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class LogQueryTest {
  @Test void printsItself() {
    assertThat(LogQuery.parse("status>=500 OR \"a b\"").and(field("tenant").is("acme"))).hasToString("(status>=500 OR \"a b\") AND tenant:acme");
    assertThat(LogQuery.all().since(Instant.EPOCH)).hasToString("since:1970-01-01T00:00:00Z");
    assertThat(LogQuery.parse("a last:15m").and(field("x").is(1).or(field("y").is(2)))).hasToString("(a last:15m) AND (x:1 OR y:2)");
  }

  @Test void isEqualToAQueryOfTheSameWords() {
    assertThat(LogQuery.parse("a b:1")).isEqualTo(LogQuery.of(phrase("a").and(field("b").is(1L)))).hasSameHashCodeAs(LogQuery.of(phrase("a").and(field("b").is(1L))));
    assertThat(LogQuery.parse("a").limit(5)).isNotEqualTo(LogQuery.parse("a"));
    assertThat(LogQuery.parse("a last:5m")).isEqualTo(LogQuery.parse("a last:5m")).isNotEqualTo(LogQuery.parse("a last:6m"));
  }

  @Test void readsTimesWhenItIsAskedInItsZone() {
    LogQuery today = LogQuery.parse("@today", ZoneId.of("Europe/Berlin"));
    assertThat(today.conditionAt(Instant.parse("2026-11-20T12:00:00Z"))).hasToString("since:2026-11-19T23:00:00Z until:2026-11-20T23:00:00Z");
    assertThat(today.conditionAt(Instant.parse("2026-11-21T12:00:00Z"))).hasToString("since:2026-11-20T23:00:00Z until:2026-11-21T23:00:00Z");
  }

  @Test void keepsAFilterThatIsAddedWhateverTheUserHasTyped() {
    Condition both = LogQuery.parse("a OR tenant:other").and(field("tenant").is("acme")).conditionAt(Instant.EPOCH);
    assertThat(both).hasToString("(a OR tenant:other) AND tenant:acme");
  }

  @Test void refusesWhatCannotBeAsked() {
    assertThatThrownBy(() -> LogQuery.parse("a AND")).isInstanceOf(QueryException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.all().limit(0)).withMessageContaining("was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.all().limit(10_001)).withMessageContaining("count(query)");
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.all().within(Duration.ZERO)).withMessageContaining("PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> LogCursor.parse("x")).withMessageContaining("1763640000000_42");
  }

  @Test void refusesToGrowWithoutBounds() {
    Condition wide = phrase("a");
    for (int i = 1; i < LogQuery.MOST_CONDITIONS; i++) {
      wide = wide.or(field("f" + i).is("5"));
    }
    LogQuery full = LogQuery.of(wide);
    assertThatIllegalArgumentException().isThrownBy(() -> full.and(phrase("b"))).withMessageContaining("512");
    Condition deep = phrase("a");
    for (int i = 1; i < LogQuery.DEEPEST; i++) {
      deep = Condition.not(deep);
    }
    LogQuery.of(deep);
    Condition deeper = Condition.not(deep);
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.of(deeper)).withMessageContaining("64");
  }
}
