package io.logstream.alert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends alerts to a Zabbix server or proxy, as values of an item of type "Zabbix trapper": {@code Zabbix.server("zabbix.example").host("web-1").item("app.alert")}. Host, item
 * and value may hold {@code {{name}}}, {@code {{key.host}}}, {@code {{message}}} and so on, as {@link AlertWebhook#template} has them.
 *
 * <p>A firing sends {@link #value}, the end of one {@link #resolvedValue} if that is said, else nothing. The time of the value is that of the alert, with nanoseconds made of
 * its id and number: Zabbix keeps one value of an item for each time, so that two alerts of the same millisecond are two values, and one that is sent again is not. A server that does not
 * know the host or the item says 'failed: 1', which is a failure and not tried again; one that cannot be reached is tried again as {@link #retrying} says. Immutable.
 */
public final class Zabbix implements AlertNotifier {
  private static final byte[] MAGIC = {'Z', 'B', 'X', 'D', 1};
  private static final int NANOS = 1_000_000;
  private static final int MOST_ANSWER = 1 << 20;
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern FAILED = Pattern.compile("failed: *(\\d+)");
  private static final String DEFAULT_VALUE = "{{severity}}: {{name}} {{key}} {{message}}";

  private final String server;
  private final int port;
  private final String host;
  private final String item;
  private final String value;
  private final String resolvedValue;
  private final Duration within;
  private final Retry retry;

  /** An answer that will not become better. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  private Zabbix(String server, int port, String host, String item, String value, String resolvedValue, Duration within, Retry retry) {
    this.server = server;
    this.port = port;
    this.host = host;
    this.item = item;
    this.value = value;
    this.resolvedValue = resolvedValue;
    this.within = within;
    this.retry = retry;
  }

  /** A server on port 10051. */
  public static Zabbix server(String name) {
    Objects.requireNonNull(name, "name of Zabbix.server");
    return server(name, 10051);
  }

  /** A server on this port. */
  public static Zabbix server(String name, int port) {
    Objects.requireNonNull(name, "name of Zabbix.server");
    if (name.isBlank() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a Zabbix server has a name and a port from 1 to 65535, was '" + name + "' and " + port);
    }
    return new Zabbix(name, port, "{{fields.host}}", "alert", DEFAULT_VALUE, null, Duration.ofSeconds(5), Retry.SIX);
  }

  /** The host as Zabbix calls it; the field {@code host} of the event unless said. */
  public Zabbix host(String name) {
    return new Zabbix(server, port, Objects.requireNonNull(name, "host"), item, value, resolvedValue, within, retry);
  }

  /** The key of the item; {@code alert} unless said. */
  public Zabbix item(String key) {
    return new Zabbix(server, port, host, Objects.requireNonNull(key, "item"), value, resolvedValue, within, retry);
  }

  /** What is sent for a firing; severity, name, key and message unless said. */
  public Zabbix value(String text) {
    return new Zabbix(server, port, host, item, Objects.requireNonNull(text, "value"), resolvedValue, within, retry);
  }

  /** What is sent for the end of a firing; nothing unless said. */
  public Zabbix resolvedValue(String text) {
    return new Zabbix(server, port, host, item, value, Objects.requireNonNull(text, "value"), within, retry);
  }

  /** How often it tries; six times in half a minute unless said. */
  @Override
  public Zabbix retrying(Retry how) {
    return new Zabbix(server, port, host, item, value, resolvedValue, within, Objects.requireNonNull(how, "retry"));
  }

  @Override
  public Retry retry() {
    return retry;
  }

  @Override
  public boolean isFinal(Exception failure) {
    return failure instanceof Refused;
  }

  @Override
  public void fired(FiredAlert alert) throws IOException {
    send(alert, value);
  }

  @Override
  public void resolved(FiredAlert alert) throws IOException {
    if (resolvedValue != null) {
      send(alert, resolvedValue);
    }
  }

  private void send(FiredAlert alert, String text) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeStringField("request", "sender data");
      json.writeArrayFieldStart("data");
      json.writeStartObject();
      json.writeStringField("host", alert.fill(host));
      json.writeStringField("key", alert.fill(item));
      json.writeStringField("value", alert.fill(text));
      json.writeNumberField("clock", alert.at().getEpochSecond());
      json.writeNumberField("ns", alert.at().getNano() / NANOS * NANOS + Math.floorMod((alert.id() + "/" + alert.number()).hashCode(), NANOS));
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    }
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) within.toMillis());
      socket.connect(new InetSocketAddress(server, port), (int) within.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(ByteBuffer.allocate(13 + body.size()).order(ByteOrder.LITTLE_ENDIAN).put(MAGIC).putLong(body.size()).put(body.toByteArray()).array());
      out.flush();
      check(answer(new DataInputStream(socket.getInputStream())));
    }
  }

  private String answer(DataInputStream in) throws IOException {
    byte[] header = new byte[13];
    in.readFully(header);
    ByteBuffer parts = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[5];
    parts.get(magic);
    long length = parts.getLong();
    if (!java.util.Arrays.equals(magic, MAGIC) || length < 0 || length > MOST_ANSWER) {
      throw new IOException(this + " does not answer like a Zabbix server");
    }
    byte[] text = new byte[(int) length];
    in.readFully(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private void check(String answer) throws IOException {
    Matcher failed = FAILED.matcher(answer);
    if (!answer.contains("\"success\"") || !failed.find() || !failed.group(1).equals("0")) {
      throw new Refused(this + " does not take the value: it may not know host or item, or the item is no trapper. It says " + answer.strip());
    }
  }

  @Override
  public String toString() {
    return "Zabbix server " + server + ":" + port;
  }
}
