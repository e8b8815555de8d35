package io.logstream.index;

import java.util.Arrays;
import org.apache.lucene.util.BytesRef;

/**
 * The terms of one event, of all its fields: each begins with a head, which says what it is a term of. A Lucene field costs
 * more for each event than the term in it, so all share one. Made once, used for event after event.
 */
final class EventTerms {
  private static final int KEPT = 256 * 1024;

  private byte[] bytes = new byte[1024];
  private int[] ends = new int[32];
  private int count;
  private int length;

  /** Forgets the event before. */
  void clear() {
    if (bytes.length > KEPT) {
      bytes = new byte[1024];
    }
    count = 0;
    length = 0;
  }

  /** Adds a term, of which a copy is taken. */
  void add(byte[] head, byte[] value, int from, int size) {
    room(head.length + size);
    append(head, 0, head.length);
    append(value, from, size);
    ends[count++] = length;
  }

  void add(byte[] head, BytesRef value) {
    add(head, value.bytes, value.offset, value.length);
  }

  /** The same with letters from A to Z in lower case. */
  void addFolded(byte[] head, byte[] value, int from, int size) {
    add(head, value, from, size);
    for (int at = length - size; at < length; at++) {
      byte b = bytes[at];
      bytes[at] = b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
  }

  private void append(byte[] of, int from, int size) {
    System.arraycopy(of, from, bytes, length, size);
    length += size;
  }

  /** Adds them to a table as terms of this document. */
  void into(TermTable table, int number) {
    int from = 0;
    for (int i = 0; i < count; i++) {
      table.add(bytes, from, ends[i] - from, number, 0);
      from = ends[i];
    }
  }
}
