package io.logstream.alert;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts alerts to a web address: {@code AlertWebhook.to(uri).signedWith(secret)}.
 *
 * <p>The body is JSON with {@code id number name severity state key at since reason more message fields}, or what {@link #template} makes of it. Headers beside those
 * given: {@code Content-Type}, {@code X-Alert-Id} (id and number: whoever has seen it may drop it), and with a secret {@code X-Signature}: {@code
 * sha256=} and the HMAC-SHA256 of the body in hexadecimal.
 *
 * <p>An answer from 200 to 299 within {@link #within} is success. Anything else is tried again as {@link #retrying} says. After five failures one after the
 * other the address is left alone for half a minute: attempts in that time fail without asking it. Answers from 400 to 499, but for 408 and 429, are final.
 *
 * <p>Immutable; every word returns a new one. It may be given to several alerts.
 */
public final class AlertWebhook implements AlertNotifier {
  private static final int TO_BREAK = 5;
  private static final long BROKEN_NANOS = 30_000_000_000L;

  private final URI address;
  private final Map<String, String> headers;
  private final String template;
  private final byte[] secret;
  private final Duration within;
  private final Retry retry;
  private final Line line;

  /** The connection, shared by all that were made from one, and what is known of the other end. */
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

  private AlertWebhook(URI address, Map<String, String> headers, String template, byte[] secret, Duration within, Retry retry) {
    this.address = address;
    this.headers = headers;
    this.template = template;
    this.secret = secret;
    this.within = within;
    this.retry = retry;
    this.line = new Line();
  }

  /**
   * Posts to this address.
   *
   * @throws IllegalArgumentException if it is not one of http or https
   */
  public static AlertWebhook to(URI address) {
    if (!"http".equalsIgnoreCase(address.getScheme()) && !"https".equalsIgnoreCase(address.getScheme()) || address.getHost() == null) {
      throw new IllegalArgumentException("a webhook has an address such as https://host/path, was " + address);
    }
    return new AlertWebhook(address, Map.of(), null, null, Duration.ofSeconds(10), Retry.SIX);
  }

  /** One more header. */
  public AlertWebhook header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(Objects.requireNonNull(name, "header name"), Objects.requireNonNull(value, "header value"));
    return new AlertWebhook(address, more, template, secret, within, retry);
  }

  /**
   * The body instead of the JSON: a text in which {@code {{name}}}, and likewise any other part of the JSON, {@code {{key.host}}}, {@code {{fields.status}}}, {@code
   * {{json}}} (all of it) stand for values. Values are escaped as inside a JSON string; what there is none of is left out.
   */
  public AlertWebhook template(String body) {
    return new AlertWebhook(address, headers, Objects.requireNonNull(body, "template"), secret, within, retry);
  }

  /** Signs every body with this secret. */
  public AlertWebhook signedWith(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a webhook's secret must not be empty");
    }
    return new AlertWebhook(address, headers, template, key.getBytes(StandardCharsets.UTF_8), within, retry);
  }

  /** How long it waits for an answer; 10 seconds unless said. */
  public AlertWebhook within(Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("a webhook waits for a positive time, was " + time);
    }
    return new AlertWebhook(address, headers, template, secret, time, retry);
  }

  /** How often it tries; six times in half a minute unless said. */
  @Override
  public AlertWebhook retrying(Retry how) {
    return new AlertWebhook(address, headers, template, secret, within, Objects.requireNonNull(how, "retry"));
  }

  @Override
  public Retry retry() {
    return retry;
  }

  @Override
  public void fired(FiredAlert alert) throws Exception {
    post(alert);
  }

  @Override
  public void resolved(FiredAlert alert) throws Exception {
    post(alert);
  }

  private void post(FiredAlert alert) throws Exception {
    line.refuseIfBroken(address);
    byte[] body = template == null ? AlertJson.of(alert) : Template.fill(template, alert, Template::inJson).getBytes(StandardCharsets.UTF_8);
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(within).POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .header("Content-Type", "application/json").header("X-Alert-Id", alert.id() + "/" + alert.number());
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

  @Override
  public boolean isFinal(Exception failure) {
    return failure instanceof Refused;
  }

  private String signature(byte[] body) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(body));
  }

  @Override
  public String toString() {
    return "webhook " + address;
  }
}
