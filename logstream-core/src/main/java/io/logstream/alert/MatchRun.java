package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.match.Condition;
import java.util.function.Predicate;

/**
 * A condition on events. Of records each one that meets it is a firing by itself, unless the rule speaks of how long; of a window's rows it holds or
 * not, key by key. Keys that are well are not remembered, and an event that does not meet it is not even asked for its key while nothing fires.
 */
final class MatchRun extends RuleRun {
  private final Condition condition;
  private final Predicate<LogEvent> holds;
  private final Predicate<LogEvent> clear;
  private final FieldKey ofRow;
  private final boolean lasts;

  MatchRun(Rule rule, Trigger.Matches matches, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    condition = matches.when();
    holds = condition.bind(context);
    clear = rule.clearWhen() == null ? null : rule.clearWhen().bind(context);
    ofRow = context.key("window.start");
    lasts = rule.saysDuration();
  }

  @Override
  Condition wants() {
    return condition;
  }

  @Override
  boolean needsAll() {
    return unwell() > 0;
  }

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    boolean met = holds.test(event);
    long time = event.epochMillis();
    if (met && !lasts && !event.has(ofRow)) {
      probe.read(event, by);
      Group group = rule.atMostEvery() == null ? null : admit(time, event, out);
      moment(group, time, event.id(), event, out);
      if (group != null) {
        group.latest = Math.max(group.latest, time);
        schedule(group, out);
      }
      return;
    }
    if (other.state != Group.State.OK && hasRoom()) {
      judged(other, time, FALSE, true, event, out);
    }
    if (!met && unwell() == 0) {
      return;
    }
    probe.read(event, by);
    Group group = met ? admit(time, event, out) : known(probe);
    if (group != null) {
      run(group, time, out);
      touch(group, time);
      judged(group, time, met ? TRUE : FALSE, clear != null && clear.test(event), event, out);
    }
  }

  private void judged(Group group, long time, byte outcome, boolean clears, LogEvent event, Emitter out) {
    judge(group, time, outcome, clears, event, out);
    schedule(group, out);
  }
}
