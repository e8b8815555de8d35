package io.logstream.parse;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.List;
import java.util.Objects;

/**
 * A stage that takes fields away, also built-in ones such as {@code file}, and those that the source gives every event. An event
 * without them passes as it is; removing {@code message} leaves it empty. Stateless, immutable.
 */
public final class Remove implements Stage {
  private final List<String> fields;

  private Remove(List<String> fields) {
    this.fields = fields;
  }

  /** Takes these away. */
  public static Remove fields(String... names) {
    Objects.requireNonNull(names, "names of Remove.fields");
    if (names.length == 0) {
      throw new IllegalArgumentException("Remove.fields(..) needs at least one field");
    }
    return new Remove(List.of(names));
  }

  @Override
  public FieldUse fieldUse() {
    String[] names = fields.toArray(String[]::new);
    return FieldUse.reading(names).removes(names);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    fields.forEach(context::key);
    return (event, out) -> {
      for (int i = 0; i < fields.size(); i++) {
        event.remove(fields.get(i));
      }
      out.emit(event);
    };
  }

  @Override
  public String toString() {
    return String.join(", ", fields);
  }
}
