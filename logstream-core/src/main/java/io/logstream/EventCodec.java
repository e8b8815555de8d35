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
      out.writeLong(event.epochMillis());
      out.writeInt(event.to() - event.from());
      out.write(event.bytes(), event.from(), event.to() - event.from());
      Map<String, Object> fields = event.ownFields();
      out.writeInt(fields.size());
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        text(out, field.getKey());
        value(out, field.getValue());
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
      event.epochMillis(in.readLong());
      message(event.batch, bytes(in));
      for (int n = in.readInt(); n > 0; n--) {
        String name = text(in);
        event.put(name, value(in));
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

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }

  /** A message as it was, also where it is not UTF-8. */
  private static void message(Batch own, byte[] bytes) {
    long span = own.append(bytes, 0, bytes.length);
    own.start[0] = Span.from(span);
    own.end[0] = Span.to(span);
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

  private static Object value(DataInputStream in) throws IOException {
    return switch (in.readByte()) {
      case Fields.LONG -> in.readLong();
      case Fields.DOUBLE -> in.readDouble();
      case Fields.BOOLEAN -> in.readBoolean();
      case Fields.TEXT -> text(in);
      case Fields.OBJECT -> {
        Object[] several = new Object[in.readInt()];
        for (int i = 0; i < several.length; i++) {
          several[i] = value(in);
        }
        yield Arrays.asList(several);
      }
      default -> null;
    };
  }
}
