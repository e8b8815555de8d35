package io.logstream.match;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.util.function.Predicate;

/** A comparison of the number in a field with a literal. Whole numbers are compared as such, everything else as decimals. */
record NumberCondition(String field, Is is, Number literal) implements FieldCondition {
  enum Is {
    EQUAL(":"), AT_LEAST(">="), ABOVE(">"), BELOW("<"), AT_MOST("<=");

    private final String sign;

    Is(String sign) {
      this.sign = sign;
    }

    /** Whether it holds for a number that compares so to the literal. */
    boolean holds(int compared) {
      return switch (this) {
        case EQUAL -> compared == 0;
        case AT_LEAST -> compared >= 0;
        case ABOVE -> compared > 0;
        case BELOW -> compared < 0;
        case AT_MOST -> compared <= 0;
      };
    }
  }

  private static final long NONE = Long.MIN_VALUE;

  private boolean isWhole() {
    return literal instanceof Long || literal instanceof Integer || literal instanceof Short || literal instanceof Byte;
  }

  @Override
  public boolean test(LogEvent event) {
    return event.span(field) == Span.NONE ? holdsForValueOf(event) : holdsForText(event, field);
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    FieldKey key = context.key(field);
    boolean wholeLiteral = isWhole();
    long whole = literal.longValue();
    double decimal = literal.doubleValue();
    return event -> {
      if (!event.has(key)) {
        return false;
      }
      if (wholeLiteral) {
        long value = event.whole(key, NONE);
        if (value != NONE) {
          return is.holds(Long.compare(value, whole));
        }
      }
      double value = event.decimal(key, Double.NaN);
      return Double.isNaN(value) ? event.span(key) == Span.NONE && holdsForValueOf(event) : is.holds(compare(value, decimal));
    };
  }

  @Override
  public boolean holdsFor(Object value) {
    if (value instanceof Long number && isWhole()) {
      return is.holds(Long.compare(number, literal.longValue()));
    }
    if (value instanceof Number number) {
      double decimal = number.doubleValue();
      return !Double.isNaN(decimal) && is.holds(compare(decimal, literal.doubleValue()));
    }
    return value instanceof String text && holdsForText(LogEvent.of(text), LogEvent.MESSAGE);
  }

  /** Reads text as the bound form does: exactly where it is a whole number. */
  private boolean holdsForText(LogEvent event, String name) {
    double decimal = event.decimal(name, Double.NaN);
    if (Double.isNaN(decimal)) {
      return false;
    }
    long whole = event.number(name, NONE);
    return isWhole() && whole == decimal ? is.holds(Long.compare(whole, literal.longValue())) : is.holds(compare(decimal, literal.doubleValue()));
  }

  /** As {@link Double#compare}, but zero is zero whatever its sign. */
  private static int compare(double a, double b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  @Override
  public String toString() {
    String text = literal.toString();
    return field + is.sign + (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
  }
}
