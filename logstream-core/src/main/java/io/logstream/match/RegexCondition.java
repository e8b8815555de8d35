package io.logstream.match;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A regular expression that finds something in a field. */
record RegexCondition(String field, Pattern pattern) implements FieldCondition {
  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    FieldKey key = context.key(field);
    BudgetedMatcher matcher = new BudgetedMatcher(pattern);
    return event -> {
      long span = event.span(key);
      return span == Span.NONE ? holdsForValueOf(event) : matcher.find(event.bytes(), Span.from(span), Span.to(span));
    };
  }

  @Override
  public boolean holdsFor(Object value) {
    return new BudgetedMatcher(pattern).find(value.toString());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RegexCondition that && field.equals(that.field) && pattern.pattern().equals(that.pattern.pattern());
  }

  @Override
  public int hashCode() {
    return field.hashCode() * 31 + pattern.pattern().hashCode();
  }

  @Override
  public String toString() {
    return field + "~" + QueryText.regex(pattern.pattern());
  }
}
