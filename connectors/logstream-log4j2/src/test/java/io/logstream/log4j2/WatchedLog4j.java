package io.logstream.log4j2;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;

import io.logstream.logging.testing.FrameworkLogger;
import io.logstream.logging.testing.WatchedLogging;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.message.SimpleMessage;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;
import org.slf4j.event.Level;

/** A Log4j of one's own. */
final class WatchedLog4j extends WatchedLogging {
  private final LoggerContext context;
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private final StatusListener listener = new StatusListener() {
    @Override
    public void log(StatusData data) {
      complaints.add(data.getMessage().getFormattedMessage());
    }

    @Override
    public org.apache.logging.log4j.Level getStatusLevel() {
      return org.apache.logging.log4j.Level.WARN;
    }

    @Override
    public void close() {}
  };

  WatchedLog4j() {
    this(new LoggerContext("watched"));
  }

  WatchedLog4j(LoggerContext context) {
    this.context = context;
    StatusLogger.getLogger().registerListener(listener);
    configure(Level.DEBUG);
  }

  /** The logger itself. */
  Logger log4j(String name) {
    return context.getLogger(name);
  }

  @Override
  public FrameworkLogger logger(String name) {
    return new Named(log4j(name));
  }

  private record Named(Logger logger) implements FrameworkLogger {
    /** Few arguments take ways of their own through Log4j. */
    @Override
    public void log(Level level, String template, Object... arguments) {
      org.apache.logging.log4j.Level at = org.apache.logging.log4j.Level.valueOf(level.name());
      switch (arguments.length) {
        case 0 -> logger.log(at, template);
        case 1 -> logger.log(at, template, arguments[0]);
        case 2 -> logger.log(at, template, arguments[0], arguments[1]);
        default -> logger.log(at, template, arguments);
      }
    }

    @Override
    public void error(String message, Throwable thrown) {
      logger.error(message, thrown);
    }

    @Override
    public void errorAt(long epochMillis, String message) {
      logger.get().log(Log4jLogEvent.newBuilder().setLoggerName(logger.getName()).setLevel(org.apache.logging.log4j.Level.ERROR)
          .setMessage(new SimpleMessage(message)).setTimeMillis(epochMillis).build());
    }

    @Override
    public void unreadable() {
      Message message = new SimpleMessage("m") {
        private static final long serialVersionUID = 1;

        @Override
        public Object[] getParameters() {
          throw new IllegalStateException("broken on purpose");
        }
      };
      logger.info(message);
    }
  }

  @Override
  public Log4j2Source root() {
    return Log4j2Source.rootLogger().in(context);
  }

  @Override
  public Log4j2Source below(String logger) {
    return Log4j2Source.logger(logger).in(context);
  }

  @Override
  public Log4j2Source configured(String appender) {
    return Log4j2Source.appender(appender);
  }

  @Override
  public Log4j2Source inUse(String logger) {
    return Log4j2Source.logger(logger);
  }

  @Override
  public void context(String name, String value) {
    ThreadContext.put(name, value);
  }

  @Override
  public void clearContext() {
    ThreadContext.clearAll();
  }

  @Override
  public void configure(Level root) {
    read("<Loggers><Root level='" + root + "'/></Loggers>");
  }

  @Override
  public void configure(String appender, String... settings) {
    Map<String, String> values = Stream.of(settings).map(setting -> setting.split("=", 2)).collect(groupingBy(s -> s[0], TreeMap::new, mapping(s -> s[1], joining(", "))));
    String filter = values.remove("filter");
    StringBuilder attributes = new StringBuilder();
    values.forEach((name, value) -> attributes.append(' ').append(name).append("='").append(value).append('\''));
    read("<Appenders><Logstream name='" + appender + "'" + attributes + ">" + (filter == null ? "" : "<ThresholdFilter level='" + filter + "'/>") + "</Logstream></Appenders>"
        + "<Loggers><Root level='DEBUG'><AppenderRef ref='" + appender + "'/></Root></Loggers>");
  }

  @Override
  public void configureBehindAsync(String appender) {
    read("<Appenders><Logstream name='" + appender + "'/><Async name='ASYNC'><AppenderRef ref='" + appender + "'/></Async></Appenders>"
        + "<Loggers><Root level='DEBUG'><AppenderRef ref='ASYNC'/></Root></Loggers>");
  }

  /** Reads another configuration with this content. */
  void read(String content) {
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

  @Override
  public void level(String logger, Level level) {
    configurationOf(logger).setLevel(org.apache.logging.log4j.Level.valueOf(level.name()));
    context.updateLoggers();
  }

  @Override
  public void passNothingUp(String logger) {
    configurationOf(logger).setAdditive(false);
    context.updateLoggers();
  }

  private LoggerConfig configurationOf(String logger) {
    Configuration configuration = context.getConfiguration();
    if (!configuration.getLoggerConfig(logger).getName().equals(logger)) {
      configuration.addLogger(logger, new LoggerConfig(logger, null, true));
    }
    return configuration.getLoggerConfig(logger);
  }

  @Override
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public List<?> attached() {
    return List.copyOf(context.getConfiguration().getRootLogger().getAppenders().values());
  }

  @Override
  public void detachAll() {
    LoggerConfig root = context.getConfiguration().getRootLogger();
    root.getAppenders().keySet().forEach(root::removeAppender);
  }

  @Override
  public void stop(String appender) {
    context.getConfiguration().getAppender(appender).stop();
  }

  @Override
  public void stop() {
    context.stop();
  }

  @Override
  public void close() {
    stop();
    StatusLogger.getLogger().removeListener(listener);
  }
}
