package io.logstream.logging.testing;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.testing.LogCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What the code under test logs. */
public abstract class LogCaptureContract<W extends WatchedLogging> extends LoggingContract<W> {
  /** With a framework that is closed after the test. */
  protected LogCaptureContract(W watched) {
    super(watched);
  }

  @Test
  void eventsAreThereAsSoonAsTheyAreLogged() {
    try (LogCapture log = LogCapture.of(watched.root())) {
      cart.info("order {} paid", 4711);
      cart.warn("slow");
      assertThat(log.messages()).containsExactly("order 4711 paid", "slow");
      assertThat(log.events()).extracting(e -> e.text("level"), e -> e.text("logger")).containsExactly(tuple("INFO", "com.shop.Cart"), tuple("WARN", "com.shop.Cart"));
      assertThat(log.events().get(0).fields()).containsEntry("arg.0", 4711L);
      assertThat(log.clear().events()).isEmpty();
    }
    cart.error("nobody hears this");
  }

  @Test
  void oneLoggerMayBeCaptured() {
    try (LogCapture log = LogCapture.of(watched.below("com.shop"))) {
      cart.info("here");
      watched.logger("org").info("elsewhere");
      assertThat(log.messages()).containsExactly("here");
    }
  }

  @Test
  void noErrorsFailsWithTheErrorsAndTheLastEvents() {
    LogCapture log = LogCapture.of(watched.root());
    cart.info("before");
    log.noErrors();
    cart.error("order failed", new IllegalStateException("cannot save"));
    assertThatThrownBy(log::noErrors).isInstanceOf(AssertionError.class).hasMessageContaining("expected no error, but there was one:")
        .hasMessageContaining("com.shop.Cart: order failed (java.lang.IllegalStateException: cannot save)").hasMessageContaining("the last 2 of 2 events")
        .hasMessageContaining("com.shop.Cart: before");
    log.close();
  }

  @Test
  void aStrictOneFailsAtItsEndForErrorsThatWereNotAllowed() {
    assertThatCode(() -> {
      try (LogCapture log = LogCapture.of(watched.root()).strict().allowing(field("message").contains("declined"))) {
        cart.error("card declined");
        cart.warn("only a warning");
      }
    }).doesNotThrowAnyException();
    assertThatThrownBy(() -> {
      try (LogCapture log = LogCapture.of(watched.root()).strict().allowing(field("message").contains("declined"))) {
        cart.error("card declined");
        cart.error("something else");
      }
    }).isInstanceOf(AssertionError.class).hasMessageContaining("but there was one:").hasMessageContaining("something else");
  }

  @Test
  void assertsWhatWasLoggedAndWhatWasNot() {
    try (LogCapture log = LogCapture.of(watched.root())) {
      cart.warn("slow {}", "query");
      assertThat(log.logged(field("level").is("WARN"))).extracting(LogEvent::message).containsExactly("slow query");
      log.notLogged(field("level").is("ERROR"));
      assertThatThrownBy(() -> log.logged(field("level").is("ERROR"))).isInstanceOf(AssertionError.class).hasMessageContaining("expected an event with level")
          .hasMessageContaining("slow query");
      assertThatThrownBy(() -> log.notLogged(field("level").is("WARN"))).isInstanceOf(AssertionError.class).hasMessageContaining("but there was one");
      log.clear();
      assertThatThrownBy(() -> log.logged(field("level").is("WARN"))).hasMessageContaining("nothing was logged");
    }
  }

  @Test
  void awaitsWhatOtherThreadsLog() throws InterruptedException {
    try (LogCapture log = LogCapture.of(watched.root())) {
      Thread thread = new Thread(() -> cart.info("from elsewhere"));
      thread.start();
      assertThat(log.await(field("message").contains("elsewhere"), Duration.ofSeconds(30))).hasSize(1);
      thread.join();
      assertThatThrownBy(() -> log.await(field("message").contains("never"), Duration.ofMillis(5))).isInstanceOf(AssertionError.class).hasMessageContaining("from elsewhere");
    }
  }

  @Test
  void whoeverTakesTheLoggersAppendersAwayDoesNotEndIt() {
    LogCapture log = LogCapture.of(watched.root());
    watched.detachAll();
    assertThat(log.messages()).isEmpty();
    cart.info("heard again");
    watched.detachAll();
    assertThatThrownBy(() -> log.await(field("message").is("never"), Duration.ZERO)).isInstanceOf(AssertionError.class);
    cart.info("and again");
    log.close();
    assertThat(log.messages()).containsExactly("heard again", "and again");
    assertThat(watched.attached()).isEmpty();
  }

  @Test
  void testsSideBySideHearOnlyThemselvesWhereTheySaySo() throws Exception {
    int tests = 8;
    ExecutorService threads = Executors.newFixedThreadPool(tests);
    CyclicBarrier together = new CyclicBarrier(tests);
    List<Future<?>> running = new ArrayList<>();
    for (int t = 0; t < tests; t++) {
      int me = t;
      running.add(threads.submit(() -> {
        try (LogCapture log = LogCapture.of(watched.root()).ofThisThread().strict()) {
          together.await();
          for (int i = 0; i < 200; i++) {
            cart.info("{}:{}", me, i);
          }
          together.await();
          assertThat(log.messages()).hasSize(200).allMatch(m -> m.startsWith(me + ":"));
        }
        return null;
      }));
    }
    for (Future<?> one : running) {
      one.get();
    }
    threads.shutdown();
  }

  @Test
  void onlyLeavesOutWhatDoesNotBelongToTheTest() {
    watched.context("test", "mine");
    try (LogCapture log = LogCapture.of(watched.root())) {
      cart.info("mine");
      watched.context("test", "other");
      cart.info("other's");
      log.only(field("test").is("mine"));
      cart.info("other's again");
      assertThat(log.messages()).containsExactly("mine");
    } finally {
      watched.clearContext();
    }
  }

  @Test
  void hearsWhatASinkOfAPipelineLogs() {
    try (LogCapture log = LogCapture.of(watched.below("com.shop.Library"))) {
      RunningPipeline run = LogStream.named("own").from(watched.root()).to(Sink.each(e -> watched.logger("com.shop.Library").warn("sending {}", e.message()))).build().start();
      cart.info("x");
      run.close();
      assertThat(run.ledger().balances()).isTrue();
      assertThat(log.messages()).containsExactly("sending x");
    }
  }

  @Test
  void anAppenderOfTheConfigurationIsRefused() {
    assertThatThrownBy(() -> LogCapture.of(watched.configured("X"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("name a logger");
  }
}
