package io.logstream.sink;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts events to a web address: {@code Webhook.to(uri).signedWith(secret)}. The body is the JSON object that {@link JsonLines} writes, one event a request, or with {@link
 * #atMost} an array of them. Headers beside those given: {@code Content-Type: application/json}, and with a secret {@code X-Signature}: {@code sha256=} and the
 * HMAC-SHA256 of the body in hexadecimal.
 *
 * <p>An answer from 200 to 299 within {@link #within} is success. Answers from 400 to 499, but for 408 and 429, are final: the events of the request fail with {@code
 * refused}. Anything else is tried again, from 100 ms apart up to 30 s, until it works, or for {@link #givingUpAfter} so long: the outbox fills up meanwhile. After five
 * failures one after the other the address is left alone for half a minute: attempts in that time fail without asking it. Redirects are not followed.
 *
 * <p>After a crash, events since the last checkpoint are posted again. Blocks, so it has an outbox. Immutable; every word returns a new one.
 */
public final class Webhook implements Sink {
  private static final int TO_BREAK = 5;
  private static final long BROKEN_NANOS = 30_000_000_000L;

  private final URI address;
  private final Map<String, String> headers;
  private final byte[] secret;
  private final Duration within;
  final int atMost;
  final Duration patience;
  private final Line line = new Line();

  /** The connection, and what is known of the other end. */
  private static final class Line {
    private HttpClient client;
    private int failures;
    private long brokenUntil;

    synchronized HttpClient client(Duration within) {
      if (client == null) {
        client = HttpClient.newBuilder().connectTimeout(within).followRedirects(HttpClient.Redirect.NEVER).build();
      }
      return client;
    }

    synchronized void refuseIfBroken(URI address) throws IOException {
      if (failures >= TO_BREAK && System.nanoTime() - brokenUntil < 0) {
        throw new IOException(address + " is left alone after " + failures + " failures");
      }
    }

    synchronized void answered(boolean well) {
      failures = well ? 0 : failures + 1;
      brokenUntil = System.nanoTime() + BROKEN_NANOS;
    }
  }

  /** An answer that will not become better. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  private Webhook(URI address, Map<String, String> headers, byte[] secret, Duration within, int atMost, Duration patience) {
    this.address = address;
    this.headers = headers;
    this.secret = secret;
    this.within = within;
    this.atMost = atMost;
    this.patience = patience;
  }

  /**
   * Posts to this address.
   *
   * @throws IllegalArgumentException if it is not one of http or https
   */
  public static Webhook to(URI address) {
    Objects.requireNonNull(address, "address of Webhook.to");
    if (!"http".equalsIgnoreCase(address.getScheme()) && !"https".equalsIgnoreCase(address.getScheme()) || address.getHost() == null) {
      throw new IllegalArgumentException("a webhook has an address such as https://host/path, was " + address);
    }
    return new Webhook(address, Map.of(), null, Duration.ofSeconds(10), 1, null);
  }

  /**
   * One more header.
   *
   * @throws IllegalArgumentException if HTTP has no such header or value, or it is one that the connection sets itself
   */
  public Webhook header(String name, String value) {
    try {
      HttpRequest.newBuilder(address).header(Objects.requireNonNull(name, "header name"), Objects.requireNonNull(value, "header value"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a webhook cannot send this header: " + e.getMessage(), e);
    }
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Webhook(address, Collections.unmodifiableMap(more), secret, within, atMost, patience);
  }

  /** Signs every body with this secret. */
  public Webhook signedWith(String key) {
    Objects.requireNonNull(key, "key of Webhook.signedWith");
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a webhook's secret must not be empty");
    }
    return new Webhook(address, headers, key.getBytes(StandardCharsets.UTF_8), within, atMost, patience);
  }

  /** How long it waits for an answer; 10 seconds unless said. */
  public Webhook within(Duration time) {
    Objects.requireNonNull(time, "time of Webhook.within");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("a webhook waits for a positive time, was " + time);
    }
    return new Webhook(address, headers, secret, time, atMost, patience);
  }

  /** Sends arrays of so many events at most, when as many have come, when nothing more comes, and before every checkpoint. One object a request unless said. */
  public Webhook atMost(int eventsPerRequest) {
    if (eventsPerRequest < 1 || eventsPerRequest > 10_000) {
      throw new IllegalArgumentException("a request takes 1 to 10,000 events, was " + eventsPerRequest);
    }
    return new Webhook(address, headers, secret, within, eventsPerRequest, patience);
  }

  /** Events that could not be delivered for so long fail with {@code not delivered}; never unless said. */
  public Webhook givingUpAfter(Duration time) {
    Objects.requireNonNull(time, "time of Webhook.givingUpAfter");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("givingUpAfter must be positive, was " + time);
    }
    return new Webhook(address, headers, secret, within, atMost, time);
  }

  /**
   * Posts a body of JSON once, on the caller's thread, and waits for the answer: for sinks and notifiers of one's own. Any thread.
   *
   * @param more further headers of this request
   * @throws IOException if there is no answer or not a good one; {@link #isFinal} tells whether asking again is of use
   */
  public void post(byte[] body, Map<String, String> more) throws IOException, InterruptedException {
    line.refuseIfBroken(address);
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(within).POST(HttpRequest.BodyPublishers.ofByteArray(body)).header("Content-Type", "application/json");
    more.forEach(request::setHeader);
    if (secret != null) {
      request.header("X-Signature", "sha256=" + signature(body));
    }
    headers.forEach(request::setHeader);
    int status;
    try {
      status = line.client(within).send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      line.answered(false);
      throw e;
    }
    boolean well = status >= 200 && status < 300;
    boolean theirFault = status >= 500 || status == 408 || status == 429;
    line.answered(well || !theirFault);
    if (!well) {
      String problem = address + " answers " + status;
      throw theirFault ? new IOException(problem) : new Refused(problem);
    }
  }

  /** Whether {@link #post} will not work when it is tried again. */
  public static boolean isFinal(Exception failure) {
    return failure instanceof Refused;
  }

  private String signature(byte[] body) throws IOException {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IOException("the body cannot be signed", e);
    }
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new WebhookWriter(this, context);
  }

  @Override
  public String toString() {
    return "webhook " + address;
  }
}
