package io.logstream.window;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
  private static final Set<String> OF_EVERY_ROW = Set.of("window.start", "window.end", "revision", "closedBy", "partial", "overflow");
  private static final Pattern UNSTABLE = Pattern.compile("(?<=\\$\\$Lambda)[$/0-9a-fx]*(@[0-9a-f]+)?|@[0-9a-f]{1,8}\\b");

  private final Form form;

  private Window(Form form) {
    this.form = form;
  }

  private Window with(Consumer<Form> change) {
    return new Window(form.with(change));
  }

  /** Windows one after the other, each of this length. They count events unless {@link #aggregate} says otherwise. */
  public static Window tumbling(Duration size) {
    return new Window(new Form(Form.Kind.TUMBLING, length("window size", size), size));
  }

  /**
   * The last stretch of this length, looked at anew whenever an event enters or leaves it: for an alert's {@code over(..)} only, as no
   * rows leave it.
   */
  public static Window sliding(Duration size) {
    return new Window(new Form(Form.Kind.SLIDING, length("window size", size), size));
  }

  private static Duration length(String what, Duration length) {
    if (length.compareTo(Duration.ofMillis(1)) < 0 || length.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException(what + " must be positive, from 1 ms to 100 years, was " + length);
    }
    if (length.toNanosPart() % 1_000_000 != 0) {
      throw new IllegalArgumentException(what + " must be whole milliseconds, was " + length);
    }
    return length;
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
    refuseSameNames(by, form.aggregations);
    return with(f -> f.keys = by);
  }

  /** How many keys a window has before further ones are counted together; 2,000 unless said. */
  public Window maxKeys(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("maxKeys must be at least 1, was " + most);
    }
    return with(f -> f.maxKeys = most);
  }

  /** What to work out for each key. */
  public Window aggregate(Aggregation... what) {
    if (what.length == 0) {
      throw new IllegalArgumentException("aggregate(..) needs at least one aggregation, such as count()");
    }
    List<Aggregation> all = List.of(what);
    refuseSameNames(form.keys, all);
    return with(f -> f.aggregations = all);
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
    FieldUse use = FieldUse.reading(form.keys.toArray(String[]::new)).yieldsOnly().yields("window.start", FieldUse.Type.WHOLE).yields("window.end", FieldUse.Type.WHOLE)
        .yields("revision", FieldUse.Type.WHOLE).yields("closedBy", FieldUse.Type.TEXT).yields("partial", FieldUse.Type.TRUTH).yields("overflow", FieldUse.Type.TRUTH);
    for (String key : form.keys) {
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
  public void check() {
    refuseSameNames(form.keys, aggregations());
    if (isSliding()) {
      throw new IllegalArgumentException("a sliding window gives no rows: it stands in an alert, as in Alert.named(..).over(Window.sliding(..)); use hopping(..) for rows");
    }
  }

  @Override
  public Processor open(StageContext context) {
    check();
    return new WindowProcessor(context, this);
  }

  // ---------------------------------------------------------------- for alerts

  /** Whether it is a {@link #sliding} window. */
  public boolean isSliding() {
    return form.kind == Form.Kind.SLIDING;
  }

  /** The length of a window; of a session, the silence that ends it. */
  public Duration size() {
    return form.size;
  }

  /** The fields that it groups by. */
  public List<String> keys() {
    return form.keys;
  }

  /** How many keys it tells apart, as {@link #maxKeys(int)} says. */
  public int maxKeys() {
    return form.maxKeys;
  }

  /** What it works out for each key. */
  public List<Aggregation> aggregations() {
    return form.aggregations.isEmpty() ? List.of(Aggregations.count()) : form.aggregations;
  }

  /**
   * Opens a sliding window's aggregations for a run, to be kept by key.
   *
   * @param context of the stage that keeps them, while it opens
   */
  public Sliding slide(StageContext context) {
    if (!isSliding()) {
      throw new IllegalStateException("only a sliding window slides, this is " + this);
    }
    return new Sliding(context, form.size, aggregations());
  }

  // ---------------------------------------------------------------- description

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
    return form.kind.name().toLowerCase(Locale.ROOT) + " " + form.size + (form.keys.isEmpty() ? "" : " by " + String.join(", ", form.keys));
  }

  @Override
  public String toString() {
    return shape() + ": " + aggregations().stream().map(Aggregation::toString).collect(Collectors.joining(", "));
  }
}
