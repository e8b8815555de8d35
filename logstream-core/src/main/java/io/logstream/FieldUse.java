package io.logstream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a stage does to the fields of events: which it reads, which it yields and of which type, which it takes away; of a sink, which it
 * reads. A pipeline is refused by {@code build()} where one reads a field that nothing before it yields, or compares a number with text;
 * but only as far as all before it have said what they yield. {@code message} and the built-in fields are always there and need not be named.
 *
 * <p>Immutable: every word returns a new one.
 */
public final class FieldUse {
  /** What a field holds. */
  public enum Type {
    /** Text. */
    TEXT("text"),
    /** A whole number. */
    WHOLE("a whole number"),
    /** A decimal. */
    DECIMAL("a decimal"),
    /** True or false. */
    TRUTH("true or false"),
    /** A list, or values of several types. */
    ANY("a value of any type");

    private final String words;

    Type(String words) {
      this.words = words;
    }

    /** The type of this value. */
    public static Type of(Object value) {
      if (value instanceof CharSequence || value instanceof Enum) {
        return TEXT;
      }
      if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
        return WHOLE;
      }
      return value instanceof Number ? DECIMAL : value instanceof Boolean ? TRUTH : ANY;
    }

    boolean isNumber() {
      return this == WHOLE || this == DECIMAL;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  record Compared(String field, String text) {}

  private static final FieldUse NONE = new FieldUse(true, false, Set.of(), Set.of(), Map.of(), Map.of(), Set.of(), List.of(), Set.of());
  private static final FieldUse UNKNOWN = new FieldUse(false, false, Set.of(), Set.of(), Map.of(), Map.of(), Set.of(), List.of(), Set.of());

  final boolean known;
  final boolean only;
  final Set<String> reads;
  final Set<String> removes;
  final Map<String, Type> yields;
  /** Yielded fields that have the type of another one. */
  final Map<String, String> typedAs;
  final Set<String> under;
  final List<Compared> compared;
  final Set<String> numbers;

  private FieldUse(boolean known, boolean only, Set<String> reads, Set<String> removes, Map<String, Type> yields, Map<String, String> typedAs, Set<String> under,
      List<Compared> compared, Set<String> numbers) {
    this.known = known;
    this.only = only;
    this.reads = reads;
    this.removes = removes;
    this.yields = yields;
    this.typedAs = typedAs;
    this.under = under;
    this.compared = compared;
    this.numbers = numbers;
  }

  /** It may read, yield and take away any field: nothing is refused because of it, nor behind it. */
  public static FieldUse unknown() {
    return UNKNOWN;
  }

  /** It reads and yields none. */
  public static FieldUse none() {
    return NONE;
  }

  /** It reads these and yields none. */
  public static FieldUse reading(String... fields) {
    Objects.requireNonNull(fields, "fields of FieldUse.reading");
    return NONE.reads(fields);
  }

  /** It reads these as well. An event may lack them; that no event can have them is an error. */
  public FieldUse reads(String... fields) {
    Objects.requireNonNull(fields, "fields of FieldUse.reads");
    return new FieldUse(known, only, with(reads, fields), removes, yields, typedAs, under, compared, numbers);
  }

  /**
   * It reads these as well, and makes use of numbers only: a field that a stage before says to be text, or true or false, is an error, and so is the
   * name of a file or host. What may be of any type passes.
   */
  public FieldUse readsNumbers(String... fields) {
    Objects.requireNonNull(fields, "fields of FieldUse.readsNumbers");
    return new FieldUse(known, only, with(reads, fields), removes, yields, typedAs, under, compared, with(numbers, fields));
  }

  /** It yields this field as well, of this type unless a value turns out not to be of it. */
  public FieldUse yields(String field, Type type) {
    Map<String, Type> more = new LinkedHashMap<>(yields);
    more.put(Objects.requireNonNull(field, "field"), Objects.requireNonNull(type, "type"));
    return new FieldUse(known, only, reads, removes, Collections.unmodifiableMap(more), typedAs, under, compared, numbers);
  }

  /** It yields this field as well, with the type that another one has before the stage, which may be the same. */
  public FieldUse yieldsAs(String field, String like) {
    Map<String, String> more = new LinkedHashMap<>(typedAs);
    more.put(Objects.requireNonNull(field, "field"), Objects.requireNonNull(like, "like"));
    return new FieldUse(known, only, reads, removes, yields, Collections.unmodifiableMap(more), under, compared, numbers);
  }

  /** It also yields fields whose names stand in the data. */
  public FieldUse yieldsAny() {
    return yieldsUnder("");
  }

  /** It also yields fields whose names stand in the data, all beginning with this prefix. */
  public FieldUse yieldsUnder(String prefix) {
    return new FieldUse(known, only, reads, removes, yields, typedAs, with(under, prefix), compared, numbers);
  }

  /** It emits other events than it was given: these have the fields that it yields and no others. */
  public FieldUse yieldsOnly() {
    return new FieldUse(known, true, reads, removes, yields, typedAs, under, compared, numbers);
  }

  /** It takes these away. */
  public FieldUse removes(String... fields) {
    Objects.requireNonNull(fields, "fields of FieldUse.removes");
    return new FieldUse(known, only, reads, with(removes, fields), yields, typedAs, under, compared, numbers);
  }

  /** It reads this field and asks whether it is equal to this text. */
  public FieldUse comparesWithText(String field, String text) {
    List<Compared> more = new ArrayList<>(compared);
    more.add(new Compared(field, text));
    return new FieldUse(known, only, with(reads, field), removes, yields, typedAs, under, List.copyOf(more), numbers);
  }

  /** What both do: unknown where one of them is. */
  public FieldUse and(FieldUse other) {
    Objects.requireNonNull(other, "other of FieldUse.and");
    return new FieldUse(known && other.known, only || other.only, both(reads, other.reads), both(removes, other.removes), both(yields, other.yields),
        both(typedAs, other.typedAs), both(under, other.under), other.compared.isEmpty() ? compared : Stream.concat(compared.stream(), other.compared.stream()).toList(),
        both(numbers, other.numbers));
  }

  private static Set<String> both(Set<String> some, Set<String> others) {
    return some.containsAll(others) ? some : with(some, others.toArray(new String[0]));
  }

  private static <V> Map<String, V> both(Map<String, V> some, Map<String, V> others) {
    if (others.isEmpty()) {
      return some;
    }
    Map<String, V> all = new LinkedHashMap<>(some);
    all.putAll(others);
    return Collections.unmodifiableMap(all);
  }

  private static Set<String> with(Set<String> before, String... more) {
    Set<String> all = new LinkedHashSet<>(before);
    for (String one : more) {
      all.add(Objects.requireNonNull(one, "field"));
    }
    return Collections.unmodifiableSet(all);
  }

  @Override
  public String toString() {
    if (!known) {
      return "unknown";
    }
    return "reads " + reads + ", yields " + yields + (typedAs.isEmpty() ? "" : " and with the type of others " + typedAs)
        + (under.isEmpty() ? "" : " and any under " + under) + ", removes " + removes;
  }
}
