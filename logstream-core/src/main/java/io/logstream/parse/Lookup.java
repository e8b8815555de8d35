package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A stage that looks a field up in a map of the user's and puts what it finds into another: {@code
 * Lookup.of(teams).from("service").into("team")}. The map is copied. Its keys are compared as text, so the key 503 stands for the number
 * and for the text. Values are text, numbers, booleans or enum constants.
 *
 * <p>An event whose value the map does not have is counted as {@code missed} and passes as it is, unless {@link #otherwise} names a
 * value for it. An event without the field passes as it is. Stateless, immutable.
 */
public final class Lookup implements Stage {
  private final Map<String, Object> map;
  private final String from;
  private final String into;
  private final Object otherwise;

  private Lookup(Map<String, Object> map, String from, String into, Object otherwise) {
    this.map = map;
    this.from = from;
    this.into = into;
    this.otherwise = otherwise;
  }

  /**
   * Looks up in this map.
   *
   * @throws IllegalArgumentException if it has a value that no field can hold, or two keys that are the same text
   */
  public static Lookup of(Map<?, ?> map) {
    Objects.requireNonNull(map, "map of Lookup.of");
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      String text = Objects.requireNonNull(key, "key") instanceof Enum<?> constant ? constant.name() : key.toString();
      if (copy.putIfAbsent(text, value(value, "'" + text + "'")) != null) {
        throw new IllegalArgumentException("Lookup.of(..) has two keys that are the text '" + text + "'");
      }
    });
    return new Lookup(copy, null, null, null);
  }

  private static Object value(Object value, String of) {
    if (FieldUse.Type.of(value) == FieldUse.Type.ANY) {
      throw new IllegalArgumentException("Lookup takes text, numbers, booleans and enum constants, was " + (value == null ? "null" : value.getClass().getName())
          + " for " + of);
    }
    return value instanceof Enum<?> constant ? constant.name() : value instanceof CharSequence text ? text.toString() : value;
  }

  /** The field whose value is looked up. */
  public Lookup from(String field) {
    return new Lookup(map, Objects.requireNonNull(field, "field"), into, otherwise);
  }

  /** The field that gets what is found. */
  public Lookup into(String field) {
    return new Lookup(map, from, Objects.requireNonNull(field, "field"), otherwise);
  }

  /** What to put where the map has nothing. */
  public Lookup otherwise(Object value) {
    return new Lookup(map, from, into, value(value, "otherwise(..)"));
  }

  @Override
  public void check() {
    if (from == null || into == null) {
      throw new IllegalArgumentException("Lookup.of(map) needs " + (from == null ? "from(field), the field to look up" : "into(field), the field to put what is found"));
    }
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse.Type type = otherwise == null ? null : FieldUse.Type.of(otherwise);
    for (Object value : map.values()) {
      type = type == null || type == FieldUse.Type.of(value) ? FieldUse.Type.of(value) : FieldUse.Type.ANY;
    }
    return FieldUse.reading(from).yields(into, type == null ? FieldUse.Type.ANY : type);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    check();
    TextField text = new TextField(context, from);
    FieldKey target = context.key(into);
    Table table = new Table(map);
    Counter missed = context.counter("missed");
    return (event, out) -> {
      if (text.read(event)) {
        Object found = table.find(text.bytes, text.from, text.to);
        if (found == null) {
          missed.increment();
          found = otherwise;
        }
        if (found != null) {
          put(event, target, found);
        }
      }
      out.emit(event);
    };
  }

  private static void put(LogEvent event, FieldKey target, Object value) {
    if (value instanceof byte[] utf8) {
      long span = event.append(utf8, 0, utf8.length);
      event.put(target, Span.from(span), Span.to(span));
    } else {
      event.put(target.name(), value);
    }
  }

  @Override
  public String toString() {
    return map.size() + " from " + from + " into " + into;
  }

  /** The map by the bytes of its keys; text values as bytes. */
  private static final class Table {
    private final byte[][] keys;
    private final Object[] values;

    Table(Map<String, Object> map) {
      int size = Integer.highestOneBit(Math.max(2, map.size() * 2)) * 2;
      keys = new byte[size][];
      values = new Object[size];
      map.forEach((key, value) -> {
        byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
        int at = place(utf8, 0, utf8.length);
        keys[at] = utf8;
        values[at] = value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : value;
      });
    }

    private int place(byte[] b, int from, int to) {
      int hash = 0;
      for (int i = from; i < to; i++) {
        hash = hash * 31 + b[i];
      }
      int at = (hash ^ hash >>> 16) & keys.length - 1;
      while (keys[at] != null && !Arrays.equals(keys[at], 0, keys[at].length, b, from, to)) {
        at = at + 1 & keys.length - 1;
      }
      return at;
    }

    Object find(byte[] b, int from, int to) {
      return values[place(b, from, to)];
    }
  }
}
