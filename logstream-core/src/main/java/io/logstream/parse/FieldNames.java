package io.logstream.parse;

import io.logstream.FoundName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Field names that stand in the data, found again by their bytes without making a string each time. A name knows the one above it, so
 * that {@code a.b} is found by {@code a} and the bytes of {@code b}; and the one that came after it the last time, which is tried first.
 * Holds a limited number: {@link #begin} forgets them all when there are more. One thread.
 */
final class FieldNames {
  private static final int MOST = 1 << 19;
  private static final int TABLE = 1_024;

  /** One name. */
  static final class Name {
    /** The whole, with its dots. */
    final String full;
    private final Name above;
    private final byte[] bytes;
    private final int hash;
    /** How many bytes it has, without the names above. */
    final int length;
    /** The first eight of them, the first lowest, and which bits of these count. */
    private final long head;
    private final long headMask;
    private final Name nextInTable;
    private Name after;
    /** The name with the same letters: this one, or one that was put together otherwise. */
    Name same = this;
    /** The whole as the run's events know it, once it has been put. */
    FoundName handle;
    /** Where the field of this name stands among those found in the text of this number. */
    int found;
    long foundIn = -1;

    Name(String full, Name above, byte[] bytes, int hash, Name nextInTable) {
      this.full = full;
      this.above = above;
      this.bytes = bytes;
      this.hash = hash;
      this.length = bytes.length;
      this.head = Bytes.eight(Arrays.copyOf(bytes, Math.max(8, bytes.length)), 0);
      this.headMask = length >= 8 ? -1L : (1L << length * 8) - 1;
      this.nextInTable = nextInTable;
    }

    private boolean restStandsAt(byte[] in, int from) {
      for (int i = 8; i < length; i++) {
        if (in[from + i] != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private final Name root;
  private Name[] table = new Name[TABLE];
  private final Map<String, Name> byFull = new HashMap<>();
  /** Characters of all names, and some for each. */
  private int size;
  private Name last;

  /** Names under a prefix, which may be empty. */
  FieldNames(String prefix) {
    root = new Name(prefix, null, new byte[0], 0, null);
    last = root;
  }

  /** Another text begins. */
  void begin() {
    if (size > MOST) {
      table = new Name[TABLE];
      byFull.clear();
      root.after = null;
      size = 0;
    }
    last = root;
  }

  /** How many names it holds. */
  int held() {
    return byFull.size();
  }

  /** What names stand under. */
  Name root() {
    return root;
  }

  /** The name that came here the last time, if it stands here again with this byte behind it; or null. */
  Name likely(Name above, byte[] in, int from, int to, byte closing) {
    Name likely = last.after;
    if (likely == null || likely.above != above || to - from <= Math.max(likely.length, 8) || in[from + likely.length] != closing
        || (Bytes.eight(in, from) & likely.headMask) != likely.head || likely.length > 8 && !likely.restStandsAt(in, from)) {
      return null;
    }
    last = likely;
    return likely;
  }

  /** The name of some bytes under another one. */
  Name under(Name above, byte[] in, int from, int to) {
    Name likely = last.after;
    if (likely == null || likely.above != above || !Arrays.equals(likely.bytes, 0, likely.bytes.length, in, from, to)) {
      likely = look(above, in, from, to);
      last.after = likely;
    }
    last = likely;
    return likely;
  }

  private Name look(Name above, byte[] in, int from, int to) {
    int hash = above.hash + 17;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + in[i];
    }
    hash ^= hash >>> 15;
    int place = hash & TABLE - 1;
    for (Name name = table[place]; name != null; name = name.nextInTable) {
      if (name.hash == hash && name.above == above && Arrays.equals(name.bytes, 0, name.bytes.length, in, from, to)) {
        return name;
      }
    }
    String own = Bytes.text(in, from, to);
    Name name = new Name(above.full.isEmpty() ? own : above.full + "." + own, above, Arrays.copyOfRange(in, from, to), hash, table[place]);
    table[place] = name;
    Name same = byFull.putIfAbsent(name.full, name);
    name.same = same == null ? name : same;
    size += name.full.length() + to - from + 32;
    return name;
  }
}
