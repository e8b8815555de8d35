package io.logstream.match;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.util.Set;
import java.util.function.Predicate;

/** The event has a field. */
record Exists(String field) implements Condition {
  @Override
  public boolean test(LogEvent event) {
    return event.has(field);
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    FieldKey key = context.key(field);
    return event -> event.has(key);
  }

  @Override
  public Set<String> fields() {
    return Set.of(field);
  }

  @Override
  public String toString() {
    return field + ":*";
  }
}
