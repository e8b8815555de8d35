package io.logstream.appender;

import io.logstream.PushRing;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where a logging framework's appender hands in what is logged. It keeps the rules of living inside a logger: events of loggers under
 * {@code io.logstream} and of those that are to be ignored are left out; so is, counted, what is logged while the same thread hands in
 * another event, and what threads of a run log that reads its own log; and nothing is thrown into the application. Any thread.
 */
public abstract class Intake {
  private static final String OWN = "io.logstream";
  private static final String OWN_THREAD = "own thread";
  private static final String REENTRANT = "reentrant";
  private static final String UNREADABLE = "unreadable";

  /** Whether this thread is handing in an event. */
  private static final ThreadLocal<Boolean> INSIDE = new ThreadLocal<>();

  private final LongAdder ignored = new LongAdder();

  /** For intakes of one's own. */
  protected Intake() {}

  /** On which terms events are taken. */
  public abstract Terms terms();

  /**
   * An event to be filled in, at once and without calling anybody else's code, and {@linkplain #publish published} in any case; null where
   * there is no room, which is counted.
   *
   * @param important whether to wait for room, for as long as the terms say
   */
  public abstract LoggedEvent claim(boolean important);

  /** Hands in an event that was claimed. */
  public abstract void publish(LoggedEvent event);

  /** Counts an event that was logged and is not taken. */
  protected abstract void dropped(String reason);

  /** Takes note of an event that could not be copied. */
  protected abstract void trouble(Throwable cause);

  /** Whether what this thread logs would go round in circles: here, where it belongs to a run that reads its process's own log. */
  protected boolean isFedBack() {
    return PushRing.Caller.now() == PushRing.Caller.READER_OF_OWN_LOG;
  }

  /** Hands in an event. Returns as soon as it is copied or given up, and throws nothing. */
  public final <E> void take(E event, String logger, Copying<E> copying) {
    if (isIgnored(logger)) {
      ignored.increment();
    } else if (isFedBack()) {
      dropped(OWN_THREAD);
    } else if (INSIDE.get() == Boolean.TRUE) {
      dropped(REENTRANT);
    } else {
      INSIDE.set(Boolean.TRUE);
      try {
        copying.copy(event, this);
      } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
        dropped(UNREADABLE);
        trouble(e);
      } finally {
        INSIDE.set(Boolean.FALSE);
      }
    }
  }

  /** How many events were left out because of their logger. */
  public final long ignored() {
    return ignored.sum();
  }

  private boolean isIgnored(String logger) {
    if (logger == null) {
      return false;
    }
    if (isUnder(OWN, logger)) {
      return true;
    }
    var ignoring = terms().ignoring();
    for (int i = 0; i < ignoring.size(); i++) {
      if (isUnder(ignoring.get(i), logger)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUnder(String name, String logger) {
    return logger.startsWith(name) && (logger.length() == name.length() || logger.charAt(name.length()) == '.');
  }
}
