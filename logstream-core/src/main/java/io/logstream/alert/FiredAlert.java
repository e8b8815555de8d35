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
 * @param at when this was decided, but never before {@code since}
 * @param since when the condition began to hold; earlier than {@code at} where it had to last, where {@code atMostEvery} held the telling back, and
 *     at the end
 * @param id the same for a firing and its end, and the same again after a restart or in a replay
 * @param number which transition of this id it is, from 1: what comes twice has an equal id and number
 * @param reason why, where it is not the condition itself: {@code no data}, {@code data again}, {@code replaced}, {@code no room for more
 *     keys} of a key {@code __other__} that is used for the first time; else empty
 * @param more how many firings the rule's {@code limit} has held back since the last one told
 * @param cause the event that is told of, with its message and fields: one for which the condition held, or, at the end, the one for which
 *     it no longer did; a copy of one's own. Over a sliding window it has the window's values as well. Where time brought it about, it has these only
 */
public record FiredAlert(String name, Severity severity, State state, Map<String, String> key, Instant at, Instant since, String id,
    int number, String reason, int more, LogEvent cause) {

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
    key = key.isEmpty() ? Collections.emptyMap() : Collections.unmodifiableMap(new LinkedHashMap<>(key));
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(cause, "cause");
  }

  /** A transition without a reason of its own, the first of its firing or the second. */
  public FiredAlert(String name, Severity severity, State state, Map<String, String> key, Instant at, Instant since, String id, LogEvent cause) {
    this(name, severity, state, key, at, since, id, state == State.FIRING ? 1 : 2, "", 0, cause);
  }

  /** All of it as JSON, in one line, with {@code id number name severity state key at since reason more message fields}. */
  public String json() {
    return AlertJson.text(this);
  }

  /**
   * A text in which {@code {{name}}}, and likewise {@code id number severity state key at since reason more message json}, {@code {{key.host}}} and {@code
   * {{fields.status}}} are replaced by what they stand for; what there is none of, by nothing. Values are taken as they are, line breaks and all.
   */
  public String fill(String template) {
    return Template.fill(Objects.requireNonNull(template, "template"), this, plain -> plain);
  }

  /** One line for people, without the cause. Key values stand in it as they are. */
  @Override
  public String toString() {
    return "alert '" + name + "' " + (state == State.FIRING ? "fires" : "is over") + (key.isEmpty() ? "" : " for " + key)
        + ", " + severity + ", since " + since + (at.equals(since) ? "" : ", at " + at) + (reason.isEmpty() ? "" : ", " + reason) + (more == 0 ? "" : ", and " + more + " more") + ", id " + id;
  }
}
