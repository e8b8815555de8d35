package io.logstream.sink;

import io.logstream.LogEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Points of InfluxDB's line protocol, {@code measurement,tag=value field=1i,other="text" 1772359499999}, as its documentation describes it
 * (line protocol, v2). A name or tag that the protocol cannot carry is written as a JSON string, and so is one that begins with a quote: no two become the same.
 */
final class InfluxLine {
  static final Set<String> NOT_FIELDS = Set.of("window.start", "window.end", "revision", "closedBy", "early", "partial", "overflow");

  private InfluxLine() {}

  /** Adds a point and a line end; false, and nothing is added, if the event has no field. */
  static boolean append(StringBuilder to, String measurement, List<String> tags, LogEvent event) {
    int before = to.length();
    escaped(to, measurement, false);
    for (String tag : tags) {
      Object value = event.value(tag);
      if (value != null) {
        tag(to, tag, value.toString());
      }
    }
    if (!event.keys().isEmpty() && event.has("overflow")) {
      tag(to, "overflow", "true");
    }
    char parting = ' ';
    for (Map.Entry<String, Object> field : event.fields().entrySet()) {
      if (!tags.contains(field.getKey()) && (event.keys().isEmpty() || !NOT_FIELDS.contains(field.getKey())) && field(to, parting, field.getKey(), field.getValue())) {
        parting = ',';
      }
    }
    if (parting == ' ') {
      to.setLength(before);
      return false;
    }
    to.append(' ').append(event.epochMillis()).append('\n');
    return true;
  }

  private static void tag(StringBuilder to, String name, String value) {
    to.append(',');
    escaped(to, name, true);
    to.append('=');
    escaped(to, value, true);
  }

  private static boolean field(StringBuilder to, char parting, String name, Object value) {
    String shown;
    if (value instanceof Long || value instanceof Integer) {
      shown = value + "i";
    } else if (value instanceof Double decimal) {
      if (decimal - decimal != 0) {
        return false;
      }
      shown = decimal.toString();
    } else if (value instanceof Boolean) {
      shown = value.toString();
    } else if (value instanceof String text) {
      shown = '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    } else {
      return false;
    }
    if (name.isEmpty()) {
      return false;
    }
    to.append(parting);
    escaped(to, name, true);
    to.append('=').append(shown);
    return true;
  }

  private static void escaped(StringBuilder to, String text, boolean equals) {
    String carried = text.isEmpty() || text.charAt(0) == '"' || text.endsWith("\\") || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0 ? quoted(text) : text;
    for (int i = 0; i < carried.length(); i++) {
      char c = carried.charAt(i);
      if (c == ',' || c == ' ' || equals && c == '=') {
        to.append('\\');
      }
      to.append(c);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "\\r") + '"';
  }
}
