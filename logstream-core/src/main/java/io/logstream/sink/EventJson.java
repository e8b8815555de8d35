package io.logstream.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.logstream.LogEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Events as JSON objects, one line each: {@code time} (ISO 8601), {@code message} unless empty, the fields in their order, {@code file},
 * {@code offset} and {@code line} where known. A field of one of these names stands in its place. A line is written whole or not at all. One thread.
 */
public final class EventJson {
  private static final JsonFactory JSON = JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();
  private static final List<String> ORIGIN = List.of("file", "offset", "line");
  private static final int KEPT_BYTES = 256 * 1024;

  private final boolean ecs;
  private Line line = new Line();
  private JsonGenerator json;

  /** With the names that the events have. */
  public EventJson() {
    this(false);
  }

  private EventJson(boolean ecs) {
    this.ecs = ecs;
  }

  /** With the names of the Elastic Common Schema, and objects within objects. */
  public static EventJson ecs() {
    return new EventJson(true);
  }

  /** One event, without the end of a line; an array of one's own. */
  public byte[] bytes(LogEvent event) throws IOException {
    Line whole = line(event);
    return Arrays.copyOf(whole.bytes(), whole.size() - 1);
  }

  /** Writes one event and the end of the line. */
  void write(LogEvent event, OutputStream out) throws IOException {
    line(event).writeTo(out);
  }

  /** The line of an event, without its end; valid until the next call. */
  Line line(LogEvent event) throws IOException {
    if (line.capacity() > KEPT_BYTES || json == null) {
      line = new Line();
      json = JSON.createGenerator(line).setRootValueSeparator(null);
    }
    line.reset();
    boolean whole = false;
    try {
      if (ecs) {
        value(EcsNames.tree(event));
      } else {
        object(event);
      }
      json.flush();
      whole = true;
    } finally {
      if (!whole) {
        json = null; // it stands in the middle of an object
      }
    }
    line.write('\n');
    return line;
  }

  private void object(LogEvent event) throws IOException {
    Map<String, Object> fields = event.fields();
    json.writeStartObject();
    if (!fields.containsKey("time")) {
      json.writeStringField("time", event.time().toString());
    }
    if (event.to() > event.from()) {
      json.writeStringField("message", event.message());
    }
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      json.writeFieldName(wellFormed(field.getKey()));
      value(field.getValue());
    }
    for (String name : ORIGIN) {
      Object value = fields.containsKey(name) ? null : event.value(name);
      if (value != null) {
        json.writeFieldName(name);
        value(value);
      }
    }
    json.writeEndObject();
  }

  private void value(Object value) throws IOException {
    if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Double decimal) {
      if (decimal - decimal == 0) {
        json.writeNumber(decimal);
      } else {
        json.writeString(decimal.toString()); // JSON has no NaN and no infinity
      }
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof List<?> several) {
      json.writeStartArray();
      for (Object one : several) {
        value(one);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> within) {
      json.writeStartObject();
      for (Map.Entry<?, ?> field : within.entrySet()) {
        json.writeFieldName(wellFormed((String) field.getKey()));
        value(field.getValue());
      }
      json.writeEndObject();
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }

  /** Names come from data too; values never hold a lone surrogate. */
  private static String wellFormed(String name) {
    return name.chars().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
        ? new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        : name;
  }

  /** The bytes of a line. */
  static final class Line extends ByteArrayOutputStream {
    Line() {
      super(1024);
    }

    int capacity() {
      return buf.length;
    }

    byte[] bytes() {
      return buf;
    }
  }
}
