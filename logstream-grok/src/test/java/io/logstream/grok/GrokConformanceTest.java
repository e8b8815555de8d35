package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Matches a file of cases, made by running the Logstash pattern library's own specs on its engine. Give the file and the directory of
 * pattern files with {@code -Dlogstream.conformance.grok=FILE -Dlogstream.conformance.patterns=DIR}.
 */
class GrokConformanceTest {
  private final Map<String, Grok> groks = new HashMap<>();

  @Test
  void findsWhatTheReferenceEngineFinds() throws Exception {
    String file = System.getProperty("logstream.conformance.grok", "");
    String patterns = System.getProperty("logstream.conformance.patterns", "");
    assumeTrue(!file.isEmpty() && !patterns.isEmpty(), "needs -Dlogstream.conformance.grok and -Dlogstream.conformance.patterns");
    List<String> different = new ArrayList<>();
    int cases = 0;
    for (String json : Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)) {
      JsonNode one = new ObjectMapper().readTree(json);
      cases++;
      Map<String, Object> expected = fields(one.get("expect"), one.get("line").asText());
      Optional<Map<String, Object>> found = Optional.empty();
      try {
        found = groks.computeIfAbsent(one.get("pattern").asText(), p -> Grok.pattern(p).patternsFrom(Path.of(patterns))).match(one.get("line").asText());
      } catch (RuntimeException e) {
        different.add(one.get("spec") + " " + one.get("pattern").asText() + ": " + e.getMessage());
        continue;
      }
      Map<String, Object> comparable = found.map(GrokConformanceTest::comparable).orElse(null);
      if (expected == null ? comparable != null : !expected.equals(comparable)) {
        different.add(one.get("spec") + " " + one.get("pattern").asText() + "\n  line     " + one.get("line").asText()
            + "\n  expected " + expected + "\n  found    " + comparable);
      }
    }
    assertThat(different).as("%d of %d cases differ", different.size(), cases).isEmpty();
    assertThat(cases).isPositive();
  }

  /** The fields in a form in which numbers are doubles and lists are in no order; without the line itself in a list of messages. */
  private static Map<String, Object> fields(JsonNode expected, String line) {
    if (expected.isNull()) {
      return null;
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    expected.properties().forEach(field -> {
      if (field.getValue().isArray()) {
        List<Object> values = new ArrayList<>();
        field.getValue().forEach(value -> values.add(value.isNumber() ? (Object) value.asDouble() : value.asText()));
        if (field.getKey().equals("message") && values.get(0).equals(line)) {
          values.remove(0);
        }
        fields.put(field.getKey(), values.size() == 1 ? values.get(0) : values);
      } else {
        fields.put(field.getKey(), field.getValue().isNumber() ? (Object) field.getValue().asDouble() : field.getValue().asText());
      }
    });
    return comparable(fields);
  }

  private static Map<String, Object> comparable(Map<String, Object> fields) {
    Map<String, Object> sorted = new TreeMap<>();
    fields.forEach((name, value) -> sorted.put(name, comparable(value)));
    return sorted;
  }

  private static Object comparable(Object value) {
    if (value instanceof List<?> several) {
      return several.stream().map(v -> comparable(v).toString()).sorted().toList();
    }
    return value instanceof Number number ? (Object) number.doubleValue() : value;
  }
}
