package io.logstream.parse;

import io.logstream.Stage;
import java.util.Objects;

/**
 * A field to be renamed: {@code Rename.field("status").to("http.status")} is a stage that gives it another name. What was there under the new
 * name is replaced. An event without the field passes as it is; renaming {@code message} leaves it empty. Stateless, immutable.
 */
public final class Rename {
  private final String field;

  private Rename(String field) {
    this.field = Objects.requireNonNull(field, "field");
  }

  /** The field to be renamed. */
  public static Rename field(String name) {
    return new Rename(name);
  }

  /** A stage that gives it this name. */
  public Stage to(String newName) {
    return new MovedField("Rename", field, newName, false);
  }
}
