package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;

/** A Log4j of one's own, and what a pipeline gets from it. */
final class Watched implements AutoCloseable {
  static final String SOURCE = "Log4j2";

  final LoggerContext context;
  final List<LogEvent> seen = Collections.synchronizedList(new ArrayList<>());
  private final List<String> statuses = Collections.synchronizedList(new ArrayList<>());
  private final StatusListener listener = new StatusListener() {
    @Override
    public void log(StatusData data) {
      statuses.add(data.getMessage().getFormattedMessage());
    }

    @Override
    public Level getStatusLevel() {
      return Level.WARN;
    }

    @Override
    public void close() {}
  };

  Watched() {
    this(new LoggerContext("watched"));
  }

  Watched(LoggerContext context) {
    this.context = context;
    StatusLogger.getLogger().registerListener(listener);
    configure("<Loggers><Root level='DEBUG'/></Loggers>");
  }

  Logger logger(String name) {
    return context.getLogger(name);
  }

  Log4j2Source root() {
    return Log4j2Source.rootLogger().in(context);
  }

  static Log4j2Source configured(String appender) {
    return Log4j2Source.appender(appender);
  }

  void configure(String content) {
    try {
      byte[] bytes = ("<Configuration status='OFF'>" + content + "</Configuration>").getBytes(StandardCharsets.UTF_8);
      Configuration configuration = new XmlConfiguration(context, new ConfigurationSource(new ByteArrayInputStream(bytes)));
      if (context.isStarted()) {
        context.reconfigure(configuration);
      } else {
        context.start(configuration);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A configuration with one of our appenders at the root. */
  static String appender(String name, String settings) {
    return appender(name, settings, "");
  }

  static String appender(String name, String settings, String inner) {
    return "<Appenders><Logstream name='" + name + "' " + settings + ">" + inner + "</Logstream></Appenders>"
        + "<Loggers><Root level='DEBUG'><AppenderRef ref='" + name + "'/></Root></Loggers>";
  }

  List<String> statuses() {
    return List.copyOf(statuses);
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
    StatusLogger.getLogger().removeListener(listener);
  }
}
