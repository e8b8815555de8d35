package io.logstream;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Events as bytes, for what is saved with a checkpoint or goes to another run. Version 1. */
final class EventCodec {
  private static final byte VERSION = 1;

  private EventCodec() {}

  static byte[] encode(LogEvent event) {
    return encode(event, null);
  }

  /** With these fields only; null for all. */
  static byte[] encode(LogEvent event, FieldKey[] only) {
    Batch batch = event.batch;
    Log log = batch.log(event.record);
    boolean whole = only == null || hasMessage(only);
    Writing out = new Writing((whole ? event.to() - event.from() : 0) + 256);
    out.one(VERSION);
    out.text(log == null ? "" : log.source());
    out.text(log == null ? "" : log.key());
    out.text(batch.generation(event.record));
    out.eight(batch.offset[event.record]);
    out.eight(batch.line[event.record]);
    out.eight(batch.how(event.record));
    out.eight(event.epochMillis());
    out.bytes(event.bytes(), event.from(), whole ? event.to() : event.from());
    int[] counts = new int[2];
    int at = out.four(0);
    LogEvent.KeptField field = (name, kind, cell) -> {
      if (kind != Fields.REMOVED) {
        counts[0]++;
        out.text(name);
        out.field(event, kind, cell);
      } else {
        counts[1]++;
      }
    };
    if (only == null) {
      event.eachKept(field);
    } else {
      for (FieldKey key : only) {
        event.kept(key, field);
      }
    }
    out.four(at, counts[0]);
    List<String> removed = counts[1] == 0 ? List.of() : event.removedFields();
    out.four(removed.size());
    removed.forEach(out::text);
    RowIdentity identity = batch.identity(event.record);
    out.one((byte) (identity == null ? 0 : 1));
    if (identity != null) {
      out.text(identity.id());
      out.four(identity.keys().size());
      identity.keys().forEach(out::text);
    }
    return Arrays.copyOf(out.bytes, out.length);
  }

  private static boolean hasMessage(FieldKey[] keys) {
    for (FieldKey key : keys) {
      if (key.name().equals(LogEvent.MESSAGE)) {
        return true;
      }
    }
    return false;
  }

  private static final class Writing {
    byte[] bytes;
    int length;

    Writing(int size) {
      bytes = new byte[size];
    }

    private void room(int more) {
      if (bytes.length - length < more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
      }
    }

    void one(byte value) {
      room(1);
      bytes[length++] = value;
    }

    /** Returns where it stands. */
    int four(int value) {
      room(4);
      length += 4;
      four(length - 4, value);
      return length - 4;
    }

    void four(int at, int value) {
      for (int i = 0; i < 4; i++) {
        bytes[at + i] = (byte) (value >>> 24 - 8 * i);
      }
    }

    void eight(long value) {
      four((int) (value >>> 32));
      four((int) value);
    }

    void bytes(byte[] from, int start, int end) {
      four(end - start);
      room(end - start);
      System.arraycopy(from, start, bytes, length, end - start);
      length += end - start;
    }

    void text(String text) {
      room(4 + 3 * text.length());
      int encoded = Utf8.encode(text, bytes, length + 4);
      four(encoded);
      length += encoded;
    }

    void field(LogEvent event, byte kind, long cell) {
      one(kind);
      switch (kind) {
        case Fields.TEXT -> bytes(event.bytes(), Span.from(cell), Span.to(cell)); // as bytes, which need not be UTF-8
        case Fields.BOOLEAN -> one((byte) cell);
        case Fields.OBJECT -> several((List<?>) event.fields.object(cell));
        default -> eight(cell);
      }
    }

    private void several(List<?> values) {
      four(values.size());
      for (Object value : values) {
        if (value instanceof Long number) {
          one(Fields.LONG);
          eight(number);
        } else if (value instanceof Double decimal) {
          one(Fields.DOUBLE);
          eight(Double.doubleToRawLongBits(decimal));
        } else if (value instanceof Boolean truth) {
          one(Fields.BOOLEAN);
          one((byte) (truth ? 1 : 0));
        } else if (value instanceof List<?> inner) {
          one(Fields.OBJECT);
          several(inner);
        } else if (value != null) {
          one(Fields.TEXT);
          text(value.toString());
        } else {
          one(Fields.ABSENT);
        }
      }
    }
  }

  // ---------------------------------------------------------------- decoding

  /** An event of one's own. */
  static LogEvent decode(Engine engine, byte[] saved) {
    ByteBuffer in = begin(saved);
    String source = text(in);
    String key = text(in);
    String generation = text(in);
    LogEvent event = LogEvent.own(engine.names, 0);
    event.batch.begin(engine.log(source, key), generation);
    event.batch.originOfOnly(in.getLong(), in.getLong());
    event.batch.how(0, in.getLong());
    event.epochMillis(in.getLong());
    int length = in.getInt();
    event.message(saved, in.position(), in.position() + length);
    in.position(in.position() + length);
    return rest(in, event);
  }

  /** A record of a batch. */
  static LogEvent decode(byte[] saved, Batch batch) {
    ByteBuffer in = begin(saved);
    try {
      String source = text(in);
      String key = text(in);
      String generation = text(in);
      long offset = in.getLong();
      long line = in.getLong();
      long how = in.getLong();
      long time = in.getLong();
      int length = in.getInt();
      LogEvent event = batch.event(saved, in.position(), length, offset);
      batch.originOfLast(batch.log.run().engine().log(source, key), generation, line);
      batch.how(how);
      event.epochMillis(time);
      in.position(in.position() + length);
      return rest(in, event);
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("the bytes of an event are cut off", e);
    }
  }

  private static ByteBuffer begin(byte[] saved) {
    if (saved.length == 0 || saved[0] != VERSION) {
      throw new IllegalArgumentException("a saved event has " + (saved.length == 0 ? "no version" : "version " + saved[0]) + ", this library reads version " + VERSION);
    }
    return ByteBuffer.wrap(saved, 1, saved.length - 1);
  }

  private static LogEvent rest(ByteBuffer in, LogEvent event) {
    for (int n = in.getInt(); n > 0; n--) {
      String name = text(in);
      byte kind = in.get();
      if (kind == Fields.TEXT) {
        int length = in.getInt();
        event.putBytes(name, in.array(), in.position(), length);
        in.position(in.position() + length);
      } else {
        event.put(name, value(kind, in));
      }
    }
    for (int n = in.getInt(); n > 0; n--) {
      event.removeForGood(text(in));
    }
    if (in.get() != 0) {
      String id = text(in);
      List<String> keys = new ArrayList<>();
      for (int n = in.getInt(); n > 0; n--) {
        keys.add(text(in));
      }
      event.identifiedBy(id, keys);
    }
    return event;
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length == 0) {
      return "";
    }
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }

  private static Object value(byte kind, ByteBuffer in) {
    return switch (kind) {
      case Fields.LONG -> in.getLong();
      case Fields.DOUBLE -> in.getDouble();
      case Fields.BOOLEAN -> in.get() != 0;
      case Fields.TEXT -> text(in);
      case Fields.OBJECT -> {
        Object[] several = new Object[in.getInt()];
        for (int i = 0; i < several.length; i++) {
          several[i] = value(in.get(), in);
        }
        yield Arrays.asList(several);
      }
      default -> null;
    };
  }
}
