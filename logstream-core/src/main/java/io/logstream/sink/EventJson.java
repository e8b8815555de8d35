package io.logstream.sink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.logstream.LogEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * Events as JSON objects, one line each: {@code time} (ISO 8601), {@code message} unless empty, the fields in their order, {@code file},
 * {@code offset} and {@code line} where known. A field of one of these names stands in its place.
 */
final class EventJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final List<String> ORIGIN = List.of("file", "offset", "line");

  private EventJson() {}

  static JsonGenerator generator(OutputStream out) throws IOException {
    return JSON.createGenerator(out).setRootValueSeparator(null);
  }

  static void write(LogEvent event, JsonGenerator json) throws IOException {
    Map<String, Object> fields = event.fields();
    json.writeStartObject();
    if (!fields.containsKey("time")) {
      json.writeStringField("time", event.time().toString());
    }
    if (event.to() > event.from()) {
      json.writeStringField("message", event.message());
    }
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      json.writeFieldName(field.getKey());
      value(field.getValue(), json);
    }
    for (String name : ORIGIN) {
      Object value = fields.containsKey(name) ? null : event.value(name);
      if (value != null) {
        json.writeFieldName(name);
        value(value, json);
      }
    }
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private static void value(Object value, JsonGenerator json) throws IOException {
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
        value(one, json);
      }
      json.writeEndArray();
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }
}
