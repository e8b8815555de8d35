package io.logstream.examples;

import java.util.Locale;

/** A line on the terminal that says how far a job has come; nothing where standard error is no terminal. */
final class Progress {
  private final boolean shown;
  private final long started = System.nanoTime();

  private Progress(boolean shown) {
    this.shown = shown;
  }

  static Progress onTerminal() {
    return new Progress(System.console() != null);
  }

  void show(long lines) {
    if (shown) {
      double seconds = (System.nanoTime() - started) / 1e9;
      System.err.printf(Locale.ROOT, "\r%,d lines, %,.0f a second\u001b[K", lines, lines / seconds);
    }
  }

  void clear() {
    if (shown) {
      System.err.print("\r\u001b[K");
    }
  }
}
