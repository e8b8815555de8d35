package io.logstream.parse;

import io.logstream.Stage;
import java.util.Objects;

/**
 * A field to be copied: {@code Copy.field("message").to("original")} is a stage that puts its value under another name as well. What was there
 * is replaced. Text is not copied byte by byte. An event without the field passes as it is. Stateless, immutable.
 */
public final class Copy {
  private final String field;

  private Copy(String field) {
    this.field = Objects.requireNonNull(field, "field");
  }

  /** The field to be copied. */
  public static Copy field(String name) {
    return new Copy(name);
  }

  /** A stage that gives this field the same value. */
  public Stage to(String other) {
    return new MovedField("Copy", field, other, true);
  }
}
