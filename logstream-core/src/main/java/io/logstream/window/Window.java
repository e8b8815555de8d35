package io.logstream.window;

import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
 * log, is dropped as {@code late}, and counted.
 *
 * <p><b>A row</b> is an event of the time of the window's end less 1 ms with the fields {@code window.start} and {@code window.end} (epoch
 * milliseconds), the fields of {@code by} as they came (text, number, or absent where the event had none), one for each aggregation, {@code
 * revision} (0), {@code closedBy} ({@code watermark}, {@code idle} or {@code end}), and, only when true, {@code partial} (the input ended
 * inside the window) and {@code overflow}. Rows of a window come ordered by key. {@link io.logstream.LogEvent#id} is (stage, window,
 * key, revision).
 *
 * <p><b>Keys.</b> Once a window has {@link #maxKeys} keys, 2,000 unless said, events of further keys are counted together under {@code
 * __other__}, whose numbers are complete; the row says {@code overflow}.
 *
 * <p>Open windows are saved with a checkpoint, exactly. Immutable; every word returns a new one.
 */
public final class Window implements Stage {
  private static final int MAX_KEYS = 2_000;

  private final long size;
  private final List<String> keys;
  private final int maxKeys;
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
    return new Window(size.toMillis(), List.of(), MAX_KEYS, List.of(Aggregations.count()));
  }

  /** One group for each combination of values of these fields; without it, all events of a window are one group. */
  public Window by(String... fields) {
    Set<String> once = new HashSet<>();
    for (String field : fields) {
      if (!once.add(field)) {
        throw new IllegalArgumentException("window is grouped twice by field '" + field + "'");
      }
    }
    return new Window(size, List.of(fields), maxKeys, aggregations);
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
    Set<String> names = new HashSet<>(Set.of("window.start", "window.end", "revision", "closedBy", "partial", "overflow"));
    names.addAll(keys);
    for (Aggregation one : what) {
      for (String field : one.fields()) {
        if (!names.add(field)) {
          throw new IllegalArgumentException("window has the field '" + field + "' twice; give one aggregation another name, as in mean(\"m\", \"seconds\")");
        }
      }
    }
    return new Window(size, keys, maxKeys, List.copyOf(Arrays.asList(what)));
  }

  @Override
  public Processor open(StageContext context) {
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
    return aggregations;
  }

  @Override
  public String toString() {
    List<String> names = new ArrayList<>();
    aggregations.forEach(a -> names.add(a.toString()));
    return "tumbling " + Duration.ofMillis(size) + (keys.isEmpty() ? "" : " by " + String.join(", ", keys)) + ": " + String.join(", ", names);
  }
}
