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
 * A stage that makes fields of a JSON object: the message, or with {@link #from} what stands in a field.
 *
 * <p><b>Fields.</b> Names of objects within objects are put together with dots: {@code {"http":{"status":200}}} gives {@code http.status}.
 * Strings are text, without a copy unless they hold escapes. Numbers without fraction and exponent are whole numbers, others are
 * decimals; one that does not fit stays text, digit by digit. {@code true} and {@code false} are booleans, {@code null} gives no field.
 * An array is a list, in which objects and arrays stay text as they are written. A field that the event has already is replaced; one
 * called {@code message} replaces the message.
 *
 * <p><b>A name that comes twice</b> in one object, or once nested and once with a dot, has the value that came last, and the counter
 * {@code repeated} says how many were lost so; {@link #repeatedAsList} keeps all. Two objects of one name are merged.
 *
 * <p><b>Bad JSON</b> fails with the cause {@code bad JSON}, what nests deeper than {@link #depth} or has more fields than {@link #most}
 * with {@code too much JSON}; the detail says what was wanted, what was found, and at which byte of the text. Such an event gets none of
 * the fields. An event without the field of {@link #from} fails with {@code no field}. Escaped halves of characters that
 * lack their other half become U+FFFD. Stateless, immutable.
 */
public final class Json implements Stage {
  private record Settings(String from, String prefix, boolean repeatedAsList, int depth, int most) {}

  private final Settings settings;

  private Json(Settings settings) {
    this.settings = settings;
  }

  /** Makes fields of the object that is the message. */
  public static Json fields() {
    return new Json(new Settings(LogEvent.MESSAGE, "", false, 32, 1_000));
  }

  /** Reads this field instead of the message. */
  public Json from(String field) {
    return new Json(new Settings(Objects.requireNonNull(field, "field"), settings.prefix, settings.repeatedAsList, settings.depth, settings.most));
  }

  /** Puts this and a dot before all names. */
  public Json under(String prefix) {
    return new Json(new Settings(settings.from, Given.prefix(prefix), settings.repeatedAsList, settings.depth, settings.most));
  }

  /** Keeps all values of a name that comes again, as a list. */
  public Json repeatedAsList() {
    return new Json(new Settings(settings.from, settings.prefix, true, settings.depth, settings.most));
  }

  /** How deep objects and arrays may nest, the outermost counted; 32 unless said, at most 1,000. */
  public Json depth(int levels) {
    if (levels < 1 || levels > 1_000) {
      throw new IllegalArgumentException("depth must be from 1 to 1,000, was " + levels);
    }
    return new Json(new Settings(settings.from, settings.prefix, settings.repeatedAsList, levels, settings.most));
  }

  /** How many fields one object may give; 1,000 unless said. */
  public Json most(int fields) {
    return new Json(new Settings(settings.from, settings.prefix, settings.repeatedAsList, settings.depth, Given.atLeastOne("most", fields)));
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
    return reading(context);
  }

  Reading reading(StageContext context) {
    return new Reading(settings, context);
  }

  @Override
  public String toString() {
    return "from " + settings.from + (settings.prefix.isEmpty() ? "" : " under " + settings.prefix);
  }

  /** Reads objects, also for the envelope of Filebeat. */
  static final class Reading implements Processor {
    private final TextField text;
    private final FoundFields found;
    private final JsonScanner scanner;
    private final Counter repeated;

    private Reading(Settings settings, StageContext context) {
      text = new TextField(context, settings.from);
      found = new FoundFields(context, settings.prefix, settings.repeatedAsList, settings.most);
      scanner = new JsonScanner(found, settings.depth, settings.most);
      repeated = context.counter("repeated");
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (read(event, out)) {
        out.emit(event);
      }
    }

    /** Puts the fields of the object, or fails the event. Whether it has put them. */
    boolean read(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return false;
      }
      found.begin();
      if (!scanner.read(text.bytes, text.from, text.to)) {
        found.shrink();
        out.fail(event, scanner.cause, "at byte " + (scanner.errorAt - text.from) + ": " + scanner.error);
        return false;
      }
      found.put(event, text);
      found.shrink();
      if (found.repeated() > 0) {
        repeated.add(found.repeated());
      }
      return true;
    }
  }
}
