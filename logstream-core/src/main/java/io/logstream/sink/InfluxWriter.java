package io.logstream.sink;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The running half of {@link Influx}: holds events until the server has taken their points. */
final class InfluxWriter implements Processor {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  /** More text than this is sent at once, however few points it is. */
  private static final int MOST_CHARS = 4 << 20;

  /** Points on their way to one destination. */
  private static final class Points {
    final URI uri;
    final StringBuilder text = new StringBuilder();
    final List<LogEvent> events = new ArrayList<>();
    final List<Integer> ends = new ArrayList<>();
    /** How many of the first are settled: an interrupt leaves the others to the next call. */
    int settled;

    Points(URI uri) {
      this.uri = uri;
    }

    String text(int from, int to) {
      return text.substring(from == 0 ? 0 : ends.get(from - 1), ends.get(to - 1));
    }
  }

  private final Influx influx;
  private final StageContext context;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final Map<String, Points> waiting = new LinkedHashMap<>();
  private final Insisting insisting;
  private Emitter out;
  private int points;
  private long chars;

  InfluxWriter(Influx influx, StageContext context) {
    this.influx = influx;
    this.context = context;
    insisting = new Insisting(context, influx.uri.toString(), influx.patience, e -> e instanceof Refused);
  }

  @Override
  public void process(LogEvent event, Emitter emitter) throws IOException {
    out = emitter;
    String destination = influx.destinationIsField ? event.text(influx.destination, "") : "";
    if (influx.destinationIsField && destination.isEmpty()) {
      out.fail(event, "no destination", "field " + influx.destination);
      return;
    }
    Points to = waiting.computeIfAbsent(destination, d -> new Points(uri(influx.destinationIsField ? d : influx.destination)));
    int before = to.text.length();
    String measurement = influx.measurementIsField ? event.text(influx.measurement, "") : influx.measurement;
    measurement = measurement == null || measurement.isEmpty() ? context.pipeline() : measurement;
    if (!InfluxLine.append(to.text, measurement, influx.tags == null ? event.keys() : influx.tags, event)) {
      out.fail(event, "no fields");
      return;
    }
    to.events.add(out.hold(event));
    to.ends.add(to.text.length());
    chars += to.text.length() - before;
    if (++points >= influx.batch || chars >= MOST_CHARS) {
      flush();
    }
  }

  private URI uri(String destination) {
    String base = influx.uri.toString();
    int query = base.indexOf('?');
    StringBuilder uri = new StringBuilder(query < 0 ? base : base.substring(0, query));
    if (!influx.uri.getPath().endsWith("/write")) {
      if (uri.charAt(uri.length() - 1) != '/') {
        uri.append('/');
      }
      uri.append(influx.version2 ? "api/v2/write" : "write");
    }
    uri.append('?');
    if (query >= 0) {
      uri.append(base, query + 1, base.length()).append('&');
    }
    if (destination != null && influx.version2) {
      uri.append("org=").append(encoded(influx.org)).append("&bucket=").append(encoded(destination)).append('&');
    } else if (destination != null) {
      uri.append("db=").append(encoded(destination)).append('&');
    }
    return URI.create(uri.append("precision=ms").toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  // ---------------------------------------------------------------- sending

  @Override
  public void onQuiet() throws IOException {
    flush();
  }

  @Override
  public void flush() throws IOException {
    for (Points to : waiting.values()) {
      deliver(to);
    }
    waiting.clear();
    points = 0;
    chars = 0;
  }

  private void deliver(Points to) throws IOException {
    if (to.settled < to.events.size()) {
      deliver(to, to.settled, to.events.size());
    }
  }

  private void deliver(Points to, int from, int until) throws IOException {
    List<LogEvent> events = to.events.subList(from, until);
    try {
      insisting.on(() -> post(to.uri, to.text(from, until)));
      events.forEach(out::absorb);
    } catch (Insisting.GivenUp e) {
      throw e;
    } catch (IOException e) {
      if (e instanceof Refused && until - from > 1) {
        int middle = (from + until) >>> 1;
        deliver(to, from, middle);
        deliver(to, middle, until);
        return;
      }
      boolean refused = e instanceof Refused;
      events.forEach(event -> out.fail(event, refused ? "refused by InfluxDB" : "not delivered", refused ? e.getMessage() : e.toString()));
    }
    to.settled = until;
  }

  /** The server does not take what is in a request. */
  private static final class Refused extends Insisting.Declined {
    private static final long serialVersionUID = 1;

    Refused(String said) {
      super(said);
    }
  }

  private void post(URI uri, String text) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER).header("Content-Type", "text/plain; charset=utf-8")
        .POST(HttpRequest.BodyPublishers.ofString(text));
    if (influx.authorization != null) {
      request.header("Authorization", influx.authorization);
    }
    HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    int status = response.statusCode();
    if (status / 100 != 2) {
      String said = status + " " + response.body().strip();
      throw status == 400 || status == 413 || status == 422 ? new Refused(said) : new Insisting.Later(said, retryAfterNanos(response));
    }
  }

  private static long retryAfterNanos(HttpResponse<?> response) {
    return response.headers().firstValue("Retry-After").filter(s -> s.matches("\\d{1,4}")).map(s -> Long.parseLong(s) * 1_000_000_000L).orElse(0L);
  }
}
