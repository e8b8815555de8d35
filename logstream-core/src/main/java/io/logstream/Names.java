package io.logstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The field names that the stages of one run declared, each with its slot. Filled while the stages open, on one thread; read by
 * all afterwards. Names that only turn up in the data have no slot: they live in a record's list of extra fields.
 */
final class Names {
  static final int NONE = -1;
  static final int MESSAGE = -2;

  private final List<String> bySlot = new ArrayList<>();
  private String[] table = new String[64];
  private int[] slots = new int[64];

  int declare(String name) {
    Objects.requireNonNull(name, "field name");
    int known = slot(name);
    if (known != NONE) {
      return known;
    }
    bySlot.add(name);
    if (bySlot.size() * 2 > table.length) {
      table = new String[table.length * 2];
      slots = new int[table.length];
      for (int slot = 0; slot < bySlot.size(); slot++) {
        enter(bySlot.get(slot), slot);
      }
    } else {
      enter(name, bySlot.size() - 1);
    }
    return bySlot.size() - 1;
  }

  private void enter(String name, int slot) {
    int mask = table.length - 1;
    int at = spread(name) & mask;
    while (table[at] != null) {
      at = (at + 1) & mask;
    }
    table[at] = name;
    slots[at] = slot;
  }

  /** The slot of a declared name, {@link #MESSAGE}, or {@link #NONE}. */
  int slot(String name) {
    String[] names = table;
    int mask = names.length - 1;
    for (int at = spread(name) & mask; names[at] != null; at = (at + 1) & mask) {
      if (names[at] == name || names[at].equals(name)) {
        return slots[at];
      }
    }
    return name.equals(LogEvent.MESSAGE) ? MESSAGE : NONE;
  }

  String name(int slot) {
    return bySlot.get(slot);
  }

  int count() {
    return bySlot.size();
  }

  private static int spread(String name) {
    int hash = name.hashCode();
    return hash ^ hash >>> 16;
  }
}
