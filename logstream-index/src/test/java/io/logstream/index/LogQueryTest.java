package io.logstream.index;

import static io.logstream.index.LogQuery.field;
import static io.logstream.index.LogQuery.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogQueryTest {
  @Test void printsItself() {
    assertThat(field("status").atLeast(500).and(LogQuery.phrase("connection refused")).and(LogQuery.not(field("host").is("web-1"))))
        .hasToString("(status>=500 AND \"connection refused\" AND NOT host:\"web-1\")");
    assertThat(field("path").startsWith("/a").or(field("x").between(1, 2.5)).or(field("y").exists()))
        .hasToString("(path:\"/a\"* OR x>=1 x<=2.5 OR y:*)");
    assertThat(LogQuery.all().since(Instant.EPOCH)).hasToString("since:1970-01-01T00:00:00Z");
  }

  @Test void isEqualToAQueryOfTheSameWords() {
    assertThat(word("a").and(field("b").is(1))).isEqualTo(word("a").and(field("b").is(1L))).hasSameHashCodeAs(word("a").and(field("b").is(1L)));
    assertThat(word("a").limit(5)).isNotEqualTo(word("a"));
  }

  @Test void takesNumbersOfAnyTypeTextAndEnums() {
    assertThat(field("x").is((short) 5)).isEqualTo(field("x").is(5L)).isEqualTo(field("x").is(new BigInteger("5"))).isEqualTo(field("x").is(new BigDecimal("5")));
    assertThat(field("x").is(TimeUnit.DAYS)).isEqualTo(field("x").is("DAYS"));
    assertThat(field("x").is(-0.0)).isEqualTo(field("x").is(0.0));
  }

  @Test void refusesWhatCannotBeAsked() {
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").is(List.of(1))).withMessageContaining("field 'x'").withMessageContaining("List");
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").is(Double.NaN)).withMessageContaining("NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").atLeast(Float.NaN)).withMessageContaining("NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").atLeast(null)).withMessageContaining("null");
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").between(2, 1)).withMessageContaining("smaller number first");
    assertThatIllegalArgumentException().isThrownBy(() -> word("...")).withMessageContaining("letter or a digit");
    assertThatIllegalArgumentException().isThrownBy(() -> word("a".repeat(10_000))).withMessageContaining("8192");
    assertThatIllegalArgumentException().isThrownBy(() -> field("message").is("x")).withMessageContaining("LogQuery.word");
    assertThatIllegalArgumentException().isThrownBy(() -> field("x").startsWith("a".repeat(1025))).withMessageContaining("1024");
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.all().limit(0)).withMessageContaining("was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.all().limit(10_001)).withMessageContaining("count(query)");
  }

  @Test void refusesToGrowWithoutBounds() {
    LogQuery wide = word("a");
    for (int i = 1; i < LogQuery.MOST_CONDITIONS; i++) {
      wide = wide.or(field("f" + i).is("5"));
    }
    LogQuery full = wide;
    assertThatIllegalArgumentException().isThrownBy(() -> full.or(word("b"))).withMessageContaining("200");
    LogQuery deep = word("a");
    for (int i = 1; i < LogQuery.DEEPEST; i++) {
      deep = LogQuery.not(deep);
    }
    LogQuery deepest = deep;
    assertThatIllegalArgumentException().isThrownBy(() -> LogQuery.not(deepest)).withMessageContaining("64");
  }
}
