package io.logstream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Events as bytes, for what is saved with a checkpoint. Version 1. */
final class EventCodec {
  private static final byte VERSION = 1;

  private EventCodec() {}

  static byte[] encode(LogEvent event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Batch batch = event.batch;
      out.writeByte(VERSION);
      Log log = batch.log(event.record);
      text(out, log == null ? "" : log.source());
      text(out, log == null ? "" : log.key());
      text(out, batch.generation(event.record));
      out.writeLong(batch.offset[event.record]);
      out.writeLong(batch.line[event.record]);
      out.writeLong(batch.how(event.record));
      out.writeLong(event.epochMillis());
      bytes(out, event, Span.of(event.from(), event.to()));
      Map<String, Object> fields = event.ownFields();
      out.writeInt(fields.size());
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        text(out, field.getKey());
        long span = event.span(field.getKey());
        if (span == Span.NONE) {
          value(out, field.getValue());
        } else { // as bytes, which need not be UTF-8
          out.writeByte(Fields.TEXT);
          bytes(out, event, span);
        }
      }
      List<String> removed = event.removedFields();
      out.writeInt(removed.size());
      for (String name : removed) {
        text(out, name);
      }
      RowIdentity identity = batch.identity(event.record);
      out.writeBoolean(identity != null);
      if (identity != null) {
        text(out, identity.id());
        out.writeInt(identity.keys().size());
        for (String key : identity.keys()) {
          text(out, key);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static LogEvent decode(Engine engine, byte[] saved) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved))) {
      byte version = in.readByte();
      if (version != VERSION) {
        throw new IllegalArgumentException("a saved event has version " + version + ", this library reads version " + VERSION);
      }
      String source = text(in);
      String key = text(in);
      String generation = text(in);
      LogEvent event = LogEvent.own(engine.names, 0);
      event.batch.begin(engine.log(source, key), generation);
      event.batch.originOfOnly(in.readLong(), in.readLong());
      event.batch.how(0, in.readLong());
      event.epochMillis(in.readLong());
      event.message(bytes(in));
      for (int n = in.readInt(); n > 0; n--) {
        String name = text(in);
        byte kind = in.readByte();
        if (kind == Fields.TEXT) {
          event.putBytes(name, bytes(in));
        } else {
          event.put(name, value(kind, in));
        }
      }
      for (int n = in.readInt(); n > 0; n--) {
        event.removeForGood(text(in));
      }
      if (in.readBoolean()) {
        String id = text(in);
        List<String> keys = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
          keys.add(text(in));
        }
        event.identifiedBy(id, keys);
      }
      return event;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void bytes(DataOutputStream out, LogEvent event, long span) throws IOException {
    out.writeInt(Span.length(span));
    out.write(event.bytes(), Span.from(span), Span.length(span));
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static void value(DataOutputStream out, Object value) throws IOException {
    if (value == null) {
      out.writeByte(0);
    } else if (value instanceof Long number) {
      out.writeByte(Fields.LONG);
      out.writeLong(number);
    } else if (value instanceof Double decimal) {
      out.writeByte(Fields.DOUBLE);
      out.writeDouble(decimal);
    } else if (value instanceof Boolean truth) {
      out.writeByte(Fields.BOOLEAN);
      out.writeBoolean(truth);
    } else if (value instanceof List<?> several) {
      out.writeByte(Fields.OBJECT);
      out.writeInt(several.size());
      for (Object one : several) {
        value(out, one);
      }
    } else {
      out.writeByte(Fields.TEXT);
      text(out, value.toString());
    }
  }

  private static Object value(byte kind, DataInputStream in) throws IOException {
    return switch (kind) {
      case Fields.LONG -> in.readLong();
      case Fields.DOUBLE -> in.readDouble();
      case Fields.BOOLEAN -> in.readBoolean();
      case Fields.TEXT -> text(in);
      case Fields.OBJECT -> {
        Object[] several = new Object[in.readInt()];
        for (int i = 0; i < several.length; i++) {
          several[i] = value(in.readByte(), in);
        }
        yield Arrays.asList(several);
      }
      default -> null;
    };
  }
}
