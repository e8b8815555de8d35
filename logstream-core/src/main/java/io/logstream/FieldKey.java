package io.logstream;

/**
 * A field name with its place in the events of one run: the fast way to read and write a field. A processor asks its
 * {@link StageContext#key} for it while it opens and uses it only on events of that run; naming a field by a {@code String} gives the
 * same answers, a few nanoseconds later. Immutable.
 */
public final class FieldKey {
  final Names names;
  /** Its place, {@link Names#MESSAGE}, or {@link Names#NONE} for a name that nobody has declared: then it is looked up. */
  final int slot;
  private final String name;

  FieldKey(Names names, String name) {
    this(names, name, names.declare(name));
  }

  private FieldKey(Names names, String name, int slot) {
    this.names = names;
    this.name = name;
    this.slot = slot;
  }

  /** A key asked for when the declared names are complete: one without a slot of its own reads by name. */
  static FieldKey late(Names names, String name) {
    return new FieldKey(names, name, names.slot(name));
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
