package io.logstream.match;

import io.logstream.LogEvent;
import java.util.List;
import java.util.Set;

/** A condition on the value of one field. */
interface FieldCondition extends Condition {
  String field();

  /** Whether it holds for a value: text, a number or a boolean. */
  boolean holdsFor(Object value);

  /** Whether it holds for what the field holds, lists included; false where there is no such field. */
  default boolean holdsForValueOf(LogEvent event) {
    Object value = event.value(field());
    if (value instanceof List<?> elements) {
      for (Object element : elements) {
        if (element != null && holdsFor(element)) {
          return true;
        }
      }
      return false;
    }
    return value != null && holdsFor(value);
  }

  @Override
  default boolean test(LogEvent event) {
    return holdsForValueOf(event);
  }

  @Override
  default Set<String> fields() {
    return Set.of(field());
  }
}
