package io.logstream.index;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a slice on disk says about itself in the user data of Lucene's commit: texts by name. */
final class CommitData {
  static final String BARRIER = "checkpoint ";
  private static final String VERSION = "logstream";
  private static final String PRESENT = "1";

  private final Map<String, String> values;

  private CommitData(Map<String, String> values) {
    this.values = values;
  }

  static CommitData empty() {
    CommitData data = new CommitData(new HashMap<>());
    return data.text(VERSION, PRESENT);
  }

  /** @throws IllegalArgumentException if a version of this library has written it that this one does not know */
  static CommitData of(Map<String, String> values) {
    if (!PRESENT.equals(values.get(VERSION))) {
      throw new IllegalArgumentException("it is not a slice of an index, or one of another version (" + values.get(VERSION) + ", this library reads " + PRESENT + ")");
    }
    return new CommitData(values);
  }

  Map<String, String> values() {
    return values;
  }

  CommitData text(String name, String value) {
    values.put(name, value);
    return this;
  }

  String text(String name) {
    return values.getOrDefault(name, "");
  }

  CommitData number(String name, long value) {
    return text(name, Long.toString(value));
  }

  long number(String name) {
    return Long.parseLong(values.getOrDefault(name, "0"));
  }

  /** Each as its length, a colon, and itself. */
  CommitData list(String name, Iterable<String> texts) {
    StringBuilder all = new StringBuilder();
    texts.forEach(text -> all.append(text.length()).append(':').append(text));
    return text(name, all.toString());
  }

  List<String> list(String name) {
    String all = text(name);
    List<String> texts = new ArrayList<>();
    for (int at = 0; at < all.length(); ) {
      int colon = all.indexOf(':', at);
      int end = colon + 1 + Integer.parseInt(all.substring(at, colon));
      texts.add(all.substring(colon + 1, end));
      at = end;
    }
    return texts;
  }

  Set<String> set(String name) {
    return Set.copyOf(list(name));
  }

  /** Written {@code 12@4711 13@4802}. */
  void numbers(String name, Map<Long, Long> pairs) {
    StringBuilder all = new StringBuilder();
    pairs.forEach((key, value) -> all.append(all.isEmpty() ? "" : " ").append(key).append('@').append(value));
    text(name, all.toString());
  }

  TreeMap<Long, Long> numbers(String name) {
    TreeMap<Long, Long> pairs = new TreeMap<>();
    for (String pair : text(name).split(" ")) {
      int at = pair.indexOf('@');
      if (at > 0) {
        pairs.put(Long.parseLong(pair.substring(0, at)), Long.parseLong(pair.substring(at + 1)));
      }
    }
    return pairs;
  }

  /** What follows a prefix in the names that have it. */
  Set<String> namesWith(String prefix) {
    Set<String> rest = new HashSet<>();
    values.keySet().stream().filter(name -> name.startsWith(prefix)).forEach(name -> rest.add(name.substring(prefix.length())));
    return rest;
  }
}
