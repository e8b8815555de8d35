package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.ZoneOffset;
import java.util.Objects;

/**
 * A stage that opens the envelope in which Filebeat sends a line, a JSON object with the names of the Elastic Common Schema, as it stands
 * in a Kafka topic or a file: afterwards the event is as if the line had been read here.
 *
 * <p>{@code message} becomes the message, {@code log.file.path}, {@code log.offset} and {@code host.name} become {@code file}, {@code
 * offset} and {@code host}, and {@code @timestamp}, which is when Filebeat read the line, becomes the time of the event, as the time of
 * reading is. The time that stands in the line is for {@code EventTime} to find. All other names are fields with dots, as {@link
 * Json} makes them. {@code JsonLines.to(path).ecs()} writes the envelope again.
 *
 * <p>Fails as {@link Json} does. Where {@code @timestamp} is no time of ISO 8601 it stays a field. Stateless, immutable.
 */
public final class Filebeat implements Stage {
  private final Json json;
  private final String readTime;

  private Filebeat(Json json, String readTime) {
    this.json = json;
    this.readTime = readTime;
  }

  /** Opens the envelope that is the message. */
  public static Filebeat envelope() {
    return new Filebeat(Json.fields(), null);
  }

  /** Reads this field instead of the message. */
  public Filebeat from(String field) {
    return new Filebeat(json.from(field), readTime);
  }

  /** Keeps when Filebeat read the line in this field as well, as it is written; {@code event.created} is its name in the schema. */
  public Filebeat readTimeInto(String field) {
    return new Filebeat(json, Objects.requireNonNull(field, "field"));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = json.fieldUse().yields("file", FieldUse.Type.TEXT).yields("host", FieldUse.Type.TEXT).yields("offset", FieldUse.Type.WHOLE);
    return readTime == null ? use : use.yields(readTime, FieldUse.Type.TEXT);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new Opening(this, context);
  }

  @Override
  public String toString() {
    return "envelope " + json;
  }

  private static final class Opening implements Processor {
    private static final String PATH = "log.file.path";
    private static final String OFFSET = "log.offset";
    private static final String LINE = "log.file.line";
    private static final String HOST = "host.name";
    private static final String TIMESTAMP = "@timestamp";

    private final Json.Reading json;
    private final FieldKey path;
    private final FieldKey offset;
    private final FieldKey line;
    private final FieldKey host;
    private final FieldKey timestamp;
    private final FieldKey readTime;
    private final FieldKey[] own;
    private final IsoTime iso = new IsoTime(ZoneOffset.UTC);

    Opening(Filebeat filebeat, StageContext context) {
      json = filebeat.json.reading(context);
      path = context.key(PATH);
      offset = context.key(OFFSET);
      line = context.key(LINE);
      host = context.key(HOST);
      timestamp = context.key(TIMESTAMP);
      readTime = filebeat.readTime == null ? null : context.key(filebeat.readTime);
      own = new FieldKey[] {context.key("file"), context.key("offset"), context.key("line"), context.key("host")};
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!json.read(event, out)) {
        return;
      }
      move(event, path, own[0]);
      move(event, offset, own[1]);
      move(event, line, own[2]);
      move(event, host, own[3]);
      long span = event.span(timestamp);
      if (span != Span.NONE) {
        long time = iso.read(event.bytes(), Span.from(span), Span.to(span), 0);
        if (readTime != null) {
          event.put(readTime, Span.from(span), Span.to(span));
        }
        if (time != TimeFormat.NONE) {
          event.epochMillis(time).remove(TIMESTAMP);
        }
      }
      out.emit(event);
    }

    /** Gives a field its name here; where the envelope has none, what this source says is not true of the line. */
    private static void move(LogEvent event, FieldKey from, FieldKey to) {
      event.remove(to.name());
      if (event.has(from)) {
        long span = event.span(from);
        if (span != Span.NONE) {
          event.put(to, Span.from(span), Span.to(span));
        } else {
          event.put(to.name(), event.value(from.name()));
        }
        event.remove(from.name());
      }
    }
  }
}
