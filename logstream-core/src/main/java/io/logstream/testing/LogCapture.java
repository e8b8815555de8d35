package io.logstream.testing;

import io.logstream.LogEvent;
import io.logstream.appender.Intake;
import io.logstream.appender.LoggedEvent;
import io.logstream.appender.LoggerSource;
import io.logstream.appender.Terms;
import io.logstream.match.Condition;
import io.logstream.match.Field;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * What the code under test logs, on one logger and those below it or on all: the events of a {@link LoggerSource}, at once and on the thread
 * that logs, so that a test sees them as soon as the logger's method has returned.
 *
 * <pre>{@code
 * try (LogCapture log = LogCapture.of(LogbackSource.logger("com.shop")).strict().allowing(field("message").contains("card declined"))) {
 *   checkout.pay(order);
 *   assertThat(log.messages()).contains("order 4711 paid");
 *   log.logged(field("level").is("WARN").and(field("tenant").is("acme")));
 * }                                        // fails if anything else was logged as an error
 * }</pre>
 *
 * <p>Begins when it is made, ends at {@link #close}. Levels are those of the framework's configuration. Each capture has an appender of its
 * own, so that tests that run side by side do not disturb one another; but they hear each other where they log to the same loggers: {@link
 * #ofThisThread} and {@link #only} leave out what is not of this test. Where its appender is taken away from the logger, it
 * is back with the next question. An assertion that fails shows the last events. It keeps the last 100,000 events. What it is told it
 * changes in itself, and returns itself; all methods from any thread.
 */
public final class LogCapture implements AutoCloseable {
  private static final Condition ERROR = Field.field("level").is("ERROR").or(Field.field("level").is("FATAL"));
  private static final int MOST = 100_000;
  private static final int SHOWN = 20;

  private final Deque<LogEvent> events = new ArrayDeque<>();
  private final List<Condition> allowed = new CopyOnWriteArrayList<>();
  private final LoggerSource.Attachment attachment;
  /** Held while the framework is told to hand in events or not to: never by a thread that logs. */
  private final Object attaching = new Object();
  private Predicate<LogEvent> wanted = event -> true;
  private volatile boolean strict;
  private String trouble;
  private volatile boolean closed;

  private LogCapture(LoggerSource<?> source) {
    attachment = source.feed(new Captured(source.terms()));
  }

  /**
   * A capture of what this source would take, beginning now.
   *
   * @throws IllegalStateException if the logging framework is not there
   */
  public static LogCapture of(LoggerSource<?> source) {
    return new LogCapture(Objects.requireNonNull(source, "source"));
  }

  // ---------------------------------------------------------------- what is captured

  /** Only what the thread logs that calls this, known by its name. Also for what was captured before. */
  public LogCapture ofThisThread() {
    String thread = Thread.currentThread().getName();
    return only(Field.field("thread").is(thread));
  }

  /** Only events for which this holds. Also for what was captured before. */
  public synchronized LogCapture only(Condition condition) {
    wanted = wanted.and(condition::test);
    events.removeIf(event -> !condition.test(event));
    return this;
  }

  /** An error that was not {@linkplain #allowing allowed} fails the test: {@link #close} throws. */
  public LogCapture strict() {
    strict = true;
    return this;
  }

  /** Errors for which this holds are no reason to fail. */
  public LogCapture allowing(Condition condition) {
    allowed.add(Objects.requireNonNull(condition, "condition"));
    return this;
  }

  /** Forgets what was captured so far. */
  public synchronized LogCapture clear() {
    events.clear();
    return this;
  }

  // ---------------------------------------------------------------- asking

  /** The events so far, in order: the reader's to keep. Fields are those of a {@link LoggedEvent}. */
  public List<LogEvent> events() {
    keep();
    synchronized (this) {
      return List.copyOf(events);
    }
  }

  /** The messages of the events so far, in order. */
  public List<String> messages() {
    return events().stream().map(LogEvent::message).toList();
  }

  /**
   * Asserts that there is such an event.
   *
   * @return all of them
   */
  public List<LogEvent> logged(Condition condition) {
    List<LogEvent> found = matching(condition);
    if (found.isEmpty()) {
      throw failure("expected an event with " + condition + ", but there was none");
    }
    return found;
  }

  /** Asserts that there is no such event. */
  public void notLogged(Condition condition) {
    List<LogEvent> found = matching(condition);
    if (!found.isEmpty()) {
      throw failure("expected no event with " + condition + ", but there " + many(found));
    }
  }

  /** Asserts that nothing was logged as ERROR, or FATAL, except what is {@linkplain #allowing allowed}. */
  public void noErrors() {
    List<LogEvent> errors = new ArrayList<>(matching(ERROR));
    errors.removeIf(error -> allowed.stream().anyMatch(condition -> condition.test(error)));
    if (!errors.isEmpty()) {
      throw failure("expected no error, but there " + many(errors));
    }
  }

  /**
   * Waits for such an event, which other threads log, and asserts that it comes in time.
   *
   * @return all of them that are there
   */
  public List<LogEvent> await(Condition condition, Duration atMost) {
    long until = System.nanoTime() + atMost.toNanos();
    while (System.nanoTime() - until < 0 && !Thread.currentThread().isInterrupted()) {
      List<LogEvent> found = matching(condition);
      if (!found.isEmpty()) {
        return found;
      }
      LockSupport.parkNanos(this, 1_000_000);
    }
    return logged(condition);
  }

  /** Ends the capture; what it holds can still be asked for. Where it is {@linkplain #strict strict}, asserts {@link #noErrors}. */
  @Override
  public void close() {
    synchronized (attaching) {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      attachment.close();
    }
    if (strict) {
      noErrors();
    }
  }

  private void keep() {
    synchronized (attaching) {
      if (!closed) {
        attachment.keep();
      }
    }
  }

  private List<LogEvent> matching(Condition condition) {
    return events().stream().filter(condition::test).toList();
  }

  private static String many(List<LogEvent> found) {
    StringBuilder text = new StringBuilder(found.size() == 1 ? "was one:" : "were " + found.size() + ":");
    found.stream().limit(SHOWN).forEach(event -> text.append("\n  ").append(line(event)));
    return text.append(found.size() > SHOWN ? "\n  .." : "").toString();
  }

  private synchronized AssertionError failure(String what) {
    StringBuilder text = new StringBuilder(what);
    text.append(events.isEmpty() ? "\nnothing was logged" : "\nthe last " + Math.min(SHOWN, events.size()) + " of " + events.size() + " events:");
    int skipped = events.size() - SHOWN;
    for (Iterator<LogEvent> each = events.iterator(); each.hasNext(); skipped--) {
      LogEvent event = each.next();
      if (skipped <= 0) {
        text.append("\n  ").append(line(event));
      }
    }
    if (trouble != null) {
      text.append("\nan event could not be copied: ").append(trouble);
    }
    return new AssertionError(text);
  }

  private static String line(LogEvent event) {
    String thrown = event.has("error.class") ? " (" + event.text("error.class") + ": " + event.text("error.message", "") + ")" : "";
    return event.time() + " " + event.text("level", "") + " [" + event.text("thread", "") + "] " + event.text("logger", "") + ": " + event.message() + thrown;
  }

  private final class Captured extends Intake {
    private final Terms terms;

    Captured(Terms terms) {
      this.terms = terms;
    }

    @Override
    public Terms terms() {
      return terms;
    }

    @Override
    protected boolean isFedBack() {
      return false;
    }

    @Override
    public LoggedEvent claim(boolean important) {
      return new LoggedEvent();
    }

    @Override
    public void publish(LoggedEvent event) {
      if (event.isKept()) {
        LogEvent captured = event.toEvent();
        synchronized (LogCapture.this) {
          if (!closed && wanted.test(captured)) {
            events.add(captured);
            if (events.size() > MOST) {
              events.removeFirst();
            }
          }
        }
      }
    }

    @Override
    protected void dropped(String reason) {}

    @Override
    protected void trouble(Throwable cause) {
      synchronized (LogCapture.this) {
        trouble = cause.toString();
      }
    }
  }
}
