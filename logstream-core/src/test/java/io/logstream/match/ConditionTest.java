package io.logstream.match;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.BudgetedMatcher;
import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.testing.Seed;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConditionTest {
  private enum Level {
    INFO, ERROR
  }

  /** Whether it holds where {@code x} has this value, which both forms of it must agree on; null for no such field. */
  private static boolean holds(Condition condition, Object x) {
    boolean plain = condition.test(LogEvent.of("the message").put("x", x));
    boolean bound = !Ran.over(List.of("the message"), Stage.each(e -> e.put("x", x)), Keep.when(condition)).passed().isEmpty();
    assertThat(bound).as("bound form of %s for %s", condition, x).isEqualTo(plain);
    return plain;
  }

  @Test void comparesText() {
    assertThat(holds(field("x").is("a b"), "a b")).isTrue();
    assertThat(holds(field("x").is("a b"), "A b")).isFalse();
    assertThat(holds(field("x").is("a"), "ab")).isFalse();
    assertThat(holds(field("x").startsWith("/he"), "/health")).isTrue();
    assertThat(holds(field("x").startsWith("/health"), "/he")).isFalse();
    assertThat(holds(field("x").contains("alt"), "/health")).isTrue();
    assertThat(holds(field("x").contains("th/"), "/health")).isFalse();
    assertThat(holds(field("x").contains("aab"), "aaab")).isTrue();
    assertThat(holds(field("x").contains(""), "")).isTrue();
    assertThat(holds(field("x").is("grün"), "grün")).isTrue();
    assertThat(holds(field("x").matches("^/h.*h$"), "/health")).isTrue();
    assertThat(holds(field("x").matches("alt"), "/health")).isTrue();
    assertThat(holds(field("x").matches("^alt"), "/health")).isFalse();
  }

  @Test void comparesNumbersByValueWhateverTheirForm() {
    for (Object fiveHundred : new Object[] {500, 500L, 500.0, "500", "500.0", "5e2"}) {
      assertThat(holds(field("x").is(500), fiveHundred)).as("%s", fiveHundred).isTrue();
      assertThat(holds(field("x").is(500.0), fiveHundred)).isTrue();
      assertThat(holds(field("x").atLeast(500), fiveHundred)).isTrue();
      assertThat(holds(field("x").atMost(500), fiveHundred)).isTrue();
      assertThat(holds(field("x").above(499.5), fiveHundred)).isTrue();
      assertThat(holds(field("x").above(500), fiveHundred)).isFalse();
      assertThat(holds(field("x").below(500), fiveHundred)).isFalse();
      assertThat(holds(field("x").below(501), fiveHundred)).isTrue();
    }
    assertThat(holds(field("x").is(0), -0.0)).isTrue();
  }

  @Test void comparesLargeWholeNumbersExactly() {
    for (Object large : new Object[] {9_007_199_254_740_993L, "9007199254740993"}) {
      assertThat(holds(field("x").is(9_007_199_254_740_993L), large)).isTrue();
      assertThat(holds(field("x").is(9_007_199_254_740_992L), large)).isFalse();
    }
  }

  @Test void comparesDurationsInTheFieldsOwnUnit() {
    Duration bound = Duration.ofMillis(800);
    assertThat(field("seconds").atLeast(bound)).isEqualTo(field("seconds").atLeast(0.8));
    assertThat(field("took_us").atMost(bound)).isEqualTo(field("took_us").atMost(800_000));
    assertThat(field("request.ns").below(bound)).isEqualTo(field("request.ns").below(800_000_000));
    assertThat(field("duration").above(bound)).isEqualTo(field("duration").above(800));
  }

  @Test void findsNoNumberInOtherText() {
    for (Object none : new Object[] {"-", "", "abc", "1x", "NaN", true, Double.NaN}) {
      assertThat(holds(field("x").atLeast(0), none)).as("%s", none).isFalse();
      assertThat(holds(field("x").below(1), none)).isFalse();
    }
  }

  @Test void comparesTextWithTheTextOfANumber() {
    assertThat(holds(field("x").is("503"), 503)).isTrue();
    assertThat(holds(field("x").startsWith("5"), 503)).isTrue();
    assertThat(holds(field("x").matches("^5\\d\\d$"), 503)).isTrue();
  }

  @Test void comparesTruthAndNames() {
    assertThat(holds(field("x").is(true), true)).isTrue();
    assertThat(holds(field("x").is(true), "true")).isTrue();
    assertThat(holds(field("x").is(true), false)).isFalse();
    assertThat(holds(field("x").is(Level.ERROR), "ERROR")).isTrue();
    assertThat(holds(field("x").isOneOf(Level.INFO, Level.ERROR), "INFO")).isTrue();
  }

  @Test void takesOneOfSeveralValues() {
    Condition some = field("x").isOneOf("a", 2, true);
    assertThat(holds(some, "a")).isTrue();
    assertThat(holds(some, "2.0")).isTrue();
    assertThat(holds(some, true)).isTrue();
    assertThat(holds(some, "b")).isFalse();
    assertThat(holds(field("x").isOneOf(List.of("a", "b")), "b")).isTrue();
  }

  @Test void isContentWithOneElementOfAList() {
    assertThat(holds(field("x").is("b"), List.of("a", "b"))).isTrue();
    assertThat(holds(field("x").above(2), List.of(1, "3"))).isTrue();
    assertThat(holds(field("x").above(3), Arrays.asList(1, null, "3"))).isFalse();
    assertThat(holds(field("x").matches("c"), List.of("a", "b"))).isFalse();
    assertThat(holds(field("x").is("b"), List.of())).isFalse();
  }

  @Test void isFalseForAMissingFieldSoThatItsOppositeIsTrue() {
    List<Condition> all = List.of(field("x").is("a"), field("x").is(1), field("x").isOneOf("a", 1), field("x").atLeast(0), field("x").above(0),
        field("x").below(0), field("x").atMost(0), field("x").startsWith(""), field("x").contains(""), field("x").matches("."), field("x").exists());
    for (Condition condition : all) {
      assertThat(holds(condition, null)).as("%s", condition).isFalse();
      assertThat(holds(Condition.not(condition), null)).isTrue();
    }
  }

  @Test void knowsWhetherAFieldIsThere() {
    assertThat(holds(field("x").exists(), "")).isTrue();
    assertThat(holds(field("x").exists(), 0)).isTrue();
  }

  @Test void readsTheMessageLikeAField() {
    assertThat(holds(field("message").is("the message"), null)).isTrue();
    assertThat(holds(field("message").contains("sag"), null)).isTrue();
    assertThat(holds(field("message").exists(), null)).isTrue();
    assertThat(Ran.over(List.of("41", "42", "x"), Keep.when(field("message").above(41))).messages()).containsExactly("42");
  }

  @Test void readsWhatTheSourceKnows() {
    List<String> lines = List.of("a", "b", "c");
    assertThat(Ran.over(lines, Keep.when(field("line").above(1))).messages()).containsExactly("b", "c");
    assertThat(Ran.over(lines, Keep.when(field("file").startsWith("lines"))).messages()).hasSize(3);
    assertThat(Ran.over(lines, Drop.when(field("file").is("lines.log"))).messages()).isEmpty();
  }

  @Test void combines() {
    Condition a = field("x").contains("a");
    Condition b = field("x").contains("b");
    for (String x : List.of("", "a", "b", "ab")) {
      boolean hasA = x.contains("a");
      boolean hasB = x.contains("b");
      assertThat(holds(a.and(b), x)).isEqualTo(hasA && hasB);
      assertThat(holds(a.or(b), x)).isEqualTo(hasA || hasB);
      assertThat(holds(Condition.not(a.or(b)), x)).isEqualTo(!(hasA || hasB));
      assertThat(holds(a.and(Condition.not(b)).or(b.and(Condition.not(a))), x)).isEqualTo(hasA != hasB);
    }
  }

  @Test void bothFormsAgreeOnRandomValues() throws Exception {
    Seed.random(random -> {
      String[] texts = {"", "0", "-0", "1", "01", "1.0", "+1", "1.50", "-3", "3e0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "a", "1a", "0.1"};
      Number[] numbers = {0, 1, 1.5, -3, 3, 9223372036854775807L, 9.223372036854775807E18, Long.MIN_VALUE, 0.1};
      for (int i = 0; i < 400; i++) {
        Object value = random.nextBoolean() ? texts[random.nextInt(texts.length)] : numbers[random.nextInt(numbers.length)];
        Number literal = numbers[random.nextInt(numbers.length)];
        holds(field("x").is(literal), value);
        holds(random.nextBoolean() ? field("x").above(literal) : field("x").atMost(literal), value);
      }
    });
  }

  @Test void printsItselfAsAQuery() {
    assertThat(field("status").atLeast(500)).hasToString("status>=500");
    assertThat(field("status").above(0.5)).hasToString("status>0.5");
    assertThat(field("status").below(500.0)).hasToString("status<500");
    assertThat(field("status").atMost(500)).hasToString("status<=500");
    assertThat(field("status").is(500)).hasToString("status:500");
    assertThat(field("level").is(Level.ERROR)).hasToString("level:ERROR");
    assertThat(field("m").is("a \"b\"")).hasToString("m:\"a \\\"b\\\"\"");
    assertThat(field("m").is("a\nb")).hasToString("m:\"a\\u000ab\"");
    assertThat(field("m").is("")).hasToString("m:\"\"");
    assertThat(field("m").is("OR")).hasToString("m:\"OR\"");
    assertThat(field("m").is("a*")).hasToString("m:\"a*\"");
    assertThat(field("path").startsWith("/api/")).hasToString("path:/api/*");
    assertThat(field("m").contains("a b*")).hasToString("m:*a\\ b\\**");
    assertThat(field("path").matches("^/a+/")).hasToString("path~/^\\/a+\\//");
    assertThat(field("trace").exists()).hasToString("trace:*");
    assertThat(field("status").isOneOf(500, "x y")).hasToString("status:(500 OR \"x y\")");
    Condition a = field("a").is(1);
    Condition b = field("b").is(2);
    assertThat(a.and(b).and(a)).hasToString("a:1 AND b:2 AND a:1");
    assertThat(a.and(b.or(a))).hasToString("a:1 AND (b:2 OR a:1)");
    assertThat(Condition.not(a.or(b))).hasToString("NOT (a:1 OR b:2)");
    assertThat(Condition.not(a).and(b)).hasToString("NOT a:1 AND b:2");
  }

  @Test void listsTheFieldsItReads() {
    assertThat(field("b").is(1).and(field("a").exists().or(Condition.not(field("b").matches("x")))).fields()).containsExactly("b", "a");
    assertThat(field("c").isOneOf(1, 2).fields()).containsExactly("c");
  }

  @Test void isEqualToOneMadeInTheSameWay() {
    assertThat(field("a").startsWith("x").and(field("b").matches("y"))).isEqualTo(field("a").startsWith("x").and(field("b").matches("y")));
    assertThat(field("a").startsWith("x")).isNotEqualTo(field("a").contains("x")).isNotEqualTo(field("a").startsWith("y"));
  }

  @Test void givesUpARegularExpressionThatRunsOn() {
    Condition slow = field("message").matches("^(a|aa)+\\1$");
    assertThatThrownBy(() -> slow.test(LogEvent.of("a".repeat(50) + "!"))).isInstanceOf(BudgetedMatcher.BudgetExceeded.class);
  }

  @Test void refusesValuesThatNoFieldHas() {
    assertThatThrownBy(() -> field("x").is(new Object())).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("field(\"x\").is(..) takes text, a number, a boolean or an enum constant, was java.lang.Object");
    assertThatThrownBy(() -> field("x").is(null)).hasMessageContaining("Condition.not(field(\"x\").exists())");
    assertThatThrownBy(() -> field("x").isOneOf(1, TimeUnit.class)).hasMessageContaining("java.lang.Class");
    assertThatThrownBy(() -> field("x").isOneOf()).hasMessageContaining("at least one value");
    assertThatThrownBy(() -> field("x").above(Double.NaN)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("NaN");
    assertThatThrownBy(() -> field("x").matches("(")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("field(\"x\").matches");
    assertThatThrownBy(() -> field(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test void oneOfAStrangersOwnCombinesWithOurs() {
    Condition longMessage = new Condition() {
      @Override public boolean test(LogEvent event) {
        return event.message().length() > 3;
      }

      @Override public Set<String> fields() {
        return Set.of("message");
      }

      @Override public String toString() {
        return "long";
      }
    };
    Ran ran = Ran.over(List.of("abc", "abcd", "bcde"), Keep.when(longMessage.and(field("message").startsWith("a"))));
    assertThat(ran.messages()).containsExactly("abcd");
    assertThat(ran.ledger().stage("Keep").droppedBy()).containsOnlyKeys("NOT (long AND message startsWith a)");
  }
}
