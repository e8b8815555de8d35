package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.logging.testing.RulesContract;
import org.junit.jupiter.api.Test;

class RulesTest extends RulesContract<WatchedLog4j> {
  RulesTest() {
    super(new WatchedLog4j());
  }

  @Test
  void anExceptionThatCannotSayItsMessageThrowsNothingIntoTheApplication() {
    Exception broken = new Exception() {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new IllegalStateException("broken on purpose");
      }
    };
    watched.run(watched.root(), () -> cart.error("an exception", broken));
    assertThat(watched.only().message()).isEqualTo("an exception");
    assertThat(watched.only().text("error.message")).contains("failed");
  }
}
