package io.logstream;

/**
 * A field name with its place in the events of one run: the fast way to read and write a field. A processor asks its
 * {@link StageContext#key} for it while it opens and uses it only on events of that run; naming a field by a {@code String} gives the
 * same answers, a few nanoseconds later. Immutable.
 */
public final class FieldKey {
  final Names names;
  final int slot;
  private final String name;

  FieldKey(Names names, String name) {
    this.names = names;
    this.name = name;
    this.slot = names.declare(name);
  }

  /** The field's name. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
