package io.logstream.log4j2;

import static io.logstream.log4j2.Watched.balanced;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.MarkerManager;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.MapMessage;
import org.apache.logging.log4j.message.ParameterizedMessage;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class Log4j2SourceTest {
  @AutoClose private final Watched watched = new Watched();
  private final Logger cart = watched.logger("com.shop.Cart");

  private void run(Runnable logging) {
    run(watched.root(), logging);
  }

  private void run(Log4j2Source source, Runnable logging) {
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
      log(123_456_789, Level.INFO);
      run.work();
    }
    assertThat(watched.only().epochMillis()).isEqualTo(123_456_789);
  }

  private void log(long millis, Level level) {
    cart.get().log(Log4jLogEvent.newBuilder().setLoggerName(cart.getName()).setLevel(level).setMessage(new SimpleMessage("m")).setTimeMillis(millis).build());
  }

  @Test
  void namesOfTheThreadContextAreFields() {
    ThreadContext.put("tenant", "acme");
    ThreadContext.put("logger", "clash");
    run(() -> cart.warn("paid"));
    ThreadContext.clearAll();
    assertThat(watched.only().fields()).containsEntry("tenant", "acme").containsEntry("mdc.logger", "clash").containsEntry("logger", "com.shop.Cart");
  }

  @Test
  void whatAMapMessageHoldsAreFields() {
    run(() -> cart.info(new MapMessage<>(new HashMap<>(Map.of("orderId", 4711, "paid", true, "what", new StringBuilder("built"), "message", "clash")))));
    assertThat(watched.only().fields()).containsEntry("orderId", 4711L).containsEntry("paid", true).containsEntry("what", "built").containsEntry("kv.message", "clash");
    assertThat(watched.only().message()).contains("orderId=\"4711\"");
  }

  @Test
  void messagesOfAllKindsAreFormatted() {
    run(() -> {
      cart.info("plain");
      cart.info((Object) new StringBuilder("an object"));
      cart.info((CharSequence) new StringBuilder("characters"));
      cart.info("a lambda: {}", () -> 5);
      cart.info(new ParameterizedMessage("not {}", "reusable"));
      cart.info("many {} {} {} {} {} {} {} {} {} {} {} {}", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      cart.printf(Level.INFO, "%05d", 42);
    });
    assertThat(watched.messages()).containsExactly("plain", "an object", "characters", "a lambda: 5", "not reusable", "many 1 2 3 4 5 6 7 8 9 10 11 12", "00042");
    assertThat(watched.seen.get(0).text("template")).isEqualTo("plain");
    assertThat(watched.seen.get(4).fields()).containsEntry("template", "not {}").containsEntry("arg.0", "reusable");
    assertThat(watched.seen.get(5).fields()).containsEntry("arg.0", 1L).containsEntry("arg.11", 12L);
  }

  @Test
  void markersAreNamedWithTheirParents() {
    Marker audit = MarkerManager.getMarker("AUDIT");
    Marker money = MarkerManager.getMarker("MONEY").addParents(audit);
    run(() -> cart.info(money, "x"));
    assertThat(watched.only().fields()).containsEntry("markers", List.of("MONEY", "AUDIT"));
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
        .contains("Log4j2SourceTest.aThrowableIsFieldsAndTheTraceThatTheJvmPrints(Log4j2SourceTest.java:");
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
    assertThat(watched.only().fields()).containsEntry("caller.file", "Log4j2SourceTest.java").containsKeys("caller.method", "caller.line")
        .containsEntry("caller.class", "io.logstream.log4j2.Log4j2SourceTest");
  }

  @Test
  void takesOneLoggerAndThoseBelowIt() {
    run(Log4j2Source.logger("com.shop").in(watched.context), () -> {
      cart.info("below");
      watched.logger("com.shop").info("itself");
      watched.logger("com.shopping").info("beside");
      watched.logger("com").info("above");
    });
    assertThat(watched.messages()).containsExactly("below", "itself");
  }

  @Test
  void levelsAndAdditivityAreThoseOfTheConfiguration() {
    watched.configure("<Loggers><Logger name='com.shop' level='WARN'/><Logger name='org' level='DEBUG' additivity='false'/><Root level='DEBUG'/></Loggers>");
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
    assertThat(watched.context.getConfiguration().getRootLogger().getAppenders()).isEmpty();
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
  void staysAttachedWhenTheConfigurationIsReadAgain() {
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("before");
      watched.configure("<Loggers><Root level='INFO'/></Loggers>");
      cart.info("after");
      run.work();
    }
    assertThat(watched.messages()).containsExactly("before", "after");
    assertThat(watched.context.getConfiguration().getRootLogger().getAppenders()).isEmpty();
  }

  @Test
  void threadsOutOfOrderByLessThanASecondAreNotLate() {
    Pipeline counting = LogStream.named("own").from(watched.root()).then(Keep.when(Field.field("level").is("ERROR")))
        .then(Window.tumbling(Duration.ofMinutes(1)).aggregate(Aggregations.count())).to(Sink.each(e -> watched.seen.add(e.copy()))).build();
    try (InlineRun run = counting.inline(InstantSource.system())) {
      for (long millis : new long[] {59_000, 60_100, 59_500, 60_900, 59_950}) {
        log(millis, Level.ERROR);
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
    assertThatThrownBy(() -> Log4j2Source.appender("X").holding(8)).isInstanceOf(IllegalStateException.class).hasMessageContaining("'holding' of appender 'X'");
    assertThatThrownBy(() -> Log4j2Source.appender("X").waitingFrom(Level.INFO)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Log4j2Source.appender(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void withoutAContextOfItsOwnItTakesTheOneInUse() {
    try (InlineRun run = watched.inline(Log4j2Source.logger("com.shop.Real"))) {
      org.slf4j.MDC.put("tenant", "acme");
      org.slf4j.LoggerFactory.getLogger("com.shop.Real").atWarn().addKeyValue("orderId", 4711).log("through {}", "SLF4J");
      org.slf4j.MDC.remove("tenant");
      LogManager.getLogger("com.shop.Real").error("directly");
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).containsExactly("through SLF4J", "directly");
    assertThat(watched.seen.get(0).fields()).containsAllEntriesOf(Map.of("tenant", "acme", "level", "WARN", "orderId", "4711"));
  }

  @Test
  void aLoggerWithoutAConfigurationOfItsOwnKeepsTheLevelOfTheOneAbove() {
    watched.configure("<Loggers><Logger name='com' level='ERROR'/><Root level='DEBUG'/></Loggers>");
    run(Log4j2Source.logger("com.shop").in(watched.context), () -> {
      cart.warn("too low");
      cart.error("high enough");
    });
    cart.warn("still too low");
    assertThat(watched.messages()).containsExactly("high enough");
  }
}
