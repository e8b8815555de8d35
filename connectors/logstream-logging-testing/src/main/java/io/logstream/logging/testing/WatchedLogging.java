package io.logstream.logging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.appender.LoggerSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.event.Level;

/**
 * A logging framework of one's own, and what a pipeline gets from it. What a framework has its own words for is abstract. Its root logger
 * begins at DEBUG and without an appender.
 */
public abstract class WatchedLogging implements AutoCloseable {
  /** Copies of the events that a {@link #pipeline} has delivered. */
  public final List<LogEvent> seen = Collections.synchronizedList(new ArrayList<>());

  // ---------------------------------------------------------------- the framework

  /** A logger. */
  public abstract FrameworkLogger logger(String name);

  /** The source of all that is logged. */
  public abstract LoggerSource<?> root();

  /** The source of what a logger and those below it log. */
  public abstract LoggerSource<?> below(String logger);

  /** The source of what an appender of the configuration takes. */
  public abstract LoggerSource<?> configured(String appender);

  /** The source of what a logger and those below it log in the framework that stands behind SLF4J in this process. */
  public abstract LoggerSource<?> inUse(String logger);

  /** Puts a value into what the framework says of this thread's events, as the MDC does. */
  public abstract void context(String name, String value);

  /** Takes all such values away. */
  public abstract void clearContext();

  /** Reads another configuration: the root logger at a level, without an appender. */
  public abstract void configure(Level root);

  /**
   * Reads another configuration: the root logger at DEBUG, with an appender of ours.
   *
   * @param settings each as {@code name=value}, several values one by one; {@code filter} is the level of a threshold filter
   */
  public abstract void configure(String appender, String... settings);

  /** Reads another configuration: the root logger at DEBUG, with the framework's asynchronous appender and one of ours behind it. */
  public abstract void configureBehindAsync(String appender);

  /** Gives a logger a level of its own. */
  public abstract void level(String logger, Level level);

  /** What this logger and those below it log is not passed up any more. */
  public abstract void passNothingUp(String logger);

  /** The warnings and errors in the framework's own status. */
  public abstract List<String> complaints();

  /** What can be seen in the framework to be attached to the root logger or to listen to changes. */
  public abstract List<?> attached();

  /** Takes all appenders away from the root logger. */
  public abstract void detachAll();

  /** Stops an appender of the configuration. */
  public abstract void stop(String appender);

  /** Stops the framework. */
  public abstract void stop();

  /** Stops the framework, and forgets it. */
  @Override
  public abstract void close();

  // ---------------------------------------------------------------- what a pipeline gets from it

  /** A pipeline that shows what it delivers. */
  public final Pipeline pipeline(Source source) {
    return LogStream.named("own").from(source).to(Sink.each(event -> seen.add(event.copy()))).build();
  }

  /** The same as a run by hand, in which time stands still. */
  public final InlineRun inline(Source source) {
    return pipeline(source).inline(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));
  }

  /** Logs, and delivers what was logged. */
  public final void run(LoggerSource<?> source, Runnable logging) {
    try (InlineRun run = inline(source)) {
      logging.run();
      run.work();
      balanced(run.ledger());
    }
  }

  /** The one event that was delivered. */
  public final LogEvent only() {
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  /** The messages that were delivered, in order. */
  public final List<String> messages() {
    return List.copyOf(seen).stream().map(LogEvent::message).toList();
  }

  /** How many events a run's source has dropped, by reason. */
  public final Map<String, Long> drops(Ledger ledger) {
    return balanced(ledger).stage(root().name()).droppedBy();
  }

  /** The ledger itself, which must balance. */
  public static Ledger balanced(Ledger ledger) {
    assertThat(ledger.imbalances()).isEmpty();
    return ledger;
  }

  /** Waits until something is so, which must be soon. */
  public static void await(BooleanSupplier so) {
    long until = System.nanoTime() + 30_000_000_000L;
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for 30 seconds").isLessThan(until);
      LockSupport.parkNanos(200_000);
    }
  }
}
