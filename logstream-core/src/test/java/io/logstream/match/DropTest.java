package io.logstream.match;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.Ran;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DropTest {
  private static final List<String> LINES = List.of("GET /cart", "GET /health", "PUT /cart", "GET /health/db");

  @Test void leavesOutTheEventsForWhichTheConditionHolds() {
    Ran ran = Ran.over(LINES, Drop.when(field("message").contains("/health")));
    assertThat(ran.messages()).containsExactly("GET /cart", "PUT /cart");
  }

  @Test void countsThemUnderTheTextOfTheCondition() {
    Ran ran = Ran.over(LINES, Drop.when(field("message").contains("/health")));
    assertThat(ran.ledger().stage("Drop").droppedBy()).containsExactly(Map.entry("message:*/health*", 2L));
  }

  @Test void passesEventsWithoutTheField() {
    assertThat(Ran.over(LINES, Drop.when(field("status").below(500))).messages()).isEqualTo(LINES);
  }

  @Test void failsAnEventThatTheConditionCannotDecideOn() {
    Ran ran = Ran.over(List.of("a".repeat(40) + "!", "b"), Drop.when(field("message").matches("^(a|aa)+\\1$")));
    assertThat(ran.messages()).containsExactly("b");
    assertThat(ran.ledger().stage("Drop").failed("step budget exceeded")).isEqualTo(1);
  }

  @Test void refusesNoCondition() {
    assertThatThrownBy(() -> Drop.when(null)).isInstanceOf(NullPointerException.class).hasMessage("condition");
  }

  @Test void runsOnAnyThread() {
    assertThat(Drop.when(field("message").exists()).stateless()).isTrue();
  }

  @Test void describesItself() {
    assertThat(Drop.when(field("status").atLeast(500))).hasToString("when status>=500");
  }
}
