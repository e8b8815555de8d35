package io.logstream.logging.testing;

import static io.logstream.logging.testing.WatchedLogging.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.match.Field;
import io.logstream.match.Keep;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** What a framework's source delivers, and from when to when. */
public abstract class SourceContract<W extends WatchedLogging> extends LoggingContract<W> {
  /** With a framework that is closed after the test. */
  protected SourceContract(W watched) {
    super(watched);
  }

  private void run(Runnable logging) {
    watched.run(watched.root(), logging);
  }

  @Test
  void anEventHasItsMessageTemplateArgumentsLevelLoggerThreadAndTime() {
    run(() -> cart.info("order {} of {} took {} ms, {}", 4711, "acme", 1.5, true));
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("order 4711 of acme took 1.5 ms, true");
    assertThat(event.fields()).containsEntry("template", "order {} of {} took {} ms, {}").containsEntry("arg.0", 4711L).containsEntry("arg.1", "acme").containsEntry("arg.2", 1.5).containsEntry("arg.3", true)
        .containsEntry("level", "INFO").containsEntry("logger", "com.shop.Cart").containsEntry("thread", Thread.currentThread().getName());
    assertThat(event.time()).isAfter(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(event.has("markers") || event.has("error.class") || event.has("caller.class")).isFalse();
  }

  @Test
  void theTimeIsThatOfTheLogger() {
    run(() -> cart.errorAt(123_456_789, "then"));
    assertThat(watched.only().epochMillis()).isEqualTo(123_456_789);
  }

  @Test
  void namesOfTheContextAreFields() {
    watched.context("tenant", "acme");
    watched.context("logger", "clash");
    run(() -> cart.warn("paid"));
    watched.clearContext();
    assertThat(watched.only().fields()).containsEntry("tenant", "acme").containsEntry("mdc.logger", "clash").containsEntry("logger", "com.shop.Cart");
  }

  @Test
  void aThrowableIsFieldsAndTheTraceThatTheJvmPrints() {
    Exception root = new IllegalArgumentException("no such column");
    Exception caught = new IllegalStateException("cannot save", new RuntimeException(root));
    caught.addSuppressed(new IOException("close failed"));
    run(() -> cart.error("order failed", caught));
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("order failed");
    assertThat(event.fields()).containsEntry("error.class", "java.lang.IllegalStateException").containsEntry("error.message", "cannot save")
        .containsEntry("error.root.class", "java.lang.IllegalArgumentException").containsEntry("error.root.message", "no such column");
    assertThat((List<?>) event.fields().get("error.frames")).first().asString()
        .contains("SourceContract.aThrowableIsFieldsAndTheTraceThatTheJvmPrints(SourceContract.java:");
    StringWriter printed = new StringWriter();
    caught.printStackTrace(new PrintWriter(printed));
    assertThat(event.text("error.trace").lines().toList()).isEqualTo(printed.toString().lines().toList());
  }

  @Test
  void aThrowableThatIsItsOwnCauseHasAnEnd() {
    Exception one = new Exception("one");
    Exception two = new Exception("two", one);
    one.initCause(two);
    run(() -> cart.error("x", one));
    assertThat(watched.only().text("error.trace")).contains("circular reference");
  }

  @Test
  void callersAreFoundOutWhereAskedFor() {
    watched.run(watched.root().callers(), () -> cart.info("x"));
    Class<?> caller = cart.getClass();
    assertThat(watched.only().fields()).containsEntry("caller.class", caller.getName()).containsEntry("caller.file", caller.getNestHost().getSimpleName() + ".java")
        .containsEntry("caller.method", "log").containsKey("caller.line");
  }

  @Test
  void takesOneLoggerAndThoseBelowIt() {
    watched.run(watched.below("com.shop"), () -> {
      cart.info("below");
      watched.logger("com.shop").info("itself");
      watched.logger("com.shopping").info("beside");
      watched.logger("com").info("above");
    });
    assertThat(watched.messages()).containsExactly("below", "itself");
  }

  @Test
  void levelsAndAdditivityAreThoseOfTheConfiguration() {
    watched.level("com.shop", Level.WARN);
    watched.passNothingUp("org");
    run(() -> {
      cart.info("too low");
      cart.warn("high enough");
      watched.logger("org.x").error("not passed up");
    });
    assertThat(watched.messages()).containsExactly("high enough");
  }

  @Test
  void leavesOutIgnoredLoggersAndOnesOfItsOwn() {
    try (InlineRun run = watched.inline(watched.root().ignoring("org.apache.kafka", "noise"))) {
      watched.logger("org.apache.kafka.clients.Sender").warn("no");
      watched.logger("org.apache.kafka").warn("no");
      watched.logger("noise").warn("no");
      watched.logger("io.logstream").warn("no");
      watched.logger("io.logstream.sink.Webhook").warn("no");
      watched.logger("org.apache.kafkaesque").warn("yes");
      watched.logger("io.logstreaming").warn("yes too");
      run.work();
      assertThat(run.metrics()).containsEntry(watched.root().name() + ".ignored", 5L);
      assertThat(balanced(run.ledger()).read()).isEqualTo(2);
    }
    assertThat(watched.messages()).containsExactly("yes", "yes too");
  }

  @Test
  void whatWasLoggedBeforeTheCloseIsDelivered() {
    for (int round = 0; round < 200; round++) {
      watched.seen.clear();
      RunningPipeline run = watched.pipeline(watched.root()).start();
      int events = round % 50;
      for (int i = 0; i < events; i++) {
        cart.info("event {}", i);
      }
      run.close();
      assertThat(watched.seen).hasSize(events);
      balanced(run.ledger());
    }
    assertThat(watched.attached()).isEmpty();
  }

  @Test
  void inlineTooWhatWasLoggedBeforeTheCloseIsDelivered() {
    InlineRun run = watched.inline(watched.root());
    cart.info("last");
    run.close();
    assertThat(watched.messages()).containsExactly("last");
    balanced(run.ledger());
  }

  @Test
  void severalPipelinesMayReadAtOnceAndAfterOneAnother() {
    Pipeline pipeline = watched.pipeline(watched.root());
    try (InlineRun one = pipeline.inline(InstantSource.system()); InlineRun two = pipeline.inline(InstantSource.system())) {
      cart.info("x");
      one.work();
      two.work();
    }
    assertThat(watched.messages()).containsExactly("x", "x");
    cart.info("between");
    try (InlineRun three = pipeline.inline(InstantSource.system())) {
      cart.info("y");
      three.work();
    }
    assertThat(watched.messages()).containsExactly("x", "x", "y");
  }

  @Test
  void whoeverTakesTheLoggersAppendersAwayDoesNotTakeTheSource() {
    try (InlineRun run = watched.inline(watched.root())) {
      watched.detachAll();
      cart.info("nobody hears it");
      run.work();
      cart.info("heard again");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("heard again");
  }

  @Test
  void staysAttachedWhenTheConfigurationIsReadAgain() {
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("before");
      watched.configure(Level.INFO);
      cart.info("after");
      run.work();
    }
    assertThat(watched.messages()).containsExactly("before", "after");
    assertThat(watched.attached()).isEmpty();
  }

  @Test
  void threadsOutOfOrderByLessThanASecondAreNotLate() {
    Pipeline counting = LogStream.named("own").from(watched.root()).then(Keep.when(Field.field("level").is("ERROR")))
        .then(Window.tumbling(Duration.ofMinutes(1)).aggregate(Aggregations.count())).to(Sink.each(e -> watched.seen.add(e.copy()))).build();
    try (InlineRun run = counting.inline(InstantSource.system())) {
      for (long millis : new long[] {59_000, 60_100, 59_500, 60_900, 59_950}) {
        cart.errorAt(millis, "m");
      }
      run.work();
    }
    assertThat(watched.seen).extracting(e -> e.number("count", -1)).containsExactly(3L, 2L);
  }

  @Test
  void saysInAdvanceWhichFieldsThereAre() {
    assertThatThrownBy(() -> LogStream.named("own").from(watched.root()).then(Keep.when(Field.field("caller.line").is("x"))).to(Sink.each(e -> { })).build())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("caller.line");
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> watched.root().holding(1000)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("power of two").hasMessageContaining("1000");
    assertThatThrownBy(() -> watched.root().waitingAtMost(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("-0.001S");
    assertThatThrownBy(() -> watched.root().ignoring(" ")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("names of loggers");
    assertThatThrownBy(() -> watched.configured("X").holding(8)).isInstanceOf(IllegalStateException.class).hasMessageContaining("'holding' of appender 'X'");
    assertThatThrownBy(() -> watched.configured(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void withoutAContextOfItsOwnItTakesWhatSlf4jUses() {
    watched.run(watched.inUse("com.shop.Real"), () -> {
      MDC.put("tenant", "acme");
      LoggerFactory.getLogger("com.shop.Real").atWarn().addKeyValue("orderId", 4711).log("through {}", "SLF4J");
      MDC.remove("tenant");
    });
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("through SLF4J");
    assertThat(event.fields()).containsAllEntriesOf(Map.of("tenant", "acme", "level", "WARN"));
    assertThat(event.text("orderId")).isEqualTo("4711");
  }

  @Test
  void aLoggerWithoutALevelOfItsOwnKeepsThatOfTheOneAbove() {
    watched.level("com", Level.ERROR);
    watched.run(watched.below("com.shop"), () -> {
      cart.warn("too low");
      cart.error("high enough");
    });
    cart.warn("still too low");
    assertThat(watched.messages()).containsExactly("high enough");
  }
}
