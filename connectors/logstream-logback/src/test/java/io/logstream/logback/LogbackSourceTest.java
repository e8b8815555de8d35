package io.logstream.logback;

import static io.logstream.logback.Watched.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Marker;
import org.slf4j.helpers.BasicMarkerFactory;

@Timeout(60)
class LogbackSourceTest {
  @AutoClose private final Watched watched = new Watched();
  private final Logger cart = watched.logger("com.shop.Cart");

  private void run(Runnable logging) {
    run(watched.root(), logging);
  }

  private void run(LogbackSource source, Runnable logging) {
    try (InlineRun run = watched.inline(source)) {
      logging.run();
      run.work();
      balanced(run.ledger());
    }
  }

  @Test
  void anEventHasItsMessageTemplateArgumentsLevelLoggerThreadAndTime() {
    long before = System.nanoTime();
    run(() -> cart.info("order {} of {} took {} ms, {}", 4711, "acme", 1.5, true));
    assertThat(System.nanoTime()).isGreaterThan(before);
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("order 4711 of acme took 1.5 ms, true");
    assertThat(event.fields()).containsEntry("template", "order {} of {} took {} ms, {}").containsEntry("arg.0", 4711L).containsEntry("arg.1", "acme").containsEntry("arg.2", 1.5).containsEntry("arg.3", true)
        .containsEntry("level", "INFO").containsEntry("logger", "com.shop.Cart").containsEntry("thread", Thread.currentThread().getName());
    assertThat(event.time()).isAfter(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(event.has("markers") || event.has("error.class") || event.has("caller.class")).isFalse();
  }

  @Test
  void theTimeIsThatOfTheLogger() {
    try (InlineRun run = watched.inline(watched.root())) {
      ch.qos.logback.classic.spi.LoggingEvent logged = new ch.qos.logback.classic.spi.LoggingEvent("x", cart, Level.INFO, "m", null, null);
      logged.setInstant(Instant.ofEpochMilli(123_456_789));
      cart.callAppenders(logged);
      run.work();
    }
    assertThat(watched.only().epochMillis()).isEqualTo(123_456_789);
  }

  @Test
  void namesOfTheMdcAndKeyValuePairsAreFields() {
    watched.context.getMDCAdapter().put("tenant", "acme");
    watched.context.getMDCAdapter().put("logger", "clash");
    run(() -> cart.atWarn().addKeyValue("orderId", 4711).addKeyValue("paid", true).addKeyValue("ratio", 0.5f).addKeyValue("what", new StringBuilder("built"))
        .addKeyValue("message", "clash").addKeyValue("none", (Object) null).log("paid"));
    watched.context.getMDCAdapter().clear();
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("paid");
    assertThat(event.fields()).containsEntry("tenant", "acme").containsEntry("mdc.logger", "clash").containsEntry("logger", "com.shop.Cart")
        .containsEntry("orderId", 4711L).containsEntry("paid", true).containsEntry("ratio", 0.5).containsEntry("what", "built").containsEntry("kv.message", "clash");
    assertThat(event.has("none")).isFalse();
  }

  @Test
  @SuppressWarnings("deprecation") // markers that refer to markers
  void markersAreNamedWithThoseTheyReferTo() {
    BasicMarkerFactory markers = new BasicMarkerFactory();
    Marker audit = markers.getMarker("AUDIT");
    Marker money = markers.getMarker("MONEY");
    money.add(audit);
    run(() -> cart.atInfo().addMarker(money).addMarker(markers.getMarker("OTHER")).log("x"));
    assertThat(watched.only().fields()).containsEntry("markers", List.of("MONEY", "AUDIT", "OTHER"));
  }

  @Test
  void aThrowableIsFieldsAndTheTraceThatTheJvmPrints() {
    Exception root = new IllegalArgumentException("no such column");
    Exception caught = new IllegalStateException("cannot save", new RuntimeException(root));
    caught.addSuppressed(new java.io.IOException("close failed"));
    run(() -> cart.error("order failed", caught));
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("order failed");
    assertThat(event.fields()).containsEntry("error.class", "java.lang.IllegalStateException").containsEntry("error.message", "cannot save")
        .containsEntry("error.root.class", "java.lang.IllegalArgumentException").containsEntry("error.root.message", "no such column");
    assertThat((List<?>) event.fields().get("error.frames")).first().asString()
        .contains("LogbackSourceTest.aThrowableIsFieldsAndTheTraceThatTheJvmPrints(LogbackSourceTest.java:");
    java.io.StringWriter printed = new java.io.StringWriter();
    caught.printStackTrace(new java.io.PrintWriter(printed));
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
    run(watched.root().callers(), () -> cart.info("x"));
    assertThat(watched.only().fields()).containsEntry("caller.file", "LogbackSourceTest.java").containsKeys("caller.method", "caller.line")
        .containsEntry("caller.class", "io.logstream.logback.LogbackSourceTest");
  }

  @Test
  void takesOneLoggerAndThoseBelowIt() {
    run(LogbackSource.logger("com.shop").in(watched.context), () -> {
      cart.info("below");
      watched.logger("com.shop").info("itself");
      watched.logger("com.shopping").info("beside");
      watched.logger("com").info("above");
    });
    assertThat(watched.messages()).containsExactly("below", "itself");
  }

  @Test
  void levelsAndAdditivityAreThoseOfTheConfiguration() {
    watched.logger("com.shop").setLevel(Level.WARN);
    watched.logger("org").setAdditive(false);
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
      assertThat(run.metrics()).containsEntry(Watched.SOURCE + ".ignored", 5L);
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
    assertThat(watched.logger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders()).isExhausted();
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
      watched.logger(Logger.ROOT_LOGGER_NAME).detachAndStopAllAppenders();
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
      watched.context.reset();
      watched.configure("<root level='INFO'/>");
      cart.info("after");
      run.work();
    }
    assertThat(watched.messages()).containsExactly("before", "after");
    assertThat(watched.logger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders()).isExhausted();
    assertThat(watched.context.getCopyOfListenerList()).isEmpty();
  }

  @Test
  void threadsOutOfOrderByLessThanASecondAreNotLate() {
    Pipeline counting = LogStream.named("own").from(watched.root()).then(Keep.when(Field.field("level").is("ERROR")))
        .then(Window.tumbling(Duration.ofMinutes(1)).aggregate(Aggregations.count())).to(Sink.each(e -> watched.seen.add(e.copy()))).build();
    try (InlineRun run = counting.inline(InstantSource.system())) {
      for (long millis : new long[] {59_000, 60_100, 59_500, 60_900, 59_950}) {
        ch.qos.logback.classic.spi.LoggingEvent logged = new ch.qos.logback.classic.spi.LoggingEvent("x", cart, Level.ERROR, "m", null, null);
        logged.setInstant(Instant.ofEpochMilli(millis));
        cart.callAppenders(logged);
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
    assertThatThrownBy(() -> LogbackSource.appender("X").holding(8)).isInstanceOf(IllegalStateException.class).hasMessageContaining("'holding' of appender 'X'");
    assertThatThrownBy(() -> LogbackSource.appender("X").waitingFrom(Level.INFO)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> LogbackSource.appender(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void withoutAContextOfItsOwnItTakesWhatSlf4jUses() {
    try (InlineRun run = watched.inline(LogbackSource.logger("com.shop.Real"))) {
      org.slf4j.MDC.put("tenant", "acme");
      org.slf4j.LoggerFactory.getLogger("com.shop.Real").warn("hello");
      org.slf4j.MDC.remove("tenant");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.only().fields()).containsAllEntriesOf(Map.of("tenant", "acme", "level", "WARN"));
  }
}
