package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.StageContext;
import io.logstream.TimeGiver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A stage that gives events the time that stands in a field of theirs, and says how time goes on in their log.
 *
 * <p>A format is a pattern of {@link java.time.format.DateTimeFormatter}, read with English names, or one of three names:
 * {@code ISO8601} (date and time, with or without a fraction, with or without a zone, {@code T} or a blank between), {@code UNIX} (seconds
 * since 1970, with or without a fraction), {@code UNIX_MS} (milliseconds). Times are kept to the millisecond; what is finer is cut off.
 * A format without a zone is read in UTC unless {@link #in} says otherwise. A format without a year, such as that of syslog,
 * takes the latest year in which the time is not more than a day after the event was read. Years go from 1 to 9999, and there is
 * no 30 February and no hour 24.
 *
 * <p>An event whose time cannot be read fails: with {@code no time} where it has none of the fields, else with {@code bad time} and
 * the text. It is never given another time. Stateless, immutable.
 *
 * <p>Defaults: a log may be {@linkplain #outOfOrder(Duration) 5 s} out of order and is {@linkplain #idleAfter(Duration) idle after 10 s}, and
 * an event may leap {@linkplain #maxLeap(Duration) 24 h} ahead.
 */
public final class EventTime implements TimeGiver {
  private static final int SHOWN = 80;
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private record Place(String field, String format) {}

  private final List<Place> places;
  private final ZoneId zone;
  private final Duration outOfOrder;
  private final Duration idleAfter;
  private final Duration maxLeap;

  private EventTime(List<Place> places, ZoneId zone, Duration outOfOrder, Duration idleAfter, Duration maxLeap) {
    this.places = places;
    this.zone = zone;
    this.outOfOrder = outOfOrder;
    this.idleAfter = idleAfter;
    this.maxLeap = maxLeap;
  }

  /**
   * Takes the time from this field.
   *
   * @throws IllegalArgumentException if the format is none, or does not tell a day
   */
  public static EventTime from(String field, String format) {
    return new EventTime(List.of(), ZoneOffset.UTC, Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofHours(24)).orElse(field, format);
  }

  /** Where the fields before are missing or cannot be read, takes the time from this one, or from the same one in another format. */
  public EventTime orElse(String field, String format) {
    TimeFormat.of(Objects.requireNonNull(format, "format"), zone);
    Place place = new Place(Objects.requireNonNull(field, "field"), format);
    if (places.contains(place)) {
      throw new IllegalArgumentException("the time is already looked for in field '" + field + "' as " + format + ", so looking there again finds nothing");
    }
    List<Place> more = new ArrayList<>(places);
    more.add(place);
    return new EventTime(List.copyOf(more), zone, outOfOrder, idleAfter, maxLeap);
  }

  /** The zone of formats that tell none; UTC unless said. Of two times an hour apart in the night that has one twice, it takes the first. */
  public EventTime in(ZoneId ofFormatsWithout) {
    return new EventTime(places, Objects.requireNonNull(ofFormatsWithout, "zone"), outOfOrder, idleAfter, maxLeap);
  }

  /** How much earlier than one already read an event of the same log may be; 5 s unless said. What waits for time waits as much longer. */
  public EventTime outOfOrder(Duration most) {
    return new EventTime(places, zone, length("outOfOrder", most), idleAfter, maxLeap);
  }

  /** How long there must be nothing to read in a log before time goes on without it, on the pipeline's clock; 10 s unless said. */
  public EventTime idleAfter(Duration silence) {
    if (silence.isNegative() || silence.isZero()) {
      throw new IllegalArgumentException("idleAfter must be positive, was " + silence);
    }
    return new EventTime(places, zone, outOfOrder, silence, maxLeap);
  }

  /**
   * How far an event may be ahead of the greatest time of its log; 24 h unless said. One further ahead does not move time until the next
   * event confirms it.
   */
  public EventTime maxLeap(Duration most) {
    return new EventTime(places, zone, outOfOrder, idleAfter, length("maxLeap", most));
  }

  private static Duration length(String word, Duration time) {
    if (time.isNegative() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(word + " must be from nothing to 100 years, was " + time);
    }
    return time;
  }

  @Override
  public Duration maxLeap() {
    return maxLeap;
  }

  @Override
  public Duration outOfOrder() {
    return outOfOrder;
  }

  @Override
  public Duration idleAfter() {
    return idleAfter;
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public FieldUse fieldUse() {
    String[] fields = new String[places.size()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = places.get(i).field;
    }
    return FieldUse.reading(fields);
  }

  @Override
  public Processor open(StageContext context) {
    FieldKey[] keys = new FieldKey[places.size()];
    TimeFormat[] formats = new TimeFormat[keys.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = context.key(places.get(i).field);
      formats[i] = TimeFormat.of(places.get(i).format, zone);
    }
    return new Giving(keys, formats);
  }

  private record Giving(FieldKey[] keys, TimeFormat[] formats) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      for (int i = 0; i < keys.length; i++) {
        long time = formats[i].read(event, keys[i]);
        if (time != TimeFormat.NONE) {
          out.emit(event.epochMillis(time));
          return;
        }
      }
      fail(event, keys, out);
    }
  }

  private static void fail(LogEvent event, FieldKey[] keys, Emitter out) {
    for (FieldKey key : keys) {
      if (event.has(key)) {
        out.fail(event, "bad time", shown(event, key));
        return;
      }
    }
    out.fail(event, "no time");
  }

  private static String shown(LogEvent event, FieldKey key) {
    long span = event.span(key);
    // at most four bytes make a character
    String text = span == Span.NONE ? event.text(key)
        : new String(event.bytes(), Span.from(span), Math.min(Span.length(span), 4 * SHOWN + 4), StandardCharsets.UTF_8);
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "..";
  }

  @Override
  public String toString() {
    return places.stream().map(place -> "from " + place.field + " " + place.format).collect(Collectors.joining(" or else "));
  }
}
