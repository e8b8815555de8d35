package io.logstream.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Writes an access log that looks real and can be had again: the combined format with the response time behind it,
 *
 * <pre>203.0.113.7 - - [01/Jan/2026:00:00:00 +0000] "GET /cart HTTP/1.1" 200 4821 "https://shop.example/" "Mozilla/5.0 (...)" 0.134</pre>
 *
 * <p>Endpoints are asked for by Zipf's law, one request in twenty is a health check, response times have a long tail, about one answer
 * in two hundred is a server error. Times go evenly ahead and are out of order by up to two seconds. Immutable: every word returns a
 * new one; equal words and seeds give equal lines.
 *
 * <pre>{@code
 * List<String> lines = AccessLog.seed(42).from(noon).perSecond(50).failing(noon.plusSeconds(60), noon.plusSeconds(120), 0.2).lines(10_000);
 * }</pre>
 */
public final class AccessLog {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] PLACES = {"/", "/search", "/cart", "/product", "/login", "/checkout", "/account", "/basket/items", "/api/prices", "/api/stock",
      "/static/app.js", "/static/site.css", "/images/logo.png", "/help", "/orders", "/api/orders", "/wishlist", "/logout", "/terms", "/feed.xml"};
  private static final String[] AGENTS = {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "curl/8.5.0", "okhttp/4.12.0"};
  private static final int HEALTH_CHECKS = 20;
  private static final double ERRORS = 0.005;

  private final long seed;
  private final Instant from;
  private final double perSecond;
  private final int endpoints;
  private final Duration outOfOrder;
  private final boolean micros;
  private final Instant failsFrom;
  private final Instant failsTo;
  private final double failing;

  private AccessLog(long seed, Instant from, double perSecond, int endpoints, Duration outOfOrder, boolean micros, Instant failsFrom, Instant failsTo,
      double failing) {
    this.seed = seed;
    this.from = from;
    this.perSecond = perSecond;
    this.endpoints = endpoints;
    this.outOfOrder = outOfOrder;
    this.micros = micros;
    this.failsFrom = failsFrom;
    this.failsTo = failsTo;
    this.failing = failing;
  }

  /** A log of this seed: 50 requests a second from 2026-01-01T00:00:00Z, 20 endpoints, response times in seconds. */
  public static AccessLog seed(long seed) {
    return new AccessLog(seed, START, 50, PLACES.length, Duration.ofSeconds(2), false, Instant.MAX, Instant.MAX, 0);
  }

  /** The time of the first request. */
  public AccessLog from(Instant time) {
    return new AccessLog(seed, time, perSecond, endpoints, outOfOrder, micros, failsFrom, failsTo, failing);
  }

  /** How many requests there are in a second of the log. */
  public AccessLog perSecond(double requests) {
    if (!(requests > 0)) {
      throw new IllegalArgumentException("requests per second must be positive, was " + requests);
    }
    return new AccessLog(seed, from, requests, endpoints, outOfOrder, micros, failsFrom, failsTo, failing);
  }

  /** How many endpoints there are. */
  public AccessLog endpoints(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("there must be at least one endpoint, was " + number);
    }
    return new AccessLog(seed, from, perSecond, number, outOfOrder, micros, failsFrom, failsTo, failing);
  }

  /** How much earlier than a line before it a line's time may be; a request is written when it is answered. */
  public AccessLog outOfOrder(Duration by) {
    Objects.requireNonNull(by, "by of AccessLog.outOfOrder");
    if (by.isNegative()) {
      throw new IllegalArgumentException("outOfOrder must not be negative, was " + by);
    }
    return new AccessLog(seed, from, perSecond, endpoints, by, micros, failsFrom, failsTo, failing);
  }

  /** Response times are whole microseconds, without a point, instead of seconds. */
  public AccessLog micros() {
    return new AccessLog(seed, from, perSecond, endpoints, outOfOrder, true, failsFrom, failsTo, failing);
  }

  /** An incident: from one time until another this share of requests is answered slowly and with a 5xx. Health checks go on working. */
  public AccessLog failing(Instant since, Instant until, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("the share of failing requests is between 0 and 1, was " + share);
    }
    return new AccessLog(seed, from, perSecond, endpoints, outOfOrder, micros, since, until, share);
  }

  /** The first so many lines, without line ends. */
  public List<String> lines(int count) {
    return stream().limit(count).toList();
  }

  /** The lines one after the other, without end. */
  public Stream<String> stream() {
    Writer writer = new Writer();
    return Stream.generate(writer::next).sequential();
  }

  /** So many requests for one path with one answer, spread over the first minute of 2026. */
  public static List<String> requests(int count, String path, int status) {
    List<String> lines = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Instant time = START.plusMillis(60_000L * i / count);
      lines.add(line("203.0.113." + (1 + i % 250), time, "GET", path, status, 500 + i, "-", AGENTS[i % AGENTS.length], "0." + (100 + i % 400)));
    }
    return lines;
  }

  private static String line(String host, Instant time, String verb, String path, int status, int bytes, String referrer, String agent, String took) {
    return host + " - - [" + TIME.format(time) + "] \"" + verb + ' ' + path + " HTTP/1.1\" " + status + ' ' + bytes + " \"" + referrer + "\" \"" + agent + "\" "
        + took;
  }

  private final class Writer {
    private final Random random = new Random(seed);
    private final double[] upTo = zipf(endpoints);
    private long written;

    String next() {
      Instant at = from.plusNanos((long) (written++ / perSecond * 1e9));
      boolean fails = !at.isBefore(failsFrom) && at.isBefore(failsTo) && random.nextDouble() < failing;
      boolean health = random.nextInt(HEALTH_CHECKS) == 0;
      double seconds = 0.02 * Math.exp(random.nextGaussian());
      Instant time = at.minusMillis(outOfOrder.isZero() ? 0 : (long) (outOfOrder.toMillis() * Math.pow(random.nextDouble(), 4)));
      if (time.isBefore(from)) {
        time = from;
      }
      if (health) {
        return line("10.0.0." + (1 + random.nextInt(3)), time, "GET", "/health", 200, 2, "-", "probe/1.0", took(seconds / 20));
      }
      String path = path();
      int status = 200;
      if (fails) {
        status = random.nextInt(3) == 0 ? 504 : 503;
        seconds = 1 + 4 * random.nextDouble();
      } else if (random.nextDouble() < ERRORS) {
        status = 500;
      } else if (random.nextInt(25) == 0) {
        status = random.nextBoolean() ? 404 : 302;
      }
      String verb = path.equals("/login") || path.equals("/checkout") ? "POST" : "GET";
      String host = random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256) + "." + (1 + random.nextInt(254));
      return line(host, time, verb, path, status, status == 302 ? 0 : 200 + random.nextInt(40_000), random.nextBoolean() ? "-" : "https://shop.example/",
          AGENTS[random.nextInt(AGENTS.length)], took(seconds));
    }

    private String path() {
      double at = random.nextDouble();
      int endpoint = 0;
      while (endpoint < upTo.length - 1 && upTo[endpoint] < at) {
        endpoint++;
      }
      String place = endpoint < PLACES.length ? PLACES[endpoint] : "/page/" + endpoint;
      return random.nextInt(4) == 0 && !place.startsWith("/static") ? place + "?id=" + random.nextInt(100_000) : place;
    }

    private String took(double seconds) {
      long inMicros = Math.max(1, (long) (seconds * 1e6));
      return micros ? Long.toString(inMicros) : String.format(Locale.ROOT, "%d.%03d", inMicros / 1_000_000, inMicros / 1000 % 1000);
    }
  }

  private static double[] zipf(int number) {
    double[] upTo = new double[number];
    double sum = 0;
    for (int i = 0; i < number; i++) {
      sum += 1.0 / (i + 1);
      upTo[i] = sum;
    }
    for (int i = 0; i < number; i++) {
      upTo[i] /= sum;
    }
    return upTo;
  }
}
