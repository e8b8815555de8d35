package io.logstream.logback;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.logging.testing.AppenderContract;
import org.junit.jupiter.api.Test;

class AppenderTest extends AppenderContract<WatchedLogback> {
  AppenderTest() {
    super(new WatchedLogback());
  }

  @Test
  void takesNothingBetweenAResetAndTheNextConfiguration() {
    watched.configure("RESET");
    watched.run(watched.configured("RESET"), () -> {
      watched.context.reset();
      cart.info("meanwhile, without an appender");
      watched.configure("RESET");
      cart.info("after");
    });
    assertThat(watched.messages()).containsExactly("after");
  }
}
