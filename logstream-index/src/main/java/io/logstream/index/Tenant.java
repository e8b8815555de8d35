package io.logstream.index;

import io.logstream.BudgetedMatcher;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import java.util.List;

/**
 * Whose events a slice takes: those that have this text in a field, or any.
 *
 * @param field the field; empty for any events
 * @param value its text
 */
record Tenant(String field, String value) {
  static final Tenant ANY = new Tenant("", "");

  static Tenant of(CommitData data) {
    return new Tenant(data.text("tenant field"), data.text("tenant"));
  }

  void writeTo(CommitData data) {
    data.text("tenant field", field).text("tenant", value);
  }

  boolean isAny() {
    return field.isEmpty();
  }

  /** Whether a condition may hold for one of its events. */
  boolean mayHold(Condition condition) {
    return isAny() || !Boolean.FALSE.equals(decided(condition));
  }

  /** What a condition is for all events of the tenant; null where they differ. */
  private Boolean decided(Condition condition) {
    if (condition instanceof Clause.And and) {
      return all(and.parts().stream().map(this::decided).toList(), false);
    } else if (condition instanceof Clause.Or or) {
      return all(or.parts().stream().map(this::decided).toList(), true);
    } else if (condition instanceof Clause.Not not) {
      Boolean part = decided(not.part());
      return part == null ? null : !part;
    } else if (condition instanceof Clause.OfField ofField && ofField.field().equals(field)) {
      try {
        return ofField.holdsFor(value);
      } catch (BudgetedMatcher.BudgetExceeded e) {
        return null;
      }
    }
    return null;
  }

  /** One part that is {@code strong} decides; else all have to be known. */
  private static Boolean all(List<Boolean> parts, boolean strong) {
    if (parts.stream().anyMatch(part -> part != null && part == strong)) {
      return strong;
    }
    return parts.contains(null) ? null : (Boolean) !strong;
  }
}
