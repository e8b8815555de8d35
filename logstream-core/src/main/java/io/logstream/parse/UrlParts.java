package io.logstream.parse;

import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.Objects;

/**
 * A stage that takes a URL apart: {@code https://bob@shop.example:8443/cart?id=7#top} gives {@code url.scheme}, {@code url.username}, {@code
 * url.domain}, {@code url.port} (a number), {@code url.path}, {@code url.query} and {@code url.fragment}. A URL without a scheme has the last
 * three only. Parts stay encoded as they are; {@link QueryString} decodes parameters. A part that is missing or empty gives no field, nor
 * does a port that is no number up to 65535. A password is left out. An event without the field passes as it is. Stateless, immutable.
 */
public final class UrlParts implements Stage {
  private final String field;
  private final String prefix;

  private UrlParts(String field, String prefix) {
    this.field = field;
    this.prefix = prefix;
  }

  /** The parts of the URL in this field. */
  public static UrlParts of(String field) {
    return new UrlParts(Objects.requireNonNull(field, "field"), "url");
  }

  /** What stands, with a dot, before all names; {@code url} unless said. */
  public UrlParts under(String name) {
    return new UrlParts(field, Given.prefix(name));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(field).yields(prefix + ".port", FieldUse.Type.WHOLE);
    for (String part : new String[] {"scheme", "username", "domain", "path", "query", "fragment"}) {
      use = use.yields(prefix + "." + part, FieldUse.Type.TEXT);
    }
    return use;
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    TextField text = new TextField(context, field);
    Splitting parts = new Splitting(context, prefix, text);
    return (event, out) -> {
      if (text.read(event)) {
        parts.split(event);
      }
      out.emit(event);
    };
  }

  /** Where a scheme ends, at its colon, where {@code ://} follows; or -1. */
  static int scheme(byte[] b, int from, int to) {
    int at = from;
    while (at < to && (b[at] >= 'a' && b[at] <= 'z' || b[at] >= 'A' && b[at] <= 'Z' || at > from && (Bytes.isDigit(b[at]) || b[at] == '+' || b[at] == '-' || b[at] == '.'))) {
      at++;
    }
    return at > from && to - at >= 3 && b[at] == ':' && b[at + 1] == '/' && b[at + 2] == '/' ? at : -1;
  }

  private static final class Splitting {
    private final TextField text;
    private final FieldKey scheme;
    private final FieldKey username;
    private final FieldKey domain;
    private final FieldKey port;
    private final FieldKey path;
    private final FieldKey query;
    private final FieldKey fragment;

    Splitting(StageContext context, String prefix, TextField text) {
      this.text = text;
      scheme = context.key(prefix + ".scheme");
      username = context.key(prefix + ".username");
      domain = context.key(prefix + ".domain");
      port = context.key(prefix + ".port");
      path = context.key(prefix + ".path");
      query = context.key(prefix + ".query");
      fragment = context.key(prefix + ".fragment");
    }

    void split(LogEvent event) {
      byte[] b = text.bytes;
      int at = text.from;
      int to = text.to;
      int colon = scheme(b, at, to);
      if (colon >= 0) {
        put(event, scheme, at, colon);
        at = authority(event, b, colon + 3, to);
      }
      int hash = Bytes.find(b, at, to, (byte) '#');
      if (hash >= 0) {
        put(event, fragment, hash + 1, to);
        to = hash;
      }
      int mark = Bytes.find(b, at, to, (byte) '?');
      if (mark >= 0) {
        put(event, query, mark + 1, to);
        to = mark;
      }
      put(event, path, at, to);
    }

    private int authority(LogEvent event, byte[] b, int from, int to) {
      int end = from;
      int at = from;
      while (end < to && b[end] != '/' && b[end] != '?' && b[end] != '#') {
        if (b[end] == '@') {
          at = end + 1;
        }
        end++;
      }
      if (at > from) {
        int colon = Bytes.find(b, from, at - 1, (byte) ':');
        put(event, username, from, colon < 0 ? at - 1 : colon);
      }
      int hostEnd = end;
      for (int i = end - 1; i >= at && (Bytes.isDigit(b[i]) || b[i] == ':'); i--) {
        if (b[i] == ':') {
          hostEnd = i;
          port(event, b, i + 1, end);
          break;
        }
      }
      put(event, domain, at, hostEnd);
      return end;
    }

    private void port(LogEvent event, byte[] b, int from, int to) {
      int value = 0;
      for (int i = from; i < to && value <= 0xFFFF; i++) {
        value = value * 10 + b[i] - '0';
      }
      if (to > from && value <= 0xFFFF) {
        event.put(port, (long) value);
      }
    }

    private void put(LogEvent event, FieldKey key, int from, int to) {
      if (to > from) {
        text.put(event, key, from, to);
      }
    }
  }

  @Override
  public String toString() {
    return "of " + field + " under " + prefix;
  }
}
