package io.logstream.logback;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import io.logstream.logging.testing.FrameworkLogger;
import io.logstream.logging.testing.WatchedLogging;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.event.Level;

/** A Logback of one's own. */
final class WatchedLogback extends WatchedLogging {
  final LoggerContext context = new LoggerContext();

  WatchedLogback() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.setName("watched");
    context.start();
  }

  /** The logger itself. */
  Logger logback(String name) {
    return context.getLogger(name);
  }

  @Override
  public FrameworkLogger logger(String name) {
    return new Named(logback(name));
  }

  private record Named(Logger logger) implements FrameworkLogger {
    @Override
    public void log(Level level, String template, Object... arguments) {
      switch (level) {
        case TRACE -> logger.trace(template, arguments);
        case DEBUG -> logger.debug(template, arguments);
        case INFO -> logger.info(template, arguments);
        case WARN -> logger.warn(template, arguments);
        case ERROR -> logger.error(template, arguments);
      }
    }

    @Override
    public void error(String message, Throwable thrown) {
      logger.error(message, thrown);
    }

    @Override
    public void errorAt(long epochMillis, String message) {
      LoggingEvent event = new LoggingEvent("x", logger, ch.qos.logback.classic.Level.ERROR, message, null, null);
      event.setInstant(Instant.ofEpochMilli(epochMillis));
      logger.callAppenders(event);
    }

    @Override
    public void unreadable() {
      logger.callAppenders(new LoggingEvent("x", logger, ch.qos.logback.classic.Level.INFO, "m", null, null) {
        @Override
        public Map<String, String> getMDCPropertyMap() {
          throw new IllegalStateException("broken on purpose");
        }
      });
    }
  }

  @Override
  public LogbackSource root() {
    return LogbackSource.rootLogger().in(context);
  }

  @Override
  public LogbackSource below(String logger) {
    return LogbackSource.logger(logger).in(context);
  }

  @Override
  public LogbackSource configured(String appender) {
    return LogbackSource.appender(appender);
  }

  @Override
  public LogbackSource inUse(String logger) {
    return LogbackSource.logger(logger);
  }

  @Override
  public void context(String name, String value) {
    context.getMDCAdapter().put(name, value);
  }

  @Override
  public void clearContext() {
    context.getMDCAdapter().clear();
  }

  @Override
  public void configure(Level root) {
    read("<root level='" + root + "'/>");
  }

  @Override
  public void configure(String appender, String... settings) {
    read("<appender name='" + appender + "' class='io.logstream.logback.LogstreamAppender'>" + Stream.of(settings).map(WatchedLogback::element).collect(Collectors.joining())
        + "</appender><root level='DEBUG'><appender-ref ref='" + appender + "'/></root>");
  }

  private static String element(String setting) {
    String name = setting.substring(0, setting.indexOf('='));
    String value = setting.substring(name.length() + 1);
    return name.equals("filter") ? "<filter class='ch.qos.logback.classic.filter.ThresholdFilter'><level>" + value + "</level></filter>"
        : "<" + name + ">" + value + "</" + name + ">";
  }

  @Override
  public void configureBehindAsync(String appender) {
    read("<appender name='" + appender + "' class='io.logstream.logback.LogstreamAppender'/>"
        + "<appender name='ASYNC' class='ch.qos.logback.classic.AsyncAppender'><discardingThreshold>0</discardingThreshold><appender-ref ref='" + appender + "'/></appender>"
        + "<root level='DEBUG'><appender-ref ref='ASYNC'/></root>");
  }

  private void read(String content) {
    try {
      context.reset();
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(new ByteArrayInputStream(("<configuration>" + content + "</configuration>").getBytes(StandardCharsets.UTF_8)));
    } catch (JoranException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void level(String logger, Level level) {
    logback(logger).setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
  }

  @Override
  public void passNothingUp(String logger) {
    logback(logger).setAdditive(false);
  }

  @Override
  public List<String> complaints() {
    return context.getStatusManager().getCopyOfStatusList().stream().filter(s -> s.getLevel() >= Status.WARN).map(Status::getMessage).toList();
  }

  @Override
  public List<?> attached() {
    List<Object> attached = new ArrayList<>(context.getCopyOfListenerList());
    logback(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().forEachRemaining(attached::add);
    return attached;
  }

  @Override
  public void detachAll() {
    logback(Logger.ROOT_LOGGER_NAME).detachAndStopAllAppenders();
  }

  @Override
  public void stop(String appender) {
    logback(Logger.ROOT_LOGGER_NAME).getAppender(appender).stop();
  }

  @Override
  public void stop() {
    context.stop();
  }

  @Override
  public void close() {
    stop();
  }
}
