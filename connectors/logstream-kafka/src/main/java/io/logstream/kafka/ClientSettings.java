package io.logstream.kafka;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What is said of Kafka's clients, whether they read or write. */
final class ClientSettings {
  private ClientSettings() {}

  /**
   * Settings and more of them.
   *
   * @param who is told
   * @param own those that it decides itself, and by which word
   */
  static Map<String, String> plus(String who, Map<String, String> own, Map<String, String> before, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(before);
    more.forEach((key, value) -> {
      if (own.containsKey(key)) {
        throw new IllegalArgumentException(who + " decides " + key + " itself; use " + own.get(key));
      }
      all.put(key, Objects.requireNonNull(value, key));
    });
    return Map.copyOf(all);
  }

  static Duration connectWithin(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("connectWithin must be positive, was " + limit);
    }
    return limit;
  }
}
