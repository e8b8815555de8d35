package io.logstream.window;

import io.logstream.LogEvent;

/**
 * A value out of which a single event can be taken again, exactly, given what it brought: a kind, never 0, and a cell of 64 bits. That is
 * what lets a window slide from event to event.
 */
interface Reversible extends Aggregation.Value {
  /** The kind of an event that brings nothing. */
  byte NOTHING = 0;

  /** What kind of thing this event brings; its cell is then told by {@link #cell}. */
  byte kind(LogEvent event);

  /** The cell of the event that was last asked about. */
  long cell();

  /** Takes in what an event brought. */
  void include(byte kind, long cell);

  /** Takes out what an event brought. */
  void exclude(byte kind, long cell);

  @Override
  default void add(LogEvent event) {
    byte kind = kind(event);
    if (kind != NOTHING) {
      include(kind, cell());
    }
  }
}
