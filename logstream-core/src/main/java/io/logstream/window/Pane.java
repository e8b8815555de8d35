package io.logstream.window;

/** A stretch of time that all windows it belongs to take as a whole. */
final class Pane {
  final long start;
  final long end;
  /** The first window that takes it: earlier ones were closed for the log that its events came from. */
  final long from;
  final Groups groups = new Groups();
  /** The same stretch with another {@link #from}. */
  Pane next;
  /** The watermark of a log from which on its events may be late for the first window that takes them. */
  long until;
  /** Whether the first window that takes its events is closed already. */
  boolean closed;
  /** Whether its events are too late for some of their windows. */
  boolean partlyLate;

  Pane(long start, long end, long from) {
    this.start = start;
    this.end = end;
    this.from = from;
  }
}
