package io.logstream.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How many values lie in each bucket of a sketch, by the bucket's number. Of the buckets that are in use the highest {@value #MOST} are
 * kept; what would lie below is counted in the lowest of them (as DDSketch's store that collapses its lowest buckets does it). One thread.
 */
final class Buckets {
  private static final int MOST = 2048;
  private static final int LEAST_SLACK = 32;
  private static final long[] EMPTY = {};

  private long[] counts = EMPTY;
  /** The number of the first count's bucket. */
  private int base;
  private long total;

  long total() {
    return total;
  }

  void add(int bucket) {
    int at = bucket - base;
    if (at < 0 || at >= counts.length) {
      at = room(bucket);
    }
    counts[at]++;
    total++;
  }

  void add(Buckets other) {
    if (total == 0) {
      counts = other.counts.clone();
      base = other.base;
      total = other.total;
      return;
    }
    for (int at = 0; at < other.counts.length; at++) {
      if (other.counts[at] > 0) {
        add(other.base + at, other.counts[at]);
      }
    }
  }

  private void add(int bucket, long count) {
    int at = bucket - base;
    if (at < 0 || at >= counts.length) {
      at = room(bucket);
    }
    counts[at] += count;
    total += count;
  }

  /** The place of a bucket that has none yet: its own, or the lowest where it is too far below the highest. */
  private int room(int bucket) {
    if (bucket < base && counts.length == MOST && counts[MOST - 1] > 0) {
      return 0;
    }
    int end = end();
    int highest = end == 0 ? bucket : Math.max(base + end - 1, bucket);
    int lowest = Math.max(highest - MOST + 1, end == 0 ? bucket : Math.min(base + first(), bucket));
    int used = highest - lowest + 1;
    long[] more = new long[Math.min(MOST, used + Math.max(LEAST_SLACK, used / 4))];
    int from = lowest - (more.length - used) / 2;
    for (int at = 0; at < end; at++) {
      if (counts[at] > 0) {
        more[Math.max(base + at, lowest) - from] += counts[at];
      }
    }
    counts = more;
    base = from;
    return Math.max(bucket, lowest) - from;
  }

  private int first() {
    int at = 0;
    while (at < counts.length && counts[at] == 0) {
      at++;
    }
    return at;
  }

  /** Behind the last place in use. */
  private int end() {
    int at = counts.length;
    while (at > 0 && counts[at - 1] == 0) {
      at--;
    }
    return at;
  }

  /** What is told of each bucket that is in use. */
  @FunctionalInterface
  interface Walk {
    /** Returns whether it wants more. */
    boolean take(int bucket, long count);
  }

  void upwards(Walk walk) {
    for (int at = 0; at < counts.length; at++) {
      if (counts[at] > 0 && !walk.take(base + at, counts[at])) {
        return;
      }
    }
  }

  void downwards(Walk walk) {
    for (int at = counts.length - 1; at >= 0; at--) {
      if (counts[at] > 0 && !walk.take(base + at, counts[at])) {
        return;
      }
    }
  }

  /** From the lowest bucket in use to the highest; a 0 stands for as many empty ones as the number behind it says. */
  void write(DataOutput out) throws IOException {
    int end = end();
    int first = end == 0 ? 0 : first();
    out.writeInt(base + first);
    out.writeShort(end - first);
    for (int at = first; at < end; ) {
      writeNumber(counts[at], out);
      if (counts[at++] == 0) {
        int empty = at;
        while (counts[at] == 0) {
          at++;
        }
        writeNumber(at - empty, out);
      }
    }
  }

  static Buckets read(DataInput in) throws IOException {
    Buckets buckets = new Buckets();
    buckets.base = in.readInt();
    buckets.counts = new long[in.readUnsignedShort()];
    for (int at = 0; at < buckets.counts.length; at++) {
      long count = readNumber(in);
      if (count == 0) {
        at += (int) readNumber(in);
      } else {
        buckets.counts[at] = count;
        buckets.total += count;
      }
    }
    return buckets;
  }

  /** Seven bits in a byte, the lowest first. */
  private static void writeNumber(long number, DataOutput out) throws IOException {
    long rest = number;
    for (; rest >= 0x80; rest >>>= 7) {
      out.writeByte((int) (rest & 0x7F | 0x80));
    }
    out.writeByte((int) rest);
  }

  private static long readNumber(DataInput in) throws IOException {
    long number = 0;
    int shift = 0;
    int b = in.readUnsignedByte();
    for (; b >= 0x80; shift += 7, b = in.readUnsignedByte()) {
      number |= (long) (b & 0x7F) << shift;
    }
    return number | (long) b << shift;
  }
}
