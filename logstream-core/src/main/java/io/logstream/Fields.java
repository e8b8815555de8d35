package io.logstream;

import java.util.Arrays;

/**
 * What the stages have found out about the records of a batch: per record a row of cells, one for each declared name, its time, and
 * a list of extra fields. A cell is a span of the batch's bytes, the bits of a long or a double, or an index into {@link #objects}.
 * Where lanes are off, one instance serves all batches of the ring in turn.
 */
final class Fields {
  static final byte ABSENT = 0;
  static final byte TEXT = 1;
  static final byte LONG = 2;
  static final byte DOUBLE = 3;
  static final byte BOOLEAN = 4;
  static final byte OBJECT = 5;
  /** Taken away: the field that the record's log or origin has under this name does not show either. */
  static final byte REMOVED = 6;

  static final long UNTIMED = Long.MIN_VALUE;
  private static final int END = -1;

  final Names names;
  /** Whether they are of copies, over which no pass goes and which do not move time. */
  private final boolean copies;
  int stride;
  private int capacity;
  long[] cell = None.LONGS;
  byte[] kind = None.BYTES;
  /** Event time of each record, epoch milliseconds. */
  long[] time = None.LONGS;
  /** The time that a time giver gave the record, for the watermark, whatever became of the record later. */
  long[] given = None.LONGS;
  /** For each record that the pass over the batch ended: the number of the stage from 1, and what it did and why. */
  byte[] ended = None.BYTES;
  byte[] outcome = None.BYTES;
  String[] why = None.TEXTS;
  String[] detail = None.TEXTS;

  /** First extra field of each record; extra fields are linked newest first. */
  int[] extra = None.INTS;
  /** Which extra fields each record can have: where the bit of a name is not set, it has none of that name. */
  private long[] extraBits = None.LONGS;
  private int extras;
  private String[] extraName = None.TEXTS;
  private int[] extraHash = None.INTS;
  private int[] extraNext = None.INTS;
  long[] extraCell = None.LONGS;
  byte[] extraKind = None.BYTES;

  private Object[] objects = None.OBJECTS;
  private int objectCount;

  Fields(Names names) {
    this(names, false);
  }

  private Fields(Names names, boolean copies) {
    this.names = names;
    this.copies = copies;
  }

  static Fields ofCopies(Names names) {
    return new Fields(names, true);
  }

  /** Makes room for {@code records} rows, all empty, all with this time. */
  void reset(int records, long readTime) {
    stride = names.count();
    if (capacity < records || cell.length < records * stride) {
      grow(Math.max(records, capacity));
    }
    if (records > 0) {
      empty(0, readTime);
      repeat(kind, stride, records * stride);
      repeat(time, 1, records);
      if (!copies) {
        repeat(given, 1, records);
        repeat(ended, 1, records);
      }
      repeat(extra, 1, records);
      repeat(extraBits, 1, records);
    }
    extras = 0;
    Arrays.fill(objects, 0, objectCount, null);
    objectCount = 0;
  }

  private void empty(int record, long readTime) {
    for (int at = record * stride; at < (record + 1) * stride; at++) {
      kind[at] = ABSENT;
    }
    time[record] = readTime;
    if (!copies) {
      given[record] = UNTIMED;
      ended[record] = 0;
    }
    extra[record] = END;
    extraBits[record] = 0;
  }

  /** Copies the beginning of an array over what follows, up to an end. Twice as much each time: HotSpot would have to compile a loop. */
  private static void repeat(Object array, int length, int end) {
    for (int done = length; done > 0 && done < end; done += done) {
      System.arraycopy(array, 0, array, done, Math.min(done, end - done));
    }
  }

  /** Adds one row behind {@code records} others. */
  void extend(int records, long readTime) {
    stride = names.count();
    if (records >= capacity) {
      grow(records == 0 ? 1 : Math.max(8, records * 2));
    }
    empty(records, readTime);
  }

  private void grow(int to) {
    capacity = to;
    cell = Arrays.copyOf(cell, capacity * stride);
    kind = Arrays.copyOf(kind, capacity * stride);
    time = Arrays.copyOf(time, capacity);
    extra = Arrays.copyOf(extra, capacity);
    extraBits = Arrays.copyOf(extraBits, capacity);
    if (!copies) {
      given = Arrays.copyOf(given, capacity);
      ended = Arrays.copyOf(ended, capacity);
      outcome = Arrays.copyOf(outcome, capacity);
      why = Arrays.copyOf(why, capacity);
      detail = Arrays.copyOf(detail, capacity);
    }
  }

  /** The place of the record's extra field of that name, absent ones included, or -1. */
  int findExtra(int record, String name) {
    return findExtra(record, name, name.hashCode());
  }

  int findExtra(int record, String name, int hash) {
    if ((extraBits[record] & bit(hash)) == 0) {
      return END;
    }
    for (int at = extra[record]; at != END; at = extraNext[at]) {
      if (extraHash[at] == hash && extraName[at].equals(name)) {
        return at;
      }
    }
    return END;
  }

  private static long bit(int hash) {
    return 1L << (hash ^ hash >>> 16 ^ hash >>> 8);
  }

  int addExtra(int record, String name, byte kindOf, long value) {
    return addExtra(record, name, name.hashCode(), kindOf, value);
  }

  int addExtra(int record, String name, int hash, byte kindOf, long value) {
    if (extras == extraName.length) {
      int size = Math.max(4, extras * 2);
      extraName = Arrays.copyOf(extraName, size);
      extraHash = Arrays.copyOf(extraHash, size);
      extraNext = Arrays.copyOf(extraNext, size);
      extraCell = Arrays.copyOf(extraCell, size);
      extraKind = Arrays.copyOf(extraKind, size);
    }
    int at = extras++;
    extraName[at] = name;
    extraHash[at] = hash;
    extraBits[record] |= bit(hash);
    extraKind[at] = kindOf;
    extraCell[at] = value;
    extraNext[at] = extra[record];
    extra[record] = at;
    return at;
  }

  /** The places of the record's extra fields in the order in which they were put. */
  int[] extrasOf(int record) {
    int n = 0;
    for (int at = extra[record]; at != END; at = extraNext[at]) {
      n++;
    }
    int[] places = new int[n];
    for (int at = extra[record]; at != END; at = extraNext[at]) {
      places[--n] = at;
    }
    return places;
  }

  boolean hasExtras(int record) {
    return extra[record] != END;
  }

  String extraName(int at) {
    return extraName[at];
  }

  long keep(Object value) {
    if (objectCount == objects.length) {
      objects = Arrays.copyOf(objects, Math.max(4, objectCount * 2));
    }
    objects[objectCount] = value;
    return objectCount++;
  }

  Object object(long at) {
    return objects[(int) at];
  }
}
