package io.logstream.alert;

import io.logstream.LogEvent;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a notifier is told: that an alert fires, or that a firing is over. All times are event times. Keep it for as long as you like;
 * it may be handed to another thread.
 *
 * @param name the alert's name
 * @param severity how much it matters
 * @param state whether it fires or is over
 * @param key the values of the alert's {@code by} fields, as text, in their order; a field that the event does not have is left out, and
 *     keys for which there was no room are {@code __other__}. Empty for an alert without {@code by}
 * @param at when this was decided: the time of the {@code cause}, but never before {@code since}
 * @param since when the condition began to hold; earlier than {@code at} where {@code atMostEvery} held the telling back, and at the end
 * @param id the same for a firing and its end, and the same again after a restart or in a replay
 * @param cause the event that is told of, with its message and fields: one for which the condition held, or, at the end, the one for which
 *     it no longer did; a copy of one's own
 */
public record FiredAlert(String name, Severity severity, State state, Map<String, String> key, Instant at, Instant since, String id,
    LogEvent cause) {

  /** Whether an alert fires or is over. */
  public enum State {
    /** The condition holds. */
    FIRING,
    /** It held and no longer does. */
    RESOLVED
  }

  /** Checks that nothing is null and copies the key. */
  public FiredAlert {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(state, "state");
    key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(cause, "cause");
  }

  /** One line for people, without the cause. Key values stand in it as they are. */
  @Override
  public String toString() {
    return "alert '" + name + "' " + (state == State.FIRING ? "fires" : "is over") + (key.isEmpty() ? "" : " for " + key)
        + ", " + severity + ", since " + since + (at.equals(since) ? "" : ", at " + at) + ", id " + id;
  }
}
