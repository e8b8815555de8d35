package io.logstream;

/**
 * The name of a field that turned up in the data, for a parser that puts it into many events: what a {@link FieldKey} is for names that
 * are known while a stage opens. From {@link StageContext#found}; used only on events of that run. Immutable.
 */
public final class FoundName {
  final Names names;
  /** Its place if a stage has declared it as well, {@link Names#MESSAGE}, or {@link Names#NONE}. */
  final int slot;
  final int hash;
  private final String name;

  FoundName(Names names, String name) {
    this.names = names;
    this.name = name;
    this.slot = names.slot(name);
    this.hash = name.hashCode();
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
