package io.logstream.match;

import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** What holds where another condition does not. */
record Not(Condition inner) implements Condition {
  Not {
    Objects.requireNonNull(inner, "condition");
  }

  @Override
  public boolean test(LogEvent event) {
    return !inner.test(event);
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    return inner.bind(context).negate();
  }

  @Override
  public FieldUse fieldUse() {
    return inner.fieldUse();
  }

  @Override
  public Set<String> fields() {
    return inner.fields();
  }

  @Override
  public String toString() {
    return "NOT " + (inner instanceof Combined ? "(" + inner + ")" : inner.toString());
  }
}
