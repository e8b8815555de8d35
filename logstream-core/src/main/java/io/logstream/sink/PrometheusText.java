package io.logstream.sink;

import com.sun.net.httpserver.HttpServer;
import io.logstream.Metered;
import io.logstream.Metering;
import io.logstream.Metric;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The metrics of all runs that it is told of, in Prometheus' text format (0.0.4): {@link #text} for an endpoint of one's own, or an endpoint on this machine.
 *
 * <pre>{@code
 * PrometheusText metrics = PrometheusText.servedAt(9464);     // http://127.0.0.1:9464/metrics
 * pipeline.meteredBy(metrics).start();
 * }</pre>
 *
 * <p>Names are in snake case: dots and other characters that names there cannot have are underscores; counters end in {@code _total}:
 * {@code logstream_records_in_total{pipeline="access",place="Grok"} 17}. Figures are read when they are asked for. All methods from any thread.
 */
public final class PrometheusText implements Metering, AutoCloseable {
  private final List<Metered> runs = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /** For an endpoint of one's own. */
  public PrometheusText() {
    this(null);
  }

  private PrometheusText(HttpServer server) {
    this.server = server;
  }

  /**
   * Serves the text at {@code /metrics} on a port of this machine's loopback address, to which no other machine has access, until it is closed.
   *
   * @param port 0 for any free one, see {@link #port}
   */
  public static PrometheusText servedAt(int port) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      PrometheusText metrics = new PrometheusText(server);
      server.createContext("/metrics", exchange -> {
        try (exchange) {
          byte[] text = metrics.text().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
          exchange.sendResponseHeaders(200, text.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(text);
          }
        }
      });
      server.start();
      return metrics;
    } catch (IOException e) {
      throw new UncheckedIOException("metrics cannot be served at port " + port + " of the loopback address: " + e.getMessage(), e);
    }
  }

  /** The port that it serves at; -1 if it does not. */
  public int port() {
    return server == null ? -1 : server.getAddress().getPort();
  }

  @Override
  public void started(Metered run) {
    runs.removeIf(other -> other instanceof Ended && other.pipeline().equals(run.pipeline()));
    runs.add(run);
  }

  @Override
  public void stopped(Metered run) {
    Ended ended = new Ended(run.pipeline(), run.meters());
    if (runs.remove(run)) {
      runs.add(ended);
    }
  }

  /** The last figures of a run, for whoever asks after its end. */
  private record Ended(String pipeline, List<Metric> meters) implements Metered {}

  /** All metrics as of now; those of a run that has ended as they were then, until its pipeline runs again. */
  public String text() {
    Map<String, List<Metric>> families = new TreeMap<>();
    for (Metered run : runs) {
      for (Metric metric : run.meters()) {
        String name = name(metric.name()) + (metric.kind() == Metric.Kind.COUNTER ? "_total" : "");
        families.computeIfAbsent(name, n -> new ArrayList<>()).add(metric);
      }
    }
    StringBuilder text = new StringBuilder();
    families.forEach((name, metrics) -> {
      text.append("# HELP ").append(name).append(' ').append(metrics.get(0).name()).append(" of a logstream pipeline\n");
      text.append("# TYPE ").append(name).append(metrics.get(0).kind() == Metric.Kind.COUNTER ? " counter\n" : " gauge\n");
      Map<String, Double> samples = new TreeMap<>();
      metrics.forEach(metric -> samples.merge(labels(metric.labels()), metric.value(), Double::sum)); // two runs of one pipeline
      samples.forEach((labels, value) -> text.append(name).append(labels).append(' ').append(number(value)).append('\n'));
    });
    return text.toString();
  }

  private static String labels(Map<String, String> labels) {
    StringBuilder text = new StringBuilder();
    labels.forEach((name, value) -> text.append(text.isEmpty() ? '{' : ',').append(name(name)).append("=\"")
        .append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")).append('"'));
    return text.isEmpty() ? "" : text.append('}').toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.isInfinite(value) ? value > 0 ? "+Inf" : "-Inf" : Double.toString(value);
  }

  private static String name(String of) {
    StringBuilder name = new StringBuilder(of.length() + 2);
    for (int i = 0; i < of.length(); i++) {
      char c = of.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        if (i > 0 && of.charAt(i - 1) >= 'a' && of.charAt(i - 1) <= 'z') {
          name.append('_');
        }
        name.append((char) (c + 'a' - 'A'));
      } else {
        name.append(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' ? c : '_');
      }
    }
    return Character.isDigit(name.charAt(0)) ? "_" + name : name.toString();
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
  }
}
