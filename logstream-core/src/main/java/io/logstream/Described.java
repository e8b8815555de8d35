package io.logstream;

/** Names for things that were given none. */
final class Described {
  private Described() {}

  static String nameOf(Class<?> type, String otherwise) {
    String name = type.getSimpleName();
    boolean made = type.isHidden() || type.isAnonymousClass() || type.isSynthetic() || name.isEmpty() || name.contains("$$Lambda");
    return made ? otherwise : name;
  }
}
