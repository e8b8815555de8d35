package io.logstream.match;

import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A field is equal to one of several values. */
record OneOf(String field, List<Condition> each) implements Condition {
  @Override
  public boolean test(LogEvent event) {
    return each.stream().anyMatch(value -> value.test(event));
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    List<Predicate<LogEvent>> bound = each.stream().map(value -> value.bind(context)).toList();
    return event -> {
      for (int i = 0; i < bound.size(); i++) {
        if (bound.get(i).test(event)) {
          return true;
        }
      }
      return false;
    };
  }

  @Override
  public FieldUse fieldUse() {
    return each.stream().map(Condition::fieldUse).reduce(FieldUse.none(), FieldUse::and);
  }

  @Override
  public Set<String> fields() {
    return Set.of(field);
  }

  @Override
  public String toString() {
    return field + each.stream().map(value -> value.toString().substring(field.length() + 1)).collect(Collectors.joining(" OR ", ":(", ")"));
  }
}
