package io.logstream.index;

import java.util.List;

/**
 * The most frequent values of a field. Immutable.
 *
 * @param values the values, the most frequent first
 * @param partial whether counting ended before it was done: its time was over, or the field has too many different values
 */
public record LogValues(List<Value> values, boolean partial) {
  /** How many values can be asked for. */
  public static final int MOST = 10_000;

  /** Copies the list. */
  public LogValues {
    values = List.copyOf(values);
  }

  /**
   * One value.
   *
   * @param value its text; of text beyond 1,024 bytes the beginning
   * @param count how many events have it
   */
  public record Value(String value, long count) {}
}
