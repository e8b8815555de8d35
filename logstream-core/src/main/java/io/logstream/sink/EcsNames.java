package io.logstream.sink;

import io.logstream.LogEvent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An event as objects within objects, with the names of the Elastic Common Schema. */
final class EcsNames {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String TIMESTAMP = "@timestamp";
  private static final Map<String, String> BUILT_IN = Map.of("host", "host.name", "file", "log.file.path", "offset", "log.offset", "line", "log.file.line");
  private static final int DEEPEST = 32;

  private EcsNames() {}

  static Map<String, Object> tree(LogEvent event) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Map<String, Object> fields = event.fields();
    tree.put(TIMESTAMP, TIME.format(Instant.ofEpochMilli(event.epochMillis())));
    if (event.to() > event.from()) {
      tree.put(LogEvent.MESSAGE, event.message());
    }
    // names without dots first: nothing can stand in their way
    fields.forEach((name, value) -> {
      if (name.indexOf('.') < 0 && !BUILT_IN.containsKey(name) && !name.equals(TIMESTAMP)) {
        tree.put(name, value);
      }
    });
    for (String name : new String[] {"host", "file", "offset", "line"}) {
      Object value = event.value(name);
      if (value != null) {
        put(tree, BUILT_IN.get(name), value);
      }
    }
    fields.forEach((name, value) -> {
      if (name.indexOf('.') >= 0) {
        put(tree, name, value);
      }
    });
    return tree;
  }

  /** Puts a value where the dots of its name say, or, where something else stands in the way, under its whole name. */
  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> tree, String name, Object value) {
    String[] path = name.split("\\.", -1);
    if (!isFree(tree, path)) {
      tree.put(name, value);
      return;
    }
    Map<String, Object> at = tree;
    for (int i = 0; i < path.length - 1; i++) {
      at = (Map<String, Object>) at.computeIfAbsent(path[i], n -> new LinkedHashMap<String, Object>());
    }
    at.put(path[path.length - 1], value);
  }

  private static boolean isFree(Map<String, Object> tree, String[] path) {
    if (path.length > DEEPEST || List.of(path).contains("")) {
      return false;
    }
    Object at = tree;
    for (String part : path) {
      if (!(at instanceof Map<?, ?> within)) {
        return false;
      }
      at = within.get(part);
      if (at == null) {
        return true;
      }
    }
    return false;
  }
}
