package io.logstream.match;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What an event must be like: a test of an event that can print itself. {@link Field} makes conditions, {@link #and}, {@link #or} and
 * {@link #not} combine them.
 *
 * <p>A comparison with a field that the event does not have is false, whichever comparison it is; so {@code not(..)} of it is true, and
 * {@code not(field("level").is("INFO"))} holds for events without a level.
 *
 * <p>Immutable and shared between threads. A processor takes {@linkplain #bind its own form} while it opens, which is faster. A condition
 * of one's own implements {@link #test} and {@link #fields}, and {@code toString}: ledgers show it as the reason of a drop.
 */
public interface Condition {
  /**
   * Whether it holds for this event.
   *
   * @throws BudgetedMatcher.BudgetExceeded if a regular expression in it cannot tell within its budget
   */
  boolean test(LogEvent event);

  /** The names of the fields it reads, in the order in which it names them. */
  Set<String> fields();

  /** What it reads, as a stage that asks for it declares it: {@link #fields} unless there is more to say. */
  default FieldUse fieldUse() {
    return FieldUse.reading(fields().toArray(String[]::new));
  }

  /**
   * This condition for one processor: the same answers, with the run's field keys and matchers of its own. While the stage opens only;
   * the result belongs to the processor's thread.
   */
  default Predicate<LogEvent> bind(StageContext context) {
    return this::test;
  }

  /** Holds where both hold. The other is not asked where this one does not hold. */
  default Condition and(Condition other) {
    return Combined.of("AND", this, other);
  }

  /** Holds where at least one holds. The other is not asked where this one holds. */
  default Condition or(Condition other) {
    return Combined.of("OR", this, other);
  }

  /** Holds where this one does not. */
  static Condition not(Condition condition) {
    return new Not(condition);
  }
}
