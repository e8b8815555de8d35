package io.logstream.alert;

import io.logstream.LogEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An alert's transition as it travels from the rule to the notifiers: the event that caused it, with one field beside its own that holds all
 * else there is to tell, the time of the transition, and an identity of its own.
 */
final class Firing {
  private static final String FIELD = "alert.transition";

  // places in the field's list; behind the last one stand the key's values, whom to tell, and the cause's keys
  private static final int NAME = 0;
  private static final int SEVERITY = 1;
  private static final int STATE = 2;
  private static final int ID = 3;
  private static final int SINCE = 4;
  private static final int NUMBER = 5;
  private static final int REASON = 6;
  private static final int MORE = 7;
  private static final int CAUSE_TIME = 8;
  private static final int CAUSE_ID = 9;
  private static final int VALUES = 10;
  private static final int TOLD = 11;
  private static final int LISTS = 12;

  private Firing() {}

  /** The transition caused by an event, which is taken: a copy of one's own, or one just created. */
  static LogEvent of(LogEvent cause, Rule rule, FiredAlert.State state, List<String> key, long time, long since, String id, int number, String reason, int more) {
    List<String> to = rule.to();
    List<String> causeKeys = cause.keys();
    Object[] all = new Object[LISTS + key.size() + to.size() + causeKeys.size()];
    all[NAME] = rule.name();
    all[SEVERITY] = rule.severity().name();
    all[STATE] = state.name();
    all[ID] = id;
    all[SINCE] = since;
    all[NUMBER] = (long) number;
    all[REASON] = reason;
    all[MORE] = (long) more;
    all[CAUSE_TIME] = cause.epochMillis();
    all[CAUSE_ID] = cause.id();
    all[VALUES] = (long) key.size();
    all[TOLD] = (long) to.size();
    int at = add(key, all, LISTS);
    add(causeKeys, all, add(to, all, at));
    return cause.put(FIELD, Arrays.asList(all)).epochMillis(time).identifiedBy(id + "/" + number, rule.by());
  }

  private static int add(List<String> texts, Object[] to, int from) {
    for (int i = 0; i < texts.size(); i++) {
      to[from + i] = texts.get(i);
    }
    return from + texts.size();
  }

  private static List<?> of(LogEvent firing) {
    if (firing.value(FIELD) instanceof List<?> all) {
      return all;
    }
    throw new IllegalArgumentException("a notifier takes what an alert's rule emits, was " + firing);
  }

  /** Whether an alert is meant for the notifier of this name: it names it, or none. */
  static boolean isTo(LogEvent firing, String notifier) {
    List<?> all = of(firing);
    int from = LISTS + number(all, VALUES);
    int to = from + number(all, TOLD);
    for (int i = from; i < to; i++) {
      if (notifier.equals(all.get(i))) {
        return true;
      }
    }
    return from == to;
  }

  /** What a notifier is told. */
  static FiredAlert read(LogEvent firing) {
    List<?> all = of(firing);
    int told = LISTS + number(all, VALUES);
    LogEvent cause = firing.copy().remove(FIELD).epochMillis((Long) all.get(CAUSE_TIME));
    int keysFrom = told + number(all, TOLD);
    List<String> causeKeys = keysFrom == all.size() ? List.of() : new ArrayList<>();
    for (int i = keysFrom; i < all.size(); i++) {
      causeKeys.add((String) all.get(i));
    }
    cause.identifiedBy((String) all.get(CAUSE_ID), causeKeys);
    Map<String, String> key = told == LISTS ? Map.of() : new LinkedHashMap<>();
    for (int i = LISTS; i < told; i++) {
      if (all.get(i) != null) {
        key.put(firing.keys().get(i - LISTS), (String) all.get(i));
      }
    }
    return new FiredAlert((String) all.get(NAME), Severity.valueOf((String) all.get(SEVERITY)), FiredAlert.State.valueOf((String) all.get(STATE)), key,
        firing.time(), Instant.ofEpochMilli((Long) all.get(SINCE)), (String) all.get(ID), number(all, NUMBER), (String) all.get(REASON), number(all, MORE), cause);
  }

  private static int number(List<?> all, int at) {
    return (int) (long) (Long) all.get(at);
  }
}
