package io.logstream.index;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.apache.lucene.util.BytesRef;

/**
 * The names that one event has, as one term: the numbers that the schema gives them, in the order in which they come, seven bits to the byte. Events
 * of one kind have the same, so there are few, and an event is in the list of one instead of in the lists of all its names.
 */
final class NameSet {
  private byte[] bytes = new byte[64];
  private int length;

  void clear() {
    length = 0;
  }

  void add(int number) {
    if (length + 5 > bytes.length) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    int rest = number;
    while (rest > 0x7F) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  boolean isEmpty() {
    return length == 0;
  }

  void into(EventTerms terms) {
    terms.add(Schema.NAMES, bytes, 0, length);
  }

  static void forEach(BytesRef term, IntConsumer number) {
    int value = 0;
    int shift = 0;
    for (int at = term.offset; at < term.offset + term.length; at++) {
      byte b = term.bytes[at];
      value |= (b & 0x7F) << shift;
      shift += 7;
      if (b >= 0) {
        number.accept(value);
        value = 0;
        shift = 0;
      }
    }
  }

  static boolean contains(BytesRef term, int number) {
    boolean[] found = {false};
    forEach(term, one -> found[0] |= one == number);
    return found[0];
  }
}
