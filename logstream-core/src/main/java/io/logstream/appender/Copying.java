package io.logstream.appender;

/** Copies an event of a logging framework: the one thing that every framework has its own way for. Immutable, called by many threads. */
@FunctionalInterface
public interface Copying<E> {
  /**
   * Makes plain what may call the application's code, then {@linkplain Intake#claim claims} an event, and if there is one fills it in and
   * {@linkplain Intake#publish publishes} it.
   */
  void copy(E event, Intake to);
}
