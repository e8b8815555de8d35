package io.logstream.window;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A stage that groups events by time and key, and emits one row for each key when a window closes.
 *
 * <pre>{@code
 * Window.tumbling(ofMinutes(5)).by("request").aggregate(count(), mean("seconds"), percentiles("seconds", 50, 99))
 * }</pre>
 *
 * <p><b>Time.</b> Windows are {@code [start, end)} in event time, aligned to 1970 in UTC. A window closes when the watermark reaches its
 * end (how far out of order a log may be is said once, on {@code EventTime}), when its logs fall silent, or when the input ends. Empty
 * windows give no rows and cost nothing. An event that comes when its window is closed, for the pipeline or by the watermark of its own
 * log, is dropped as {@code late}, and counted; one whose time is more than 146 million years away fails.
 *
 * <p><b>A row</b> is an event of the time of the window's end less 1 ms with the fields {@code window.start} and {@code window.end} (epoch
 * milliseconds), the fields of {@code by} as they came (text, number, or absent where the event had none), one for each aggregation, {@code
 * revision} (0), {@code closedBy} ({@code watermark}, {@code idle} or {@code end}), and, only when true, {@code partial} (the input ended
 * inside the window) and {@code overflow}. Rows of a window come ordered by key. {@link io.logstream.LogEvent#id} is (stage, window,
 * key, revision), different for different keys.
 *
 * <p><b>Keys.</b> Once a window has {@link #maxKeys} keys, 2,000 unless said, events of further keys are counted together under {@code
 * __other__}, whose numbers are complete; the row says {@code overflow}.
 *
 * <p>Open windows are saved with a checkpoint, exactly. Immutable; every word returns a new one.
 */
public final class Window implements Stage {
  private static final int MAX_KEYS = 2_000;
  private static final Set<String> OF_EVERY_ROW = Set.of("window.start", "window.end", "revision", "closedBy", "partial", "overflow");
  private static final Pattern UNSTABLE = Pattern.compile("(?<=\\$\\$Lambda)[$/0-9a-fx]*(@[0-9a-f]+)?|@[0-9a-f]{1,8}\\b");

  private final long size;
  private final List<String> keys;
  private final int maxKeys;
  /** Empty until it is said what to work out: then events are counted. */
  private final List<Aggregation> aggregations;

  private Window(long size, List<String> keys, int maxKeys, List<Aggregation> aggregations) {
    this.size = size;
    this.keys = keys;
    this.maxKeys = maxKeys;
    this.aggregations = aggregations;
  }

  /** Windows one after the other, each of this length. They count events unless {@link #aggregate} says otherwise. */
  public static Window tumbling(Duration size) {
    if (size.compareTo(Duration.ofMillis(1)) < 0 || size.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException("window size must be positive, from 1 ms to 100 years, was " + size);
    }
    if (size.toNanosPart() % 1_000_000 != 0) {
      throw new IllegalArgumentException("window size must be whole milliseconds, was " + size);
    }
    return new Window(size.toMillis(), List.of(), MAX_KEYS, List.of());
  }

  /** One group for each combination of values of these fields; without it, all events of a window are one group. */
  public Window by(String... fields) {
    Set<String> once = new HashSet<>();
    for (String field : fields) {
      Objects.requireNonNull(field, "field to group by");
      if (!once.add(field)) {
        throw new IllegalArgumentException("window is grouped twice by field '" + field + "'");
      }
    }
    List<String> by = List.of(fields);
    refuseSameNames(by, aggregations);
    return new Window(size, by, maxKeys, aggregations);
  }

  /** How many keys a window has before further ones are counted together; 2,000 unless said. */
  public Window maxKeys(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("maxKeys must be at least 1, was " + most);
    }
    return new Window(size, keys, most, aggregations);
  }

  /** What to work out for each key. */
  public Window aggregate(Aggregation... what) {
    if (what.length == 0) {
      throw new IllegalArgumentException("aggregate(..) needs at least one aggregation, such as count()");
    }
    List<Aggregation> all = List.of(what);
    refuseSameNames(keys, all);
    return new Window(size, keys, maxKeys, all);
  }

  private static void refuseSameNames(List<String> keys, List<Aggregation> aggregations) {
    Set<String> names = new HashSet<>(OF_EVERY_ROW);
    for (String key : keys) {
      if (!names.add(key)) {
        throw new IllegalArgumentException("window is grouped by '" + key + "', which every row has as a field of its own");
      }
    }
    for (Aggregation one : aggregations) {
      for (String field : one.fields()) {
        if (!names.add(field)) {
          throw new IllegalArgumentException("window has the field '" + field + "' twice; give one aggregation another name, as in mean(\"m\", \"seconds\")");
        }
      }
    }
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(keys.toArray(String[]::new)).yieldsOnly().yields("window.start", FieldUse.Type.WHOLE).yields("window.end", FieldUse.Type.WHOLE)
        .yields("revision", FieldUse.Type.WHOLE).yields("closedBy", FieldUse.Type.TEXT).yields("partial", FieldUse.Type.TRUTH).yields("overflow", FieldUse.Type.TRUTH);
    for (String key : keys) {
      use = use.yields(key, FieldUse.Type.ANY);
    }
    for (Aggregation one : aggregations()) {
      use = use.reads(one.reads().toArray(String[]::new));
      for (String field : one.fields()) {
        use = use.yields(field, FieldUse.Type.ANY);
      }
    }
    return use;
  }

  @Override
  public Processor open(StageContext context) {
    refuseSameNames(keys, aggregations());
    return new WindowProcessor(context, this);
  }

  long size() {
    return size;
  }

  List<String> keys() {
    return keys;
  }

  int mostKeys() {
    return maxKeys;
  }

  List<Aggregation> aggregations() {
    return aggregations.isEmpty() ? List.of(Aggregations.count()) : aggregations;
  }

  /** All that a saved state depends on, the same in every process. */
  String form() {
    StringBuilder form = new StringBuilder(shape());
    for (Aggregation one : aggregations()) {
      form.append("; ").append(stable(one.getClass().getName())).append(' ').append(stable(one.toString())).append(" reads ").append(one.reads()).append(" fills ")
          .append(one.fields());
    }
    return form.toString();
  }

  /** Without what tells one process from another in the names of objects and lambdas that have no name of their own. */
  private static String stable(String text) {
    return UNSTABLE.matcher(text).replaceAll("");
  }

  private String shape() {
    return "tumbling " + Duration.ofMillis(size) + (keys.isEmpty() ? "" : " by " + String.join(", ", keys));
  }

  @Override
  public String toString() {
    return shape() + ": " + aggregations().stream().map(Aggregation::toString).collect(Collectors.joining(", "));
  }
}
