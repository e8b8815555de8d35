package io.logstream.alert;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A way of telling people or other systems of an alert. Most are a lambda: {@code alert -> pager.send(alert.name())}.
 *
 * <p>It may wait for something outside: it is called on a thread of its own, one call at a time, in order (in an inline run, on the
 * caller's thread). One notifier given to several alerts is called by the thread of each. What it throws is counted as a failure of its
 * place, and other notifiers of the alert are told all the same; it is called again for that firing only if it says so by {@link #retry}, and, if it was
 * never told of it, not for its end. After a crash it may be told again what it was told since the last checkpoint, with equal {@link FiredAlert#id()}
 * and {@link FiredAlert#number()}.
 */
@FunctionalInterface
public interface AlertNotifier {
  /** An alert fires. */
  void fired(FiredAlert alert) throws Exception;

  /** A firing that it was told of is over. Does nothing unless said. */
  default void resolved(FiredAlert alert) throws Exception {}

  /** How long alerts are gathered, by the clock and from the first one on, to be {@linkplain #told told} together; each is told at once unless said. */
  default Duration gathering() {
    return Duration.ZERO;
  }

  /**
   * Tells of several together, in order: what has been gathered, 500 at most; earlier than said when a checkpoint is due or the run ends. One after
   * the other unless said. If it fails, all of them are tried again.
   */
  default void told(List<FiredAlert> alerts) throws Exception {
    for (FiredAlert alert : alerts) {
      if (alert.state() == FiredAlert.State.FIRING) {
        fired(alert);
      } else {
        resolved(alert);
      }
    }
  }

  /** How often it is asked again when it fails; not at all unless said. */
  default Retry retry() {
    return Retry.NONE;
  }

  /** Whether asking again after this failure is of no use. */
  default boolean isFinal(Exception failure) {
    return false;
  }

  /** Lets go of what it holds. Called when a run ends, by each of its places. */
  default void close() {}

  /** The same notifier, asked again when it fails. */
  default AlertNotifier retrying(Retry how) {
    Objects.requireNonNull(how, "retry");
    AlertNotifier notifier = this;
    return new AlertNotifier() {
      @Override
      public void fired(FiredAlert alert) throws Exception {
        notifier.fired(alert);
      }

      @Override
      public void resolved(FiredAlert alert) throws Exception {
        notifier.resolved(alert);
      }

      @Override
      public Duration gathering() {
        return notifier.gathering();
      }

      @Override
      public void told(List<FiredAlert> alerts) throws Exception {
        notifier.told(alerts);
      }

      @Override
      public Retry retry() {
        return how;
      }

      @Override
      public boolean isFinal(Exception failure) {
        return notifier.isFinal(failure);
      }

      @Override
      public void close() {
        notifier.close();
      }

      @Override
      public String toString() {
        return notifier + ", " + how;
      }
    };
  }

  /**
   * Writes a line to SLF4J's logger {@code io.logstream.alert}: errors for {@link Severity#PAGE} and {@link Severity#HIGH}, warnings
   * for {@link Severity#WARNING}, information for the rest and for every end. The logger is first asked for when there is something to
   * say.
   */
  static AlertNotifier toLog() {
    return LogNotifier.INSTANCE;
  }
}
