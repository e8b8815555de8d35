package io.logstream.sink;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.io.IOException;
import java.io.InterruptedIOException;
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
import java.util.concurrent.locks.LockSupport;

/** The running half of {@link Influx}: holds events until the server has taken their points. */
final class InfluxWriter implements Processor {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final long FIRST_PAUSE_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;
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
  private final Counter requests;
  private final Counter retries;
  private Emitter out;
  private int points;
  private long chars;

  InfluxWriter(Influx influx, StageContext context) {
    this.influx = influx;
    this.context = context;
    requests = context.counter("requests");
    retries = context.counter("retries");
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
    Answer answer = insist(to.uri, to.text(from, until));
    if (answer.taken) {
      to.events.subList(from, until).forEach(out::absorb);
      to.settled = until;
    } else if (answer.refused && until - from > 1) {
      int middle = (from + until) >>> 1;
      deliver(to, from, middle);
      deliver(to, middle, until);
    } else {
      to.events.subList(from, until).forEach(event -> out.fail(event, answer.refused ? "refused by InfluxDB" : "not delivered", answer.said));
      to.settled = until;
    }
  }

  /** What became of a request: taken, refused for what is in it, or neither for as long as we try. */
  private record Answer(boolean taken, boolean refused, String said) {}

  /** Sends until the server has taken or refused it, or patience is at its end. */
  private Answer insist(URI uri, String text) throws IOException {
    long began = System.nanoTime();
    long pause = FIRST_PAUSE_NANOS;
    for (;;) {
      String trouble;
      requests.increment();
      try {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER).header("Content-Type", "text/plain; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(text));
        if (influx.authorization != null) {
          request.header("Authorization", influx.authorization);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        int status = response.statusCode();
        if (status / 100 == 2) {
          return new Answer(true, false, "");
        }
        trouble = status + " " + response.body().strip();
        if (status == 400 || status == 413 || status == 422) {
          return new Answer(false, true, trouble);
        }
        pause = Math.max(pause, retryAfter(response));
      } catch (InterruptedException e) {
        throw interrupted();
      } catch (IOException e) {
        trouble = e.toString();
      }
      if (influx.patience != null && System.nanoTime() - began + pause > influx.patience.toNanos()) {
        return new Answer(false, false, trouble);
      }
      retries.increment();
      context.warn("does not get through to " + influx.uri + ", trying again: " + trouble);
      LockSupport.parkNanos(this, pause);
      if (Thread.interrupted()) {
        throw interrupted();
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }

  private static long retryAfter(HttpResponse<?> response) {
    return response.headers().firstValue("Retry-After").filter(s -> s.matches("\\d{1,4}")).map(s -> Math.min(Long.parseLong(s) * 1_000_000_000L, LONGEST_PAUSE_NANOS)).orElse(0L);
  }

  private static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("the run was given up while points waited");
  }
}
