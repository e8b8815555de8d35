package io.logstream.alert;

import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values of the key fields of an event, as bytes. One instance is filled again and again to look groups up; those kept are copies.
 *
 * <pre>per field   0                          the event has no such field
 *             1, length (2 bytes), UTF-8 its value as text
 *             2                          there was no room for the key</pre>
 */
final class GroupKey implements Comparable<GroupKey> {
  private static final int MOST = 1_024;
  private static final byte MISSING = 0;
  private static final byte TEXT = 1;
  private static final byte NO_ROOM = 2;

  private byte[] bytes;
  private int length;

  GroupKey() {
    bytes = new byte[64];
  }

  private GroupKey(byte[] bytes) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  static GroupKey ofBytes(byte[] bytes) {
    return new GroupKey(bytes.clone());
  }

  /** The key of all that found no room. */
  static GroupKey other(int fields) {
    byte[] bytes = new byte[fields];
    Arrays.fill(bytes, NO_ROOM);
    return new GroupKey(bytes);
  }

  void read(LogEvent event, FieldKey[] fields) {
    length = 0;
    for (FieldKey field : fields) {
      long span = event.span(field);
      if (span != Span.NONE) {
        add(event.bytes(), Span.from(span), Span.length(span));
      } else {
        String text = event.text(field);
        if (text == null) {
          room(1);
          bytes[length++] = MISSING;
        } else {
          byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
          add(encoded, 0, encoded.length);
        }
      }
    }
  }

  /** The key without fields. */
  void clear() {
    length = 0;
  }

  /** The key with these values. */
  void of(List<String> values) {
    length = 0;
    for (String value : values) {
      if (value == null) {
        room(1);
        bytes[length++] = MISSING;
      } else {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        add(encoded, 0, encoded.length);
      }
    }
  }

  /** The same as another. */
  void take(GroupKey key) {
    length = 0;
    room(key.length);
    System.arraycopy(key.bytes, 0, bytes, 0, key.length);
    length = key.length;
  }

  private void add(byte[] from, int at, int whole) {
    int size = whole;
    if (size > MOST) {
      size = MOST;
      while (size > MOST - 3 && (from[at + size] & 0xC0) == 0x80) {
        size--; // not in the middle of a character
      }
    }
    room(3 + size);
    bytes[length++] = TEXT;
    bytes[length++] = (byte) (size >>> 8);
    bytes[length++] = (byte) size;
    System.arraycopy(from, at, bytes, length, size);
    length += size;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  GroupKey copy() {
    return new GroupKey(toBytes());
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The values in the order of the fields; null for one that the event does not have. */
  List<String> values() {
    if (length == 0) {
      return List.of();
    }
    List<String> values = new ArrayList<>();
    for (int at = 0; at < length; ) {
      switch (bytes[at++]) {
        case MISSING -> values.add(null);
        case NO_ROOM -> values.add(AlertKey.OTHER);
        default -> {
          int size = (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
          values.add(new String(bytes, at + 2, size, StandardCharsets.UTF_8));
          at += 2 + size;
        }
      }
    }
    return values;
  }

  @Override
  public int compareTo(GroupKey other) {
    return Arrays.compare(bytes, 0, length, other.bytes, 0, other.length);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof GroupKey other && Arrays.equals(bytes, 0, length, other.bytes, 0, other.length);
  }

  @Override
  public int hashCode() {
    return Bytes.hash(bytes, 0, length);
  }
}
