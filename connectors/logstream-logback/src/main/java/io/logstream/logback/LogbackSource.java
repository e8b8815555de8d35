package io.logstream.logback;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.core.status.WarnStatus;
import io.logstream.appender.Intake;
import io.logstream.appender.LoggerSource;
import io.logstream.appender.Terms;
import java.util.Objects;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.SubstituteLoggerFactory;

/**
 * What this process logs through Logback, as a source; see {@link LoggerSource} for what it takes and on which terms.
 *
 * <pre>{@code
 * LogStream.named("checkout").from(LogbackSource.rootLogger())
 * }</pre>
 *
 * <p>Immutable: every word returns a new one. It attaches itself to the logger for as long as a pipeline runs, also when the
 * configuration is read again meanwhile, so it may be used by several pipelines. Events of loggers below one whose {@code additivity} is
 * false do not reach it, and levels are those of the configuration.
 */
public final class LogbackSource extends LoggerSource<LogbackSource> {
  private static final String NAME = "Logback";

  private final String logger;
  private final LoggerContext context;
  private final Level waitingFrom;

  private LogbackSource(String logger, LoggerContext context, Level waitingFrom, Terms terms) {
    super(NAME, terms);
    this.logger = Objects.requireNonNull(logger, "name of a logger");
    this.context = context;
    this.waitingFrom = Objects.requireNonNull(waitingFrom, "waitingFrom");
  }

  private LogbackSource(String appender) {
    super(NAME, LogstreamAppender.CONFIGURED, appender);
    logger = Logger.ROOT_LOGGER_NAME;
    context = null;
    waitingFrom = Level.WARN;
  }

  /** All loggers. */
  public static LogbackSource rootLogger() {
    return logger(Logger.ROOT_LOGGER_NAME);
  }

  /** A logger and those below it. */
  public static LogbackSource logger(String name) {
    return new LogbackSource(name, null, Level.WARN, Terms.USUAL);
  }

  /** What the {@link LogstreamAppender} of this name in Logback's configuration takes, from the first event on. One pipeline at a time reads it. */
  public static LogbackSource appender(String name) {
    return new LogbackSource(name);
  }

  /** The same in a context of one's own instead of the one that SLF4J uses. */
  public LogbackSource in(LoggerContext other) {
    return new LogbackSource(logger, Objects.requireNonNull(other, "context"), waitingFrom, own("in"));
  }

  /** The same with another level from which on a thread waits for room; WARN unless said. */
  public LogbackSource waitingFrom(Level level) {
    return new LogbackSource(logger, context, level, own("waitingFrom"));
  }

  @Override
  protected LogbackSource on(Terms other) {
    return new LogbackSource(logger, context, waitingFrom, other);
  }

  @Override
  protected Attachment attach(Intake intake) {
    LoggerContext found = found();
    if (found == null) {
      return null;
    }
    LogstreamAppender appender = new LogstreamAppender(intake, waitingFrom);
    appender.setContext(found);
    appender.setName("logstream-" + Integer.toHexString(System.identityHashCode(appender)));
    appender.start();
    Attached attached = new Attached(found, logger, appender);
    attached.open();
    return attached;
  }

  private LoggerContext found() {
    if (context != null) {
      return context;
    }
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext found) {
      return found;
    }
    if (factory instanceof SubstituteLoggerFactory) {
      return null;
    }
    throw new IllegalStateException(this + " needs Logback behind SLF4J, found " + factory.getClass().getName()
        + "; take other SLF4J providers off the class path, or name a context by in(..)");
  }

  @Override
  protected void complain(String what) {
    LoggerContext found = context;
    if (found == null && LoggerFactory.getILoggerFactory() instanceof LoggerContext used) {
      found = used;
    }
    if (found != null) {
      found.getStatusManager().add(new WarnStatus(what, this));
    }
  }

  /**
   * An appender at its logger. A reset of the context takes it away, and so may whoever else changes the logger's appenders. It is added again
   * and again, also where it is there: a thread that logs may renew its copy of the list ({@code COWArrayList}) in the very moment in which
   * something is added, and Logback then goes on with the list of before until the next change. The context keeps its listeners in a bare
   * {@code ArrayList}, so those of several sources come and go one after another, under the context's monitor.
   */
  private static final class Attached implements Attachment, LoggerContextListener {
    private final LoggerContext context;
    private final String logger;
    private final LogstreamAppender appender;
    private volatile boolean stopped;

    Attached(LoggerContext context, String logger, LogstreamAppender appender) {
      this.context = context;
      this.logger = logger;
      this.appender = appender;
    }

    void open() {
      synchronized (context) {
        context.addListener(this);
      }
      attach();
    }

    private void attach() {
      context.getLogger(logger).addAppender(appender);
    }

    @Override
    public void keep() {
      if (!stopped) {
        if (!appender.isStarted()) {
          appender.start();
        }
        attach();
      }
    }

    @Override
    public void close() {
      synchronized (context) {
        context.removeListener(this);
      }
      context.getLogger(logger).detachAppender(appender);
      appender.stop();
    }

    @Override
    public boolean isResetResistant() {
      return true;
    }

    @Override
    public void onReset(LoggerContext reset) {
      appender.start();
      attach();
    }

    @Override
    public void onStart(LoggerContext started) {
      stopped = false;
    }

    @Override
    public void onStop(LoggerContext context) {
      stopped = true;
    }

    @Override
    public void onLevelChange(Logger changed, Level level) {}
  }
}
