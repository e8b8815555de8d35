package io.logstream.alert;

import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A sink of many rules, which are cheaper together than one by one: an event is given only to those that it may concern. {@link #in} reads them from a
 * directory of text files and goes on looking there, {@link #of} takes alerts.
 *
 * <pre>{@code
 * AlertRules.in(Path.of("rules")).notifier("email", mail).notifier("zabbix", zabbix)
 * }</pre>
 *
 * <p><b>Files</b> have one alert a line, as {@link Alert#parse} reads it; blank lines and lines that begin with {@code #} do not count. Hidden files, and those
 * that end in {@code ~}, {@code .tmp} or {@code .swp}, are left out. When a file changes, its rules take the place of those before, between two events: a rule
 * that says the same goes on with its state, one that has changed starts anew and ends what it was firing with the reason {@code replaced}. How often
 * and whom a rule tells may change without that. Files are read on a thread of their own: a disk that is slow, or hangs, makes changes count later and keeps no event
 * waiting. A file in which anything is wrong is refused whole: a start is refused because of it; later, its old rules
 * stay, and the log and the counter {@code refusedFiles} say so. Wrong is also what {@code build()} would refuse of an alert given in code: a field that
 * nothing before yields, a number compared with text.
 *
 * <p>A rule that names notifiers tells these, any other tells all. Counters of a rule are {@code <place>/rules.<alert>.<counter>}. Immutable: every word returns
 * a new one.
 */
public final class AlertRules implements Sink {
  private static final Duration EVERY = Duration.ofSeconds(2);

  private final Path directory;
  private final Duration every;
  private final List<Alert> alerts;
  private final Map<String, AlertNotifier> notifiers;
  private final Silences silences;
  private final AlertJournal journal;

  private AlertRules(Path directory, Duration every, List<Alert> alerts, Map<String, AlertNotifier> notifiers, Silences silences, AlertJournal journal) {
    this.directory = directory;
    this.every = every;
    this.alerts = alerts;
    this.notifiers = notifiers;
    this.silences = silences;
    this.journal = journal;
  }

  /** The rules in the files of this directory, which must be there. */
  public static AlertRules in(Path directory) {
    return new AlertRules(Objects.requireNonNull(directory, "rules directory"), EVERY, List.of(), Map.of(), null, null);
  }

  /** These alerts, each with its own notifiers, and whatever it names; a notifier that several of them have stands behind one outbox. Silences and a journal are said here, for all of them. */
  public static AlertRules of(Alert... alerts) {
    Objects.requireNonNull(alerts, "alerts of AlertRules.of");
    return of(List.of(alerts));
  }

  /** These alerts, as {@link #of(Alert...)}. */
  public static AlertRules of(List<Alert> alerts) {
    Objects.requireNonNull(alerts, "alerts of AlertRules.of");
    if (alerts.isEmpty()) {
      throw new IllegalArgumentException("AlertRules.of(..) takes at least one alert");
    }
    return new AlertRules(null, EVERY, List.copyOf(alerts), Map.of(), null, null);
  }

  /** The notifier that rules name so; one more. */
  public AlertRules notifier(String name, AlertNotifier notifier) {
    Objects.requireNonNull(name, "name of AlertRules.notifier");
    Objects.requireNonNull(notifier, "notifier");
    if (name.isBlank()) {
      throw new IllegalArgumentException("a notifier of rules has a name, was blank");
    }
    Map<String, AlertNotifier> more = new LinkedHashMap<>(notifiers);
    if (more.put(name, notifier) != null) {
      throw new IllegalArgumentException("rules have two notifiers called '" + name + "'; give one another name");
    }
    return new AlertRules(directory, every, alerts, Collections.unmodifiableMap(more), silences, journal);
  }

  /** How often it looks for changed files, on the pipeline's clock; every 2 seconds unless said. */
  public AlertRules lookingEvery(Duration time) {
    if (directory == null || time.compareTo(Duration.ofMillis(10)) < 0) {
      throw new IllegalArgumentException(directory == null ? "alerts that were given as such are not looked for" : "lookingEvery must be at least 10 ms, was " + time);
    }
    return new AlertRules(directory, time, alerts, notifiers, silences, journal);
  }

  /** Which firings nobody is told of, for now. */
  public AlertRules silencedBy(Silences quiet) {
    return new AlertRules(directory, every, alerts, notifiers, Objects.requireNonNull(quiet, "silences"), journal);
  }

  /** Where everything that the rules tell is written down, before anybody is told. */
  public AlertRules journal(AlertJournal in) {
    return new AlertRules(directory, every, alerts, notifiers, silences, Objects.requireNonNull(in, "journal"));
  }

  /**
   * The rules and the notifiers behind them.
   *
   * @throws IllegalArgumentException if a rule is wrong, two have one name, or there is nobody to tell
   */
  @Override
  public Sink expanded() {
    List<RuleStage.Watched> rules = new ArrayList<>();
    List<Sink> sinks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<AlertNotifier, String> places = new IdentityHashMap<>();
    for (Alert alert : alerts) {
      Rule rule = alert.rule();
      if (!names.add(rule.name())) {
        throw new IllegalArgumentException("two alerts are called '" + rule.name() + "'; give one another name");
      }
      if (alert.hasOwnDesk()) {
        throw new IllegalArgumentException("alert '" + rule.name() + "' has silences or a journal of its own; among others, say them on AlertRules");
      }
      if (!notifiers.keySet().containsAll(rule.to())) {
        throw new IllegalArgumentException("alert '" + rule.name() + "' tells " + rule.to() + "; there are notifiers " + notifiers.keySet());
      }
      if (alert.notifiers().isEmpty() && notifiers.isEmpty()) {
        throw new IllegalArgumentException("alert '" + rule.name() + "' tells nobody; name a notifier with notify(..)");
      }
      List<String> to = new ArrayList<>(rule.to());
      int count = 0;
      for (AlertNotifier notifier : alert.notifiers()) {
        String place = rule.name() + "-notify" + (++count == 1 ? "" : "-" + count);
        String known = places.putIfAbsent(notifier, place);
        to.add(known == null ? place : known);
        if (known == null) {
          sinks.add(new NotifierSink(notifier, place, place));
        }
      }
      rules.add(new RuleStage.Watched(rule.telling(to), alert.watch()));
    }
    if (directory != null && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException("rules directory " + directory + " is not there");
    }
    if (directory != null && notifiers.isEmpty()) {
      throw new IllegalArgumentException("rules in " + directory + " tell nobody; name a notifier with notifier(name, ..)");
    }
    for (Map.Entry<String, AlertNotifier> entry : notifiers.entrySet()) {
      sinks.add(new NotifierSink(entry.getValue(), entry.getKey(), entry.getKey()));
    }
    RuleFiles files = directory == null ? null : new RuleFiles(directory, every, Collections.unmodifiableSet(new java.util.TreeSet<>(notifiers.keySet())), names);
    if (files != null) {
      files.opened();
    }
    return new RuleStage(List.copyOf(rules), files, silences, journal).to(sinks.toArray(new Sink[0]));
  }

  @Override
  public Processor open(StageContext context) {
    throw new IllegalStateException("alert rules have notifiers behind them; give them to to(..) of a pipeline, branch or stage");
  }

  @Override
  public String name() {
    return "alerts";
  }

  @Override
  public String toString() {
    return directory == null ? alerts.size() + " alerts" : "alert rules in " + directory;
  }
}
