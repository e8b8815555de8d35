package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The definitions of our own over the lines in {@code definitions.jsonl}. Each says where it comes from: a run of the program, whose
 * paths and identifiers have been replaced since, or its documentation.
 */
class MoreDefinitionsTest {
  private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

  record Case(String definition, String from, String line, Map<String, Object> fields) {
    @Override
    public String toString() {
      return definition + ", " + from + ": " + Translation.shown(line, 60);
    }
  }

  static List<Case> cases() {
    try (InputStream file = MoreDefinitionsTest.class.getResourceAsStream("definitions.jsonl")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().map(MoreDefinitionsTest::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case read(String json) {
    try {
      return JSON.readValue(json, Case.class);
    } catch (IOException e) {
      throw new UncheckedIOException(json, e);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAllFieldsOf(Case line) {
    Grok grok = Grok.pattern("%{" + line.definition + "}");
    assertThat(grok.match(line.line).orElseThrow(() -> new AssertionError(grok.explain(line.line)))).isEqualTo(line.fields);
    assertThat(grok.explain(line.line).at()).as("reaches the end").isEqualTo(line.line.length());
  }

  @Test
  void thereIsALineOfEachLog() {
    assertThat(cases()).extracting(Case::definition).contains("NGINX_ERRORLOG", "HAPROXY_HTTPLOG", "HAPROXY_TCPLOG",
        "POSTGRESQL_LOG", "TOMCAT_LOG", "JUL_DEFAULT", "LOGBACK_DEFAULT", "LOG4J2_DEFAULT", "SPRINGBOOT", "JOURNAL_EXPORT", "KLOG", "CLICKHOUSE_SERVERLOG", "PROTONLOG", "KONG_ACCESSLOG",
        "WEBLOGIC_SERVERLOG");
  }

  @Test
  void thereAreTwentyLinesOfAccessLogsOfEachServerThatCanBeRunHere() {
    for (String server : List.of("run of nginx", "run of Tomcat")) {
      assertThat(cases().stream().filter(line -> line.definition.equals("COMBINEDAPACHELOG") && line.from.startsWith(server)).map(Case::line).distinct().count())
          .as(server).isGreaterThanOrEqualTo(20);
    }
  }
}
