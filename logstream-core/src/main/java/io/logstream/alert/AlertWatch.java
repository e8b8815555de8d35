package io.logstream.alert;

import java.time.Instant;
import java.util.Map;

/** Looks on while an alert decides, on the trunk's thread: for test kits and explanations. Given to {@link Alert#watchedBy}. */
public interface AlertWatch {
  /**
   * A key was judged.
   *
   * @param values what it was judged by: the values of its windows, and the fields of the event that brought it about, if one did
   * @param holds whether the condition holds; null where there are no data to tell
   */
  default void judged(String alert, AlertKey key, Instant at, Map<String, Object> values, Boolean holds) {}

  /** Whether it wants to know of every verdict, for each of which the event is copied. */
  default boolean wantsVerdicts() {
    return true;
  }

  /**
   * A key went from one state to another: {@code OK}, {@code PENDING}, {@code FIRING}, {@code RECOVERING} or {@code NO_DATA}; or, where every firing stands by
   * itself, from {@code OK} to {@code FIRED}, told or not.
   */
  default void moved(String alert, AlertKey key, String from, String to, Instant at, String why) {}
}
