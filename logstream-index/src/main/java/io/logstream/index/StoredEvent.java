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
 * An event as the bytes that an index keeps of it, besides its number and its time, which stand in columns of their own. Field names are the
 * numbers that the slice's schema gives them; a text field that is a part of the message is where it stands there, counted from the end of the
 * part before.
 *
 * <pre>
 * offset  line  shape  id or ""  message  values
 * shape:    log  generation  file  host  fields, each: name's number + 2, or 1 and the name;  kind;  then 0
 * </pre>
 *
 * <p>Events of one kind have the same shape, which takes next to nothing when they are packed together.
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

  private final Packed whole = new Packed();
  private final Packed rest = new Packed();
  private final BytesRef written = new BytesRef();
  private Position position;
  private LogEvent event;
  private int partEnd;
  private final Last log = new Last();
  private final Last generation = new Last();
  private final Last file = new Last();
  private final Last host = new Last();

  /** Text that is mostly the same as in the event before. */
  private static final class Last {
    private String text;
    private byte[] utf8;

    byte[] utf8(String now) {
      if (!now.equals(text)) {
        text = now;
        utf8 = now.getBytes(StandardCharsets.UTF_8);
      }
      return utf8;
    }
  }

  // ---------------------------------------------------------------- writing

  void begin(LogEvent of, String file, String host) {
    event = of;
    position = event.position();
    partEnd = event.from();
    whole.clear();
    whole.number(position.offset());
    whole.number(event.number("line", 0));
    whole.text(log.utf8(position.log()));
    whole.text(generation.utf8(position.generation()));
    whole.text(this.file.utf8(file == null ? "" : file));
    whole.text(this.host.utf8(host == null ? "" : host));
    rest.clear();
    rest.text(event.isDerived() ? event.id() : "");
    rest.text(event.bytes(), event.from(), event.to() - event.from());
  }

  void text(String name, Schema.Known known, int from, int to) {
    boolean isPart = from >= event.from() && to <= event.to();
    begin(name, known, isPart ? PART : TEXT);
    if (isPart) {
      rest.number(from - partEnd);
      rest.number(to - from);
      partEnd = to;
    } else {
      rest.text(event.bytes(), from, to - from);
    }
  }

  void whole(String name, Schema.Known known, long value) {
    begin(name, known, LONG);
    rest.number(value);
  }

  void decimal(String name, Schema.Known known, double value) {
    begin(name, known, DOUBLE);
    rest.fixed(Double.doubleToRawLongBits(value));
  }

  void other(String name, Schema.Known known, Object value) {
    begin(name, known, kind(value));
    value(value);
  }

  void end() {
    whole.number(END);
    whole.append(rest.bytes, 0, rest.at);
  }

  private void begin(String name, Schema.Known known, int kind) {
    if (known == null) {
      whole.number(NAMED);
      whole.text(name);
    } else {
      whole.number(known.number + NUMBERED);
    }
    whole.number(kind);
  }

  private static int kind(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? TRUE : FALSE;
    }
    return value == null ? NULL : value instanceof Long ? LONG : value instanceof Double ? DOUBLE : value instanceof List ? LIST : TEXT;
  }

  private void value(Object value) {
    if (value instanceof Long number) {
      rest.number(number);
    } else if (value instanceof Double decimal) {
      rest.fixed(Double.doubleToRawLongBits(decimal));
    } else if (value instanceof List<?> several) {
      rest.number(several.size());
      for (Object one : several) {
        rest.number(kind(one));
        value(one);
      }
    } else if (value != null && !(value instanceof Boolean)) {
      rest.text(value.toString());
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
    written.bytes = whole.bytes;
    written.length = whole.at;
    return written;
  }

  // ---------------------------------------------------------------- reading

  /** What there is of an event besides its number and its time. */
  record Parts(String message, Map<String, Object> fields, Position position, String id, String file, String host, long line) {}

  static LogHit hit(long sequence, long time, byte[] stored, Schema schema) {
    return new LogHit(sequence, Instant.ofEpochMilli(time), stored, schema.numbered());
  }

  /** @param names what the numbers of field names mean */
  static Parts parts(byte[] stored, String[] names) {
    Packed shape = new Packed(stored);
    long offset = shape.number();
    long line = shape.number();
    String log = shape.text();
    String generation = shape.text();
    String file = shape.text();
    String host = shape.text();
    Packed in = new Packed(stored);
    in.at = shape.at;
    for (long number = in.number(); number != END; number = in.number()) {
      if (number == NAMED) {
        in.skipText();
      }
      in.number();
    }
    Position position = new Position(log, generation, offset);
    String id = in.text();
    int length = (int) in.number();
    int partEnd = in.at;
    String message = in.text(partEnd, length);
    in.at += length;
    Map<String, Object> fields = new LinkedHashMap<>();
    for (long number = shape.number(); number != END; number = shape.number()) {
      String name = number == NAMED ? shape.text() : names[(int) (number - NUMBERED)];
      int kind = (int) shape.number();
      if (kind == PART) {
        int from = partEnd + (int) in.number();
        int size = (int) in.number();
        partEnd = from + size;
        fields.put(name, in.text(from, size));
      } else {
        fields.put(name, value(in, kind));
      }
    }
    return new Parts(message, Collections.unmodifiableMap(fields), position, id.isEmpty() ? position.toString() : id, file.isEmpty() ? null : file,
        host.isEmpty() ? null : host, line);
  }

  private static Object value(Packed in, int kind) {
    switch (kind) {
      case TEXT:
        return in.text();
      case LONG:
        return in.number();
      case DOUBLE:
        return Double.longBitsToDouble(in.fixed());
      case LIST:
        Object[] several = new Object[(int) in.number()];
        for (int i = 0; i < several.length; i++) {
          several[i] = value(in, (int) in.number());
        }
        return Collections.unmodifiableList(Arrays.asList(several));
      default:
        return kind == NULL ? null : (Object) (kind == TRUE);
    }
  }
}
