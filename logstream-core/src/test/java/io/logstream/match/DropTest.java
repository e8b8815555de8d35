package io.logstream.match;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.StageContract;
import org.junit.jupiter.api.Test;

class DropTest {
  private static final Source ANY = context -> batch -> Reader.Found.END;
  private static final String[] LINES = {"GET /cart", "GET /health", "PUT /cart", "GET /health/db"};

  private final RecordingSink passed = new RecordingSink();

  /** Feeds lines to a stage, checks that the ledger balances, and gives what the stage counted. */
  private Ledger.Entry run(Stage stage, String... lines) {
    try (PipelineTester tester = PipelineTester.of(LogStream.named("test").from(ANY).then(stage).to(passed).build())) {
      return tester.feed(lines).ledger().stage(stage.name());
    }
  }

  @Test void leavesOutTheEventsForWhichTheConditionHolds() {
    run(Drop.when(field("message").contains("/health")), LINES);
    assertThat(passed.messages()).containsExactly("GET /cart", "PUT /cart");
  }

  @Test void countsThemUnderTheTextOfTheCondition() {
    Ledger.Entry drop = run(Drop.when(field("message").contains("/health")), LINES);
    assertThat(drop.dropped("message contains /health")).isEqualTo(2);
  }

  @Test void passesEventsWithoutTheField() {
    run(Drop.when(field("status").below(500)), LINES);
    assertThat(passed.messages()).containsExactly(LINES);
  }

  @Test void failsAnEventThatTheConditionCannotDecideOn() {
    Ledger.Entry drop = run(Drop.when(field("message").matches("^(a|aa)+\\1$")), "a".repeat(40) + "!", "b");
    assertThat(passed.messages()).containsExactly("b");
    assertThat(drop.failed("step budget exceeded")).isEqualTo(1);
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(Drop.when(field("message").contains("/health")), LINES);
  }

  @Test void refusesNoCondition() {
    assertThatThrownBy(() -> Drop.when(null)).isInstanceOf(NullPointerException.class).hasMessage("condition");
  }

  @Test void describesItself() {
    assertThat(Drop.when(field("status").atLeast(500))).hasToString("when status>=500");
  }
}
