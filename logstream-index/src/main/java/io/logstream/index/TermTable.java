package io.logstream.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The terms of one Lucene field in a segment under way, and where they occur: a hash table from bytes to records. Most terms of logs occur once (ids, times,
 * sizes), so the first occurrence is in the record itself; further ones follow in chunks of bytes. Memory is kept from segment to segment.
 *
 * <p>Belongs to one thread at a time.
 */
final class TermTable {
  // a record
  private static final int FROM = 0;
  static final int FIRST_DOCUMENT = 1;
  static final int FIRST_POSITION = 2;
  private static final int LAST_DOCUMENT = 3;
  private static final int LAST_POSITION = 4;
  /** Where the first chunk begins; 0 if there is none. */
  static final int HEAD = 5;
  /** Behind the last byte written. */
  static final int TAIL = 6;
  /** Where the bytes of the last chunk end. */
  private static final int LIMIT = 7;
  private static final int RECORD = 8;

  /** By level. Behind the bytes of a chunk: where the next begins, and its own level. */
  static final int[] CHUNKS = {16, 32, 64, 128, 256, 512, 1024};
  static final int LINK = 4;
  private static final int BEHIND = LINK + 1;

  /** Bytes of a term that one number for sorting holds, beside the number of the term. */
  private static final int COMPARED = 5;
  private static final int NUMBER_BITS = Long.SIZE - Byte.SIZE * COMPARED;
  private static final int NUMBER = (1 << NUMBER_BITS) - 1;
  private static final int SLACK = Long.BYTES;
  private static final int LEAST = 128;

  private static final long SEED = new SplittableRandom().nextLong();
  private static final long FACTOR = new SplittableRandom().nextLong() | 1;

  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  final boolean hasPositions;
  /** Terms, each behind its length in two bytes. */
  private byte[] bytes = new byte[8 * LEAST];
  private int length;
  private int[] records = new int[RECORD * LEAST];
  private int count;
  private byte[] chunks = new byte[8 * LEAST];
  private int chunked = CHUNKS[0];
  /** A hash and the number of a term from 1; 0 is free. */
  private long[] slots = new long[2 * LEAST];
  private long[] sorted = {};

  TermTable(boolean hasPositions) {
    this.hasPositions = hasPositions;
  }

  int count() {
    return count;
  }

  /** Bytes of its arrays, used or not. */
  long capacity() {
    return bytes.length + chunks.length + (long) Integer.BYTES * records.length + (long) Long.BYTES * (slots.length + sorted.length);
  }

  long bytesUsed() {
    return length + chunked + count * (RECORD * (long) Integer.BYTES + 2 * Long.BYTES);
  }

  /** A term occurs. Documents come in order, and positions in a document. */
  void add(byte[] of, int from, int size, int document, int position) {
    int hash = hash(of, from, size);
    int mask = slots.length - 1;
    int slot = hash & mask;
    for (long found = slots[slot]; found != 0; found = slots[slot]) {
      if ((int) (found >>> Integer.SIZE) == hash) {
        int record = ((int) found - 1) * RECORD;
        int at = records[record + FROM];
        if (size(at) == size && Arrays.equals(bytes, at, at + size, of, from, from + size)) {
          occursAgain(record, document, position);
          return;
        }
      }
      slot = slot + 1 & mask;
    }
    slots[slot] = (long) hash << Integer.SIZE | count + 1;
    begin(of, from, size, document, position);
  }

  /**
   * Other in each process, and not only by a seed: for Lucene's murmur hash anybody can write thousands of terms that are alike in it whatever the seed is, and
   * a log may hold what anybody wrote.
   */
  static int hash(byte[] of, int from, int size) {
    long hash = SEED ^ size;
    int at = from;
    for (int last = from + size - Long.BYTES; at <= last; at += Long.BYTES) {
      hash = mixed(hash ^ (long) LONG.get(of, at));
    }
    long rest = 0;
    for (; at < from + size; at++) {
      rest = rest << Byte.SIZE | of[at] & 0xFF;
    }
    hash = mixed(hash ^ rest);
    return (int) (hash ^ hash >>> Integer.SIZE);
  }

  private static long mixed(long value) {
    return Math.multiplyHigh(value, FACTOR) ^ value * FACTOR;
  }

