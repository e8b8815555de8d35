package io.logstream.alert;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which firings nobody is told of, until when: {@code silences.silence("disk full", key("web-1"), until)}. What is silenced goes through its states as
 * ever; when the silence ends while it still fires, it is told with its next event. Silences are saved with the checkpoint, by the alert's name, so
 * that they outlive a restart and a change of the rule. Any thread.
 */
public final class Silences {
  private final Map<Of, Instant> until = new LinkedHashMap<>();
  private long changes;

  /**
   * What is silenced.
   *
   * @param key the key of the alert; null for all its keys
   */
  record Of(String alert, AlertKey key) {}

  /** Silences all keys of an alert, in event time before this moment. */
  public void silence(String alert, Instant before) {
    put(new Of(Objects.requireNonNull(alert, "alert name"), null), before);
  }

  /** Silences one key of an alert, in event time before this moment. */
  public void silence(String alert, AlertKey key, Instant before) {
    put(new Of(Objects.requireNonNull(alert, "alert name"), Objects.requireNonNull(key, "key")), before);
  }

  private synchronized void put(Of of, Instant before) {
    until.put(of, Objects.requireNonNull(before, "until"));
    changes++;
  }

  /** Ends all silences of an alert. */
  public synchronized void lift(String alert) {
    changes += until.keySet().removeIf(of -> of.alert.equals(alert)) ? 1 : 0;
  }

  synchronized boolean silences(Rule rule, AlertKey key, long time) {
    if (until.isEmpty()) {
      return false;
    }
    Instant at = Instant.ofEpochMilli(time);
    return isBefore(until.get(new Of(rule.name(), null)), at) || isBefore(until.get(new Of(rule.name(), key)), at);
  }

  private static boolean isBefore(Instant end, Instant at) {
    return end != null && at.isBefore(end);
  }

  /** How often they were changed. */
  synchronized long changes() {
    return changes;
  }

  synchronized Map<Of, Instant> all() {
    return new LinkedHashMap<>(until);
  }

  /** Takes back what was saved; what has been said since then stands. */
  synchronized void restore(Map<Of, Instant> saved) {
    saved.forEach(until::putIfAbsent);
  }

  @Override
  public synchronized String toString() {
    return "silences " + until;
  }
}
