package io.logstream.logback;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterAttachableImpl;
import ch.qos.logback.core.spi.FilterReply;
import io.logstream.appender.BufferedIntake;
import io.logstream.appender.Intake;
import io.logstream.appender.NamedIntakes;
import io.logstream.appender.Terms;
import java.time.Duration;
import java.util.List;

/**
 * An appender for a Logback configuration: what it is given waits for the pipeline that reads it by its name, {@link
 * LogbackSource#appender}, also before there is one. So nothing is missed from the first event on.
 *
 * <pre>{@code
 * <appender name="LOGSTREAM" class="io.logstream.logback.LogstreamAppender">
 *   <holding>1024</holding>              <!-- events there is room for, a power of two -->
 *   <waitingFrom>WARN</waitingFrom>      <!-- from this level on a thread waits for room -->
 *   <waitingAtMost>50 ms</waitingAtMost> <!-- but not longer -->
 *   <ignoring>org.apache.kafka</ignoring><!-- loggers left out, may be said several times -->
 *   <callers>false</callers>             <!-- find out where an event was logged -->
 * </appender>
 * }</pre>
 *
 * <p>All settings have these defaults, but no logger is left out. A wrong one is an error in Logback's status, and the appender does not
 * start. Appenders of one name share what they take, also when the configuration is read again. Two class loaders that load this class have
 * nothing in common. What goes wrong is said in Logback's status. The setters are for Logback's configurator, before the start.
 */
public final class LogstreamAppender extends ContextAwareBase implements Appender<ILoggingEvent> {
  static final NamedIntakes CONFIGURED = new NamedIntakes();
  private static final Duration SETTLING = Duration.ofSeconds(1);

  private final FilterAttachableImpl<ILoggingEvent> filters = new FilterAttachableImpl<>();
  private String name;
  private Terms terms = Terms.USUAL;
  private Level waitingFrom = Level.WARN;
  private boolean wrong;
  private LogbackEvents events;
  private volatile BufferedIntake buffered;
  private volatile Intake intake;
  private volatile boolean started;

  /** One with the default settings, for the configurator. */
  public LogstreamAppender() {}

  /** One that hands its events to an intake given from outside. */
  LogstreamAppender(Intake intake, Level waitingFrom) {
    this.intake = intake;
    this.waitingFrom = waitingFrom;
  }

  // ---------------------------------------------------------------- settings

  /** How many events there is room for. */
  public void setHolding(String events) {
    set(() -> terms = terms.holding(events));
  }

  /** How long a thread waits that logs something important while there is no room. */
  public void setWaitingAtMost(String duration) {
    set(() -> terms = terms.waitingAtMost(duration));
  }

  /** From which level on an event is important. */
  public void setWaitingFrom(String level) {
    set(() -> {
      Level known = Level.toLevel(level, null);
      if (known == null) {
        throw new IllegalArgumentException("waitingFrom takes a level, was '" + level + "'");
      }
      waitingFrom = known;
    });
  }

  /** A logger whose events are left out, with those below it. */
  public void addIgnoring(String logger) {
    set(() -> terms = terms.ignoring(List.of(logger)));
  }

  /** Whether it is found out where an event was logged. */
  public void setCallers(String wanted) {
    set(() -> terms = terms.callers(wanted));
  }

  private void set(Runnable setting) {
    try {
      setting.run();
    } catch (IllegalArgumentException e) {
      wrong = true;
      addError("appender '" + name + "': " + e.getMessage());
    }
  }

  // ---------------------------------------------------------------- as an appender

  @Override
  public void start() {
    if (wrong) {
      addError("appender '" + name + "' is not started, because its configuration is wrong");
      return;
    }
    if (intake == null && name == null) {
      addError("an appender of logstream needs a name, by which a pipeline reads it");
      return;
    }
    events = new LogbackEvents(waitingFrom);
    if (intake == null) {
      buffered = CONFIGURED.started(name, terms, this::addWarn);
      intake = buffered;
    }
    started = true;
  }

  @Override
  public void stop() {
    started = false;
    BufferedIntake held = buffered;
    if (held != null) {
      held.settle(SETTLING);
    }
  }

  @Override
  public boolean isStarted() {
    return started;
  }

  @Override
  public void doAppend(ILoggingEvent event) {
    if (started && filters.getFilterChainDecision(event) != FilterReply.DENY) {
      intake.take(event, event.getLoggerName(), events);
    }
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public void setName(String name) {
    this.name = name;
  }

  @Override
  public void addFilter(Filter<ILoggingEvent> filter) {
    filters.addFilter(filter);
  }

  @Override
  public void clearAllFilters() {
    filters.clearAllFilters();
  }

  @Override
  public List<Filter<ILoggingEvent>> getCopyOfAttachedFiltersList() {
    return filters.getCopyOfAttachedFiltersList();
  }

  @Override
  public FilterReply getFilterChainDecision(ILoggingEvent event) {
    return filters.getFilterChainDecision(event);
  }

  @Override
  public String toString() {
    return "io.logstream.logback.LogstreamAppender[" + name + "]";
  }
}
