package io.logstream.index;

import io.logstream.LogEvent;
import io.logstream.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.BytesRef;

/**
 * An event as the bytes that an index keeps of it. Field names are the numbers that the slice's schema gives them; a text field that is a part
 * of the message is where it stands there.
 *
 * <pre>
 * sequence  time  log  generation  offset  line  id or ""  file  host  message  fields
 * fields:  each: name's number + 2, or 1 and the name;  kind;  value;  then 0
 * </pre>
 */
final class StoredEvent {
  private static final int NULL = 0;
  private static final int TEXT = 1;
  private static final int PART = 2;
  private static final int LONG = 3;
  private static final int DOUBLE = 4;
  private static final int TRUE = 5;
  private static final int FALSE = 6;
  private static final int LIST = 7;
  private static final int END = 0;
  private static final int NAMED = 1;
  private static final int NUMBERED = 2;
  private static final int KEPT = 64 * 1024;

  private byte[] bytes = new byte[1024];
  private int at;
  private final BytesRef written = new BytesRef();
  private Position position;
  private LogEvent event;
  private final Last log = new Last();
  private final Last generation = new Last();
  private final Last file = new Last();
  private final Last host = new Last();

  private static final class Last {
    private String text;
    private byte[] utf8;
  }

  // ---------------------------------------------------------------- writing

  void begin(LogEvent of, long sequence, String file, String host) {
    if (bytes.length > KEPT) {
      bytes = new byte[1024];
    }
    at = 0;
    event = of;
    position = event.position();
    number(sequence);
    number(event.epochMillis());
    known(position.log(), log);
    known(position.generation(), generation);
    number(position.offset());
    number(event.number("line", 0));
    text(event.isDerived() ? event.id() : "");
    known(file == null ? "" : file, this.file);
    known(host == null ? "" : host, this.host);
    int length = event.to() - event.from();
    number(length);
    append(event.bytes(), event.from(), length);
  }

  void text(String name, Schema.Known known, int from, int to) {
    name(name, known);
    if (from >= event.from() && to <= event.to()) {
      number(PART);
      number(from - event.from());
      number(to - from);
    } else {
      number(TEXT);
      number(to - from);
      append(event.bytes(), from, to - from);
    }
  }

  void whole(String name, Schema.Known known, long value) {
    name(name, known);
    number(LONG);
    number(value);
  }

  void decimal(String name, Schema.Known known, double value) {
    name(name, known);
    number(DOUBLE);
    fixed(Double.doubleToRawLongBits(value));
  }

  void other(String name, Schema.Known known, Object value) {
    name(name, known);
    value(value);
  }

  void end() {
    number(END);
  }

  private void name(String name, Schema.Known known) {
    if (known == null) {
      number(NAMED);
      text(name);
    } else {
      number(known.number + NUMBERED);
    }
  }

  private void value(Object value) {
    if (value instanceof Long number) {
      number(LONG);
      number(number);
    } else if (value instanceof Double decimal) {
      number(DOUBLE);
      fixed(Double.doubleToRawLongBits(decimal));
    } else if (value instanceof Boolean truth) {
      number(truth ? TRUE : FALSE);
    } else if (value instanceof List<?> several) {
      number(LIST);
      number(several.size());
      several.forEach(this::value);
    } else if (value == null) {
      number(NULL);
    } else {
      number(TEXT);
      text(value.toString());
    }
  }

  /** The log that the event belongs to. */
  String log() {
    return position.log();
  }

  /** Where the event stands in its source. */
  Position position() {
    return position;
  }

  /** What was written, valid until the next event is begun. */
  BytesRef written() {
    written.bytes = bytes;
    written.length = at;
    return written;
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length);
    append(utf8, 0, utf8.length);
  }

  /** Text that is mostly the same as in the event before. */
  private void known(String text, Last last) {
    if (!text.equals(last.text)) {
      last.text = text;
      last.utf8 = text.getBytes(StandardCharsets.UTF_8);
    }
    number(last.utf8.length);
    append(last.utf8, 0, last.utf8.length);
  }

  private void append(byte[] of, int from, int length) {
    room(length);
    System.arraycopy(of, from, bytes, at, length);
    at += length;
  }

  /** Seven bits to the byte, the sign in the lowest. */
  private void number(long value) {
    room(10);
    long rest = value << 1 ^ value >> 63;
    while ((rest & ~0x7FL) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
  }

  private void fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[at++] = (byte) (value >>> shift);
    }
  }

  private void room(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(at + (long) more, 2L * bytes.length)));
    }
  }

  // ---------------------------------------------------------------- reading

  static LogHit read(byte[] stored, Schema schema) {
    StoredEvent in = new StoredEvent();
    in.bytes = stored;
    long sequence = in.number();
    Instant time = Instant.ofEpochMilli(in.number());
    String log = in.text();
    String generation = in.text();
    Position position = new Position(log, generation, in.number());
    long line = in.number();
    String id = in.text();
    String file = in.text();
    String host = in.text();
    int length = (int) in.number();
    int message = in.at;
    in.at += length;
    Map<String, Object> fields = new LinkedHashMap<>();
    for (long number = in.number(); number != END; number = in.number()) {
      String name = number == NAMED ? in.text() : schema.name((int) (number - NUMBERED));
      fields.put(name, in.value(message));
    }
    return new LogHit(sequence, time, in.text(message, length), Collections.unmodifiableMap(fields), position, id.isEmpty() ? position.toString() : id,
        file.isEmpty() ? null : file, host.isEmpty() ? null : host, line);
  }

  private Object value(int message) {
    int kind = (int) number();
    switch (kind) {
      case TEXT:
        return text();
      case PART:
        int from = message + (int) number();
        return text(from, (int) number());
      case LONG:
        return number();
      case DOUBLE:
        long bits = 0;
        for (int i = 0; i < 8; i++) {
          bits = bits << 8 | bytes[at++] & 0xFF;
        }
        return Double.longBitsToDouble(bits);
      case LIST:
        Object[] several = new Object[(int) number()];
        for (int i = 0; i < several.length; i++) {
          several[i] = value(message);
        }
        return Collections.unmodifiableList(Arrays.asList(several));
      default:
        return kind == NULL ? null : (Object) (kind == TRUE);
    }
  }

  private String text() {
    int length = (int) number();
    at += length;
    return text(at - length, length);
  }

  private String text(int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }

  private long number() {
    long rest = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = bytes[at++];
      rest |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return rest >>> 1 ^ -(rest & 1);
      }
    }
  }
}
