package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The deciding half of alerts: takes events in, emits transitions.
 *
 * @param files where more rules are read from, again and again; null for none
 */
record RuleStage(List<Watched> rules, RuleFiles files, Silences silences, AlertJournal journal) implements Stage {
  /** A rule and who looks on, or null. */
  record Watched(Rule rule, AlertWatch watch) {}

  /** Where rules hand over what they have to tell. */
  interface Desk {
    /** Which firings are not told; null for none. */
    Silences silences();

    /** Sees to it that a run's timers are run at this time. */
    void wake(RuleRun run, long at, Emitter out);

    /** Writes a transition down and sends it to the notifiers. */
    void tell(io.logstream.LogEvent firing, Rule rule, Emitter out);
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.none();
    for (Watched one : rules) {
      use = use.and(one.rule.fieldUse());
    }
    return use.yieldsAny();
  }

  /** By the rules' keys where all have the same ones, and none looks at all keys together, as one does that limits firings or expects keys. */
  @Override
  public Optional<List<String>> stateBy() {
    List<String> by = files == null && !rules.isEmpty() ? rules.get(0).rule.by() : List.of();
    boolean apart = rules.stream().map(Watched::rule).allMatch(rule -> Set.copyOf(rule.by()).equals(Set.copyOf(by)) && rule.limit() == null
        && rule.triggers().stream().noneMatch(trigger -> trigger instanceof Trigger.Silent silent && !silent.expecting().isEmpty()));
    return Optional.of(apart ? by : List.of());
  }

  @Override
  public Processor open(StageContext context) {
    return new RulesProcessor(this, context);
  }

  @Override
  public String name() {
    return files == null && rules.size() == 1 ? "rule" : "rules";
  }

  @Override
  public String toString() {
    return rules.stream().map(one -> one.rule.toString()).collect(Collectors.joining("; ")) + (files == null ? "" : (rules.isEmpty() ? "" : "; ") + files);
  }
}
