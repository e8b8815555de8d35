package io.logstream.examples;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A report as one page for a browser, which needs nothing else: neither a server nor a network. Collects rows of windows while the pipeline
 * runs; its three sinks belong to one run. What stands in the log is written to the page as data and shown as text, never as markup.
 *
 * <p>The charts are drawn by uPlot, whose licence (MIT) is in the page.
 */
final class ReportPage {
  private static final int SHOWN = 25;
  private static final int MOST_KEPT = 20_000;
  private static final String OTHERS = "(all others)";
  private static final JsonFactory JSON = new JsonFactory();

  /** One minute of all requests. */
  private record Minute(long start, long count, double p50, double p90, double p99, long clientErrors, long serverErrors) {}

  private static final class Endpoint {
    private long count;
    private double micros;
    private double worst;
  }

  private record Errors(String status, String route) {}

  private final List<Minute> minutes = new ArrayList<>();
  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final Map<Errors, Long> errors = new HashMap<>();

  Sink minutes() {
    return Sink.each(row -> minutes.add(new Minute(row.number("window.start", 0), row.number("count", 0), row.decimal("request_time_us.p50", 0),
        row.decimal("request_time_us.p90", 0), row.decimal("request_time_us.p99", 0), row.number("4xx", 0), row.number("5xx", 0))));
  }

  Sink endpoints() {
    return Sink.each(this::addEndpoint);
  }

  private void addEndpoint(LogEvent row) {
    String route = route(row);
    Endpoint endpoint = endpoints.computeIfAbsent(endpoints.size() < MOST_KEPT || endpoints.containsKey(route) ? route : OTHERS, p -> new Endpoint());
    long count = row.number("count", 0);
    endpoint.count += count;
    endpoint.micros += count * row.decimal("request_time_us.mean", 0);
    endpoint.worst = Math.max(endpoint.worst, row.decimal("request_time_us.p99", 0));
  }

  /** What a window counts together because it has no room for more keys is no endpoint of that name. */
  private static String route(LogEvent row) {
    return row.has("overflow") ? OTHERS : row.text("route");
  }

  Sink errors() {
    return Sink.each(row -> {
      Errors key = row.has("overflow") ? new Errors("", OTHERS) : new Errors(row.text("response"), route(row));
      errors.merge(errors.size() < MOST_KEPT || errors.containsKey(key) ? key : new Errors("", OTHERS), row.number("count", 0), Long::sum);
    });
  }

  /** Writes the page, when the run is over. */
  void write(Path page, List<Path> files, Ledger ledger) throws IOException {
    String html = resource("report.html")
        .replace("/*uplot.css*/", resource("uplot/uPlot.min.css"))
        .replace("<!--uplot.licence-->", "<!-- The charts are drawn by uPlot 1.6.32, https://github.com/leeoniya/uPlot\n\n" + resource("uplot/LICENSE") + "-->")
        .replace("/*uplot.js*/", resource("uplot/uPlot.iife.min.js"))
        .replace("/*data*/", data(files, ledger));
    Files.writeString(page, html, StandardCharsets.UTF_8);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String data(List<Path> files, Ledger ledger) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.setCharacterEscapes(new WithinMarkup());
      json.writeStartObject();
      json.writeArrayFieldStart("files");
      for (Path file : files) {
        json.writeString(file.toString());
      }
      json.writeEndArray();
      json.writeStringField("ledger", ledger.toString());
      writeMinutes(json);
      writeEndpoints(json);
      writeErrors(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private void writeMinutes(JsonGenerator json) throws IOException {
    minutes.sort(Comparator.comparingLong(Minute::start));
    json.writeArrayFieldStart("minutes");
    for (Minute minute : minutes) {
      json.writeStartArray();
      json.writeNumber(minute.start / 1000);
      json.writeNumber(minute.count);
      json.writeNumber(Math.round(minute.p50) / 1000.0);
      json.writeNumber(Math.round(minute.p90) / 1000.0);
      json.writeNumber(Math.round(minute.p99) / 1000.0);
      json.writeNumber(minute.clientErrors);
      json.writeNumber(minute.serverErrors);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void writeEndpoints(JsonGenerator json) throws IOException {
    json.writeNumberField("endpointCount", endpoints.size());
    json.writeArrayFieldStart("endpoints");
    for (Map.Entry<String, Endpoint> entry : endpoints.entrySet().stream()
        .sorted(Comparator.<Map.Entry<String, Endpoint>>comparingLong(e -> -e.getValue().count).thenComparing(Map.Entry::getKey)).limit(SHOWN).toList()) {
      Endpoint endpoint = entry.getValue();
      json.writeStartArray();
      json.writeString(entry.getKey());
      json.writeNumber(endpoint.count);
      json.writeNumber(Math.round(endpoint.micros / endpoint.count) / 1000.0);
      json.writeNumber(Math.round(endpoint.worst) / 1000.0);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void writeErrors(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("errors");
    for (Map.Entry<Errors, Long> entry : errors.entrySet().stream()
        .sorted(Comparator.<Map.Entry<Errors, Long>>comparingLong(e -> -e.getValue()).thenComparing(e -> e.getKey().toString())).limit(SHOWN).toList()) {
      json.writeStartArray();
      json.writeString(entry.getKey().status);
      json.writeString(entry.getKey().route);
      json.writeNumber(entry.getValue());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  /** Text that cannot end the element in which it stands. */
  private static final class WithinMarkup extends CharacterEscapes {
    private static final long serialVersionUID = 1;
    private final int[] escapes = CharacterEscapes.standardAsciiEscapesForJSON();

    WithinMarkup() {
      escapes['<'] = CharacterEscapes.ESCAPE_STANDARD;
      escapes['>'] = CharacterEscapes.ESCAPE_STANDARD;
      escapes['&'] = CharacterEscapes.ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return escapes;
    }

    @Override
    public SerializableString getEscapeSequence(int c) {
      return new SerializedString(String.format("\\u%04x", c));
    }
  }
}
