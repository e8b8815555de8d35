package io.logstream.alert;

/**
 * A way of telling people or other systems of an alert. Most are a lambda: {@code alert -> pager.send(alert.name())}.
 *
 * <p>It may wait for something outside: it is called on a thread of its own, one call at a time, in order (in an inline run, on the
 * caller's thread). One notifier given to several alerts is called by the thread of each. What it throws is counted as a failure of its
 * place, and other notifiers of the alert are told all the same; it is not called again for that firing, nor for its end. After a crash
 * it may be told again what it was told since the last checkpoint, with equal {@link FiredAlert#id()} and {@link FiredAlert#state()}.
 */
@FunctionalInterface
public interface AlertNotifier {
  /** An alert fires. */
  void fired(FiredAlert alert) throws Exception;

  /** A firing that it was told of is over. Does nothing unless said. */
  default void resolved(FiredAlert alert) throws Exception {}

  /**
   * Writes a line to SLF4J's logger {@code io.logstream.alert}: errors for {@link Severity#PAGE} and {@link Severity#HIGH}, warnings
   * for {@link Severity#WARNING}, information for the rest and for every end. The logger is first asked for when there is something to
   * say.
   */
  static AlertNotifier toLog() {
    return LogNotifier.INSTANCE;
  }
}
