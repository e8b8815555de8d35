package io.logstream.index;

import java.util.Set;

/**
 * A field that events have. Immutable.
 *
 * @param name its name
 * @param count how many events have it
 * @param types what its values are: {@code text}, {@code boolean}, {@code whole} and {@code decimal} numbers, and {@code numeric text}
 */
public record LogField(String name, long count, Set<String> types) {
  /** Copies the set. */
  public LogField {
    types = Set.copyOf(types);
  }
}
