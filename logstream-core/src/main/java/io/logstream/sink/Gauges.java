package io.logstream.sink;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A sink that shows the numbers of the newest row of each key as gauges, to whatever the pipeline is {@linkplain io.logstream.Pipeline#meteredBy
 * metered by}: {@code Gauges.named("requests")} behind a window by {@code endpoint} with a {@code count()} gives
 * {@code logstream.requests.count} with the label {@code endpoint} beside {@code pipeline} and {@code place}. Labels are the keys of the row; an
 * event that is no row has none, so the newest one is shown. A row that is withdrawn is shown no more.
 *
 * <p>A key without a new row is forgotten, so that no stale figure looks like one of now: after twice the length of its window, without one after
 * five minutes, unless {@link #forgetAfter} says otherwise; by the clock. At most 1,000 keys are shown unless said; of those beyond it none, counted as
 * {@code keysLeftOut}. Nothing outlives a restart. Runs on the trunk. Immutable.
 */
public final class Gauges implements Sink {
  private static final int MOST_FIELDS = 100;
  private static final Duration WITHOUT_WINDOW = Duration.ofMinutes(5);

  private final String name;
  private final List<String> fields;
  private final int maxKeys;
  private final Duration forgetAfter;

  private Gauges(String name, List<String> fields, int maxKeys, Duration forgetAfter) {
    this.name = name;
    this.fields = fields;
    this.maxKeys = maxKeys;
    this.forgetAfter = forgetAfter;
  }

  /**
   * Gauges whose names begin with {@code logstream.<name>.}; the field follows. Sinks of one name should have the same keys: metrics systems want the same labels.
   *
   * @param name letters, digits, dots, dashes and underscores
   */
  public static Gauges named(String name) {
    Objects.requireNonNull(name, "name of Gauges.named");
    if (!name.matches("[A-Za-z][\\w.-]*")) {
      throw new IllegalArgumentException("gauges are named by letters, digits, dots, dashes and underscores, beginning with a letter; was '" + name + "'");
    }
    return new Gauges(name, List.of(), 1_000, null);
  }

  /** Only these fields, as far as they are numbers; all numbers of a row unless said. */
  public Gauges fields(String... shown) {
    Objects.requireNonNull(shown, "fields of Gauges.fields");
    if (shown.length == 0) {
      throw new IllegalArgumentException("Gauges.fields(..) needs at least one field; without it all are shown");
    }
    return new Gauges(name, List.of(shown), maxKeys, forgetAfter);
  }

  /** How many keys are shown at a time; 1,000 unless said. */
  public Gauges maxKeys(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("maxKeys of Gauges must be at least 1, was " + most);
    }
    return new Gauges(name, fields, most, forgetAfter);
  }

  /** How long a row is shown if no new one of its key comes. */
  public Gauges forgetAfter(Duration time) {
    Objects.requireNonNull(time, "time of Gauges.forgetAfter");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("forgetAfter of Gauges must be positive, was " + time);
    }
    return new Gauges(name, fields, maxKeys, time);
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(fields.toArray(String[]::new));
  }

  @Override
  public Processor open(StageContext context) {
    return new Shown(context);
  }

  @Override
  public String toString() {
    return "named " + name;
  }

  /** The figures of one key, and until when they are shown. */
  private record Row(Map<String, Double> values, Instant until) {}

  private final class Shown implements Processor {
    private final StageContext context;
    private final Counter leftOut;
    private final Map<Map<String, String>, Row> rows = new ConcurrentHashMap<>();
    private final Set<String> known = new HashSet<>();
    private Instant look = Instant.MAX;

    Shown(StageContext context) {
      this.context = context;
      leftOut = context.counter("keysLeftOut");
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      Map<String, String> labels = labels(event);
      if (event.has("withdrawn")) {
        rows.remove(labels);
      } else if (rows.size() < maxKeys || rows.containsKey(labels)) {
        Instant until = context.clock().instant().plus(shownFor(event));
        rows.put(labels, new Row(values(event), until));
        lookAt(until, out);
      } else {
        leftOut.increment();
        context.warn("shows the gauges of " + maxKeys + " keys and no more; let maxKeys(..) or forgetAfter(..) say otherwise");
      }
      out.absorb(event);
    }

    private Map<String, String> labels(LogEvent event) {
      Map<String, String> labels = new HashMap<>();
      for (String key : event.keys()) {
        String label = key.equals("pipeline") || key.equals("place") || key.equals("log") ? "row." + key : key;
        labels.put(label, event.text(key, ""));
      }
      return Map.copyOf(labels);
    }

    private Map<String, Double> values(LogEvent event) {
      Map<String, Double> values = new HashMap<>();
      for (String field : fields.isEmpty() ? event.fields().keySet() : fields) {
        if (event.value(field) instanceof Number number && isShown(field, event) && knows(field)) {
          values.put(field, number.doubleValue());
        }
      }
      return values;
    }

    private boolean isShown(String field, LogEvent event) {
      return !fields.isEmpty() || !event.isDerived() || !event.keys().contains(field) && !InfluxLine.NOT_FIELDS.contains(field);
    }

    private boolean knows(String field) {
      if (known.contains(field)) {
        return true;
      }
      if (known.size() == MOST_FIELDS) {
        context.warn("shows gauges of " + MOST_FIELDS + " fields and no more; let fields(..) say which");
        return false;
      }
      known.add(field);
      context.gauges(name + "." + field, () -> now(field));
      return true;
    }

    private Map<Map<String, String>, Double> now(String field) {
      Map<Map<String, String>, Double> now = new HashMap<>();
      rows.forEach((labels, row) -> {
        Double value = row.values.get(field);
        if (value != null) {
          now.put(labels, value);
        }
      });
      return now;
    }

    private Duration shownFor(LogEvent event) {
      if (forgetAfter != null) {
        return forgetAfter;
      }
      long length = event.number("window.end", 0) - event.number("window.start", 0);
      return event.isDerived() && length > 0 ? Duration.ofMillis(2 * length) : WITHOUT_WINDOW;
    }

    private void lookAt(Instant time, Emitter out) {
      if (time.isBefore(look)) {
        look = time;
        out.atClock(time);
      }
    }

    @Override
    public void onClock(Instant now, Emitter out) {
      rows.values().removeIf(row -> !row.until.isAfter(now));
      look = Instant.MAX;
      rows.values().stream().map(Row::until).min(Instant::compareTo).ifPresent(next -> lookAt(next, out));
    }
  }
}
