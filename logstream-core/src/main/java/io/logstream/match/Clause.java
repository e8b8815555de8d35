package io.logstream.match;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Numbers;
import io.logstream.Span;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A node of the tree that conditions are: what {@link Field}, {@link Condition} and {@link Condition#parse} make, all of them the same for
 * the same meaning. It is open to reading, for those that answer conditions in another way than event by event, as the search index does;
 * nobody else needs it. Not every {@link Condition} is one: a stranger's is tested as it is.
 *
 * <p>Nodes are immutable and equal when they ask the same in the same words. They print themselves in the query language, and what is
 * printed parses to an equal tree.
 */
public abstract sealed class Clause implements Condition {
  /** The fields that are compared without regard to the case of letters from A to Z. */
  private static final Set<String> ANY_CASE = Set.of("level");

  private final int depth;
  private final int size;

  private Clause(int depth, int size) {
    this.depth = depth;
    this.size = size;
  }

  /** How many levels the tree has from here on; one without branches has 1. */
  public final int depth() {
    return depth;
  }

  /** How many leaves the tree has. */
  public final int size() {
    return size;
  }

  static int depthOf(Condition condition) {
    return condition instanceof Clause clause ? clause.depth : 1;
  }

  static int sizeOf(Condition condition) {
    return condition instanceof Clause clause ? clause.size : 1;
  }

  /** Whether text in this field is compared without regard to case, as in {@code level}. */
  public static boolean anyCase(String field) {
    return ANY_CASE.contains(field);
  }

  /** All that makes it equal to another of its kind. */
  abstract List<?> content();

  @Override
  public final boolean equals(Object other) {
    return other == this || other != null && other.getClass() == getClass() && ((Clause) other).content().equals(content());
  }

  @Override
  public final int hashCode() {
    return content().hashCode();
  }

  // ---------------------------------------------------------------- what combines

  /** Holds for every event; prints as {@code *}. */
  public static final class All extends Clause {
    static final All ALL = new All();

    private All() {
      super(1, 1);
    }

    @Override
    public boolean test(LogEvent event) {
      return true;
    }

    @Override
    public Set<String> fields() {
      return Set.of();
    }

    @Override
    List<?> content() {
      return List.of();
    }

    @Override
    public String toString() {
      return "*";
    }
  }

  /** Several conditions that together are one. */
  public abstract static sealed class Several extends Clause {
    final List<Condition> parts;

    private Several(List<Condition> parts) {
      super(1 + deepest(parts), leaves(parts));
      this.parts = List.copyOf(parts);
    }

    private static int deepest(List<Condition> parts) {
      int deepest = 0;
      for (Condition part : parts) {
        deepest = Math.max(deepest, depthOf(part));
      }
      return deepest;
    }

    private static int leaves(List<Condition> parts) {
      int leaves = 0;
      for (Condition part : parts) {
        leaves += sizeOf(part);
      }
      return leaves;
    }

    /** The parts, two at least. */
    public final List<Condition> parts() {
      return parts;
    }

    /** Whether one part that holds, or does not, says what the whole does. */
    abstract boolean decidedBy(boolean part);

    abstract Condition same(List<Condition> others);

    abstract Predicate<LogEvent> both(Predicate<LogEvent> one, Predicate<LogEvent> other);

    @Override
    public final boolean test(LogEvent event) {
      for (int i = 0; i < parts.size(); i++) {
        boolean holds = parts.get(i).test(event);
        if (decidedBy(holds)) {
          return holds;
        }
      }
      return !decidedBy(true);
    }

    @Override
    public final Predicate<LogEvent> bind(StageContext context) {
      Predicate<LogEvent> all = parts.get(0).bind(context);
      for (Condition part : parts.subList(1, parts.size())) {
        all = both(all, part.bind(context));
      }
      return all;
    }

    @Override
    public final FieldUse fieldUse() {
      FieldUse use = FieldUse.none();
      for (Condition part : parts) {
        use = use.and(part.fieldUse());
      }
      return use;
    }

    @Override
    public final Set<String> fields() {
      return parts.stream().flatMap(part -> part.fields().stream())
          .collect(Collectors.collectingAndThen(Collectors.toCollection(LinkedHashSet::new), Collections::unmodifiableSet));
    }

    @Override
    public final Condition renamed(UnaryOperator<String> name) {
      return same(parts.stream().map(part -> part.renamed(name)).toList());
    }

    @Override
    final List<?> content() {
      return parts;
    }

    final String joined(String by) {
      return parts.stream().map(Clause::inside).collect(Collectors.joining(by));
    }
  }

  /** Several conditions of which all must hold. None of them is an And itself. */
  public static final class And extends Several {
    private And(List<Condition> parts) {
      super(parts);
    }

    /** What holds where all hold, as simple as it can be said. */
    static Condition of(List<Condition> parts) {
      List<Condition> flat = new ArrayList<>();
      TimeRange times = null;
      int timesAt = 0;
      for (Condition given : parts) {
        for (Condition part : Objects.requireNonNull(given, "condition") instanceof And inner ? inner.parts : List.of(given)) {
          if (part instanceof TimeRange range) {
            timesAt = times == null ? flat.size() : timesAt;
            times = times == null ? range : times.and(range);
          } else if (!(part instanceof All)) {
            flat.add(part);
          }
        }
      }
      if (times != null) {
        flat.add(timesAt, times);
      }
      return flat.isEmpty() ? All.ALL : flat.size() == 1 ? flat.get(0) : new And(flat);
    }

    @Override
    boolean decidedBy(boolean part) {
      return !part;
    }

    @Override
    Condition same(List<Condition> others) {
      return of(others);
    }

    @Override
    Predicate<LogEvent> both(Predicate<LogEvent> one, Predicate<LogEvent> other) {
      return one.and(other);
    }

    @Override
    public String toString() {
      return joined(" AND ");
    }
  }

  /** Several conditions of which one must hold. None of them is an Or itself, and of each field at most one is a comparison with values. */
  public static final class Or extends Several {
    private Or(List<Condition> parts) {
      super(parts);
    }

    /** What holds where one holds, as simple as it can be said: values of one field become one set. */
    static Condition of(List<Condition> parts) {
      List<Condition> flat = new ArrayList<>();
      Map<String, Integer> places = new HashMap<>();
      Map<Integer, List<Equal>> sets = new HashMap<>();
      for (Condition given : parts) {
        for (Condition part : Objects.requireNonNull(given, "condition") instanceof Or inner ? inner.parts : List.of(given)) {
          List<Equal> values = part instanceof Equal equal ? List.of(equal) : part instanceof OneOf oneOf ? oneOf.values : null;
          Integer place = values == null ? null : places.putIfAbsent(values.get(0).field, flat.size());
          if (place == null) {
            if (values != null) {
              sets.put(flat.size(), new ArrayList<>(values));
            }
            flat.add(part);
          } else {
            sets.get(place).addAll(values);
          }
        }
      }
      sets.forEach((place, values) -> flat.set(place, OneOf.of(values)));
      return flat.size() == 1 ? flat.get(0) : new Or(flat);
    }

    @Override
    boolean decidedBy(boolean part) {
      return part;
    }

    @Override
    Condition same(List<Condition> others) {
      return of(others);
    }

    @Override
    Predicate<LogEvent> both(Predicate<LogEvent> one, Predicate<LogEvent> other) {
      return one.or(other);
    }

    @Override
    public String toString() {
      return joined(" OR ");
    }
  }

  /** Holds where another condition does not. */
  public static final class Not extends Clause {
    private final Condition part;

    Not(Condition part) {
      super(1 + depthOf(Objects.requireNonNull(part, "condition")), sizeOf(part));
      this.part = part;
    }

    /** What must not hold. */
    public Condition part() {
      return part;
    }

    @Override
    public boolean test(LogEvent event) {
      return !part.test(event);
    }

    @Override
    public Predicate<LogEvent> bind(StageContext context) {
      return part.bind(context).negate();
    }

    @Override
    public FieldUse fieldUse() {
      return part.fieldUse();
    }

    @Override
    public Set<String> fields() {
      return part.fields();
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Not(part.renamed(name));
    }

    @Override
    List<?> content() {
      return List.of(part);
    }

    @Override
    public String toString() {
      return "NOT " + inside(part);
    }
  }

  private static String inside(Condition part) {
    return part instanceof And || part instanceof Or || part instanceof TimeRange range && range.isBothBounded() ? "(" + part + ")" : part.toString();
  }

  // ---------------------------------------------------------------- one field

  /** A condition on the value of one field; of a list, on any of its values. */
  public abstract static sealed class OfField extends Clause {
    final String field;

    private OfField(String field) {
      super(1, 1);
      this.field = Objects.requireNonNull(field, "field name");
    }

    /** The field's name. */
    public final String field() {
      return field;
    }

    /** Whether it holds for text in UTF-8. */
    abstract boolean holdsForText(byte[] bytes, int from, int to);

    /** Whether it holds for a number; none is ever NaN. */
    abstract boolean holdsForNumber(Number value);

    /** Whether it holds for a whole number. */
    boolean holdsForWhole(long value) {
      return holdsForNumber(value);
    }

    /** Its form for one thread. */
    OfField own() {
      return this;
    }

    /** Whether it holds for a value that a field or a list may have: text, a number, a boolean; for a list, whether for one of its values. */
    public final boolean holdsFor(Object value) {
      if (value instanceof Collection<?> several) {
        for (Object one : several) {
          if (one != null && holdsFor(one)) {
            return true;
          }
        }
        return false;
      }
      if (value instanceof Number number) {
        return !Double.isNaN(number.doubleValue()) && holdsForNumber(number);
      }
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      return holdsForText(text, 0, text.length);
    }

    @Override
    public boolean test(LogEvent event) {
      long span = event.span(field);
      return span == Span.NONE ? holdsForValueOf(event) : holdsForText(event.bytes(), Span.from(span), Span.to(span));
    }

    private boolean holdsForValueOf(LogEvent event) {
      Object value = event.value(field);
      return value != null && holdsFor(value);
    }

    @Override
    public Predicate<LogEvent> bind(StageContext context) {
      return new Bound(own(), context.key(field));
    }

    private record Bound(OfField own, FieldKey key) implements Predicate<LogEvent> {
      @Override
      public boolean test(LogEvent event) {
        long span = event.span(key);
        if (span != Span.NONE) {
          return own.holdsForText(event.bytes(), Span.from(span), Span.to(span));
        }
        long whole = event.whole(key, Long.MIN_VALUE);
        return whole != Long.MIN_VALUE ? own.holdsForWhole(whole) : event.has(key) && own.holdsForValueOf(event);
      }
    }

    @Override
    public Set<String> fields() {
      return Set.of(field);
    }

    final boolean isMessage() {
      return field.equals(LogEvent.MESSAGE);
    }
  }

  /** The event has a field. */
  public static final class Exists extends OfField {
    Exists(String field) {
      super(field);
    }

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
    boolean holdsForText(byte[] bytes, int from, int to) {
      return true;
    }

    @Override
    boolean holdsForNumber(Number value) {
      return true;
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Exists(name.apply(field));
    }

    @Override
    List<?> content() {
      return List.of(field);
    }

    @Override
    public String toString() {
      return QueryText.name(field) + ":*";
    }
  }

  /**
   * A field has a value. One that is a number holds for numbers equal to it and for text that reads as such a number; one that is text holds for this
   * text, and for numbers that it reads as.
   */
  public static final class Equal extends OfField {
    private final String text;
    private final Number number;
    private final Interval numbers;
    private final Glob whole;

    /** Equal to text. */
    Equal(String field, String text) {
      this(field, text, null, Numbers.parse(text));
    }

    /** Equal to a number, written like this. */
    Equal(String field, String text, Number number) {
      this(field, text, number, number);
    }

    private Equal(String field, String text, Number number, Number read) {
      super(field);
      this.text = text;
      this.number = number;
      this.numbers = read == null ? null : new Interval(read, true, read, true);
      this.whole = new Glob(List.of(text), anyCase(field));
    }

    /** The value as it was written. */
    public String text() {
      return text;
    }

    /** The value if it is a number, a Long or a Double; null if it is text. */
    public Number number() {
      return number;
    }

    @Override
    public FieldUse fieldUse() {
      return number == null ? FieldUse.none().comparesWithText(field, text) : super.fieldUse();
    }

    @Override
    boolean holdsForText(byte[] bytes, int from, int to) {
      return number == null ? whole.matches(bytes, from, to) : numbers.holds(bytes, from, to);
    }

    @Override
    boolean holdsForWhole(long value) {
      return numbers != null && numbers.holds(value);
    }

    @Override
    boolean holdsForNumber(Number value) {
      return numbers != null && Clause.holds(numbers, value);
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Equal(name.apply(field), text, number, number == null ? Numbers.parse(text) : number);
    }

    @Override
    List<?> content() {
      return List.of(field, text, number == null ? "" : number);
    }

    String value() {
      return number != null ? text : numbers != null ? QueryText.quoted(text) : QueryText.value(text);
    }

    @Override
    public String toString() {
      return QueryText.name(field) + (isMessage() ? "==" : ":") + value();
    }
  }

  /** A field has one of several values. */
  public static final class OneOf extends OfField {
    private final List<Equal> values;
    private final Set<String> texts;
    private final List<Equal> others;

    private OneOf(String field, List<Equal> values) {
      super(field);
      this.values = values;
      boolean hashed = values.size() > 8 && !anyCase(field);
      this.texts = hashed ? values.stream().filter(v -> v.number == null).map(v -> v.text).collect(Collectors.toUnmodifiableSet()) : Set.of();
      this.others = hashed ? values.stream().filter(v -> v.number != null).toList() : values;
    }

    static Condition of(List<Equal> values) {
      List<Equal> distinct = values.stream().distinct().toList();
      return distinct.size() == 1 ? distinct.get(0) : new OneOf(distinct.get(0).field, distinct);
    }

    /** The values, two at least, no two of them equal. */
    public List<Equal> values() {
      return values;
    }

    @Override
    public FieldUse fieldUse() {
      return values.stream().map(Condition::fieldUse).reduce(FieldUse.none(), FieldUse::and);
    }

    @Override
    boolean holdsForText(byte[] bytes, int from, int to) {
      for (int i = 0; i < others.size(); i++) {
        if (others.get(i).holdsForText(bytes, from, to)) {
          return true;
        }
      }
      return !texts.isEmpty() && texts.contains(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }

    @Override
    boolean holdsForNumber(Number value) {
      return values.stream().anyMatch(one -> one.holdsForNumber(value));
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return Or.of(values.stream().map(one -> one.renamed(name)).toList());
    }

    @Override
    List<?> content() {
      return values;
    }

    @Override
    public String toString() {
      String by = isMessage() ? ", " : " OR ";
      return QueryText.name(field) + (isMessage() ? " in (" : ":(") + values.stream().map(Equal::value).collect(Collectors.joining(by)) + ")";
    }
  }

  /** A field is a number, or text that reads as one, between two bounds, of which one may be open. */
  public static final class Range extends OfField {
    private final Number from;
    private final boolean fromIncluded;
    private final Number to;
    private final boolean toIncluded;
    private final Interval numbers;

    Range(String field, Number from, boolean fromIncluded, Number to, boolean toIncluded) {
      super(field);
      this.from = from;
      this.fromIncluded = from != null && fromIncluded;
      this.to = to;
      this.toIncluded = to != null && toIncluded;
      this.numbers = new Interval(from, fromIncluded, to, toIncluded);
    }

    /** The range of the numbers equal to this one. */
    public static Range of(String field, Number number) {
      return new Range(field, number, true, number, true);
    }

    /** The least whole number in it; greater than {@link #greatestWhole} if there is none. */
    public long leastWhole() {
      return numbers.leastWhole;
    }

    /** The greatest whole number in it. */
    public long greatestWhole() {
      return numbers.greatestWhole;
    }

    /** The least decimal in it; greater than {@link #greatest}, or NaN, if there is none. */
    public double least() {
      return numbers.least;
    }

    /** The greatest decimal in it, or NaN. */
    public double greatest() {
      return numbers.greatest;
    }

    @Override
    boolean holdsForText(byte[] bytes, int at, int end) {
      return numbers.holds(bytes, at, end);
    }

    @Override
    public Predicate<LogEvent> bind(StageContext context) {
      FieldKey key = context.key(field);
      Predicate<LogEvent> otherwise = super.bind(context);
      return event -> {
        long whole = event.whole(key, Long.MIN_VALUE);
        return whole != Long.MIN_VALUE ? numbers.holds(whole) : otherwise.test(event);
      };
    }

    @Override
    boolean holdsForWhole(long value) {
      return numbers.holds(value);
    }

    @Override
    boolean holdsForNumber(Number value) {
      return holds(numbers, value);
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Range(name.apply(field), from, fromIncluded, to, toIncluded);
    }

    @Override
    List<?> content() {
      return List.of(field, from == null ? "" : from, fromIncluded, to == null ? "" : to, toIncluded);
    }

    @Override
    public String toString() {
      if (from != null && to != null) {
        return QueryText.name(field) + ":" + (fromIncluded ? "[" : "{") + from + " TO " + to + (toIncluded ? "]" : "}");
      }
      return QueryText.operand(field) + (from != null ? (fromIncluded ? ">=" : ">") + from : (toIncluded ? "<=" : "<") + to);
    }
  }

  private static boolean holds(Interval numbers, Number value) {
    return value instanceof Long whole ? numbers.holds(whole.longValue()) : numbers.holds(value.doubleValue());
  }

  /** A number's text, as conditions on text see it. */
  private static byte[] textOf(Number value) {
    return (value instanceof Long ? value.toString() : Double.toString(value.doubleValue() + 0.0)).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A field's text has certain pieces in it, one behind the other. */
  public static final class Like extends OfField {
    private final List<String> pieces;
    private final Glob glob;

    Like(String field, List<String> pieces) {
      super(field);
      this.pieces = List.copyOf(pieces);
      this.glob = new Glob(pieces, anyCase(field));
    }

    /** The pieces, two at least: the first one at the beginning, the last one at the end, anything between two of them. Any may be empty. */
    public List<String> pieces() {
      return pieces;
    }

    @Override
    boolean holdsForText(byte[] bytes, int from, int to) {
      return glob.matches(bytes, from, to);
    }

    @Override
    boolean holdsForNumber(Number value) {
      byte[] text = textOf(value);
      return glob.matches(text, 0, text.length);
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Like(name.apply(field), pieces);
    }

    @Override
    List<?> content() {
      return List.of(field, pieces);
    }

    @Override
    public String toString() {
      boolean bare = pieces.stream().allMatch(String::isEmpty);
      if (isMessage() || bare) {
        boolean contains = pieces.size() == 3;
        return QueryText.name(field) + (contains ? " contains " : " startsWith ") + QueryText.value(pieces.get(contains ? 1 : 0));
      }
      return QueryText.name(field) + ":" + pieces.stream().map(QueryText::escaped).collect(Collectors.joining("*"));
    }
  }

  /** A regular expression finds something in a field's text. */
  public static final class Matches extends OfField {
    private final Pattern pattern;
    private final BudgetedMatcher matcher;

    Matches(String field, Pattern pattern) {
      this(field, pattern, null);
    }

    private Matches(String field, Pattern pattern, BudgetedMatcher matcher) {
      super(field);
      this.pattern = pattern;
      this.matcher = matcher;
    }

    /** The expression. */
    public Pattern pattern() {
      return pattern;
    }

    @Override
    OfField own() {
      return new Matches(field, pattern, new BudgetedMatcher(pattern));
    }

    @Override
    boolean holdsForText(byte[] bytes, int from, int to) {
      return (matcher == null ? new BudgetedMatcher(pattern) : matcher).find(bytes, from, to);
    }

    @Override
    boolean holdsForNumber(Number value) {
      byte[] text = textOf(value);
      return holdsForText(text, 0, text.length);
    }

    @Override
    public Condition renamed(UnaryOperator<String> name) {
      return new Matches(name.apply(field), pattern);
    }

    @Override
    List<?> content() {
      return List.of(field, pattern.pattern());
    }

    @Override
    public String toString() {
      return QueryText.operand(field) + "~" + QueryText.regex(pattern.pattern());
    }
  }

  // ---------------------------------------------------------------- words and time

  /** The message has these words, one after the other, whatever stands between them and in whatever case. */
  public static final class Phrase extends Clause {
    static final int MOST_WORDS = 64;

    private final List<String> words;
    private final byte[][] utf8;

    Phrase(List<String> words) {
      super(1, 1);
      this.words = List.copyOf(words);
      this.utf8 = words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }

    /** The words as {@link Words} cuts them, one at least. */
    public List<String> words() {
      return words;
    }

    @Override
    public boolean test(LogEvent event) {
      return test(event, new Words());
    }

    @Override
    public Predicate<LogEvent> bind(StageContext context) {
      Words cut = new Words();
      return event -> test(event, cut);
    }

    /** Keeps in a bit for every word whether the words up to it have just been seen. */
    private boolean test(LogEvent event, Words cut) {
      cut.over(event.bytes(), event.from(), event.to());
      long seen = 0;
      long all = 1L << utf8.length - 1;
      while (cut.next()) {
        long possible = seen << 1 | 1;
        seen = 0;
        for (int i = 0; i < utf8.length; i++) {
          if ((possible & 1L << i) != 0 && cut.is(utf8[i])) {
            seen |= 1L << i;
          }
        }
        if ((seen & all) != 0) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Set<String> fields() {
      return Set.of(LogEvent.MESSAGE);
    }

    @Override
    List<?> content() {
      return words;
    }

    @Override
    public String toString() {
      return words.size() == 1 ? words.get(0) : words.stream().collect(Collectors.joining(" ", "\"", "\""));
    }
  }

  /** One of the message's words has certain pieces in it, one behind the other. */
  public static final class WordLike extends Clause {
    private final List<String> pieces;
    private final Glob glob;

    WordLike(List<String> pieces) {
      super(1, 1);
      this.pieces = List.copyOf(pieces);
      this.glob = new Glob(pieces, false);
    }

    /** The pieces, two at least, in lower case: the first one at the word's beginning, the last one at its end. Any may be empty. */
    public List<String> pieces() {
      return pieces;
    }

    /** Whether it holds for a word in UTF-8. */
    public boolean holdsFor(byte[] bytes, int from, int to) {
      return glob.matches(bytes, from, to);
    }

    @Override
    public boolean test(LogEvent event) {
      return test(event, new Words());
    }

    @Override
    public Predicate<LogEvent> bind(StageContext context) {
      Words cut = new Words();
      return event -> test(event, cut);
    }

    private boolean test(LogEvent event, Words cut) {
      cut.over(event.bytes(), event.from(), event.to());
      while (cut.next()) {
        if (glob.matches(cut.bytes(), 0, cut.length())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Set<String> fields() {
      return Set.of(LogEvent.MESSAGE);
    }

    @Override
    List<?> content() {
      return pieces;
    }

    @Override
    public String toString() {
      return String.join("*", pieces);
    }
  }

  /** The event's time lies between two moments, each to the millisecond and included. */
  public static final class TimeRange extends Clause {
    private final long from;
    private final long to;

    TimeRange(long from, long to) {
      super(1, 1);
      this.from = from;
      this.to = to;
    }

    /** Events of this time or later. */
    public static TimeRange since(Instant time) {
      Objects.requireNonNull(time, "time of TimeRange.since");
      long millis = millis(time);
      return new TimeRange(millis != Long.MAX_VALUE && isPast(time, millis) ? millis + 1 : millis, Long.MAX_VALUE);
    }

    /** Events before this time. */
    public static Condition until(Instant time) {
      Objects.requireNonNull(time, "time of TimeRange.until");
      long millis = millis(time);
      return millis == Long.MIN_VALUE ? new Not(All.ALL) : new TimeRange(Long.MIN_VALUE, isPast(time, millis) ? millis : millis - 1);
    }

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

    /** The first millisecond since 1970 in it; {@link Long#MIN_VALUE} if it is open. */
    public long from() {
      return from;
    }

    /** The last millisecond since 1970 in it; {@link Long#MAX_VALUE} if it is open. */
    public long to() {
      return to;
    }

    TimeRange and(TimeRange other) {
      return new TimeRange(Math.max(from, other.from), Math.min(to, other.to));
    }

    boolean isBothBounded() {
      return from != Long.MIN_VALUE && to != Long.MAX_VALUE;
    }

    @Override
    public boolean test(LogEvent event) {
      return event.epochMillis() >= from && event.epochMillis() <= to;
    }

    @Override
    public Set<String> fields() {
      return Set.of();
    }

    @Override
    List<?> content() {
      return List.of(from, to);
    }

    @Override
    public String toString() {
      return (to == Long.MAX_VALUE || from != Long.MIN_VALUE ? "since:" + Instant.ofEpochMilli(from) : "") + (isBothBounded() ? " " : "")
          + (to == Long.MAX_VALUE ? "" : "until:" + Instant.ofEpochMilli(to + 1));
    }
  }
}
