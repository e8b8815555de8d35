package io.logstream.log4j2;

import io.logstream.appender.Intake;
import io.logstream.appender.LoggerSource;
import io.logstream.appender.Terms;
import java.beans.PropertyChangeEvent;
import java.beans.PropertyChangeListener;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.status.StatusLogger;

/**
 * What this process logs through Log4j 2, as a source; see {@link LoggerSource} for what it takes and on which terms.
 *
 * <pre>{@code
 * LogStream.named("checkout").from(Log4j2Source.rootLogger())
 * }</pre>
 *
 * <p>Immutable: every word returns a new one. It attaches itself to the logger for as long as a pipeline runs, also when the
 * configuration is read again meanwhile, so it may be used by several pipelines. Events of loggers below one whose {@code additivity} is
 * false do not reach it, and levels are those of the configuration. What is logged while Log4j hands it another event on the same thread,
 * such as by the {@code toString} of an argument that is formatted late, Log4j does not hand it at all.
 */
public final class Log4j2Source extends LoggerSource<Log4j2Source> {
  private static final String NAME = "Log4j2";
  /** Appenders are known to Log4j by their names. */
  private static final AtomicLong ATTACHED = new AtomicLong();

  private final String logger;
  private final LoggerContext context;
  private final Level waitingFrom;

  private Log4j2Source(String logger, LoggerContext context, Level waitingFrom, Terms terms) {
    super(NAME, terms);
    this.logger = Objects.requireNonNull(logger, "name of a logger");
    this.context = context;
    this.waitingFrom = Objects.requireNonNull(waitingFrom, "waitingFrom");
  }

  private Log4j2Source(String appender) {
    super(NAME, LogstreamAppender.CONFIGURED, appender);
    logger = LogManager.ROOT_LOGGER_NAME;
    context = null;
    waitingFrom = Level.WARN;
  }

  /** All loggers. */
  public static Log4j2Source rootLogger() {
    return logger(LogManager.ROOT_LOGGER_NAME);
  }

  /** A logger and those below it. */
  public static Log4j2Source logger(String name) {
    return new Log4j2Source(name, null, Level.WARN, Terms.USUAL);
  }

  /** What the {@link LogstreamAppender} of this name in Log4j's configuration takes, from the first event on. One pipeline at a time reads it. */
  public static Log4j2Source appender(String name) {
    return new Log4j2Source(name);
  }

  /** The same in a context of one's own instead of the one that Log4j finds for this class. */
  public Log4j2Source in(LoggerContext other) {
    return new Log4j2Source(logger, Objects.requireNonNull(other, "context"), waitingFrom, own("in"));
  }

  /** The same with another level from which on a thread waits for room; WARN unless said. */
  public Log4j2Source waitingFrom(Level level) {
    return new Log4j2Source(logger, context, level, own("waitingFrom"));
  }

  @Override
  protected Log4j2Source on(Terms other) {
    return new Log4j2Source(logger, context, waitingFrom, other);
  }

  @Override
  protected Attachment attach(Intake intake) {
    LoggerContext found = found();
    LogstreamAppender appender = new LogstreamAppender("logstream-" + ATTACHED.incrementAndGet(), intake, waitingFrom);
    appender.start();
    Attached attached = new Attached(found, logger, appender);
    found.addPropertyChangeListener(attached);
    attached.attach(found.getConfiguration());
    return attached;
  }

  private LoggerContext found() {
    if (context != null) {
      return context;
    }
    org.apache.logging.log4j.spi.LoggerContext used = LogManager.getContext(false);
    if (used instanceof LoggerContext core) {
      return core;
    }
    throw new IllegalStateException(this + " needs log4j-core behind Log4j's API, found " + used.getClass().getName()
        + "; take other providers such as log4j-to-slf4j off the class path, or name a context by in(..)");
  }

  @Override
  protected void complain(String what) {
    StatusLogger.getLogger().warn(what);
  }

  /** An appender at its logger. A new configuration does not know it, and whoever changes the logger's appenders may take it away. */
  private static final class Attached implements Attachment, PropertyChangeListener {
    private final LoggerContext context;
    private final String logger;
    private final LogstreamAppender appender;
    private Configuration configuration;
    private boolean closed;

    Attached(LoggerContext context, String logger, LogstreamAppender appender) {
      this.context = context;
      this.logger = logger;
      this.appender = appender;
    }

    @Override
    public void keep() {
      attach(context.getConfiguration());
    }

    private void attach(Configuration to) {
      if (isNewlyAttached(to)) {
        context.updateLoggers(); // tells others that are attached: no lock may be held
      }
    }

    /** Does nothing where it is attached to this configuration, as it is told of on every change of a logger. */
    private synchronized boolean isNewlyAttached(Configuration to) {
      if (closed || to.getLoggerConfig(logger).getAppenders().get(appender.getName()) == appender) {
        return false;
      }
      configuration = to;
      LoggerConfig at = to.getLoggerConfig(logger);
      if (!at.getName().equals(logger)) {
        // without a level of its own it has that of the logger above
        to.addLogger(logger, new LoggerConfig(logger, null, true));
        at = to.getLoggerConfig(logger);
      }
      at.addAppender(appender, null, null);
      return true;
    }

    @Override
    public void propertyChange(PropertyChangeEvent change) {
      if (LoggerContext.PROPERTY_CONFIG.equals(change.getPropertyName()) && change.getNewValue() instanceof Configuration now) {
        attach(now);
      }
    }

    @Override
    public void close() {
      context.removePropertyChangeListener(this);
      synchronized (this) {
        closed = true;
        configuration.getLoggerConfig(logger).removeAppender(appender.getName());
      }
      context.updateLoggers();
      appender.stop();
    }
  }
}
