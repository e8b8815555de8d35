package io.logstream.match;

import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/** A comparison of a field's text with a literal, both in UTF-8. */
record TextCondition(String field, Is is, byte[] literal) implements FieldCondition {
  enum Is {
    EQUAL, PREFIX, PART
  }

  @Override
  public FieldUse fieldUse() {
    return is == Is.EQUAL ? FieldUse.none().comparesWithText(field, new String(literal, StandardCharsets.UTF_8)) : FieldUse.reading(field);
  }

  @Override
  public Predicate<LogEvent> bind(StageContext context) {
    FieldKey key = context.key(field);
    return event -> {
      long span = event.span(key);
      return span == Span.NONE ? holdsForValueOf(event) : holdsFor(event.bytes(), Span.from(span), Span.to(span));
    };
  }

  @Override
  public boolean holdsFor(Object value) {
    byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
    return holdsFor(text, 0, text.length);
  }

  private boolean holdsFor(byte[] bytes, int from, int to) {
    int length = literal.length;
    return switch (is) {
      case EQUAL -> Arrays.equals(bytes, from, to, literal, 0, length);
      case PREFIX -> to - from >= length && Arrays.equals(bytes, from, from + length, literal, 0, length);
      case PART -> isPart(bytes, from, to);
    };
  }

  private boolean isPart(byte[] bytes, int from, int to) {
    int length = literal.length;
    if (length == 0) {
      return true;
    }
    byte first = literal[0];
    for (int at = from; at <= to - length; at++) {
      if (bytes[at] == first && Arrays.equals(bytes, at, at + length, literal, 0, length)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextCondition that && field.equals(that.field) && is == that.is && Arrays.equals(literal, that.literal);
  }

  @Override
  public int hashCode() {
    return field.hashCode() * 31 + Arrays.hashCode(literal);
  }

  @Override
  public String toString() {
    String text = new String(literal, StandardCharsets.UTF_8);
    return field + ":" + switch (is) {
      case EQUAL -> QueryText.value(text);
      case PREFIX -> QueryText.escaped(text) + "*";
      case PART -> "*" + QueryText.escaped(text) + "*";
    };
  }
}
