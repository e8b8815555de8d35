package io.logstream.parse;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;

/**
 * A stage that gives a field another name: {@code Rename.field("status").to("http.status")}. What was there under the new name is
 * replaced. An event without the field passes as it is; renaming {@code message} leaves it empty. Stateless, immutable.
 */
public final class Rename implements Stage {
  private final MovedField moved;

  private Rename(MovedField moved) {
    this.moved = moved;
  }

  /** The field to be renamed. */
  public static From field(String name) {
    return new From(name);
  }

  /** A field to be renamed, waiting for its new name. */
  public static final class From {
    private final String name;

    private From(String name) {
      this.name = name;
    }

    /** Its new name. */
    public Rename to(String newName) {
      return new Rename(MovedField.of("Rename", name, newName));
    }
  }

  @Override
  public FieldUse fieldUse() {
    return moved.fieldUse().removes(moved.from());
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return moved.open(context, true);
  }

  @Override
  public String toString() {
    return moved.toString();
  }
}
