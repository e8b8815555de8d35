package io.logstream.logging.testing;

import org.slf4j.event.Level;

/** One logger of a framework, called as an application calls it. Any thread. */
public interface FrameworkLogger {
  /** Logs a template and what is put into it. */
  void log(Level level, String template, Object... arguments);

  /** Logs a throwable. */
  void error(String message, Throwable thrown);

  /** Logs an error as if it were then. */
  void errorAt(long epochMillis, String message);

  /** Logs an event that throws an {@link IllegalStateException}, "broken on purpose", while it is copied. */
  void unreadable();

  /** Logs at DEBUG. */
  default void debug(String template, Object... arguments) {
    log(Level.DEBUG, template, arguments);
  }

  /** Logs at INFO. */
  default void info(String template, Object... arguments) {
    log(Level.INFO, template, arguments);
  }

  /** Logs at WARN. */
  default void warn(String template, Object... arguments) {
    log(Level.WARN, template, arguments);
  }

  /** Logs at ERROR. */
  default void error(String template, Object... arguments) {
    log(Level.ERROR, template, arguments);
  }
}