  private void begin(byte[] of, int from, int size, int document, int position) {
    int record = count * RECORD;
    if (record == records.length) {
      records = Arrays.copyOf(records, 2 * record);
    }
    if (length + Short.BYTES + size + SLACK > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * (bytes.length + size));
    }
    records[record + FROM] = length + Short.BYTES;
    records[record + FIRST_DOCUMENT] = document;
    records[record + FIRST_POSITION] = position;
    records[record + LAST_DOCUMENT] = document;
    records[record + LAST_POSITION] = position;
    records[record + HEAD] = 0;
    records[record + TAIL] = 0;
    records[record + LIMIT] = 0;
    SHORT.set(bytes, length, (short) size);
    System.arraycopy(of, from, bytes, length + Short.BYTES, size);
    length += Short.BYTES + size;
    if (++count > slots.length / 2) {
      rehash(2 * slots.length);
    }
  }

  private void rehash(int size) {
    long[] wider = new long[size];
    for (long taken : slots) {
      if (taken != 0) {
        int slot = (int) (taken >>> Integer.SIZE) & size - 1;
        while (wider[slot] != 0) {
          slot = slot + 1 & size - 1;
        }
        wider[slot] = taken;
      }
    }
    slots = wider;
  }

  // ---------------------------------------------------------------- where a term occurs

  /** Documents as differences; with positions, first the position, or the difference to the one before, with a bit that says whether a difference of documents follows. */
  private void occursAgain(int record, int document, int position) {
    int documents = document - records[record + LAST_DOCUMENT];
    if (hasPositions) {
      if (documents > 0) {
        write(record, position << 1 | 1);
        write(record, documents);
      } else {
        write(record, position - records[record + LAST_POSITION] << 1);
      }
      records[record + LAST_POSITION] = position;
    } else if (documents > 0) {
      write(record, documents);
    }
    records[record + LAST_DOCUMENT] = document;
  }

  /** Seven bits to the byte. */
  private void write(int record, int value) {
    int rest = value;
    for (; rest > 0x7F; rest >>>= 7) {
      write(record, (byte) (rest | 0x80));
    }
    write(record, (byte) rest);
  }

  private void write(int record, byte value) {
    int tail = records[record + TAIL];
    if (tail == records[record + LIMIT]) {
      tail = chunk(record, tail);
    }
    chunks[tail] = value;
    records[record + TAIL] = tail + 1;
  }

  /** Begins a chunk, larger than the one that ends here. */
  private int chunk(int record, int end) {
    int level = end == 0 ? 0 : Math.min(chunks[end + LINK] + 1, CHUNKS.length - 1);
    int begin = chunked;
    chunked += CHUNKS[level];
    if (chunked > chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * chunks.length);
    }
    if (end == 0) {
      records[record + HEAD] = begin;
    } else {
      INT.set(chunks, end, begin);
    }
    int limit = chunkEnd(begin, level);
    chunks[limit + LINK] = (byte) level;
    records[record + LIMIT] = limit;
    return begin;
  }

  /** Where the bytes of a chunk end. */
  static int chunkEnd(int begin, int level) {
    return begin + CHUNKS[level] - BEHIND;
  }

  // ---------------------------------------------------------------- for those that read

  byte[] bytes() {
    return bytes;
  }

  byte[] chunks() {
    return chunks;
  }

  /** Where the chunk behind this one begins. */
  int next(int end) {
    return (int) INT.get(chunks, end);
  }

  /** The record of the term that comes so far in the order of terms. */
  int record(int order) {
    return ((int) sorted[order] & NUMBER) * RECORD;
  }

  int value(int record, int which) {
    return records[record + which];
  }

  /** Where the bytes of a term begin. */
  int from(int record) {
    return records[record + FROM];
  }

  /** How many bytes the term has that begins here. */
  int size(int from) {
    return (short) SHORT.get(bytes, from - Short.BYTES);
  }

  /** Puts the terms in the order of their bytes. */
  void sort() {
    if (sorted.length < count) {
      sorted = new long[Math.max(count, 2 * sorted.length)];
    }
    for (int i = 0; i < count; i++) {
      sorted[i] = i;
    }
    sort(0, count, 0);
  }

  /** Terms that are alike in the bytes before: by the next ones and then, where these are alike, by those behind. Bytes that a term has not count as zero. */
  private void sort(int from, int to, int depth) {
    boolean longer = false;
    for (int i = from; i < to; i++) {
      int number = (int) sorted[i] & NUMBER;
      int at = records[number * RECORD + FROM];
      int rest = size(at) - depth;
      longer |= rest > COMPARED;
      sorted[i] = key(at + depth, rest) | number;
    }
    Arrays.sort(sorted, from, to);
    int same = from;
    for (int i = from + 1; i <= to; i++) {
      if (i == to || sorted[i] >>> NUMBER_BITS != sorted[same] >>> NUMBER_BITS) {
        if (i - same > 1) {
          alike(same, i, depth + COMPARED, longer);
        }
        same = i;
      }
    }
  }

  private void alike(int from, int to, int depth, boolean longer) {
    if (longer) {
      sort(from, to, depth);
      return;
    }
    for (int i = from; i < to; i++) {
      int number = (int) sorted[i] & NUMBER;
      sorted[i] = (long) size(records[number * RECORD + FROM]) << NUMBER_BITS | number;
    }
    Arrays.sort(sorted, from, to);
  }

  /** In the upper bits, so that they compare as numbers with signs do. */
  private long key(int at, int rest) {
    if (rest <= 0) {
      return Long.MIN_VALUE;
    }
    long eight = (long) LONG.get(bytes, at);
    int kept = Byte.SIZE * Math.min(rest, COMPARED);
    return eight >>> Long.SIZE - kept << Long.SIZE - kept ^ Long.MIN_VALUE;
  }

  /** Forgets everything; half of the memory as well, if little of it was used. */
  void clear() {
    if (isLarge(slots.length, 2 * LEAST, count)) {
      slots = new long[slots.length / 2];
    } else {
      Arrays.fill(slots, 0);
    }
    records = isLarge(records.length, RECORD * LEAST, RECORD * count) ? new int[records.length / 2] : records;
    sorted = isLarge(sorted.length, LEAST, count) ? new long[sorted.length / 2] : sorted;
    bytes = isLarge(bytes.length, 8 * LEAST, length) ? new byte[bytes.length / 2] : bytes;
    chunks = isLarge(chunks.length, 8 * LEAST, chunked) ? new byte[chunks.length / 2] : chunks;
    count = 0;
    length = 0;
    chunked = CHUNKS[0];
  }

  private static boolean isLarge(int capacity, int least, int used) {
    return capacity > least && used < capacity / 8;
  }
}
