package io.logstream.jmh;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import com.sun.management.ThreadMXBean;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.log4j2.Log4j2Source;
import io.logstream.logback.LogbackSource;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.NullConfiguration;
import org.apache.logging.log4j.core.config.Property;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost the thread that logs to hand its event to a pipeline, against handing it to Logback's {@code AsyncAppender} and to
 * Log4j's async logger? The same event, three arguments and two names in the MDC, no callers, is delivered on the other side, in bursts of 128
 * that fit into the rings, so that nobody waits and nothing is dropped, which is checked. CPU of a logging thread for an event is {@code
 * cpuNanos / events}; what it allocates is {@code allocated / events}; {@code -prof gc} adds what is allocated on the other side.
 *
 * <pre>
 * java -jar jmh/target/benchmarks.jar Appenders -t 1 -prof gc
 * java -jar jmh/target/benchmarks.jar Appenders -t 4 -prof gc
 * </pre>
 *
 * <p>Wants two cores.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
public class AppendersBenchmark {
  private static final int BURST = 128;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String LOGGER = "com.shop.Checkout";
  private static final String TEMPLATE = "order {} of {} was paid in {} ms";

  /** Who is measured. */
  @Param({"logbackAsync", "logbackPipeline", "log4jAsync", "log4jPipeline"})
  public String contender;

  private Contender running;
  private final LongAdder logged = new LongAdder();

  private abstract static class Contender implements AutoCloseable {
    // written by one thread, the one that delivers
    volatile long delivered;
    long characters;

    abstract void log(int order);

    abstract void context(String name, String value);

    void delivered(int length) {
      characters += length;
      delivered = delivered + 1;
    }

    @Override
    public abstract void close();
  }

  /** What logging costs a thread. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cost {
    /** CPU time of the logging threads. */
    public long cpuNanos;
    /** Bytes allocated by the logging threads. */
    public long allocated;
    /** Events logged. */
    public long events;
  }

  /** Starts the contender. */
  @Setup
  public void start() {
    running = switch (contender) {
      case "logbackAsync" -> new Logback(false);
      case "logbackPipeline" -> new Logback(true);
      case "log4jAsync" -> new Log4j(false);
      default -> new Log4j(true);
    };
  }

  /** Gives each thread its MDC. */
  @State(Scope.Thread)
  public static class Mdc {
    /** Puts two names. */
    @Setup
    public void put(AppendersBenchmark benchmark) {
      benchmark.running.context("tenant", "acme");
      benchmark.running.context("request", "7f3a9c");
    }
  }

  /** Stops the contender and checks that nothing was lost. */
  @TearDown
  public void stop() {
    running.close();
    if (running.delivered != logged.sum()) {
      throw new IllegalStateException(contender + " delivered " + running.delivered + " of " + logged.sum() + " events");
    }
  }

  /** A burst of events, and the wait until they are delivered, which does not count. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void burst(Cost cost, Mdc mdc) {
    long thread = Thread.currentThread().getId();
    long bytes = THREADS.getThreadAllocatedBytes(thread);
    long nanos = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < BURST; i++) {
      running.log(i);
    }
    cost.cpuNanos += THREADS.getCurrentThreadCpuTime() - nanos;
    cost.allocated += THREADS.getThreadAllocatedBytes(thread) - bytes;
    cost.events += BURST;
    logged.add(BURST);
    long all = logged.sum();
    while (running.delivered < all) {
      LockSupport.parkNanos(20_000);
    }
  }

  private static RunningPipeline pipeline(Source source, Contender to) {
    return LogStream.named("bench").from(source).to(Sink.each(e -> to.delivered(e.to() - e.from()))).build().start();
  }

  private static final class Logback extends Contender {
    private final LoggerContext context = new LoggerContext();
    private final ch.qos.logback.classic.Logger logger = context.getLogger(LOGGER);
    private RunningPipeline pipeline;

    Logback(boolean withPipeline) {
      context.setMDCAdapter(new LogbackMDCAdapter());
      context.start();
      if (withPipeline) {
        pipeline = pipeline(LogbackSource.rootLogger().in(context).waitingFrom(Level.TRACE).waitingAtMost(Duration.ofMinutes(1)), this);
        return;
      }
      AppenderBase<ILoggingEvent> counting = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          delivered(event.getFormattedMessage().length());
        }
      };
      counting.setContext(context);
      counting.start();
      AsyncAppender async = new AsyncAppender();
      async.setContext(context);
      async.setQueueSize(1024);
      async.setDiscardingThreshold(0);
      async.addAppender(counting);
      async.start();
      context.getLogger(ch.qos.logback.classic.Logger.ROOT_LOGGER_NAME).addAppender(async);
    }

    @Override
    void log(int order) {
      logger.info(TEMPLATE, order, "acme", 12);
    }

    @Override
    void context(String name, String value) {
      context.getMDCAdapter().put(name, value);
    }

    @Override
    public void close() {
      if (pipeline != null) {
        pipeline.close();
      }
      context.stop();
    }
  }

  private static final class Log4j extends Contender {
    private final org.apache.logging.log4j.core.LoggerContext context;
    private final org.apache.logging.log4j.Logger logger;
    private RunningPipeline pipeline;

    Log4j(boolean withPipeline) {
      context = withPipeline ? new org.apache.logging.log4j.core.LoggerContext("bench") : new AsyncLoggerContext("bench");
      // asynchronous loggers do not start with the default configuration
      context.start(new NullConfiguration());
      LoggerConfig root = context.getConfiguration().getRootLogger();
      List.copyOf(root.getAppenders().keySet()).forEach(root::removeAppender);
      root.setLevel(org.apache.logging.log4j.Level.INFO);
      if (!withPipeline) {
        StringBuilder text = new StringBuilder();
        AbstractAppender counting = new AbstractAppender("counting", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            text.setLength(0);
            ((org.apache.logging.log4j.util.StringBuilderFormattable) event.getMessage()).formatTo(text);
            delivered(text.length());
          }
        };
        counting.start();
        root.addAppender(counting, null, null);
      }
      context.updateLoggers();
      logger = context.getLogger(LOGGER);
      if (withPipeline) {
        pipeline = pipeline(Log4j2Source.rootLogger().in(context).waitingFrom(org.apache.logging.log4j.Level.TRACE).waitingAtMost(Duration.ofMinutes(1)), this);
      }
    }

    @Override
    void log(int order) {
      logger.info(TEMPLATE, order, "acme", 12);
    }

    @Override
    void context(String name, String value) {
      ThreadContext.put(name, value);
    }

    @Override
    public void close() {
      if (pipeline != null) {
        pipeline.close();
      }
      context.stop();
    }
  }
}
