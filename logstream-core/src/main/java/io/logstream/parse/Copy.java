package io.logstream.parse;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;

/**
 * A stage that puts the value of a field under another name as well: {@code Copy.field("message").to("original")}. What was there is
 * replaced. Text is not copied byte by byte. An event without the field passes as it is. Stateless, immutable.
 */
public final class Copy implements Stage {
  private final MovedField moved;

  private Copy(MovedField moved) {
    this.moved = moved;
  }

  /** The field to be copied. */
  public static From field(String name) {
    return new From(name);
  }

  /** A field to be copied, waiting for where to. */
  public static final class From {
    private final String name;

    private From(String name) {
      this.name = name;
    }

    /** The field that gets the same value. */
    public Copy to(String other) {
      return new Copy(MovedField.of("Copy", name, other));
    }
  }

  @Override
  public FieldUse fieldUse() {
    return moved.fieldUse();
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return moved.open(context, false);
  }

  @Override
  public String toString() {
    return moved.toString();
  }
}
