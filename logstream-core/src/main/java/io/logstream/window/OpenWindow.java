package io.logstream.window;

/** A window that is not forgotten yet. */
final class OpenWindow {
  final long start;
  final long end;
  /** The keys that it tells apart, and which rows it has told of them: those of its only pane, if it has one, values included. */
  final Groups groups;
  /** What closed it; null while it is open. */
  String closedBy;
  boolean changed = true;

  OpenWindow(long start, long end, Groups groups) {
    this.start = start;
    this.end = end;
    this.groups = groups;
  }
}
