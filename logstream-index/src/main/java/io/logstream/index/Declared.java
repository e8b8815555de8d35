package io.logstream.index;

import java.util.Set;

/** Which fields an index was told something about. A slice keeps to what it began with. */
record Declared(Set<String> keywords, Set<String> numbers, Set<String> ranged) {
  static final Declared NOTHING = new Declared(Set.of(), Set.of(), Set.of());

  boolean isKeyword(String field) {
    return keywords.contains(field);
  }

  boolean isNumber(String field) {
    return numbers.contains(field);
  }

  boolean isRanged(String field) {
    return ranged.contains(field);
  }
}
