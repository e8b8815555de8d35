package io.logstream.window;

/** Events of one key without a gap between them. */
final class Session {
  final long id;
  Group group;
  long start;
  /** The time of its last event. */
  long last;
  Aggregation.Value[] values;
  int revision = Group.NEVER_TOLD;
  /** Whether an early row was told of it under its present start. */
  boolean toldEarly;
  /** What closed it; null while it is open. */
  String closedBy;
  int touched;
  /** When it is to be looked at next. */
  long due = Long.MIN_VALUE;
  boolean gone;

  Session(long id, Group group, long time, Aggregation.Value[] values) {
    this.id = id;
    this.group = group;
    this.start = time;
    this.last = time;
    this.values = values;
  }
}
