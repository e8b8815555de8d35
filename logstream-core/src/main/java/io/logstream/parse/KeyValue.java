package io.logstream.parse;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.Objects;

/**
 * A stage that makes fields of pairs such as {@code level=info msg="all well"}: logfmt, and what is like it. It reads the message, or
 * with {@link #from} a field.
 *
 * <p>Pairs are separated by blanks unless {@link #pairsAt} says otherwise, a key from its value by {@code =} unless {@link #valuesAt} does.
 * A value in double or single quotes may hold separators, and the escapes {@code \"}, {@code \'}, {@code \\}, {@code \n}, {@code \r} and
 * {@code \t}. All values are text; {@link Convert} makes numbers of them. Words that are no pair are passed over, unless {@link
 * #bareWordsTrue}. Of a key that comes again the last value counts, and {@code repeated} counts those that were lost; {@link
 * #repeatedAsList} keeps all. A field that the event has already is replaced; a key {@code message} replaces the message.
 *
 * <p>An event fails with {@code no key=value pair} where there is none, with {@code quote not closed} and the place where a double quote
 * is open at the end, with {@code too many fields} above {@link #most}, and with {@code no field} where the one of {@link #from} is
 * missing. It gets none of the fields then. Stateless, immutable.
 */
public final class KeyValue implements Stage {
  private record Settings(String from, String prefix, byte pairs, byte values, boolean bareWords, boolean repeatedAsList, int most) {}

  private final Settings settings;

  private KeyValue(Settings settings) {
    this.settings = settings;
  }

  /** Makes fields of the pairs in the message. */
  public static KeyValue fields() {
    return new KeyValue(new Settings(LogEvent.MESSAGE, "", (byte) ' ', (byte) '=', false, false, 1_000));
  }

  /** Reads this field instead of the message. */
  public KeyValue from(String field) {
    return new KeyValue(new Settings(Objects.requireNonNull(field, "field"), settings.prefix, settings.pairs, settings.values, settings.bareWords,
        settings.repeatedAsList, settings.most));
  }

  /** Puts this and a dot before all names. */
  public KeyValue under(String prefix) {
    return new KeyValue(new Settings(settings.from, Given.prefix(prefix), settings.pairs, settings.values, settings.bareWords, settings.repeatedAsList,
        settings.most));
  }

  /** Another character between two pairs, such as {@code ;}. Blanks around keys and values are cut off then, and stay within them. */
  public KeyValue pairsAt(char separator) {
    return separated(Given.separator("pairsAt", separator), settings.values);
  }

  /** Another character between a key and its value, such as {@code :}. */
  public KeyValue valuesAt(char separator) {
    return separated(settings.pairs, Given.separator("valuesAt", separator));
  }

  private KeyValue separated(byte pairs, byte values) {
    if (pairs == values) {
      throw new IllegalArgumentException("pairs and values cannot be separated by the same character, '" + (char) pairs + "'");
    }
    return new KeyValue(new Settings(settings.from, settings.prefix, pairs, values, settings.bareWords, settings.repeatedAsList, settings.most));
  }

  /** A word without a value becomes a field that is true, as in logfmt. */
  public KeyValue bareWordsTrue() {
    return new KeyValue(new Settings(settings.from, settings.prefix, settings.pairs, settings.values, true, settings.repeatedAsList, settings.most));
  }

  /** Keeps all values of a key that comes again, as a list. */
  public KeyValue repeatedAsList() {
    return new KeyValue(new Settings(settings.from, settings.prefix, settings.pairs, settings.values, settings.bareWords, true, settings.most));
  }

  /** How many fields one text may give; 1,000 unless said. */
  public KeyValue most(int fields) {
    return new KeyValue(new Settings(settings.from, settings.prefix, settings.pairs, settings.values, settings.bareWords, settings.repeatedAsList,
        Given.atLeastOne("most", fields)));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(settings.from).yieldsUnder(settings.prefix.isEmpty() ? "" : settings.prefix + ".");
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new Reading(settings, context);
  }

  @Override
  public String toString() {
    return "from " + settings.from + (settings.prefix.isEmpty() ? "" : " under " + settings.prefix);
  }

  private static final class Reading implements Processor {
    private static final int TOO_MANY = -2;

    private final Settings settings;
    private final TextField text;
    private final FoundFields found;
    private final Counter repeated;
    private final byte pairs;
    private final byte values;
    private final boolean atBlanks;
    private byte[] b;
    private int end;

