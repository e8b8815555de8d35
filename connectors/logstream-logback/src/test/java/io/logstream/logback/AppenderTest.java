package io.logstream.logback;

import static io.logstream.logback.Watched.appender;
import static io.logstream.logback.Watched.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import io.logstream.InlineRun;
import io.logstream.RunningPipeline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The appender that stands in Logback's configuration. */
@Timeout(60)
class AppenderTest {
  @AutoClose private final Watched watched = new Watched();
  private final Logger cart = watched.logger("com.shop.Cart");

  @Test
  void whatIsLoggedBeforeThePipelineExistsIsReplayedInOrderAndTheRestCounted() {
    watched.configure(appender("EARLY", ""));
    IntStream.range(0, 1100).forEach(i -> cart.info("{}", i));
    assertThat(watched.statuses()).singleElement().asString().contains("appender 'EARLY' is full: no pipeline reads it");
    try (InlineRun run = watched.inline(LogbackSource.appender("EARLY"))) {
      run.work();
      cart.info("later");
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("unread", 76L));
      assertThat(balanced(run.ledger()).read()).isEqualTo(1101);
    }
    List<String> expected = new ArrayList<>(IntStream.range(0, 1024).mapToObj(Integer::toString).toList());
    expected.add("later");
    assertThat(watched.messages()).isEqualTo(expected);
    assertThat(watched.statuses()).hasSize(2).last().asString().contains("has room again; 76 events were dropped");
  }

  @Test
  void earlyEventsOfAnyLevelDoNotWait() {
    watched.configure(appender("HASTY", "<holding>2</holding><waitingAtMost>10 minutes</waitingAtMost>"));
    IntStream.range(0, 5).forEach(i -> cart.error("{}", i));
    try (InlineRun run = watched.inline(LogbackSource.appender("HASTY"))) {
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("unread", 3L));
    }
  }

  @Test
  void whatComesBetweenTwoRunsIsForTheSecond() {
    watched.configure(appender("KEPT", ""));
    LogbackSource source = LogbackSource.appender("KEPT");
    RunningPipeline first = watched.pipeline(source).start();
    cart.info("one");
    first.close();
    balanced(first.ledger());
    cart.info("two");
    RunningPipeline second = watched.pipeline(source).start();
    second.close();
    balanced(second.ledger());
    assertThat(watched.messages()).containsExactly("one", "two");
  }

  @Test
  void onePipelineAtATimeReadsIt() {
    watched.configure(appender("ALONE", ""));
    try (InlineRun run = watched.inline(LogbackSource.appender("ALONE"))) {
      assertThat(run.work()).isTrue();
      assertThatThrownBy(() -> watched.inline(LogbackSource.appender("ALONE"))).hasMessageContaining("appender 'ALONE' is being read by another run");
    }
  }

  @Test
  void aPipelineMayComeBeforeTheConfiguration() {
    Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
    InstantSource clock = () -> now[0];
    try (InlineRun run = watched.pipeline(LogbackSource.appender("LATE")).inline(clock)) {
      run.work();
      now[0] = now[0].plus(Duration.ofSeconds(11));
      run.work();
      watched.configure(appender("LATE", ""));
      cart.info("here");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("here");
  }

  @Test
  void outlivesAnotherReadingOfTheConfiguration() {
    watched.configure(appender("AGAIN", ""));
    try (InlineRun run = watched.inline(LogbackSource.appender("AGAIN"))) {
      cart.info("before");
      watched.context.reset();
      cart.info("meanwhile, without an appender");
      watched.configure(appender("AGAIN", "<ignoring>noise</ignoring><holding>2048</holding>"));
      cart.info("after");
      watched.logger("noise").info("ignored from now on");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("before", "after");
    assertThat(watched.statuses()).anyMatch(s -> s.contains("goes on with room for 1024 events; 2048 take effect in a new process"));
  }

  @Test
  void settingsAreReadFromTheConfiguration() {
    watched.configure(appender("SET", "<holding>4</holding><waitingFrom>ERROR</waitingFrom><waitingAtMost>0 ms</waitingAtMost>"
        + "<ignoring>a.b</ignoring><ignoring>c</ignoring><callers>true</callers>"
        + "<filter class='ch.qos.logback.classic.filter.ThresholdFilter'><level>INFO</level></filter>"));
    try (InlineRun run = watched.inline(LogbackSource.appender("SET"))) {
      watched.logger("a.b.c").info("no");
      watched.logger("c").info("no");
      cart.debug("filtered");
      IntStream.range(0, 6).forEach(i -> cart.error("{}", i));
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
      assertThat(watched.messages()).containsExactly("0", "1", "2", "3");
      assertThat(watched.seen.get(0).has("caller.class")).isTrue();
    }
  }

  @Test
  void aWrongSettingIsAnErrorAndTheAppenderDoesNotStart() {
    for (String wrong : List.of("<holding>1000</holding>", "<waitingFrom>LOUD</waitingFrom>", "<waitingAtMost>soon</waitingAtMost>")) {
      try (Watched other = new Watched()) {
        other.configure(appender("WRONG", wrong));
        other.logger("x").error("nobody takes this, and nothing is thrown");
        assertThat(other.statuses()).as(wrong).anyMatch(s -> s.contains("appender 'WRONG': ")).anyMatch(s -> s.contains("not started"));
      }
    }
  }

  @Test
  void worksBehindLogbacksOwnAsyncAppender() {
    watched.configure("<appender name='BEHIND' class='io.logstream.logback.LogstreamAppender'/>"
        + "<appender name='ASYNC' class='ch.qos.logback.classic.AsyncAppender'><discardingThreshold>0</discardingThreshold><appender-ref ref='BEHIND'/></appender>"
        + "<root level='DEBUG'><appender-ref ref='ASYNC'/></root>");
    RunningPipeline run = watched.pipeline(LogbackSource.appender("BEHIND")).start();
    watched.context.getMDCAdapter().put("tenant", "acme");
    IntStream.range(0, 500).forEach(i -> cart.info("event {} of {}", i, "many"));
    watched.context.getMDCAdapter().clear();
    watched.context.stop();
    run.close();
    balanced(run.ledger());
    assertThat(watched.messages()).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "event " + i + " of many").toList());
    assertThat(watched.seen).allMatch(e -> e.text("tenant").equals("acme") && e.text("thread").equals(Thread.currentThread().getName()));
  }

  @Test
  void stoppingLogbackFirstLosesNothing() {
    watched.configure(appender("STOPPED", ""));
    RunningPipeline run = watched.pipeline(LogbackSource.appender("STOPPED")).start();
    IntStream.range(0, 1000).forEach(i -> cart.warn("{}", i));
    watched.context.stop();
    run.close();
    assertThat(watched.seen).hasSize(1000);
    balanced(run.ledger());
    assertThat(watched.statuses()).isEmpty();
  }

  @Test
  void stoppingWithoutAPipelineSaysHowManyEventsWereLeft() {
    watched.configure(appender("LEFT", ""));
    IntStream.range(0, 7).forEach(i -> cart.warn("{}", i));
    watched.context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("LEFT").stop();
    assertThat(watched.statuses()).singleElement().asString().contains("stopped while 7 events waited for a pipeline");
  }
}
