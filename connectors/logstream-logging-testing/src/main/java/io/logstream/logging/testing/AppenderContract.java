package io.logstream.logging.testing;

import static io.logstream.logging.testing.WatchedLogging.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.RunningPipeline;
import io.logstream.appender.LoggerSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The appender that stands in a framework's configuration. */
public abstract class AppenderContract<W extends WatchedLogging> extends LoggingContract<W> {
  /** With a framework that is closed after the test. */
  protected AppenderContract(W watched) {
    super(watched);
  }

  @Test
  void whatIsLoggedBeforeThePipelineExistsIsReplayedInOrderAndTheRestCounted() {
    watched.configure("EARLY");
    IntStream.range(0, 1100).forEach(i -> cart.info("{}", i));
    assertThat(watched.complaints()).singleElement().asString().contains("appender 'EARLY' is full: no pipeline reads it");
    try (InlineRun run = watched.inline(watched.configured("EARLY"))) {
      run.work();
      cart.info("later");
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("unread", 76L));
      assertThat(balanced(run.ledger()).read()).isEqualTo(1101);
    }
    List<String> expected = new ArrayList<>(IntStream.range(0, 1024).mapToObj(Integer::toString).toList());
    expected.add("later");
    assertThat(watched.messages()).isEqualTo(expected);
    assertThat(watched.complaints()).hasSize(2).last().asString().contains("has room again; 76 events were dropped");
  }

  @Test
  void earlyEventsOfAnyLevelDoNotWait() {
    watched.configure("HASTY", "holding=2", "waitingAtMost=10 minutes");
    IntStream.range(0, 5).forEach(i -> cart.error("{}", i));
    try (InlineRun run = watched.inline(watched.configured("HASTY"))) {
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("unread", 3L));
    }
  }

  @Test
  void whatComesBetweenTwoRunsIsForTheSecond() {
    watched.configure("KEPT");
    LoggerSource<?> source = watched.configured("KEPT");
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
    watched.configure("ALONE");
    try (InlineRun run = watched.inline(watched.configured("ALONE"))) {
      assertThat(run.work()).isTrue();
      assertThatThrownBy(() -> watched.inline(watched.configured("ALONE"))).hasMessageContaining("appender 'ALONE' is being read by another run");
    }
  }

  @Test
  void aPipelineMayComeBeforeTheConfiguration() {
    Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
    InstantSource clock = () -> now[0];
    try (InlineRun run = watched.pipeline(watched.configured("LATE")).inline(clock)) {
      run.work();
      now[0] = now[0].plus(Duration.ofSeconds(11));
      run.work();
      watched.configure("LATE");
      cart.info("here");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("here");
  }

  @Test
  void outlivesAnotherReadingOfTheConfiguration() {
    watched.configure("AGAIN");
    try (InlineRun run = watched.inline(watched.configured("AGAIN"))) {
      cart.info("before");
      watched.configure("AGAIN", "ignoring=noise", "holding=2048");
      cart.info("after");
      watched.logger("noise").info("ignored from now on");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("before", "after");
    assertThat(watched.complaints()).anyMatch(s -> s.contains("goes on with room for 1024 events; 2048 take effect in a new process"));
  }

  @Test
  void settingsAreReadFromTheConfiguration() {
    watched.configure("SET", "holding=4", "waitingFrom=ERROR", "waitingAtMost=0 ms", "ignoring=a.b", "ignoring=c", "callers=true", "filter=INFO");
    try (InlineRun run = watched.inline(watched.configured("SET"))) {
      watched.logger("a.b.c").info("no");
      watched.logger("c").info("no");
      cart.debug("filtered");
      IntStream.range(0, 6).forEach(i -> cart.error("{}", i));
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
      assertThat(watched.messages()).containsExactly("0", "1", "2", "3");
      assertThat(watched.seen.get(0).has("caller.class")).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      holding=1000,       must be a power of two
      holding=many,       many
      waitingFrom=LOUD,   LOUD
      waitingAtMost=soon, soon
      callers=perhaps,    perhaps
      """)
  void aWrongSettingIsAnErrorAndTheAppenderDoesNotStart(String wrong, String complaint) {
    watched.configure("WRONG", wrong);
    cart.error("nobody takes this, and nothing is thrown");
    assertThat(watched.complaints()).anyMatch(s -> s.contains("appender 'WRONG' is not ")).anyMatch(s -> s.contains(complaint));
    try (InlineRun run = watched.inline(watched.configured("WRONG"))) {
      run.work();
      assertThat(balanced(run.ledger()).read()).isZero();
    }
  }

  @Test
  void worksBehindTheFrameworksAsynchronousAppender() {
    watched.configureBehindAsync("BEHIND");
    behindAnotherThread(watched, "BEHIND");
  }

  /** What is logged before the framework's stop arrives, as it was on the thread that logged it. */
  protected static void behindAnotherThread(WatchedLogging watched, String appender) {
    FrameworkLogger logger = watched.logger("com.shop.Cart");
    RunningPipeline run = watched.pipeline(watched.configured(appender)).start();
    watched.context("tenant", "acme");
    IntStream.range(0, 500).forEach(i -> logger.info("event {} of {}", i, "many"));
    watched.clearContext();
    watched.stop();
    run.close();
    balanced(run.ledger());
    assertThat(watched.messages()).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "event " + i + " of many").toList());
    assertThat(watched.seen).allMatch(e -> e.text("tenant").equals("acme") && e.text("arg.1").equals("many")
        && e.text("template").equals("event {} of {}") && e.text("thread").equals(Thread.currentThread().getName()));
  }

  @Test
  void stoppingTheFrameworkFirstLosesNothing() {
    watched.configure("STOPPED");
    RunningPipeline run = watched.pipeline(watched.configured("STOPPED")).start();
    IntStream.range(0, 1000).forEach(i -> cart.warn("{}", i));
    watched.stop();
    run.close();
    assertThat(watched.seen).hasSize(1000);
    balanced(run.ledger());
    assertThat(watched.complaints()).isEmpty();
  }

  @Test
  void stoppingWithoutAPipelineSaysHowManyEventsWereLeft() {
    watched.configure("LEFT");
    IntStream.range(0, 7).forEach(i -> cart.warn("{}", i));
    watched.stop("LEFT");
    assertThat(watched.complaints()).singleElement().asString().contains("stopped while 7 events waited for a pipeline");
  }
}
