package io.logstream.match;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A field's name, of which conditions are made: {@code field("response").atLeast(500)}. {@code field("message")} is the message. The
 * built-in fields {@code file}, {@code offset}, {@code line} and {@code host} can be named as well.
 *
 * <p>Comparisons with numbers look at the number in the field: where it holds text, as parsers without types leave it, the text is read
 * as a number, and text that is none compares false. Comparisons with text look at the field's text and tell upper and lower case apart,
 * except in the field {@code level}; text that reads as a number is equal to that number as well, and what a number begins with or contains is
 * decided by its shortest decimal form. Where a field holds a list, one of its elements must do. Where the event has no
 * such field, every comparison is false. Immutable.
 */
public final class Field {
  private final String name;

  private Field(String name) {
    this.name = name;
  }

  /** The field of this name. */
  public static Field field(String name) {
    Objects.requireNonNull(name, "name of Field.field");
    if (name.isBlank()) {
      throw new IllegalArgumentException("field(name) takes the name of a field, was '" + name + "'");
    }
    return new Field(name);
  }

  /**
   * Equal to this value: text, a number, a boolean or an enum constant, which stands for its name. Numbers are equal by value: 500, 500.0
   * and the text {@code 500}.
   *
   * @throws IllegalArgumentException for a value of another type
   */
  public Condition is(Object value) {
    if (value instanceof Number number) {
      Number plain = plain(number);
      return new Clause.Equal(name, plain.toString(), plain);
    }
    return new Clause.Equal(name, textOf(value));
  }

  /** Equal to one of these values, each as in {@link #is}. */
  public Condition isOneOf(Object... values) {
    return isOneOf(Arrays.asList(values));
  }

  /** Equal to one of these values, each as in {@link #is}. */
  public Condition isOneOf(Collection<?> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("field(\"" + name + "\").isOneOf(..) needs at least one value");
    }
    return Clause.Or.of(values.stream().map(this::is).toList());
  }

  /** This number or a greater one. */
  public Condition atLeast(Number least) {
    return new Clause.Range(name, plain(least), true, null, false);
  }

  /** A greater number. */
  public Condition above(Number bound) {
    return new Clause.Range(name, plain(bound), false, null, false);
  }

  /** A smaller number. */
  public Condition below(Number bound) {
    return new Clause.Range(name, null, false, plain(bound), false);
  }

  /** This number or a smaller one. */
  public Condition atMost(Number most) {
    return new Clause.Range(name, null, false, plain(most), true);
  }

  /** As {@link #atLeast(Number)}, in the {@linkplain #inUnit field's own unit}. */
  public Condition atLeast(Duration least) {
    return atLeast(inUnit(name, least));
  }

  /** As {@link #above(Number)}, in the {@linkplain #inUnit field's own unit}. */
  public Condition above(Duration bound) {
    return above(inUnit(name, bound));
  }

  /** As {@link #below(Number)}, in the {@linkplain #inUnit field's own unit}. */
  public Condition below(Duration bound) {
    return below(inUnit(name, bound));
  }

  /** As {@link #atMost(Number)}, in the {@linkplain #inUnit field's own unit}. */
  public Condition atMost(Duration most) {
    return atMost(inUnit(name, most));
  }

  /**
   * A duration as the number that a field of this name holds for it. The unit is the one that a word of the name says: seconds ({@code seconds}, {@code
   * secs}, {@code sec}, {@code s}), microseconds ({@code micros}, {@code us}), nanoseconds ({@code nanos}, {@code ns}); milliseconds else. Words
   * end at a dot, a dash, an underscore and before a capital letter.
   */
  public static Number inUnit(String field, Duration duration) {
    Objects.requireNonNull(field, "field of Field.inUnit");
    Objects.requireNonNull(duration, "duration of Field.inUnit");
    double nanos = 1_000_000;
    for (String word : field.split("[._-]|(?<=[a-z])(?=[A-Z])")) {
      nanos = switch (word.toLowerCase(Locale.ROOT)) {
        case "seconds", "second", "secs", "sec", "s" -> 1_000_000_000;
        case "micros", "microseconds", "us" -> 1_000;
        case "nanos", "nanoseconds", "ns" -> 1;
        default -> nanos;
      };
    }
    double number = duration.getSeconds() * (1_000_000_000 / nanos) + duration.getNano() / nanos;
    return number == Math.rint(number) && Math.abs(number) < 1L << 53 ? (Number) (long) number : (Number) number;
  }

  /** A number between these two, both included; one and the same number, where the field holds a list. */
  public Condition between(Number least, Number most) {
    Number from = plain(least);
    Number to = plain(most);
    if (Interval.compare(from, to) > 0) {
      throw new IllegalArgumentException("field(\"" + name + "\").between(..) takes the smaller number first, was " + least + " and " + most);
    }
    return new Clause.Range(name, from, true, to, true);
  }

  /** Text that begins with this. */
  public Condition startsWith(String prefix) {
    return new Clause.Like(name, List.of(Objects.requireNonNull(prefix, "text"), ""));
  }

  /** Text with this in it. */
  public Condition contains(String part) {
    return new Clause.Like(name, List.of("", Objects.requireNonNull(part, "text"), ""));
  }

  /**
   * Text in which this regular expression of {@link java.util.regex} finds a match anywhere; {@code ^} and {@code $} tie it to the ends. It
   * runs under a budget of steps; an event for which that does not suffice fails.
   *
   * @throws IllegalArgumentException if it does not compile
   */
  public Condition matches(String regex) {
    try {
      return new Clause.Matches(name, Pattern.compile(regex));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("field(\"" + name + "\").matches(..): " + e.getMessage(), e);
    }
  }

  /** The event has this field, whatever it holds. */
  public Condition exists() {
    return new Clause.Exists(name);
  }

  @Override
  public String toString() {
    return name;
  }

  private Number plain(Number literal) {
    if (Double.isNaN(Objects.requireNonNull(literal, "number").doubleValue())) {
      throw new IllegalArgumentException("field(\"" + name + "\") cannot be compared with NaN: nothing is equal to it, above it or below it");
    }
    return Interval.plain(literal);
  }

  private String textOf(Object value) {
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof CharSequence || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalArgumentException("field(\"" + name + "\").is(..) takes text, a number, a boolean or an enum constant, was "
        + (value == null ? "null; events without the field are Condition.not(field(\"" + name + "\").exists())" : value.getClass().getName()));
  }
}
