package io.logstream.alert;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The values of a rule's {@code by} fields, in their order: what tells apart what it watches separately. Empty for a rule without {@code by}.
 *
 * @param values the values as text; null for a field that events of this key do not have
 */
public record AlertKey(List<String> values) {
  /** The key of all that a rule has no room for. */
  public static final String OTHER = "__other__";

  /** Copies the values. */
  public AlertKey {
    values = Collections.unmodifiableList(Arrays.asList(values.toArray(String[]::new)));
  }

  /** The key with these values. */
  public static AlertKey key(String... values) {
    Objects.requireNonNull(values, "values of AlertKey.key");
    return new AlertKey(Arrays.asList(values));
  }

  @Override
  public String toString() {
    return values.size() == 1 ? String.valueOf(values.get(0)) : values.toString();
  }
}
