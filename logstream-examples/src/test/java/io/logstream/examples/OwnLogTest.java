package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.RunningPipeline;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class OwnLogTest {
  private static final org.slf4j.Logger SLF4J = LoggerFactory.getLogger("com.shop.Checkout");
  private static final org.apache.logging.log4j.Logger LOG4J = LogManager.getLogger("com.shop.Checkout");

  private final List<FiredAlert> told = Collections.synchronizedList(new ArrayList<>());

  private RunningPipeline errors(Function<AlertNotifier, RunningPipeline> watch, ObjIntConsumer<String> log, int errors) {
    try (RunningPipeline running = watch.apply(told::add)) {
      for (int order = 0; order < errors; order++) {
        log.accept("order {} could not be saved", order);
      }
      return running;
    }
  }

  @Test void tellsSomebodyOfABurstOfErrorsInLogback() {
    RunningPipeline run = errors(OwnLog::watchLogback, (text, order) -> SLF4J.error(text, order), 25);
    toldOf(run, 25);
  }

  @Test void tellsSomebodyOfABurstOfErrorsInLog4j() {
    RunningPipeline run = errors(OwnLog::watchLog4j2, (text, order) -> LOG4J.error(text, order), 25);
    toldOf(run, 25);
  }

  private void toldOf(RunningPipeline run, int errors) {
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().read()).isEqualTo(errors);
    // a burst at the turn of a minute is two windows, one of which has ten
    assertThat(told).hasSize(1);
    assertThat(told.get(0).name()).isEqualTo("error burst");
    assertThat(told.get(0).cause().fields()).containsEntry("logger", "com.shop.Checkout");
    assertThat(told.get(0).cause().number("count", 0)).isBetween(10L, (long) errors);
  }

  @Test void nineErrorsOrWarningsAreNoBurst() {
    RunningPipeline run = errors(OwnLog::watchLogback, (text, order) -> {
      SLF4J.warn(text, order);
      if (order < 9) {
        SLF4J.error(text, order);
      }
    }, 30);
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().read()).isEqualTo(39);
    assertThat(told).isEmpty();
  }
}
