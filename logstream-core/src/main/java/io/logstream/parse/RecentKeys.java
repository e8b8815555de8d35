package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.Span;
import io.logstream.StageContext;
import io.logstream.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of the keys that events had lately: a limited number of them, the ones entered last. A key is made of the values of
 * some fields, a missing one being a value of its own; long ones go by their digest. One thread.
 */
final class RecentKeys {
  private static final int LONGEST = 200;
  private static final byte MISSING = 0;
  private static final byte TEXT = 1;

  /** What is known of one key. */
  static final class Known {
    long time;
    long count;
    private long entered;
  }

  /** Bytes by their contents. */
  private static final class Key {
    byte[] bytes;
    int length;
    int hash;

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key that && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
    }

    private void hashed() {
      int h = 0;
      for (int i = 0; i < length; i++) {
        h = h * 31 + bytes[i];
      }
      hash = h;
    }

    private static Key of(byte[] bytes, int length) {
      Key key = new Key();
      key.bytes = Arrays.copyOf(bytes, length);
      key.length = length;
      key.hashed();
      return key;
    }

    private String name() {
      return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
  }

  private final FieldKey[] fields;
  private final int most;
  private final long span;
  private final StageContext context;
  private final Counter forgotten;
  private final Map<Key, Known> keys = new LinkedHashMap<>();
  private final Set<Key> changed = new HashSet<>();
  private final Set<Key> gone = new HashSet<>();
  private final Key asked = new Key();
  private long entries;

  /** Keys of these fields; what is known of one is of no use once the watermark is {@code span} past its time. */
  RecentKeys(StageContext context, List<String> fields, int most, long span) {
    this.fields = fields.stream().map(context::key).toArray(FieldKey[]::new);
    this.most = most;
    this.span = span;
    this.context = context;
    this.forgotten = context.counter("forgotten");
    asked.bytes = new byte[256];
  }

  /** What is known of the key of this event, or null. */
  Known find(LogEvent event) {
    asked.length = 0;
    for (FieldKey field : fields) {
      long at = event.span(field);
      if (at != Span.NONE) {
        write(event.bytes(), Span.from(at), Span.to(at));
      } else {
        String text = event.text(field);
        if (text == null) {
          write(MISSING);
        } else {
          byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
          write(utf8, 0, utf8.length);
        }
      }
    }
    if (asked.length > LONGEST) {
      digest();
    }
    asked.hashed();
    return keys.get(asked);
  }

  private void write(byte[] from, int begin, int end) {
    int length = end - begin;
    write(TEXT);
    for (int shift = 0; shift < 32; shift += 8) {
      write((byte) (length >>> shift));
    }
    if (asked.bytes.length - asked.length < length) {
      asked.bytes = Arrays.copyOf(asked.bytes, Math.max(asked.bytes.length * 2, asked.length + length));
    }
    System.arraycopy(from, begin, asked.bytes, asked.length, length);
    asked.length += length;
  }

  private void write(byte b) {
    if (asked.length == asked.bytes.length) {
      asked.bytes = Arrays.copyOf(asked.bytes, asked.length * 2);
    }
    asked.bytes[asked.length++] = b;
  }

  private void digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(asked.bytes, 0, asked.length);
      asked.bytes = Arrays.copyOf(sha.digest(), 256);
      asked.length = 32;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Enters the key asked for last, or enters it anew, as the youngest. */
  Known enter(long time, long count) {
    Known known = keys.remove(asked);
    if (known == null) {
      known = new Known();
      makeRoom();
    }
    known.time = time;
    known.count = count;
    known.entered = entries++;
    Key key = Key.of(asked.bytes, asked.length);
    keys.put(key, known);
    gone.remove(key);
    changed.add(key);
    return known;
  }

  /** Says that what is known of the key asked for last has changed. */
  void touched() {
    if (!changed.contains(asked)) {
      changed.add(Key.of(asked.bytes, asked.length));
    }
  }

  /** Forgets the eldest where they are out of date, or the eldest of all where there are too many. */
  private void makeRoom() {
    long watermark = context.watermarkMillis();
    Iterator<Map.Entry<Key, Known>> eldest = keys.entrySet().iterator();
    while (eldest.hasNext()) {
      Map.Entry<Key, Known> one = eldest.next();
      boolean old = watermark != Long.MIN_VALUE && watermark - span >= one.getValue().time;
      if (!old && keys.size() < most) {
        return;
      }
      if (!old) {
        forgotten.increment();
      }
      eldest.remove();
      changed.remove(one.getKey());
      gone.add(one.getKey());
    }
  }

  void save(State state) {
    for (Key key : gone) {
      state.remove(key.name());
    }
    for (Key key : changed) {
      Known known = keys.get(key);
      state.put(key.name(), ByteBuffer.allocate(24).putLong(known.time).putLong(known.count).putLong(known.entered).array());
    }
    gone.clear();
    changed.clear();
  }

  void restore(State state) {
    record Saved(Key key, Known known) {}
    List<Saved> all = new ArrayList<>();
    state.forEach((name, value) -> {
      byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer saved = ByteBuffer.wrap(value);
      Known known = new Known();
      known.time = saved.getLong();
      known.count = saved.getLong();
      known.entered = saved.getLong();
      all.add(new Saved(Key.of(bytes, bytes.length), known));
    });
    all.sort(Comparator.comparingLong(saved -> saved.known.entered));
    for (Saved saved : all) {
      keys.put(saved.key, saved.known);
      entries = saved.known.entered + 1;
    }
  }
}
