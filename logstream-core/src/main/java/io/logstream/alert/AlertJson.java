package io.logstream.alert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An alert as JSON. */
final class AlertJson {
  private static final JsonFactory JSON = new JsonFactory();

  private AlertJson() {}

  static byte[] of(FiredAlert alert) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("id", alert.id());
      json.writeNumberField("number", alert.number());
      json.writeStringField("name", alert.name());
      json.writeStringField("severity", alert.severity().name().toLowerCase(Locale.ROOT));
      json.writeStringField("state", alert.state().name().toLowerCase(Locale.ROOT));
      json.writeObjectFieldStart("key");
      for (Map.Entry<String, String> one : alert.key().entrySet()) {
        json.writeStringField(one.getKey(), one.getValue());
      }
      json.writeEndObject();
      json.writeStringField("at", alert.at().toString());
      json.writeStringField("since", alert.since().toString());
      if (!alert.reason().isEmpty()) {
        json.writeStringField("reason", alert.reason());
      }
      if (alert.more() > 0) {
        json.writeNumberField("more", alert.more());
      }
      json.writeStringField("message", alert.cause().message());
      json.writeObjectFieldStart("fields");
      for (Map.Entry<String, Object> one : alert.cause().fields().entrySet()) {
        json.writeFieldName(wellFormed(one.getKey()));
        value(json, one.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  static String text(FiredAlert alert) {
    try {
      return new String(of(alert), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of fields come from data too; values never hold half a surrogate pair. */
  private static String wellFormed(String name) {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static void value(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Double number && !number.isNaN() && !number.isInfinite()) {
      json.writeNumber(number);
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof List<?> several) {
      json.writeStartArray();
      for (Object one : several) {
        value(json, one);
      }
      json.writeEndArray();
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }
}
