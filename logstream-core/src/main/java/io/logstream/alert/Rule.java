package io.logstream.alert;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import java.time.Duration;
import java.util.List;

/** The deciding half of an alert: takes events in, emits transitions. */
record Rule(String alert, Condition condition, List<String> by, int maxKeys, Duration atMostEvery, Severity severity) implements Stage {
  @Override
  public Processor open(StageContext context) {
    return new RuleProcessor(this, context);
  }

  @Override
  public FieldUse fieldUse() {
    return condition.fieldUse().reads(by.toArray(String[]::new));
  }

  @Override
  public String name() {
    return "rule";
  }

  @Override
  public String toString() {
    return "when " + condition + (by.isEmpty() ? "" : " by " + String.join(", ", by)) + (atMostEvery == null ? "" : " at most every " + atMostEvery)
        + " " + severity;
  }
}
