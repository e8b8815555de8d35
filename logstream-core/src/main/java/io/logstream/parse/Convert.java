package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A stage that makes fields be of a type: {@code Convert.numbers("status", "bytes")}. Elements of a list are converted one by one. A
 * value that cannot be stays what it is and is counted as {@code unconverted}; an event without a field passes as it is. Blanks around a
 * value are left out. Stateless, immutable.
 */
public final class Convert implements Stage {
  private enum To { NUMBERS, DECIMALS, BOOLEANS, TEXTS }

  private final To to;
  private final List<String> fields;

  private Convert(To to, String[] fields) {
    this.to = to;
    this.fields = List.of(fields);
    if (fields.length == 0) {
      throw new IllegalArgumentException("Convert." + to.name().toLowerCase(Locale.ROOT) + "(..) needs at least one field");
    }
    if (this.fields.contains(LogEvent.MESSAGE)) {
      throw new IllegalArgumentException("Convert." + this.to.name().toLowerCase(Locale.ROOT) + "(..) cannot convert the message, which is always text; copy it into a field: "
          + "Copy.field(\"message\").to(..)");
    }
  }

  /** Whole numbers of 64 bits. The fraction of a decimal is cut off. */
  public static Convert numbers(String... fields) {
    Objects.requireNonNull(fields, "fields of Convert.numbers");
    return new Convert(To.NUMBERS, fields);
  }

  /** Decimals. */
  public static Convert decimals(String... fields) {
    Objects.requireNonNull(fields, "fields of Convert.decimals");
    return new Convert(To.DECIMALS, fields);
  }

  /** Booleans: {@code true}, {@code yes}, {@code on}, 1 and {@code false}, {@code no}, {@code off}, 0, in letters of any case. */
  public static Convert booleans(String... fields) {
    Objects.requireNonNull(fields, "fields of Convert.booleans");
    return new Convert(To.BOOLEANS, fields);
  }

  /** Text: numbers in their shortest decimal form. */
  public static Convert texts(String... fields) {
    Objects.requireNonNull(fields, "fields of Convert.texts");
    return new Convert(To.TEXTS, fields);
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse.Type type = switch (to) {
      case NUMBERS -> FieldUse.Type.WHOLE;
      case DECIMALS -> FieldUse.Type.DECIMAL;
      case BOOLEANS -> FieldUse.Type.TRUTH;
      case TEXTS -> FieldUse.Type.TEXT;
    };
    FieldUse use = FieldUse.none();
    for (String field : fields) {
      use = use.reads(field).yields(field, type);
    }
    return use;
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    FieldKey[] keys = fields.stream().map(context::key).toArray(FieldKey[]::new);
    Counter unconverted = context.counter("unconverted");
    return (event, out) -> {
      for (FieldKey key : keys) {
        convert(event, key, unconverted);
      }
      out.emit(event);
    };
  }

  private void convert(LogEvent event, FieldKey key, Counter unconverted) {
    long span = event.span(key);
    if (span != Span.NONE && to == To.NUMBERS && plainNumber(event, key, span)) {
      return;
    }
    Object value = event.value(key.name());
    if (value instanceof List<?> several) {
      List<Object> converted = new ArrayList<>();
      for (Object one : several) {
        Object as = one == null ? null : as(one);
        if (one != null && as == null) {
          unconverted.increment();
        }
        converted.add(as == null ? one : as);
      }
      event.put(key.name(), converted);
    } else if (value != null) {
      Object as = as(value);
      if (as == null) {
        unconverted.increment();
      } else if (as != value) {
        event.put(key.name(), as);
      }
    }
  }

  /** Puts a number of digits only, as nearly all are, without a string. */
  private static boolean plainNumber(LogEvent event, FieldKey key, long span) {
    byte[] b = event.bytes();
    int length = Span.length(span);
    if (length == 0 || length > 18) {
      return false;
    }
    long value = 0;
    for (int at = Span.from(span); at < Span.to(span); at++) {
      if (!Bytes.isDigit(b[at])) {
        return false;
      }
      value = value * 10 + b[at] - '0';
    }
    event.put(key, value);
    return true;
  }

  /** A value of the type, or null. */
  private Object as(Object value) {
    switch (to) {
      case NUMBERS:
        return value instanceof Long ? value : value instanceof Boolean ? null : whole(value);
      case DECIMALS:
        return value instanceof Double ? value : value instanceof Boolean ? null : decimal(value);
      case BOOLEANS:
        return value instanceof Boolean ? value : truth(value.toString().strip().toLowerCase(Locale.ROOT));
      default:
        return value.toString();
    }
  }

  private static Long whole(Object value) {
    String text = value.toString().strip();
    if (text.length() <= 20) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        // a decimal, or nothing
      }
    }
    Double decimal = decimal(value);
    return decimal != null && Math.abs(decimal) < 0x1p63 ? (Long) decimal.longValue() : null;
  }

  /** The engine's reading of decimals, which takes no hexadecimals and no words. */
  private static Double decimal(Object value) {
    double decimal = value instanceof Number number ? number.doubleValue() : LogEvent.of(value.toString().strip()).decimal(LogEvent.MESSAGE, Double.NaN);
    return Double.isNaN(decimal) || Double.isInfinite(decimal) ? null : (Double) decimal;
  }

  private static Boolean truth(String text) {
    return switch (text) {
      case "true", "yes", "on", "1" -> Boolean.TRUE;
      case "false", "no", "off", "0" -> Boolean.FALSE;
      default -> null;
    };
  }

  @Override
  public String toString() {
    return to.name().toLowerCase(Locale.ROOT) + " " + String.join(", ", fields);
  }
}