    Reading(Settings settings, StageContext context) {
      this.settings = settings;
      text = new TextField(context, settings.from);
      found = new FoundFields(context, settings.prefix, settings.repeatedAsList, settings.most);
      repeated = context.counter("repeated");
      pairs = settings.pairs;
      values = settings.values;
      atBlanks = pairs == ' ';
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return;
      }
      b = text.bytes;
      end = text.to;
      found.begin();
      int at = text.from;
      while (at >= 0 && at < end) {
        at = (b[at] & 0xFF) <= ' ' || b[at] == pairs ? at + 1 : pair(at);
      }
      if (at == TOO_MANY) {
        out.fail(event, "too many fields", "more than " + settings.most);
      } else if (at < 0) {
        out.fail(event, "quote not closed", "the one at byte " + (-at - 3 - text.from));
      } else if (found.count() == 0) {
        out.fail(event, "no key=value pair");
      } else {
        found.put(event, text);
        if (found.repeated() > 0) {
          repeated.add(found.repeated());
        }
        out.emit(event);
      }
      found.shrink();
    }

    private boolean separates(byte c) {
      return c == pairs || atBlanks && (c == '\t' || c == '\n' || c == '\r');
    }

    /** Reads what begins here; returns where it ends, {@link #TOO_MANY}, or -3 less the place of a quote that is not closed. */
    private int pair(int from) {
      FieldNames.Name key = found.names.likely(found.names.root(), b, from, end, values);
      if (key != null) {
        return found.isFull() ? TOO_MANY : value(key, from + key.length + 1);
      }
      int at = from;
      while (at < end && b[at] != values && !separates(b[at])) {
        at++;
      }
      int keyEnd = beforeBlanks(from, at);
      boolean bare = at == end || b[at] != values;
      if (keyEnd == from || bare && !settings.bareWords) {
        return at == end || bare ? at : plainEnd(at + 1);
      }
      if (found.isFull()) {
        return TOO_MANY;
      }
      key = found.names.under(found.names.root(), b, from, keyEnd);
      if (bare) {
        found.truth(key, true, b);
        return at;
      }
      return value(key, at + 1);
    }

    /** Reads the value of a key; returns as {@link #pair} does. */
    private int value(FieldNames.Name key, int from) {
      int at = from;
      if (!atBlanks) {
        while (at < end && b[at] != pairs && Bytes.isBlank(b[at])) {
          at++;
        }
      }
      if (at < end && (b[at] == '"' || b[at] == '\'')) {
        int first = Bytes.findEither(b, at + 1, end, b[at], (byte) '\\');
        if (first >= 0 && b[first] == b[at]) {
          found.text(key, at + 1, first, b);
          return first + 1;
        }
        int close = first < 0 ? -1 : close(b[at], first);
        if (close >= 0) {
          escaped(key, at + 1, close, first);
          return close + 1;
        }
        if (b[at] == '"') {
          return -at - 3;
        }
      }
      int begin = at;
      at = plainEnd(at);
      found.text(key, begin, atBlanks ? at : beforeBlanks(begin, at), b);
      return at;
    }

    private int plainEnd(int from) {
      if (atBlanks) {
        return Bytes.findBlank(b, from, end);
      }
      int at = Bytes.find(b, from, end, pairs);
      return at < 0 ? end : at;
    }

    private int beforeBlanks(int from, int to) {
      int at = to;
      while (at > from && Bytes.isBlank(b[at - 1])) {
        at--;
      }
      return at;
    }

    /** Where a quote is closed in which the first backslash stands at this place, or -1. */
    private int close(byte quote, int firstSlash) {
      int at = firstSlash;
      while (at >= 0 && b[at] != quote) {
        at = at + 2 > end ? -1 : Bytes.findEither(b, at + 2, end, quote, (byte) '\\');
      }
      return at;
    }

    private void escaped(FieldNames.Name key, int from, int to, int firstSlash) {
      int since = found.written();
      int done = from;
      for (int at = firstSlash; at >= 0; at = Bytes.find(b, at, to, (byte) '\\')) {
        int stands = switch (b[at + 1]) {
          case '"', '\'', '\\' -> b[at + 1];
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> -1;
        };
        if (stands >= 0) {
          found.write(b, done, at);
          found.write(stands);
          done = at + 2;
        }
        at += 2;
      }
      found.write(b, done, to);
      found.ownText(key, since, b);
    }
  }
}
