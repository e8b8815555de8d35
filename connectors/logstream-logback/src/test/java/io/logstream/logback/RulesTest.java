package io.logstream.logback;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.logging.testing.RulesContract;
import org.junit.jupiter.api.Test;

class RulesTest extends RulesContract<WatchedLogback> {
  RulesTest() {
    super(new WatchedLogback());
  }

  @Test
  void whatIsLoggedWhileTheSameThreadHandsInAnotherEventIsCounted() {
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("said by {}", new Object() {
        @Override
        public String toString() {
          cart.info("inner");
          return "outer";
        }
      });
      run.work();
      assertThat(watched.drops(run.ledger())).containsOnlyKeys("reentrant");
    }
    assertThat(watched.messages()).containsExactly("said by outer");
  }

  @Test
  void aValueOfAPairThatCannotSayWhatItIsThrowsNothingIntoTheApplication() {
    Object broken = new Object() {
      @Override
      public String toString() {
        throw new IllegalStateException("broken on purpose");
      }
    };
    watched.run(watched.root(), () -> watched.logback("com.shop.Cart").atInfo().addKeyValue("key", broken).log("a value"));
    assertThat(watched.only().message()).isEqualTo("a value");
    assertThat(watched.only().text("key")).contains("failed");
  }
}
