package io.logstream.match;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A field's name, of which conditions are made: {@code field("response").atLeast(500)}. {@code field("message")} is the message. The
 * built-in fields {@code file}, {@code offset}, {@code line} and {@code host} can be named as well.
 *
 * <p>Comparisons with numbers look at the number in the field: where it holds text, as parsers without types leave it, the text is read
 * as a number, and text that is none compares false. Comparisons with text look at the field's text, that of a number in its shortest
 * decimal form, and tell upper and lower case apart. Where a field holds a list, one of its elements must do. Where the event has no
 * such field, every comparison is false. Immutable.
 */
public final class Field {
  private final String name;

  private Field(String name) {
    this.name = name;
  }

  /** The field of this name. */
  public static Field field(String name) {
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
      return comparison(NumberCondition.Is.EQUAL, number);
    }
    return text(TextCondition.Is.EQUAL, textOf(value));
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
    List<Condition> each = values.stream().map(this::is).toList();
    return each.size() == 1 ? each.get(0) : new OneOf(name, each);
  }

  /** This number or a greater one. */
  public Condition atLeast(Number least) {
    return comparison(NumberCondition.Is.AT_LEAST, least);
  }

  /** A greater number. */
  public Condition above(Number bound) {
    return comparison(NumberCondition.Is.ABOVE, bound);
  }

  /** A smaller number. */
  public Condition below(Number bound) {
    return comparison(NumberCondition.Is.BELOW, bound);
  }

  /** This number or a smaller one. */
  public Condition atMost(Number most) {
    return comparison(NumberCondition.Is.AT_MOST, most);
  }

  /** Text that begins with this. */
  public Condition startsWith(String prefix) {
    return text(TextCondition.Is.PREFIX, prefix);
  }

  /** Text with this in it. */
  public Condition contains(String part) {
    return text(TextCondition.Is.PART, part);
  }

  /**
   * Text in which this regular expression of {@link java.util.regex} finds a match anywhere; {@code ^} and {@code $} tie it to the ends. It
   * runs under a budget of steps; an event for which that does not suffice fails.
   *
   * @throws IllegalArgumentException if it does not compile
   */
  public Condition matches(String regex) {
    try {
      return new RegexCondition(name, Pattern.compile(regex));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("field(\"" + name + "\").matches(..): " + e.getMessage(), e);
    }
  }

  /** The event has this field, whatever it holds. */
  public Condition exists() {
    return new Exists(name);
  }

  @Override
  public String toString() {
    return name;
  }

  private Condition text(TextCondition.Is is, String literal) {
    return new TextCondition(name, is, Objects.requireNonNull(literal, "text").getBytes(StandardCharsets.UTF_8));
  }

  private Condition comparison(NumberCondition.Is is, Number literal) {
    if (Double.isNaN(Objects.requireNonNull(literal, "number").doubleValue())) {
      throw new IllegalArgumentException("field(\"" + name + "\") cannot be compared with NaN: nothing is equal to it, above it or below it");
    }
    return new NumberCondition(name, is, literal);
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
