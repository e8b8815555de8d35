package io.logstream.appender;

import io.logstream.Batch;
import io.logstream.FieldUse;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What this process logs through a framework, as a source: what the sources of the connectors have in common. It takes the events of one
 * logger and those below it, from the moment at which the pipeline starts until it is closed, and delivers what was logged before the
 * close; or those of an appender in the framework's configuration, which takes them from the moment at which the framework was configured.
 *
 * <p>A thread that logs copies its event into the source's ring and goes on. The ring holds 1,024 events unless said. Where it is full, an
 * event is dropped, and counted by the ledger as {@code full}; one of the level WARN or above waits for room first, 50 milliseconds at most.
 *
 * <p>Left out are events of loggers under {@code io.logstream}, and, counted as {@code own thread}, what the pipeline's own threads log, which
 * would go round in circles. A library that logs on threads of its own for every event that a sink gives it must be {@linkplain #ignoring
 * ignored}, for the same reason.
 *
 * <p>Times are those of the framework. Threads may hand in events a second later than one another. {@link LoggedEvent} says which fields there are.
 *
 * @param <S> the source itself
 */
public abstract class LoggerSource<S extends LoggerSource<S>> implements Source {
  private static final long PATIENCE_MILLIS = 10_000;

  private final String name;
  private final NamedIntakes named;
  private final String appender;
  private final Terms terms;

  /**
   * A source that attaches itself to the framework.
   *
   * @param name its name as a source
   */
  protected LoggerSource(String name, Terms terms) {
    this.name = Objects.requireNonNull(name, "name");
    this.terms = Objects.requireNonNull(terms, "terms");
    this.named = null;
    this.appender = null;
  }

  /** A source that reads what an appender takes which stands in the framework's configuration. */
  protected LoggerSource(String name, NamedIntakes named, String appender) {
    this.name = Objects.requireNonNull(name, "name");
    this.named = named;
    this.appender = Objects.requireNonNull(appender, "name of an appender");
    this.terms = Terms.USUAL;
  }

  /** The same source on other terms. */
  protected abstract S on(Terms other);

  /**
   * Hands events to an intake from now on; null where the framework is just being initialised, then it is asked again a little later.
   *
   * @throws IllegalStateException if the framework is not there
   */
  protected abstract Attachment attach(Intake intake);

  /** Tells the framework that something is wrong with an appender. */
  protected abstract void complain(String what);

  /** An appender of this source in the framework. */
  @FunctionalInterface
  public interface Attachment extends AutoCloseable {
    /** Sees to it that it is still there: asked when nothing comes, and not after {@link #close}. */
    default void keep() {}

    /** Takes it away from the framework. */
    @Override
    void close();
  }

  // ---------------------------------------------------------------- words

  /** The same with room for so many events, a power of two; 1,024 unless said. */
  public S holding(int events) {
    return on(own("holding").holding(events));
  }

  /** The same with another limit on how long a thread waits that logs something important while there is no room; 50 milliseconds unless said, zero for not at all. */
  public S waitingAtMost(Duration limit) {
    return on(own("waitingAtMost").waitingAtMost(limit));
  }

  /** The same without the events of these loggers and those below them. */
  public S ignoring(String... loggers) {
    return on(own("ignoring").ignoring(List.of(loggers)));
  }

  /** The same with the fields {@code caller.class}, {@code .method}, {@code .file} and {@code .line}. Finding them out costs the thread that logs some microseconds. */
  public S callers() {
    return on(own("callers").callers(true));
  }

  /**
   * The terms, to be changed by a word.
   *
   * @throws IllegalStateException if they are those of an appender in the framework's configuration
   */
  protected final Terms own(String word) {
    if (appender != null) {
      throw new IllegalStateException("'" + word + "' of appender '" + appender + "' is said where the appender is configured");
    }
    return terms;
  }

  // ---------------------------------------------------------------- as a source

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final FieldUse fieldUse() {
    return LoggedEvent.fieldUse();
  }

  @Override
  public final Duration outOfOrder() {
    return Duration.ofSeconds(1);
  }

  @Override
  public final Reader open(SourceContext context) {
    LoggedEvent.FIELDS.forEach(context::key);
    return appender == null ? new Attached(context) : new Configured(context);
  }

  /**
   * Hands this source's events to an intake of one's own instead of a run's: for test fixtures.
   *
   * @throws IllegalStateException if the framework is not there or just being initialised
   * @throws IllegalArgumentException if this is an appender of the framework's configuration
   */
  public final Attachment feed(Intake intake) {
    if (appender != null) {
      throw new IllegalArgumentException("the events of appender '" + appender + "' are for pipelines; name a logger instead");
    }
    Attachment attachment = attach(intake);
    if (attachment == null) {
      throw new IllegalStateException(this + ": the logging framework is just being initialised");
    }
    return attachment;
  }

  /** The terms on which it takes events, unless its appender is configured elsewhere. */
  public final Terms terms() {
    return terms;
  }

  @Override
  public String toString() {
    return "source '" + name + "'";
  }

  /** Reads an intake of its own, to which the framework hands events for as long as the run goes. */
  private final class Attached implements Reader {
    private final Reader reader;
    private final BufferedIntake intake;
    private Attachment attachment;

    Attached(SourceContext context) {
      intake = new BufferedIntake(LoggerSource.this.toString(), terms, LoggerSource.this::complain);
      attachment = attach(intake);
      reader = intake.reader(context, false);
    }

    @Override
    public Found poll(Batch batch) throws IOException {
      if (attachment == null) {
        attachment = attach(intake);
      }
      Found found = reader.poll(batch);
      if (found == Found.NOTHING && attachment != null) {
        attachment.keep();
      }
      return found;
    }

    @Override
    public Found drain(Batch batch) throws IOException {
      detach();
      return reader.drain(batch);
    }

    @Override
    public void await(long nanos) throws IOException {
      reader.await(nanos);
    }

    @Override
    public boolean notices() {
      return attachment != null && reader.notices();
    }

    @Override
    public void close() throws IOException {
      detach();
      reader.close();
    }

    private void detach() {
      if (attachment != null) {
        attachment.close();
        attachment = null;
      }
    }
  }

  /** Reads the intake of an appender that is, or will be, configured. */
  private final class Configured implements Reader {
    private final SourceContext context;
    private final long openedAt;
    private Reader reader;

    Configured(SourceContext context) {
      this.context = context;
      openedAt = context.clock().millis();
      found();
    }

    private boolean found() {
      if (reader == null) {
        BufferedIntake intake = named.of(appender);
        if (intake != null) {
          reader = intake.reader(context, true);
        } else if (context.clock().millis() - openedAt > PATIENCE_MILLIS) {
          context.warn("no appender '" + appender + "' has been configured; there are " + (named.names().isEmpty() ? "none" : named.names()));
        }
      }
      return reader != null;
    }

    @Override
    public Found poll(Batch batch) throws IOException {
      return found() ? reader.poll(batch) : Found.NOTHING;
    }

    @Override
    public Found drain(Batch batch) throws IOException {
      return found() ? reader.drain(batch) : Found.END;
    }

    @Override
    public void await(long nanos) throws IOException {
      if (reader != null) {
        reader.await(nanos);
      } else {
        Reader.super.await(nanos);
      }
    }

    @Override
    public boolean notices() {
      return reader != null && reader.notices();
    }

    @Override
    public void close() throws IOException {
      if (reader != null) {
        reader.close();
      }
    }
  }
}
