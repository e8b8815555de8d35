package io.logstream.index;

import java.io.IOException;
import java.util.Arrays;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.util.BytesRef;

/**
 * The terms of one event, of all its fields, as Lucene takes them: each begins with a head, which says what it is a term of. Lucene's own field costs
 * more for each event than the term in it, so all share one. Made once, used for event after event.
 */
final class EventTerms extends TokenStream {
  private static final int KEPT = 256 * 1024;

  private final BytesTermAttribute attribute = addAttribute(BytesTermAttribute.class);
  private final BytesRef term = new BytesRef(new byte[1024]);
  private int[] ends = new int[32];
  private int count;
  private int length;
  private int given;

  /** Forgets the event before. */
  void clear() {
    if (term.bytes.length > KEPT) {
      term.bytes = new byte[1024];
    }
    count = 0;
    length = 0;
  }

  /** Adds a term, of which a copy is taken. */
  void add(byte[] head, byte[] bytes, int from, int size) {
    room(head.length + size);
    append(head, 0, head.length);
    append(bytes, from, size);
    ends[count++] = length;
  }

  void add(byte[] head, BytesRef value) {
    add(head, value.bytes, value.offset, value.length);
  }

  /** The same with letters from A to Z in lower case. */
  void addFolded(byte[] head, byte[] bytes, int from, int size) {
    add(head, bytes, from, size);
    for (int at = length - size; at < length; at++) {
      byte b = term.bytes[at];
      term.bytes[at] = b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }
  }

  private void room(int more) {
    if (term.bytes.length - length < more) {
      term.bytes = Arrays.copyOf(term.bytes, Math.max(length + more, 2 * term.bytes.length));
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
  }

  private void append(byte[] bytes, int from, int size) {
    System.arraycopy(bytes, from, term.bytes, length, size);
    length += size;
  }

  @Override
  public void reset() {
    clearAttributes();
    given = 0;
  }

  @Override
  public boolean incrementToken() throws IOException {
    if (given == count) {
      return false;
    }
    term.offset = given == 0 ? 0 : ends[given - 1];
    term.length = ends[given++] - term.offset;
    attribute.setBytesRef(term);
    return true;
  }
}
