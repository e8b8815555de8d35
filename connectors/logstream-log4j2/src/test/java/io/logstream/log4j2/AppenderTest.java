package io.logstream.log4j2;

import static io.logstream.log4j2.Watched.appender;
import static io.logstream.log4j2.Watched.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.logging.log4j.core.Logger;
import io.logstream.InlineRun;
import io.logstream.RunningPipeline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The appender that stands in Log4j's configuration. */
@Timeout(60)
class AppenderTest {
  @AutoClose private final Watched watched = new Watched();
  private final Logger cart = watched.logger("com.shop.Cart");

  @Test
  void whatIsLoggedBeforeThePipelineExistsIsReplayedInOrderAndTheRestCounted() {
    watched.configure(appender("EARLY", ""));
    IntStream.range(0, 1100).forEach(i -> cart.info("{}", i));
    assertThat(watched.statuses()).singleElement().asString().contains("appender 'EARLY' is full: no pipeline reads it");
    try (InlineRun run = watched.inline(Log4j2Source.appender("EARLY"))) {
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
    watched.configure(appender("HASTY", "holding='2' waitingAtMost='10 minutes'"));
    IntStream.range(0, 5).forEach(i -> cart.error("{}", i));
    try (InlineRun run = watched.inline(Log4j2Source.appender("HASTY"))) {
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("unread", 3L));
    }
  }

  @Test
  void whatComesBetweenTwoRunsIsForTheSecond() {
    watched.configure(appender("KEPT", ""));
    Log4j2Source source = Log4j2Source.appender("KEPT");
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
    try (InlineRun run = watched.inline(Log4j2Source.appender("ALONE"))) {
      assertThat(run.work()).isTrue();
      assertThatThrownBy(() -> watched.inline(Log4j2Source.appender("ALONE"))).hasMessageContaining("appender 'ALONE' is being read by another run");
    }
  }

  @Test
  void aPipelineMayComeBeforeTheConfiguration() {
    Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
    InstantSource clock = () -> now[0];
    try (InlineRun run = watched.pipeline(Log4j2Source.appender("LATE")).inline(clock)) {
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
    try (InlineRun run = watched.inline(Log4j2Source.appender("AGAIN"))) {
      cart.info("before");
      watched.configure(appender("AGAIN", "ignoring='noise' holding='2048'"));
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
    watched.configure(appender("SET", "holding='4' waitingFrom='ERROR' waitingAtMost='0 ms' ignoring='a.b, c' callers='true'",
        "<ThresholdFilter level='INFO'/>"));
    try (InlineRun run = watched.inline(Log4j2Source.appender("SET"))) {
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
    for (String wrong : List.of("holding='1000'", "holding='many'", "waitingFrom='LOUD'", "waitingAtMost='soon'", "ignoring='a,,b'")) {
      try (Watched other = new Watched()) {
        other.configure(appender("WRONG", wrong));
        other.logger("x").error("nobody takes this, and nothing is thrown");
        assertThat(other.statuses()).as(wrong).anyMatch(s -> s.contains("Logstream appender 'WRONG' is not made: "));
      }
    }
  }

  @Test
  void worksBehindTheAsyncAppender() {
    watched.configure("<Appenders><Logstream name='BEHIND'/><Async name='ASYNC'><AppenderRef ref='BEHIND'/></Async></Appenders>"
        + "<Loggers><Root level='DEBUG'><AppenderRef ref='ASYNC'/></Root></Loggers>");
    behindAnotherThread("BEHIND");
  }

  @Test
  void worksBehindAnAsyncLogger() {
    watched.configure("<Appenders><Logstream name='ASYNCLOGGER'/></Appenders><Loggers><AsyncRoot level='DEBUG'><AppenderRef ref='ASYNCLOGGER'/></AsyncRoot></Loggers>");
    behindAnotherThread("ASYNCLOGGER");
  }

  @Test
  void worksWhereAllLoggersAreAsynchronous() {
    try (Watched asynchronous = new Watched(new AsyncLoggerContext("asynchronous"))) {
      asynchronous.configure(appender("ALLASYNC", ""));
      Logger logger = asynchronous.logger("com.shop.Cart");
      RunningPipeline run = asynchronous.pipeline(Log4j2Source.appender("ALLASYNC")).start();
      org.apache.logging.log4j.ThreadContext.put("tenant", "acme");
      IntStream.range(0, 500).forEach(i -> logger.info("event {} of {}", i, "many"));
      org.apache.logging.log4j.ThreadContext.clearAll();
      asynchronous.context.stop();
      run.close();
      balanced(run.ledger());
      assertThat(asynchronous.messages()).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "event " + i + " of many").toList());
      assertThat(asynchronous.seen).allMatch(e -> e.text("tenant").equals("acme") && e.text("arg.1").equals("many")
          && e.text("template").equals("event {} of {}") && e.text("thread").equals(Thread.currentThread().getName()));
    }
  }

  private void behindAnotherThread(String appender) {
    RunningPipeline run = watched.pipeline(Log4j2Source.appender(appender)).start();
    org.apache.logging.log4j.ThreadContext.put("tenant", "acme");
    IntStream.range(0, 500).forEach(i -> cart.info("event {} of {}", i, "many"));
    org.apache.logging.log4j.ThreadContext.clearAll();
    watched.context.stop();
    run.close();
    balanced(run.ledger());
    assertThat(watched.messages()).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "event " + i + " of many").toList());
    assertThat(watched.seen).allMatch(e -> e.text("tenant").equals("acme") && e.text("thread").equals(Thread.currentThread().getName()));
  }

  @Test
  void stoppingLog4jFirstLosesNothing() {
    watched.configure(appender("STOPPED", ""));
    RunningPipeline run = watched.pipeline(Log4j2Source.appender("STOPPED")).start();
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
    watched.context.getConfiguration().getAppender("LEFT").stop();
    assertThat(watched.statuses()).singleElement().asString().contains("stopped while 7 events waited for a pipeline");
  }
}
