package io.logstream.alert;

import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import io.logstream.window.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A sink that watches for something and tells someone. It takes plain records or the rows of a window:
 *
 * <pre>{@code
 * Alert.named("slow").over(Window.sliding(ofMinutes(5)).by("endpoint").aggregate(count(), percentiles("duration", 99)))
 *     .when(field("duration.p99").above(ofMillis(800)).and(field("count").atLeast(50)))
 *     .lasting(ofMinutes(10)).clearAfter(ofMinutes(5)).atMostEvery(ofMinutes(30)).severity(PAGE).notify(onCall)
 * }</pre>
 *
 * <p><b>Kinds.</b> {@link #when} alone is a condition on records; {@link #over} a window makes it one on the window's values; {@link
 * #whenTimesPrevious}, {@link #whenSilentFor}, {@link #whenChanges} and {@link #whenNew} take its place. Said again, {@code over} and {@code when} add a
 * test: all must hold. {@link #followedBy} and {@link #notFollowedBy} make it the beginning of a sequence.
 *
 * <p><b>States.</b> A condition on plain records, a changed or new value and a sequence have none: each match is a firing, with no end. All other
 * rules, a condition on a window's rows, and one with {@link #lasting}, {@link #clearWhen} or {@link #clearAfter}, are for each key in one of these:
 *
 * <pre>
 *   OK ---> PENDING ---> FIRING &lt;--> RECOVERING ---> OK        NO_DATA when no more events come
 *      holds     for lasting    clear       for clearAfter
 * </pre>
 *
 * <p>The beginning and the end of a firing are told once each; the end if and only if the beginning was. What {@link #atMostEvery}, {@link
 * #limit} or a {@linkplain #silencedBy silence} holds back is told with the first event for which it still holds when the time is over.
 *
 * <p><b>Time</b> is event time against the watermark; the clock counts only for a rule on silence when nothing comes at all. A replay gives the
 * same alerts with the same ids, and a restart from a checkpoint goes on in the middle of a firing. A rule that has changed starts anew; what it
 * was firing is told to be over, with the reason {@code replaced}.
 *
 * <p>The rule runs on the trunk, every notifier on a thread of its own behind an outbox; {@link io.logstream.Pipeline#quietly()} leaves the notifiers
 * out. In the ledger the alert's events are absorbed at {@code <name>/rule}, what is told is created there, and each notifier is a place {@code
 * <name>/notify}. The guide's page has its counters.
 *
 * <p>{@link #parse} reads the same from one line of text; {@code toString} prints it. Immutable: every word returns a new alert, and stands once
 * unless it says otherwise. Alerts are equal if their rules are: whom they tell does not count, names of notifiers do.
 */
public final class Alert implements Sink {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Draft draft;
  private final List<AlertNotifier> notifiers;
  private final Silences silences;
  private final AlertJournal journal;
  private final AlertWatch watch;

  private Alert(Draft draft, List<AlertNotifier> notifiers, Silences silences, AlertJournal journal, AlertWatch watch) {
    this.draft = draft;
    this.notifiers = notifiers;
    this.silences = silences;
    this.journal = journal;
    this.watch = watch;
  }

  /**
   * An alert of this name, which people read, and which stands in counters, thread names, checkpoints and ids.
   *
   * @throws IllegalArgumentException if it is blank or holds control characters
   */
  public static Alert named(String name) {
    Objects.requireNonNull(name, "alert name");
    if (name.isBlank() || hasControls(name)) {
      throw new IllegalArgumentException("an alert's name must hold something and no control characters, was '" + name + "'");
    }
    return new Alert(new Draft(name), List.of(), null, null, null);
  }

  private static boolean hasControls(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads an alert from one line: {@code alert http-503: any where status == 503 limit 1 per 1m to zabbix}. The guide's page has the grammar. The
   * notifiers that it names are given to {@link AlertRules}, or others with {@link #notify}.
   *
   * @throws AlertSyntaxException if it cannot be understood, or contradicts itself; it shows where
   */
  public static Alert parse(String line) {
    return new RuleParser(Objects.requireNonNull(line, "line")).parse();
  }

  // ---------------------------------------------------------------- what it watches for

  /** The events that the window, silence or value said next looks at; all unless said. What is {@linkplain #followedBy followed by} sees all events. */
  public Alert on(Condition events) {
    Objects.requireNonNull(events, "condition");
    return with(d -> {
      once(d, "on(..)", d.openOn);
      refuse(d, d.openWindow != null, "on(..) says which events a window counts and stands before over(..)");
      d.openOn = events;
    });
  }

  /** The window whose values {@link #when} or {@link #whenTimesPrevious} looks at. It may be said again behind {@code when}: then both must hold. */
  public Alert over(Window window) {
    Objects.requireNonNull(window, "window");
    return with(d -> {
      refuse(d, d.openWindow != null, "over(..) needs when(..) or whenTimesPrevious(..) before the next over(..)");
      if (!window.isSliding() && !window.isPlainTumbling()) {
        throw new IllegalArgumentException("alert '" + d.name + "': over(..) takes sliding or tumbling windows without words about lateness, was " + window
            + "; any other stands before the alert, as in then(window).to(alert)");
      }
      refuse(d, !d.triggers.isEmpty() && !d.triggers.stream().allMatch(t -> t instanceof Trigger.Over || t instanceof Trigger.TimesPrevious),
          "over(..) adds a test of a window, but the alert tests something else already");
      d.openWindow = window;
    });
  }

  /** The condition that holds when it fires: on the window's row if there is a window, else on each event. */
  public Alert when(Condition holds) {
    Objects.requireNonNull(holds, "condition");
    return with(d -> {
      if (d.openWindow == null) {
        if (!d.triggers.isEmpty()) {
          throw new IllegalStateException("alert '" + d.name + "' has a condition already, " + d.triggers.get(d.triggers.size() - 1).canonical()
              + "; join several with and(..) or or(..)");
        }
        d.triggers.add(new Trigger.Matches(d.openOn == null ? holds : d.openOn.and(holds)));
        d.openOn = null;
      } else {
        d.addWindowed((on, window) -> new Trigger.Over(on, window, holds));
      }
    });
  }

  /**
   * Fires when a value of a tumbling window is more than so many times that of the window before. Both must be at least 1, or what {@link
   * #whenAtLeast} says, and the window before must have been seen whole.
   */
  public Alert whenTimesPrevious(String field, double factor) {
    Objects.requireNonNull(field, "field");
    return with(d -> {
      refuse(d, d.openWindow == null, "whenTimesPrevious(..) compares windows; say over(Window.tumbling(..)) before it");
      if (!(factor > 0) || Double.isInfinite(factor)) {
        throw new IllegalArgumentException("alert '" + d.name + "': whenTimesPrevious takes a factor above 0, was " + factor);
      }
      d.addWindowed((on, window) -> new Trigger.TimesPrevious(on, window, field, factor, 1));
    });
  }

  /** The least value of both windows for {@link #whenTimesPrevious}; 1 unless said. */
  public Alert whenAtLeast(long least) {
    return with(d -> {
      Trigger last = d.last();
      refuse(d, !(last instanceof Trigger.TimesPrevious), "whenAtLeast(..) belongs behind whenTimesPrevious(..)");
      Trigger.TimesPrevious previous = (Trigger.TimesPrevious) last;
      once(d, "whenAtLeast(..)", previous.atLeast() == 1 ? null : previous.atLeast());
      if (least < 1) {
        throw new IllegalArgumentException("alert '" + d.name + "': whenAtLeast must be at least 1, was " + least);
      }
      d.triggers.set(d.triggers.size() - 1, new Trigger.TimesPrevious(previous.on(), previous.window(), previous.field(), previous.factor(), least));
    });
  }

  /**
   * Fires when no event has come for so long: of each key seen before or {@linkplain #expecting expected}, or, without {@code by}, at all. It fires
   * at the time of the last one and so much, also when nothing arrives at all.
   */
  public Alert whenSilentFor(Duration time) {
    Objects.requireNonNull(time, "time of Alert.whenSilentFor");
    return with(d -> d.add(new Trigger.Silent(d.takeOn(), span(d, "whenSilentFor", time), List.of())));
  }

  /** Keys that count as seen when it starts, for {@link #whenSilentFor} with one field in {@code by}. */
  public Alert expecting(String... values) {
    Objects.requireNonNull(values, "values of Alert.expecting");
    return expecting(Arrays.stream(values).map(AlertKey::key).toArray(AlertKey[]::new));
  }

  /** Keys that count as seen when it starts, for {@link #whenSilentFor} with several fields in {@code by}. */
  public Alert expecting(AlertKey... keys) {
    return with(d -> {
      Trigger last = d.last();
      refuse(d, !(last instanceof Trigger.Silent), "expecting(..) names keys for whenSilentFor(..) and stands behind it");
      Trigger.Silent silent = (Trigger.Silent) last;
      List<AlertKey> all = new ArrayList<>(silent.expecting());
      all.addAll(List.of(keys));
      d.triggers.set(d.triggers.size() - 1, new Trigger.Silent(silent.on(), silent.after(), List.copyOf(all)));
    });
  }

  /** Fires when a field has another value than in the event of its key before. */
  public Alert whenChanges(String field) {
    Objects.requireNonNull(field, "field");
    return with(d -> d.add(new Trigger.Changes(d.takeOn(), field)));
  }

  /** Fires when a field has a value that no event of its key had before, also before a restart. 100,000 values are remembered. */
  public Alert whenNew(String field) {
    Objects.requireNonNull(field, "field");
    return with(d -> d.add(new Trigger.NewValue(d.takeOn(), field, Duration.ZERO)));
  }

  /** How long, from the first event on, new values are only learnt, for {@link #whenNew}; not at all unless said. */
  public Alert learnFor(Duration time) {
    return with(d -> {
      Trigger last = d.last();
      refuse(d, !(last instanceof Trigger.NewValue), "learnFor(..) belongs behind whenNew(..)");
      Trigger.NewValue fresh = (Trigger.NewValue) last;
      once(d, "learnFor(..)", fresh.learnFor().isZero() ? null : fresh.learnFor());
      d.triggers.set(d.triggers.size() - 1, new Trigger.NewValue(fresh.on(), fresh.field(), span(d, "learnFor", time)));
    });
  }

  // ---------------------------------------------------------------- sequences

  /**
   * What must come next, of the same key, {@link #within} a time. Every beginning waits by itself, and one event that follows completes all that
   * wait: each of them is a firing. Events may arrive in any order that their log's out-of-orderness allows. May be said again.
   */
  public Alert followedBy(Condition next) {
    return step(next, false);
  }

  /** What must not come next {@link #within} a time, counted from what comes before: it fires when the time is over. Nothing may follow it. */
  public Alert notFollowedBy(Condition next) {
    return step(next, true);
  }

  private Alert step(Condition next, boolean not) {
    Objects.requireNonNull(next, "condition");
    return with(d -> {
      refuse(d, d.triggers.isEmpty() || d.openWindow != null, "a sequence begins with when(..); say it before followedBy(..)");
      refuse(d, d.openStep != null, "say within(..) for the step before");
      refuse(d, !d.steps.isEmpty() && d.steps.get(d.steps.size() - 1).not(), "nothing can follow notFollowedBy(..), which fires when its time is over");
      refuse(d, !(d.triggers.get(0) instanceof Trigger.Matches || d.triggers.get(0) instanceof Trigger.Over),
          "a sequence begins with a condition on events or on a window");
      d.openStep = new Rule.Step(next, not, Duration.ZERO);
    });
  }

  /** How much later than the step before it the last one may be, at most, both included. */
  public Alert within(Duration time) {
    return with(d -> {
      refuse(d, d.openStep == null, "within(..) belongs behind followedBy(..) or notFollowedBy(..)");
      d.steps.add(new Rule.Step(d.openStep.what(), d.openStep.not(), span(d, "within", time)));
      d.openStep = null;
    });
  }

  /** How long the whole sequence may take. */
  public Alert allWithin(Duration time) {
    return with(d -> {
      once(d, "allWithin(..)", d.allWithin);
      refuse(d, d.steps.isEmpty(), "allWithin(..) belongs behind followedBy(..).within(..)");
      d.allWithin = span(d, "allWithin", time);
    });
  }

  // ---------------------------------------------------------------- keys

  /**
   * The fields whose values, as text, tell apart what is watched separately; an event without such a field has a key of its own. Of a
   * value longer than 1,024 bytes the beginning counts. Without this word there is one key for all. Said here or on the window.
   */
  public Alert by(String... fields) {
    Objects.requireNonNull(fields, "fields of Alert.by");
    return with(d -> {
      once(d, "by(..)", d.by);
      List<String> names = List.of(fields);
      if (names.isEmpty() || names.stream().anyMatch(String::isBlank) || new HashSet<>(names).size() < names.size()) {
        throw new IllegalArgumentException("alert '" + d.name + "': by(..) takes one or more different field names, was " + names);
      }
      d.by = names;
    });
  }

  /**
   * How many keys it remembers; 10,000 unless said. When there is no room, further keys become one, {@code __other__}, whose numbers are complete,
   * and that is told once, in the log and as a firing of {@code __other__} with the reason {@code no room for more keys}, which has no end. A firing key is never
   * forgotten.
   */
  public Alert maxKeys(int keys) {
    return with(d -> {
      once(d, "maxKeys(..)", d.maxKeys);
      if (keys < 1) {
        throw new IllegalArgumentException("alert '" + d.name + "': maxKeys must be at least 1, was " + keys);
      }
      d.maxKeys = keys;
    });
  }

  // ---------------------------------------------------------------- how long

  /** How long it must hold without a gap before it fires; not at all unless said. */
  public Alert lasting(Duration time) {
    Objects.requireNonNull(time, "time of Alert.lasting");
    return with(d -> {
      once(d, "lasting(..)", d.lasting);
      d.lasting = span(d, "lasting", time);
    });
  }

  /** What makes a firing end; that the condition does not hold unless said. On the same as {@link #when}. */
  public Alert clearWhen(Condition clear) {
    Objects.requireNonNull(clear, "condition");
    return with(d -> {
      once(d, "clearWhen(..)", d.clearWhen);
      d.clearWhen = clear;
    });
  }

  /** How long it must be clear before a firing ends; not at all unless said. If it holds again meanwhile, it is the same firing. */
  public Alert clearAfter(Duration time) {
    Objects.requireNonNull(time, "time of Alert.clearAfter");
    return with(d -> {
      once(d, "clearAfter(..)", d.clearAfter);
      d.clearAfter = span(d, "clearAfter", time);
    });
  }

  /** After how long without events a key has no data, and what that means. Never unless said. */
  public Alert noDataAfter(Duration time, NoData means) {
    Objects.requireNonNull(time, "time of Alert.noDataAfter");
    Objects.requireNonNull(means, "what no data means");
    return with(d -> {
      once(d, "noDataAfter(..)", d.noDataAfter);
      d.noDataAfter = span(d, "noDataAfter", time);
      d.noData = means;
    });
  }

  // ---------------------------------------------------------------- telling

  /** At most one firing of a key is told in so much event time, however often it comes and goes. Without it every firing is told. */
  public Alert atMostEvery(Duration time) {
    Objects.requireNonNull(time, "time of Alert.atMostEvery");
    return with(d -> {
      once(d, "atMostEvery(..)", d.atMostEvery);
      d.atMostEvery = span(d, "atMostEvery", time);
    });
  }

  /**
   * Doubles the time of {@link #atMostEvery} with each firing of a key that is told soon after the one before, up to so much; a key that was
   * well for twice the time begins anew.
   */
  public Alert backingOffTo(Duration most) {
    Objects.requireNonNull(most, "most of Alert.backingOffTo");
    return with(d -> {
      once(d, "backingOffTo(..)", d.backingOffTo);
      d.backingOffTo = span(d, "backingOffTo", most);
    });
  }

  /**
   * The same alert with another value of {@code lasting}, {@code clearAfter}, {@code atMostEvery} or {@code backingOffTo}, whether it said one before or not:
   * for trying what would have been. Zero leaves the setting out.
   *
   * @throws IllegalArgumentException for a setting of another name
   */
  public Alert changing(String setting, Duration value) {
    Objects.requireNonNull(setting, "setting of Alert.changing");
    Objects.requireNonNull(value, "value of Alert.changing");
    return with(d -> {
      Duration set = value.isZero() ? null : span(d, setting, value);
      switch (setting) {
        case "lasting" -> d.lasting = set;
        case "clearAfter" -> d.clearAfter = set;
        case "atMostEvery" -> d.atMostEvery = set;
        case "backingOffTo" -> d.backingOffTo = set;
        default -> throw new IllegalArgumentException("a setting to change is lasting, clearAfter, atMostEvery or backingOffTo, was '" + setting + "'");
      }
    });
  }

  /** At most so many firings of all keys are told in so much event time; the next one told says how many others there were. */
  public Alert limit(int most, Duration in) {
    Objects.requireNonNull(in, "in of Alert.limit");
    return with(d -> {
      once(d, "limit(..)", d.limit);
      if (most < 1 || most > 10_000) {
        throw new IllegalArgumentException("alert '" + d.name + "': limit takes 1 to 10000 firings, was " + most);
      }
      d.limit = new Limit(most, span(d, "limit", in));
    });
  }

  /** How much it matters; {@link Severity#WARNING} unless said. */
  public Alert severity(Severity level) {
    Objects.requireNonNull(level, "severity");
    return with(d -> {
      once(d, "severity(..)", d.severity);
      d.severity = level;
    });
  }

  /** Whom it tells: one more. At least one must be said. */
  public Alert notify(AlertNotifier notifier) {
    List<AlertNotifier> more = new ArrayList<>(notifiers);
    more.add(Objects.requireNonNull(notifier, "notifier"));
    return new Alert(draft, List.copyOf(more), silences, journal, watch);
  }

  /** Whom it tells, by the name that {@link AlertRules#notifier} gives: one more. */
  public Alert notifyNamed(String notifier) {
    Objects.requireNonNull(notifier, "notifier of Alert.notifyNamed");
    return with(d -> {
      if (notifier.isBlank() || d.to.contains(notifier)) {
        throw new IllegalArgumentException("alert '" + d.name + "' " + (notifier.isBlank() ? "names a notifier without a name" : "names the notifier '" + notifier + "' twice"));
      }
      d.to.add(notifier);
    });
  }

  /** Which of its firings nobody is told of, for now. */
  public Alert silencedBy(Silences quiet) {
    once(draft, "silencedBy(..)", silences);
    return new Alert(draft, notifiers, Objects.requireNonNull(quiet, "silences"), journal, watch);
  }

  /** Where everything it tells is written down, before anybody is told. */
  public Alert journal(AlertJournal in) {
    once(draft, "journal(..)", journal);
    return new Alert(draft, notifiers, silences, Objects.requireNonNull(in, "journal"), watch);
  }

  /** Who looks on while it decides: for test kits and explanations. */
  public Alert watchedBy(AlertWatch watcher) {
    once(draft, "watchedBy(..)", watch);
    return new Alert(draft, notifiers, silences, journal, Objects.requireNonNull(watcher, "watch"));
  }

  private static void once(Draft d, String word, Object said) {
    if (said != null) {
      throw new IllegalStateException("alert '" + d.name + "' has " + word + " already, " + said);
    }
  }

  private static void refuse(Draft d, boolean wrong, String why) {
    if (wrong) {
      throw new IllegalStateException("alert '" + d.name + "': " + why);
    }
  }

  private static Duration span(Draft d, String word, Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST) > 0 || time.getNano() % 1_000_000 != 0) {
      throw new IllegalArgumentException("alert '" + d.name + "': " + word + " must be whole milliseconds, between a millisecond and 36500 days, was " + time);
    }
    return time;
  }

  private Alert with(Consumer<Draft> change) {
    Draft changed = draft.copy();
    change.accept(changed);
    return new Alert(changed, notifiers, silences, journal, watch);
  }

  // ---------------------------------------------------------------- as a sink

  /**
   * The rule that its words make.
   *
   * @throws IllegalArgumentException if a word is missing, or words contradict each other
   */
  Rule rule() {
    return draft.rule();
  }

  /** What it tests first; null if nothing is said yet. */
  Trigger firstTrigger() {
    return draft.triggers.isEmpty() ? null : draft.triggers.get(0);
  }

  AlertWatch watch() {
    return watch;
  }

  List<AlertNotifier> notifiers() {
    return notifiers;
  }

  /** Whether it has silences or a journal of its own. */
  boolean hasOwnDesk() {
    return silences != null || journal != null;
  }

  /**
   * The rule and the notifiers behind it.
   *
   * @throws IllegalArgumentException if a word is missing, or words contradict each other
   */
  @Override
  public Sink expanded() {
    Rule rule = draft.rule();
    if (notifiers.isEmpty()) {
      throw new IllegalArgumentException("alert '" + draft.name + "' tells nobody; name a notifier with notify(..)"
          + (rule.to().isEmpty() ? "" : ": the names " + rule.to() + " are known to AlertRules only"));
    }
    RuleStage stage = new RuleStage(List.of(new RuleStage.Watched(rule, watch)), null, silences, journal);
    return stage.to(notifiers.stream().map(notifier -> new NotifierSink(notifier, null, "notify")).toArray(Sink[]::new));
  }

  @Override
  public Processor open(StageContext context) {
    throw new IllegalStateException("alert '" + draft.name + "' is a rule with notifiers behind it; give it to to(..) of a pipeline, branch or stage");
  }

  @Override
  public String name() {
    return draft.name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Alert alert && draft.rule().equals(alert.draft.rule());
  }

  @Override
  public int hashCode() {
    return draft.rule().hashCode();
  }

  /** The alert in one line, as {@link #parse} reads it. */
  @Override
  public String toString() {
    try {
      return draft.rule().toString();
    } catch (IllegalArgumentException e) {
      return "alert '" + draft.name + "', unfinished";
    }
  }
}
