package io.logstream.alert;

import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * A sink that tells someone when a condition begins to hold, and when it ends. It takes rows of a window or plain records alike:
 *
 * <pre>{@code
 * Alert.named("5xx above 5%").when(field("5xx").above(0.05).and(field("count").atLeast(20)))
 *     .by("path").atMostEvery(ofMinutes(10)).severity(PAGE).notify(onCall)
 * }</pre>
 *
 * <p>For each key (the values of the {@code by} fields; one key for all without {@code by}) the alert is either at rest or firing:
 *
 * <pre>
 *            an event of the key for which the condition holds: fired
 *   at rest ---------------------------------------------------------> firing
 *           <---------------------------------------------------------
 *            an event of the key for which it does not hold: resolved
 * </pre>
 *
 * <p>Each of the two is told once. Further events for which the condition holds are not told. With {@link #atMostEvery} a firing that
 * begins too soon after the last one told is held back: it is told with the first event for which the condition still holds when
 * the time is over, and never if it ends before. The end is told if and only if the firing was. Silence changes nothing, nor does the end
 * of the input.
 *
 * <p>Everything goes by the events' own time and order, never by the clock, so that a replay gives the same alerts with the same ids, and
 * a restart goes on in the middle of a firing. Events count in the order in which they come.
 *
 * <p>Only keys that fire, or that did within {@code atMostEvery}, take memory: at most {@link #maxKeys}. The rule runs on the trunk, every
 * notifier on a thread of its own behind an outbox; {@link io.logstream.Pipeline#quietly()} leaves the notifiers out. In the ledger the
 * alert's events are absorbed at {@code <name>/rule}, firings and ends are created there, and each notifier is a place {@code
 * <name>/notify}. Counters of the rule: {@code suppressed}, firings that were not told when they began, and {@code overflow}, events for
 * which the condition held and whose key found no room.
 *
 * <p>Immutable: every word returns a new alert. Each word stands once, {@link #notify(AlertNotifier)} as often as there are notifiers.
 */
public final class Alert implements Sink {
  private static final int MAX_KEYS = 10_000;

  private final String name;
  private final Condition condition;
  private final List<String> by;
  private final Integer maxKeys;
  private final Duration atMostEvery;
  private final Severity severity;
  private final List<Sink> notifiers;

  private Alert(String name, Condition condition, List<String> by, Integer maxKeys, Duration atMostEvery, Severity severity,
      List<Sink> notifiers) {
    this.name = name;
    this.condition = condition;
    this.by = by;
    this.maxKeys = maxKeys;
    this.atMostEvery = atMostEvery;
    this.severity = severity;
    this.notifiers = notifiers;
  }

  /**
   * An alert of this name, which people read, and which stands in counters, thread names, checkpoints and ids.
   *
   * @throws IllegalArgumentException if it is blank or holds control characters
   */
  public static Alert named(String name) {
    Objects.requireNonNull(name, "alert name");
    if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("an alert's name must hold something and no control characters, was '" + name + "'");
    }
    return new Alert(name, null, null, null, null, null, List.of());
  }

  /** What it watches for. Must be said. */
  public Alert when(Condition holds) {
    Objects.requireNonNull(holds, "condition");
    if (condition != null) {
      throw new IllegalStateException("alert '" + name + "' has a condition already, " + condition + "; join several with and(..) or or(..)");
    }
    return new Alert(name, holds, by, maxKeys, atMostEvery, severity, notifiers);
  }

  /**
   * The fields whose values, as text, tell apart what is watched separately; an event without such a field has a key of its own. Of a
   * value longer than 1,024 bytes the beginning counts. Without this word there is one key for all.
   */
  public Alert by(String... fields) {
    once("by(..)", by);
    List<String> names = List.of(fields);
    if (names.isEmpty() || names.stream().anyMatch(String::isBlank) || new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("alert '" + name + "': by(..) takes one or more different field names, was " + names);
    }
    return new Alert(name, condition, names, maxKeys, atMostEvery, severity, notifiers);
  }

  /**
   * How many keys it remembers; 10,000 unless said. When there is no room, further keys for which the condition holds become one key,
   * {@code __other__}, which fires until there is room again. A firing key is never forgotten.
   */
  public Alert maxKeys(int keys) {
    once("maxKeys(..)", maxKeys);
    if (keys < 1) {
      throw new IllegalArgumentException("alert '" + name + "': maxKeys must be at least 1, was " + keys);
    }
    return new Alert(name, condition, by, keys, atMostEvery, severity, notifiers);
  }

  /** At most one firing of a key is told in so much event time, however often it comes and goes. Without it every firing is told. */
  public Alert atMostEvery(Duration time) {
    once("atMostEvery(..)", atMostEvery);
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException("alert '" + name + "': atMostEvery must be between a millisecond and 36500 days, was " + time);
    }
    return new Alert(name, condition, by, maxKeys, time, severity, notifiers);
  }

  /** How much it matters; {@link Severity#WARNING} unless said. */
  public Alert severity(Severity level) {
    once("severity(..)", severity);
    return new Alert(name, condition, by, maxKeys, atMostEvery, Objects.requireNonNull(level, "severity"), notifiers);
  }

  /** Whom it tells: one more. At least one must be said. */
  public Alert notify(AlertNotifier notifier) {
    List<Sink> more = new ArrayList<>(notifiers);
    more.add(new NotifierSink(Objects.requireNonNull(notifier, "notifier")));
    return new Alert(name, condition, by, maxKeys, atMostEvery, severity, List.copyOf(more));
  }

  private void once(String word, Object said) {
    if (said != null) {
      throw new IllegalStateException("alert '" + name + "' has " + word + " already, " + said);
    }
  }

  /**
   * The rule and the notifiers behind it.
   *
   * @throws IllegalArgumentException if a word is missing, or words contradict each other
   */
  @Override
  public Sink expanded() {
    if (condition == null) {
      throw new IllegalArgumentException("alert '" + name + "' has no condition; say what it watches for with when(..)");
    }
    if (notifiers.isEmpty()) {
      throw new IllegalArgumentException("alert '" + name + "' tells nobody; name a notifier with notify(..)");
    }
    if (maxKeys != null && by == null) {
      throw new IllegalArgumentException("alert '" + name + "' has maxKeys(..) but only one key; say by(..) or leave maxKeys out");
    }
    Stage rule = new Rule(name, condition, by == null ? List.of() : by, maxKeys == null ? MAX_KEYS : maxKeys, atMostEvery,
        severity == null ? Severity.WARNING : severity);
    return rule.to(notifiers.toArray(Sink[]::new));
  }

  @Override
  public Processor open(StageContext context) {
    throw new IllegalStateException("alert '" + name + "' is a rule with notifiers behind it; give it to to(..) of a pipeline, branch or stage");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "alert '" + name + "'";
  }
}
