package io.logstream.match;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What an event must be like: a test of an event that can print itself. {@link Field} makes conditions, {@link #and}, {@link #or} and
 * {@link #not} combine them, and {@link #parse} reads them from a text such as {@code level:ERROR status>=500}; what is printed parses again.
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
    return FieldUse.reading(fields().toArray(new String[0]));
  }

  /**
   * The same condition on fields of other names.
   *
   * @throws IllegalArgumentException if it is one of somebody's own that cannot tell
   */
  default Condition renamed(UnaryOperator<String> name) {
    Objects.requireNonNull(name, "name of Condition.renamed");
    for (String field : fields()) {
      if (!name.apply(field).equals(field)) {
        throw new IllegalArgumentException("the condition " + this + " does not know how to read '" + name.apply(field) + "' in place of '" + field + "'");
      }
    }
    return this;
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
    return Clause.And.of(List.of(this, Objects.requireNonNull(other, "condition")));
  }

  /** Holds where at least one holds. The other is not asked where this one holds. */
  default Condition or(Condition other) {
    return Clause.Or.of(List.of(this, Objects.requireNonNull(other, "condition")));
  }

  /** Holds where this one does not. */
  static Condition not(Condition condition) {
    return new Clause.Not(condition);
  }

  /** Holds for every event. */
  static Condition all() {
    return Clause.All.ALL;
  }

  /**
   * Holds where the message has these words one after the other, whatever stands between them and in whatever case: the words are what {@link
   * Words} makes of the text.
   *
   * @throws IllegalArgumentException if there is no letter or digit in the text, or more than 64 words
   */
  static Condition phrase(String text) {
    List<String> words = Words.of(Objects.requireNonNull(text, "text"));
    if (words.isEmpty() || words.size() > Clause.Phrase.MOST_WORDS) {
      throw new IllegalArgumentException("phrase(text) takes 1 to " + Clause.Phrase.MOST_WORDS + " words, was " + words.size()
          + (words.isEmpty() ? " without a letter or a digit: '" + text + "'" : ""));
    }
    return new Clause.Phrase(words);
  }

  /**
   * Reads a condition from the query language, which the guide's page on it describes. Such a condition stands for any time, so it can
   * name none: neither {@code since:} nor {@code now}.
   *
   * @throws QueryException if it cannot be understood; it says where and why
   */
  static Condition parse(String text) {
    return new QueryParser(Objects.requireNonNull(text, "text"), null, null).parse();
  }

  /**
   * As {@link #parse(String)}, for events of which all field names are known: another name is refused, with the nearest ones.
   *
   * @throws QueryException if it cannot be understood, or names another field
   */
  static Condition parse(String text, Collection<String> fields) {
    return new QueryParser(Objects.requireNonNull(text, "text"), null, Objects.requireNonNull(fields, "fields")).parse();
  }

  /**
   * As {@link #parse(String)}, with times, {@code last:15m}, {@code since:2026-11-20T10}, {@code @today}: those of a question that is asked
   * now, in this zone.
   *
   * @throws QueryException if it cannot be understood
   */
  static Condition parseAt(String text, Instant now, ZoneId zone) {
    return new QueryParser(Objects.requireNonNull(text, "text"), new QueryTimes(Objects.requireNonNull(now, "now"), Objects.requireNonNull(zone, "zone")), null).parse();
  }
}
