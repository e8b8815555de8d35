package io.logstream.log4j2;

import io.logstream.appender.BufferedIntake;
import io.logstream.appender.Intake;
import io.logstream.appender.NamedIntakes;
import io.logstream.appender.Terms;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.Core;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.config.plugins.PluginAttribute;
import org.apache.logging.log4j.core.config.plugins.PluginElement;
import org.apache.logging.log4j.core.config.plugins.PluginFactory;

/**
 * An appender for a Log4j configuration, of the type {@code Logstream}: what it is given waits for the pipeline that reads it by its name,
 * {@link Log4j2Source#appender}, also before there is one. So nothing is missed from the first event on.
 *
 * <pre>{@code
 * <Logstream name="LOGSTREAM"
 *     holding="1024"             events there is room for, a power of two
 *     waitingFrom="WARN"         from this level on a thread waits for room
 *     waitingAtMost="50 ms"      but not longer
 *     ignoring="org.apache.kafka, org.apache.zookeeper"   loggers left out
 *     callers="false"/>          find out where an event was logged
 * }</pre>
 *
 * <p>All settings have these defaults, but no logger is left out. A wrong one is an error in Log4j's status log, and there is no such
 * appender. Appenders of one name share what they take, also when the configuration is read again. Two class loaders that load this class
 * have nothing in common. What goes wrong is said in Log4j's status log.
 */
@Plugin(name = "Logstream", category = Core.CATEGORY_NAME, elementType = Appender.ELEMENT_TYPE, printObject = true)
public final class LogstreamAppender extends AbstractAppender {
  static final NamedIntakes CONFIGURED = new NamedIntakes();
  private static final long SETTLING_MILLIS = 1000;

  private final Intake intake;
  private final BufferedIntake buffered;
  private final Log4j2Events events;

  private LogstreamAppender(String name, Filter filter, Intake intake, BufferedIntake buffered, Level waitingFrom) {
    super(name, filter, null, true, Property.EMPTY_ARRAY);
    this.intake = intake;
    this.buffered = buffered;
    events = new Log4j2Events(waitingFrom);
  }

  /** One that hands its events to an intake given from outside. */
  LogstreamAppender(String name, Intake intake, Level waitingFrom) {
    this(name, null, intake, null, waitingFrom);
  }

  /** Makes one for a configuration; null if a setting is wrong, which is said in the status log. */
  @PluginFactory
  public static LogstreamAppender configured(@PluginAttribute("name") String name, @PluginAttribute("holding") String holding,
      @PluginAttribute("waitingFrom") String waitingFrom, @PluginAttribute("waitingAtMost") String waitingAtMost, @PluginAttribute("ignoring") String ignoring,
      @PluginAttribute("callers") String callers, @PluginElement("Filter") Filter filter) {
    try {
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("it needs a name, by which a pipeline reads it");
      }
      Terms terms = holding == null ? Terms.USUAL : Terms.USUAL.holding(holding);
      terms = waitingAtMost == null ? terms : terms.waitingAtMost(waitingAtMost);
      terms = callers == null ? terms : terms.callers(callers);
      terms = ignoring == null ? terms : terms.ignoring(Stream.of(ignoring.split(",")).map(String::strip).toList());
      Level from = waitingFrom == null ? Level.WARN : Level.valueOf(waitingFrom.strip());
      BufferedIntake buffered = CONFIGURED.started(name, terms, LOGGER::warn);
      return new LogstreamAppender(name, filter, buffered, buffered, from);
    } catch (IllegalArgumentException e) {
      LOGGER.error("Logstream appender '{}' is not made: {}", name, e.getMessage());
      return null;
    }
  }

  @Override
  public void append(LogEvent event) {
    intake.take(event, event.getLoggerName(), events);
  }

  @Override
  public boolean requiresLocation() {
    return intake.terms().callers();
  }

  @Override
  public boolean stop(long timeout, TimeUnit unit) {
    boolean stopped = super.stop(timeout, unit);
    if (buffered != null) {
      long millis = unit.toMillis(timeout);
      buffered.settle(Duration.ofMillis(millis > 0 ? Math.min(millis, SETTLING_MILLIS) : SETTLING_MILLIS));
    }
    return stopped;
  }
}
