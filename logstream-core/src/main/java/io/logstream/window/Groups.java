package io.logstream.window;

import java.util.Arrays;
import java.util.Comparator;

/** Groups by key, in a hash table, and that of the keys which found no room. */
final class Groups {
  /** By key, the group without room last. */
  static final Comparator<Group> BY_KEY = (a, b) -> a.overflow != b.overflow ? (a.overflow ? 1 : -1) : Arrays.compareUnsigned(a.key, b.key);

  private Group[] table = new Group[16];
  private int size;
  private int ordinals;
  private Group other;
  /** How many ordinals a saved state may know. */
  int saved;
  boolean changed;

  Group find(byte[] key, int length, int hash) {
    Group[] groups = table;
    int mask = groups.length - 1;
    for (int at = hash & mask; groups[at] != null; at = at + 1 & mask) {
      Group group = groups[at];
      if (group.hash == hash && group.key.length == length && Arrays.equals(group.key, 0, length, key, 0, length)) {
        return group;
      }
    }
    return null;
  }

  Group find(Group like) {
    return like.overflow ? other : find(like.key, like.key.length, like.hash);
  }

  /** How many keys it tells apart. */
  int size() {
    return size;
  }

  /** The group of keys without room; null while there are none. */
  Group other() {
    return other;
  }

  Group add(byte[] key, int hash, boolean overflow) {
    return add(new Group(key, hash, overflow, ordinals));
  }

  Group add(Group group) {
    ordinals = Math.max(ordinals, group.ordinal + 1);
    changed = true;
    if (group.overflow) {
      other = group;
      return group;
    }
    if (++size * 2 > table.length) {
      Group[] old = table;
      table = new Group[old.length * 2];
      for (Group one : old) {
        if (one != null) {
          place(one);
        }
      }
    }
    place(group);
    return group;
  }

  private void place(Group group) {
    int mask = table.length - 1;
    int at = group.hash & mask;
    while (table[at] != null) {
      at = at + 1 & mask;
    }
    table[at] = group;
  }

  /** Takes a group out, and moves up those that its place had pushed on. */
  void remove(Group group) {
    if (group.overflow) {
      other = null;
      return;
    }
    size--;
    int mask = table.length - 1;
    int free = group.hash & mask;
    while (table[free] != group) {
      free = free + 1 & mask;
    }
    for (int at = free + 1 & mask; table[at] != null; at = at + 1 & mask) {
      int home = table[at].hash & mask;
      if ((at - home & mask) >= (at - free & mask)) {
        table[free] = table[at];
        free = at;
      }
    }
    table[free] = null;
  }

  /** All groups, in no particular order. */
  Group[] all() {
    Group[] all = new Group[size + (other == null ? 0 : 1)];
    int n = 0;
    for (Group group : table) {
      if (group != null) {
        all[n++] = group;
      }
    }
    if (other != null) {
      all[n] = other;
    }
    return all;
  }

  Group[] sorted() {
    Group[] all = all();
    Arrays.sort(all, BY_KEY);
    return all;
  }

  /** How many groups there ever were. */
  int ordinals() {
    return ordinals;
  }
}
