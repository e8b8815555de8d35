package io.logstream.window;

import io.logstream.LogEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What there is of one key in one pane or window, or of all keys that found no room there. */
final class Group {
  /** The first row has revision 0. */
  static final int NEVER_TOLD = -1;

  final byte[] key;
  final int hash;
  final boolean overflow;
  /** Its place in the order of admission. */
  final int ordinal;
  /** Null where the values are in panes, or made of {@link #rows} when they are asked for. */
  Aggregation.Value[] values;
  /** The rows of other windows that may still be replaced, by what tells them from others; null where rows are not replaced. */
  Map<String, LogEvent> rows;
  /** The sessions of the key, where windows are sessions. */
  final List<Session> sessions = new ArrayList<>(0);
  /** The revision of its last row. */
  int revision = NEVER_TOLD;
  /** During which early period it last changed. */
  int touched;
  boolean changed = true;

  Group(byte[] key, int hash, boolean overflow, int ordinal) {
    this.key = key;
    this.hash = hash;
    this.overflow = overflow;
    this.ordinal = ordinal;
  }
}
