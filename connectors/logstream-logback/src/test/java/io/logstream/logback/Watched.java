package io.logstream.logback;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A Logback of one's own, and what a pipeline gets from it. */
final class Watched implements AutoCloseable {
  static final String SOURCE = "Logback";

  final LoggerContext context = new LoggerContext();
  final List<LogEvent> seen = Collections.synchronizedList(new ArrayList<>());

  Watched() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.setName("watched");
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.DEBUG);
    context.start();
  }

  Logger logger(String name) {
    return context.getLogger(name);
  }

  LogbackSource root() {
    return LogbackSource.rootLogger().in(context);
  }

  static LogbackSource configured(String appender) {
    return LogbackSource.appender(appender);
  }

  void configure(String appenders) {
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(new ByteArrayInputStream(("<configuration>" + appenders + "</configuration>").getBytes(StandardCharsets.UTF_8)));
    } catch (JoranException e) {
      throw new AssertionError(e);
    }
  }

  /** A configuration with one of our appenders at the root. */
  static String appender(String name, String settings) {
    return "<appender name='" + name + "' class='io.logstream.logback.LogstreamAppender'>" + settings + "</appender>"
        + "<root level='DEBUG'><appender-ref ref='" + name + "'/></root>";
  }

  List<String> statuses() {
    return context.getStatusManager().getCopyOfStatusList().stream().filter(s -> s.getLevel() >= Status.WARN).map(Status::getMessage).toList();
  }

  Pipeline pipeline(Source source) {
    return LogStream.named("own").from(source).to(Sink.each(event -> seen.add(event.copy()))).build();
  }

  InlineRun inline(Source source) {
    return pipeline(source).inline(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));
  }

  LogEvent only() {
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  /** Waits until something is so, which must be soon. */
  static void await(BooleanSupplier so) {
    long until = System.nanoTime() + 30_000_000_000L;
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for 30 seconds").isLessThan(until);
      LockSupport.parkNanos(200_000);
    }
  }

  List<String> messages() {
    return List.copyOf(seen).stream().map(LogEvent::message).toList();
  }

  static Ledger balanced(Ledger ledger) {
    assertThat(ledger.imbalances()).isEmpty();
    return ledger;
  }

  static Map<String, Long> drops(Ledger ledger) {
    return balanced(ledger).stage(SOURCE).droppedBy();
  }

  @Override
  public void close() {
    context.stop();
  }
}
