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
 * lack their other half become U+FFFD. {@link #missesTagged} and {@link #missesDropped} say otherwise of all three. Stateless, immutable.
 */
public final class Json implements Stage {
  /** What becomes of an event whose text cannot be read. */
  private enum Misses { FAIL, TAG, DROP }

  private record Settings(String from, String prefix, boolean repeatedAsList, int depth, int most, Misses misses, String tag) {}

  private final Settings settings;

  private Json(Settings settings) {
    this.settings = settings;
  }

  /** Makes fields of the object that is the message. */
  public static Json fields() {
    return new Json(new Settings(LogEvent.MESSAGE, "", false, 32, 1_000, Misses.FAIL, null));
  }

  /** Reads this field instead of the message. */
  public Json from(String field) {
    return new Json(new Settings(Objects.requireNonNull(field, "field"), settings.prefix, settings.repeatedAsList, settings.depth, settings.most, settings.misses, settings.tag));
  }

  /** Puts this and a dot before all names. */
  public Json under(String prefix) {
    return new Json(new Settings(settings.from, Given.prefix(prefix), settings.repeatedAsList, settings.depth, settings.most, settings.misses, settings.tag));
  }

  /** Keeps all values of a name that comes again, as a list. */
  public Json repeatedAsList() {
    return new Json(new Settings(settings.from, settings.prefix, true, settings.depth, settings.most, settings.misses, settings.tag));
  }

  /** How deep objects and arrays may nest, the outermost counted; 32 unless said, at most 1,000. */
  public Json depth(int levels) {
    if (levels < 1 || levels > 1_000) {
      throw new IllegalArgumentException("depth must be from 1 to 1,000, was " + levels);
    }
    return new Json(new Settings(settings.from, settings.prefix, settings.repeatedAsList, levels, settings.most, settings.misses, settings.tag));
  }

  /** How many fields one object may give; 1,000 unless said. */
  public Json most(int fields) {
    return new Json(new Settings(settings.from, settings.prefix, settings.repeatedAsList, settings.depth, Given.atLeastOne("most", fields), settings.misses, settings.tag));
  }

  /** Passes on an event whose text cannot be read, as it is, with this text added to the list in its field {@code tags}: for logs that are JSON in part. */
  public Json missesTagged(String tag) {
    return misses(Misses.TAG, Objects.requireNonNull(tag, "tag"));
  }

  /** Drops an event whose text cannot be read, for the reason that it would fail for. */
  public Json missesDropped() {
    return misses(Misses.DROP, null);
  }

  private Json misses(Misses what, String tag) {
    if (settings.misses != Misses.FAIL) {
      throw new IllegalStateException("misses are already " + (settings.misses == Misses.TAG ? "tagged '" + settings.tag + "'" : "dropped") + "; keep one such word");
    }
    return new Json(new Settings(settings.from, settings.prefix, settings.repeatedAsList, settings.depth, settings.most, what, tag));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(settings.from).yieldsUnder(settings.prefix.isEmpty() ? "" : settings.prefix + ".");
    return settings.misses == Misses.TAG ? use.yields(LogEvent.TAGS, FieldUse.Type.ANY) : use;
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
    private final Settings settings;

    private Reading(Settings settings, StageContext context) {
      this.settings = settings;
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

    /** Puts the fields of the object, or says what becomes of the event without them. Whether it has put them. */
    boolean read(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        missed(event, out, text.missing, null);
        return false;
      }
      found.begin();
      if (!scanner.read(text.bytes, text.from, text.to)) {
        found.shrink();
        missed(event, out, scanner.cause, settings.misses == Misses.FAIL ? "at byte " + (scanner.errorAt - text.from) + ": " + scanner.error : null);
        return false;
      }
      found.put(event, text);
      found.shrink();
      if (found.repeated() > 0) {
        repeated.add(found.repeated());
      }
      return true;
    }

    private void missed(LogEvent event, Emitter out, String cause, String detail) {
      switch (settings.misses) {
        case FAIL -> out.fail(event, cause, detail);
        case DROP -> out.drop(event, cause);
        case TAG -> out.emit(event.tag(settings.tag));
      }
    }
  }
}
