package io.logstream.alert;

import io.logstream.sink.Webhook;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

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
  private final Webhook webhook;
  private final String template;
  private final Retry retry;

  private AlertWebhook(Webhook webhook, String template, Retry retry) {
    this.webhook = webhook;
    this.template = template;
    this.retry = retry;
  }

  /**
   * Posts to this address.
   *
   * @throws IllegalArgumentException if it is not one of http or https
   */
  public static AlertWebhook to(URI address) {
    Objects.requireNonNull(address, "address of AlertWebhook.to");
    return new AlertWebhook(Webhook.to(address), null, Retry.SIX);
  }

  /** One more header. */
  public AlertWebhook header(String name, String value) {
    return new AlertWebhook(webhook.header(name, value), template, retry);
  }

  /**
   * The body instead of the JSON: a text in which {@code {{name}}}, and likewise any other part of the JSON, {@code {{key.host}}}, {@code {{fields.status}}}, {@code
   * {{json}}} (all of it) stand for values. Values are escaped as inside a JSON string; what there is none of is left out.
   */
  public AlertWebhook template(String body) {
    return new AlertWebhook(webhook, Objects.requireNonNull(body, "template"), retry);
  }

  /** Signs every body with this secret. */
  public AlertWebhook signedWith(String key) {
    Objects.requireNonNull(key, "key of AlertWebhook.signedWith");
    return new AlertWebhook(webhook.signedWith(key), template, retry);
  }

  /** How long it waits for an answer; 10 seconds unless said. */
  public AlertWebhook within(Duration time) {
    Objects.requireNonNull(time, "time of AlertWebhook.within");
    return new AlertWebhook(webhook.within(time), template, retry);
  }

  /** How often it tries; six times in half a minute unless said. */
  @Override
  public AlertWebhook retrying(Retry how) {
    return new AlertWebhook(webhook, template, Objects.requireNonNull(how, "retry"));
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
    byte[] body = template == null ? AlertJson.of(alert) : Template.fill(template, alert, Template::inJson).getBytes(StandardCharsets.UTF_8);
    webhook.post(body, Map.of("X-Alert-Id", alert.id() + "/" + alert.number()));
  }

  @Override
  public boolean isFinal(Exception failure) {
    return Webhook.isFinal(failure);
  }

  @Override
  public String toString() {
    return webhook.toString();
  }
}
