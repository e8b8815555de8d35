package io.logstream.index;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A question to a {@link LogIndex}: which events, and at most how many of them. Immutable; every word returns a new one.
 *
 * <pre>{@code
 * LogQuery.field("status").atLeast(500).and(LogQuery.phrase("connection refused")).since(noon).limit(20)
 * }</pre>
 *
 * <p><b>Words.</b> The message is cut into words: runs of letters, digits and {@code _}, without regard to case; everything else
 * only separates. What is searched for is cut in the same way, and several words must follow one another. So {@code 10.20.30.40},
 * {@code user=bob} and {@code NullPointerException} find what one expects, and half a word finds nothing.
 *
 * <p><b>Fields.</b> Text is compared as a whole and with regard to case. A number in a query finds numbers equal to it, whole or
 * decimal, and text that reads as such a number. Text in a query finds that text, and numbers and booleans that it reads as. A field that holds a list
 * matches if one of its values does. A field that no event has matches nothing.
 *
 * <p>A query has at most {@value #MOST_CONDITIONS} conditions, nested at most {@value #DEEPEST} deep.
 */
public final class LogQuery {
  /** How many hits are asked for unless {@link #limit} says otherwise. */
  public static final int DEFAULT_LIMIT = 100;

  /** How many hits can be asked for. */
  public static final int MOST_HITS = 10_000;

  /** How many conditions a query can have. */
  public static final int MOST_CONDITIONS = 200;

  /** How deep the conditions of a query can be nested. */
  public static final int DEEPEST = 64;

  private static final int LONGEST_TEXT = 8 * 1024;
  private static final LogQuery ALL = new LogQuery(new Clause.All(), DEFAULT_LIMIT);

  final Clause clause;
  final int limit;

  private LogQuery(Clause clause, int limit) {
    this.clause = clause;
    this.limit = limit;
  }

  /** Every event. */
  public static LogQuery all() {
    return ALL;
  }

  /** Events with this word in the message. Text that consists of several words is a {@link #phrase}. */
  public static LogQuery word(String word) {
    return words("word", word);
  }

  /** Events whose message has these words one after the other, whatever stands between them. */
  public static LogQuery phrase(String phrase) {
    return words("phrase", phrase);
  }

  private static LogQuery words(String what, String text) {
    Objects.requireNonNull(text, what);
    if (text.length() > LONGEST_TEXT) {
      throw new IllegalArgumentException("a " + what + " has at most " + LONGEST_TEXT + " characters, was " + text.length());
    }
    if (Words.of(text).isEmpty()) {
      throw new IllegalArgumentException("a " + what + " needs a letter or a digit to search for, was '" + text + "'");
    }
    return new LogQuery(new Clause.Words(text), DEFAULT_LIMIT);
  }

  /** Names a field to say something about, such as {@code field("status").atLeast(500)}. */
  public static Field field(String name) {
    return new Field(Objects.requireNonNull(name, "field name"));
  }

  /** Every event that the query does not find, those included that lack its fields. The limit is the query's. */
  public static LogQuery not(LogQuery query) {
    return new LogQuery(new Clause.Not(query.clause), query.limit).checked();
  }

  /** Events that both find. The limit is this query's. */
  public LogQuery and(LogQuery other) {
    return and(other.clause);
  }

  private LogQuery and(Clause other) {
    if (clause instanceof Clause.All) {
      return new LogQuery(other, limit);
    }
    List<Clause> all = new ArrayList<>(clause instanceof Clause.And and ? and.all() : List.of(clause));
    all.addAll(other instanceof Clause.And and ? and.all() : List.of(other));
    return new LogQuery(new Clause.And(List.copyOf(all)), limit).checked();
  }

  /** Events that at least one of them finds. The limit is this query's. */
  public LogQuery or(LogQuery other) {
    List<Clause> any = new ArrayList<>(clause instanceof Clause.Or or ? or.any() : List.of(clause));
    any.addAll(other.clause instanceof Clause.Or or ? or.any() : List.of(other.clause));
    return new LogQuery(new Clause.Or(List.copyOf(any)), limit).checked();
  }

  /** Only events of this time or later. To the millisecond, as the time of an event. */
  public LogQuery since(Instant time) {
    long from = millis(time);
    return and(new Clause.Between(from != Long.MAX_VALUE && isPast(time, from) ? from + 1 : from, Long.MAX_VALUE));
  }

  /** Only events before this time. */
  public LogQuery until(Instant time) {
    long to = millis(time);
    return and(to == Long.MIN_VALUE ? new Clause.Not(new Clause.All()) : new Clause.Between(Long.MIN_VALUE, isPast(time, to) ? to : to - 1));
  }

  /** Whether a time lies behind the millisecond that it falls into. */
  private static boolean isPast(Instant time, long millis) {
    return time.getNano() % 1_000_000 != 0 && millis != Long.MIN_VALUE;
  }

  private static long millis(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException e) {
      return time.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** At most so many hits, the newest: 1 to {@value #MOST_HITS}; {@value #DEFAULT_LIMIT} unless said. */
  public LogQuery limit(int hits) {
    if (hits < 1 || hits > MOST_HITS) {
      throw new IllegalArgumentException("limit must be 1 to " + MOST_HITS + ", was " + hits + "; to know how many there are, use LogIndex.count(query)");
    }
    return new LogQuery(clause, hits);
  }

  private LogQuery checked() {
    if (clause.conditions() > MOST_CONDITIONS) {
      throw new IllegalArgumentException("a query has at most " + MOST_CONDITIONS + " conditions, was " + clause.conditions());
    }
    if (clause.depth() > DEEPEST) {
      throw new IllegalArgumentException("conditions can be nested " + DEEPEST + " deep, was " + clause.depth());
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogQuery query && query.clause.equals(clause) && query.limit == limit;
  }

  @Override
  public int hashCode() {
    return clause.hashCode() * 31 + limit;
  }

  @Override
  public String toString() {
    return clause.toString();
  }

  /** A field about which a condition is to be said. {@code message} is searched with {@link #word} and {@link #phrase} instead. */
  public static final class Field {
    private final String name;

    private Field(String name) {
      this.name = name;
    }

    /**
     * The field has this value: text, a number, a boolean or an enum constant (its name).
     *
     * @throws IllegalArgumentException for a value of another type, and for NaN, which equals nothing
     */
    public LogQuery is(Object value) {
      Objects.requireNonNull(value, "value");
      if (value instanceof CharSequence || value instanceof Enum) {
        return query(new Clause.Is(name, value instanceof Enum<?> constant ? constant.name() : value.toString()));
      }
      return query(new Clause.Is(name, value instanceof Boolean ? value : number(value)));
    }

    /** The field is this number or a greater one. */
    public LogQuery atLeast(Number least) {
      return query(new Clause.Range(name, number(least), true, null, true));
    }

    /** The field is this number or a smaller one. */
    public LogQuery atMost(Number most) {
      return query(new Clause.Range(name, null, true, number(most), true));
    }

    /** The field is a number greater than this. */
    public LogQuery above(Number bound) {
      return query(new Clause.Range(name, number(bound), false, null, true));
    }

    /** The field is a number smaller than this. */
    public LogQuery below(Number bound) {
      return query(new Clause.Range(name, null, true, number(bound), false));
    }

    /** The field is a number in this range, both ends included. */
    public LogQuery between(Number least, Number most) {
      Number from = number(least);
      Number to = number(most);
      if (Numeric.compare(from, to) > 0) {
        throw new IllegalArgumentException("field '" + name + "' between takes the smaller number first, was " + least + " and " + most);
      }
      return query(new Clause.Range(name, from, true, to, true));
    }

    /** The field is text that starts so: at most {@value Schema#LONGEST_TERM} bytes. */
    public LogQuery startsWith(String prefix) {
      int bytes = prefix.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > Schema.LONGEST_TERM) {
        throw new IllegalArgumentException("field '" + name + "' startsWith takes at most " + Schema.LONGEST_TERM + " bytes, was " + bytes);
      }
      return query(new Clause.StartsWith(name, prefix));
    }

    /** The event has this field; a message that is not empty, if it is asked for {@code message}. */
    public LogQuery exists() {
      return new LogQuery(new Clause.Exists(name), DEFAULT_LIMIT);
    }

    private LogQuery query(Clause clause) {
      if (name.equals(Schema.MESSAGE)) {
        throw new IllegalArgumentException("the message is searched with LogQuery.word(..) and LogQuery.phrase(..), was " + clause);
      }
      return new LogQuery(clause, DEFAULT_LIMIT);
    }

    private Number number(Object value) {
      if (!(value instanceof Number number)) {
        throw new IllegalArgumentException(
            "field '" + name + "' is compared with text, a number, a boolean or an enum constant, was " + (value == null ? "null" : value.getClass().getName()));
      }
      Number plain = Numeric.plain(number);
      if (plain instanceof Double decimal && decimal.isNaN()) {
        throw new IllegalArgumentException("field '" + name + "' cannot be compared with NaN; no number is equal to, above or below it");
      }
      return plain;
    }
  }
}
