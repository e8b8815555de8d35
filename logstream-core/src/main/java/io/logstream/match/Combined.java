package io.logstream.match;

import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Several conditions of which all must hold, or one. */
record Combined(String word, List<Condition> parts) implements Condition {
  /** Combines conditions; parts that are combined by the same word are taken in. */
  static Combined of(String word, Condition... parts) {
    List<Condition> flat = new ArrayList<>();
    for (Condition part : parts) {
      if (Objects.requireNonNull(part, "condition") instanceof Combined inner && inner.word.equals(word)) {
        flat.addAll(inner.parts);
      } else {
        flat.add(part);
      }
    }
    return new Combined(word, List.copyOf(flat));
  }

  /** What one part answers that decides the whole. */
  private boolean decisive() {
    return word.equals("OR");
  }

  @Override
  public boolean test(LogEvent event) {
    boolean decisive = decisive();
    for (Condition part : parts) {
      if (part.test(event) == decisive) {
        return decisive;
      }
    }
    return !decisive;
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    List<Predicate<LogEvent>> bound = new ArrayList<>();
    parts.forEach(part -> bound.add(part.bind(context)));
    return bound.stream().reduce(decisive() ? Predicate::or : Predicate::and).orElseThrow();
  }

  @Override
  public FieldUse fieldUse() {
    return parts.stream().map(Condition::fieldUse).reduce(FieldUse.none(), FieldUse::and);
  }

  @Override
  public Set<String> fields() {
    return parts.stream().flatMap(part -> part.fields().stream()).collect(Collectors.collectingAndThen(
        Collectors.toCollection(LinkedHashSet::new), Collections::unmodifiableSet));
  }

  @Override
  public String toString() {
    return parts.stream()
        .map(part -> part instanceof Combined ? "(" + part + ")" : part.toString())
        .collect(Collectors.joining(" " + word + " "));
  }
}
