package io.logstream.alert;

import io.logstream.LogEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An alert's transition as it travels from the rule to the notifiers: the event that caused it, with fields {@code alert.*} beside its
 * own, the time of the transition, and an identity of its own.
 */
final class Firing {
  private static final String NAME = "alert.name";
  private static final String SEVERITY = "alert.severity";
  private static final String STATE = "alert.state";
  private static final String ID = "alert.id";
  private static final String KEY = "alert.key";
  private static final String SINCE = "alert.since";
  private static final String NUMBER = "alert.number";
  private static final String REASON = "alert.reason";
  private static final String MORE = "alert.more";
  private static final String TO = "alert.to";
  private static final String CAUSE_TIME = "alert.cause.time";
  private static final String CAUSE_ID = "alert.cause.id";
  private static final String CAUSE_KEYS = "alert.cause.keys";
  private static final List<String> ALL = List.of(NAME, SEVERITY, STATE, ID, KEY, SINCE, NUMBER, REASON, MORE, TO, CAUSE_TIME, CAUSE_ID, CAUSE_KEYS);

  private Firing() {}

  /** The transition caused by an event, which is taken: a copy of one's own, or one just created. */
  static LogEvent of(LogEvent cause, Rule rule, FiredAlert.State state, List<String> key, long at, long since, String id, int number, String reason, int more) {
    LogEvent firing = cause
        .put(NAME, rule.name())
        .put(SEVERITY, rule.severity())
        .put(STATE, state)
        .put(ID, id)
        .put(KEY, key)
        .put(SINCE, since)
        .put(NUMBER, number)
        .put(MORE, more)
        .put(TO, rule.to())
        .put(CAUSE_TIME, cause.epochMillis())
        .put(CAUSE_ID, cause.id())
        .put(CAUSE_KEYS, cause.keys());
    if (!reason.isEmpty()) {
      firing.put(REASON, reason);
    }
    return firing.epochMillis(at).identifiedBy(id + "/" + number, rule.by());
  }

  /** Whether an alert is meant for the notifier of this name: it names it, or none. */
  static boolean isTo(LogEvent firing, String notifier) {
    List<String> to = list(firing, TO);
    return to.isEmpty() || to.contains(notifier);
  }

  /** What a notifier is told. */
  static FiredAlert read(LogEvent firing) {
    if (firing.text(ID) == null) {
      throw new IllegalArgumentException("a notifier takes what an alert's rule emits, was " + firing);
    }
    LogEvent cause = firing.copy();
    ALL.forEach(cause::remove);
    cause.epochMillis(firing.number(CAUSE_TIME, 0));
    cause.identifiedBy(firing.text(CAUSE_ID), list(firing, CAUSE_KEYS));
    Map<String, String> key = new LinkedHashMap<>();
    List<String> values = list(firing, KEY);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) != null) {
        key.put(firing.keys().get(i), values.get(i));
      }
    }
    return new FiredAlert(firing.text(NAME), Severity.valueOf(firing.text(SEVERITY)), FiredAlert.State.valueOf(firing.text(STATE)), key,
        firing.time(), Instant.ofEpochMilli(firing.number(SINCE, 0)), firing.text(ID), (int) firing.number(NUMBER, 0), firing.text(REASON, ""),
        (int) firing.number(MORE, 0), cause);
  }

  private static List<String> list(LogEvent firing, String field) {
    List<String> texts = new ArrayList<>();
    ((List<?>) firing.value(field)).forEach(value -> texts.add((String) value));
    return texts;
  }
}
