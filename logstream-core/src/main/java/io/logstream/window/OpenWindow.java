package io.logstream.window;

import java.util.Arrays;

/** A window that is open: its groups in a hash table by key. */
final class OpenWindow {
  final long start;
  final long end;
  private Group[] table = new Group[64];
  private int count;
  /** Groups but for the one of the overflow. */
  int admitted;
  boolean changed;

  OpenWindow(long start, long end) {
    this.start = start;
    this.end = end;
  }

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

  void add(Group group) {
    if (++count * 2 > table.length) {
      Group[] old = table;
      table = new Group[old.length * 2];
      for (Group one : old) {
        if (one != null) {
          place(one);
        }
      }
    }
    place(group);
    admitted += group.overflow ? 0 : 1;
  }

  private void place(Group group) {
    int mask = table.length - 1;
    int at = group.hash & mask;
    while (table[at] != null) {
      at = at + 1 & mask;
    }
    table[at] = group;
  }

  /** All groups by key; the overflow last. */
  Group[] sorted() {
    Group[] all = new Group[count];
    int n = 0;
    for (Group group : table) {
      if (group != null) {
        all[n++] = group;
      }
    }
    Arrays.sort(all, (a, b) -> a.overflow != b.overflow ? (a.overflow ? 1 : -1) : Arrays.compareUnsigned(a.key, b.key));
    return all;
  }
}
