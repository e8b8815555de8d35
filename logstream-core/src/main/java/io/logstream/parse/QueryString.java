package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.Objects;

/**
 * A stage that makes fields of the parameters of a URL: {@code /search?q=red+hat&page=2} gives {@code query.q} and {@code query.page}.
 *
 * <p>It reads what stands between {@code ?} and {@code #}; a text that has no {@code ?} is read whole, unless it begins with {@code /} or
 * holds {@code ://}. Names and values are percent-decoded, {@code +} is a blank; bad escapes stay as they are. All values are text, also
 * empty ones; a name that comes several times gives a list. At most {@link #most} parameters are taken; {@code leftOut} counts texts that
 * have more. An event without the field passes as it is. Stateless, immutable.
 */
public final class QueryString implements Stage {
  private final String field;
  private final String prefix;
  private final int most;

  private QueryString(String field, String prefix, int most) {
    this.field = field;
    this.prefix = prefix;
    this.most = most;
  }

  /** The parameters of the URL, or of its part, in this field. */
  public static QueryString of(String field) {
    return new QueryString(Objects.requireNonNull(field, "field"), "query", 100);
  }

  /** What stands, with a dot, before all names; {@code query} unless said. */
  public QueryString under(String name) {
    return new QueryString(field, Given.prefix(name), most);
  }

  /** How many parameters are taken; 100 unless said. */
  public QueryString most(int parameters) {
    return new QueryString(field, prefix, Given.atLeastOne("most", parameters));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(field).yieldsUnder(prefix + ".");
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    TextField text = new TextField(context, field);
    FoundFields found = new FoundFields(context, prefix, true, most);
    Counter leftOut = context.counter("leftOut");
    return (event, out) -> {
      if (text.read(event)) {
        found.begin();
        if (!read(text, found)) {
          leftOut.increment();
        }
        found.put(event, text);
        found.shrink();
      }
      out.emit(event);
    };
  }

  /** Whether all parameters were taken. */
  private static boolean read(TextField text, FoundFields found) {
    byte[] b = text.bytes;
    int hash = Bytes.find(b, text.from, text.to, (byte) '#');
    int to = hash < 0 ? text.to : hash;
    int mark = Bytes.find(b, text.from, to, (byte) '?');
    if (mark < 0 && (text.from == to || b[text.from] == '/' || UrlParts.scheme(b, text.from, to) >= 0)) {
      return true;
    }
    int at = mark < 0 ? text.from : mark + 1;
    while (at < to) {
      int end = Bytes.find(b, at, to, (byte) '&');
      end = end < 0 ? to : end;
      int equals = Bytes.find(b, at, end, (byte) '=');
      int nameEnd = equals < 0 ? end : equals;
      if (nameEnd > at) {
        if (found.isFull()) {
          return false;
        }
        put(found, b, name(found, b, at, nameEnd), Math.min(nameEnd + 1, end), end);
      }
      at = end + 1;
    }
    return true;
  }

  private static FieldNames.Name name(FoundFields found, byte[] b, int from, int to) {
    if (!PercentDecoder.isEncoded(b, from, to)) {
      return found.names.under(found.names.root(), b, from, to);
    }
    int since = found.written();
    PercentDecoder.decode(b, from, to, found);
    return found.nameWritten(found.names.root(), since);
  }

  private static void put(FoundFields found, byte[] b, FieldNames.Name name, int from, int to) {
    if (!PercentDecoder.isEncoded(b, from, to)) {
      found.text(name, from, to, b);
      return;
    }
    int since = found.written();
    PercentDecoder.decode(b, from, to, found);
    found.ownText(name, since, b);
  }

  @Override
  public String toString() {
    return "of " + field + " under " + prefix;
  }
}
