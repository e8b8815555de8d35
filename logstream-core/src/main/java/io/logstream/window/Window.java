package io.logstream.window;

import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A stage that groups events by time and key, and emits a row for each key when a window closes.
 *
 * <pre>{@code
 * Window.tumbling(ofMinutes(5)).by("request").aggregate(count(), mean("seconds"), percentiles("seconds", 50, 99))
 * }</pre>
 *
 * <p><b>Windows.</b> {@link #tumbling} ones lie end to end, {@link #hopping} ones overlap, a {@link #session} lasts while its key's events are
 * not further apart than a gap. They are {@code [start, end)} in event time, aligned to 1970 in UTC, or to a calendar with {@link #in}.
 * A window closes when the watermark reaches its end (how far out of order a log may be is said once, on {@code EventTime}), when
 * its logs fall silent, or when the input ends. Empty windows give no rows and cost nothing.
 *
 * <p><b>A row</b> is an event of the time of the window's end less 1 ms with the fields {@code window.start} and {@code window.end} (epoch
 * milliseconds), the fields of {@code by} as they came (text, number, or absent where the event had none), those of the aggregations, {@code
 * revision} (0 for the first), {@code closedBy} ({@code watermark}, {@code idle} or {@code end}; not in early rows), and, only when true, {@code
 * partial} (the input ended inside the window), {@code overflow}, {@code early}, {@code withdrawn} and {@code unfilled} (an aggregation threw). Rows come ordered by window end, window
 * start and key. {@link LogEvent#id} is (stage, window start, key, revision), different for different keys; {@link LogEvent#keys} are
 * the fields of {@code by}.
 *
 * <p><b>Late.</b> An event that comes when its window is forgotten, by the watermark of its own log or because its row is out, is dropped as
 * {@code late}, counted under {@code <stage>.late}, and given to {@link #lateTo}. {@code <stage>.greatestLatenessMillis} is the furthest
 * that an event was behind time, {@code <stage>.partlyLate} counts those that were too late for some of their hopping windows only. With {@link
 * #allowedLateness} a window is kept for longer after it has closed: a late event then gives a row of the next revision, if it differs from
 * the last. Of equal start and key the greatest revision stands; one that is {@code withdrawn}, which has no aggregations, says that
 * there is nothing any more: its session was joined to another.
 *
 * <p><b>Keys.</b> The first {@link #maxKeys} keys of a window, in the order of events, have rows of their own; of sessions, as many keys at a time.
 * Events of further keys, and of keys longer than 8 kB, are counted together under {@code __other__}, whose numbers are complete; the row
 * says {@code overflow}.
 *
 * <p><b>Rows of windows</b> may go into other windows. Early rows and revisions are not added again: they are dropped as {@code early} and {@code
 * revision}; see {@link #replacingRows}.
 *
 * <p>An event whose time is more than 73 million years away fails. Open windows are saved with a checkpoint, exactly; a changed window
 * refuses what another one saved, but {@link #maxKeys}, {@link #allowedLateness}, {@link #lateTo} and {@link #early} may change. Immutable;
 * every word returns a new one.
 */
public final class Window implements Stage {
  private static final Set<String> OF_EVERY_ROW = Set.of("window.start", "window.end", "revision", "closedBy", "partial", "overflow", "early", "withdrawn", "unfilled");
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
    Objects.requireNonNull(size, "size of Window.tumbling");
    return new Window(new Form(Form.Kind.TUMBLING, length("window size", size), size));
  }

  /** Windows of this length, one starting at each step: an event is in several. The step must not be longer than the window. */
  public static Window hopping(Duration size, Duration step) {
    Objects.requireNonNull(size, "size of Window.hopping");
    Objects.requireNonNull(step, "step of Window.hopping");
    length("window size", size);
    if (length("window step", step).compareTo(size) > 0) {
      throw new IllegalArgumentException("a window step longer than the window leaves events out: size " + size + ", step " + step + "; drop events by a condition instead");
    }
    return new Window(new Form(Form.Kind.HOPPING, size, step));
  }

  /**
   * Windows by key that last until the key has had no event for this long: from its first event to the gap after its last. One event may
   * join two sessions into one.
   */
  public static Window session(Duration gap) {
    Objects.requireNonNull(gap, "gap of Window.session");
    return new Window(new Form(Form.Kind.SESSION, length("session gap", gap), gap));
  }

  /**
   * The last stretch of this length, looked at anew whenever an event enters or leaves it: for an alert's {@code over(..)} only, as no
   * rows leave it.
   */
  public static Window sliding(Duration size) {
    Objects.requireNonNull(size, "size of Window.sliding");
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
    Objects.requireNonNull(fields, "fields of Window.by");
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

  /**
   * Windows follow the calendar of a zone: whole days begin at midnight there and have 23, 24 or 25 hours; parts of a day begin when the clock
   * there shows a multiple of them. Windows of several days are counted from 1 January 1970.
   */
  public Window in(ZoneId zone) {
    Objects.requireNonNull(zone, "zone");
    return with(f -> f.zone = zone);
  }

  /** How long a closed window is kept, in event time, for events that are late: not at all unless said. */
  public Window allowedLateness(Duration most) {
    Objects.requireNonNull(most, "most of Window.allowedLateness");
    if (most.isNegative() || most.toNanosPart() % 1_000_000 != 0 || most.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException("allowedLateness must be whole milliseconds, from 0 to 100 years, was " + most);
    }
    return with(f -> f.allowedLateness = most);
  }

  /** Where events go that are too late for all their windows; they are counted and dropped in any case. */
  public Window lateTo(Sink sink) {
    Objects.requireNonNull(sink, "late sink");
    return with(f -> f.lateTo = sink);
  }

  /**
   * Shows rows of windows that are still open, for keys that have changed, whenever event time passes a multiple of this period. They are
   * flagged {@code early} and have revision 0; the row of the closed window comes last and has no such flag.
   */
  public Window early(Duration period) {
    Objects.requireNonNull(period, "period of Window.early");
    length("period of early rows", period);
    return with(f -> f.early = period);
  }

  /**
   * For a window over rows of another window: a row takes the place of the earlier row of the same window and key, early ones and revisions
   * included, and a withdrawn one takes it away. The rows of open windows are kept for it.
   */
  public Window replacingRows() {
    return with(f -> f.replacing = true);
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
    Objects.requireNonNull(what, "what of Window.aggregate");
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
    FieldUse use = FieldUse.reading(form.keys.toArray(new String[0])).yieldsOnly().yields("window.start", FieldUse.Type.WHOLE).yields("window.end", FieldUse.Type.WHOLE)
        .yields("revision", FieldUse.Type.WHOLE).yields("closedBy", FieldUse.Type.TEXT).yields("partial", FieldUse.Type.TRUTH).yields("overflow", FieldUse.Type.TRUTH)
        .yields("early", FieldUse.Type.TRUTH).yields("withdrawn", FieldUse.Type.TRUTH);
    if (aggregations().stream().anyMatch(one -> one.measure() == null)) {
      use = use.yields("unfilled", FieldUse.Type.TEXT);
    }
    for (String key : form.keys) {
      use = use.yields(key, FieldUse.Type.ANY);
    }
    for (Aggregation one : aggregations()) {
      use = use.reads(one.reads().toArray(new String[0]));
      for (String field : one.fields()) {
        use = use.yields(field, FieldUse.Type.ANY);
      }
    }
    return use;
  }

  @Override
  public void check() {
    refuseSameNames(form.keys, aggregations());
    switch (form.kind) {
      case SLIDING -> throw new IllegalArgumentException(
          "a sliding window gives no rows: it stands in an alert, as in Alert.named(..).over(Window.sliding(..)); use hopping(..) for rows");
      case SESSION -> {
        if (form.zone != null) {
          throw new IllegalArgumentException("sessions begin with their events, so in(" + form.zone + ") says nothing; use tumbling(..) or hopping(..)");
        }
        if (form.replacing) {
          throw new IllegalArgumentException("sessions cannot replace rows; use replacingRows() with tumbling(..) or hopping(..)");
        }
      }
      default -> {
        grid();
        if (form.early != null && form.early.compareTo(form.size) >= 0) {
          throw new IllegalArgumentException("early rows every " + form.early + " come no earlier than a window of " + form.size + " closes");
        }
      }
    }
  }

  private Grid grid() {
    return Grid.of(form.size, form.step, form.zone);
  }

  @Override
  public Optional<List<String>> stateBy() {
    return Optional.of(form.keys);
  }

  /** Of a window of aggregations without conditions: what it groups by, what they read, and what tells rows of other windows. */
  @Override
  public Optional<List<String>> needs() {
    if (form.replacing || form.lateTo != null) {
      return Optional.empty();
    }
    Set<String> needs = new LinkedHashSet<>(form.keys);
    needs.addAll(List.of("revision", "early", "withdrawn"));
    for (Aggregation one : aggregations()) {
      Measure measure = one.measure();
      if (measure == null || measure.condition() != null) {
        return Optional.empty();
      }
      if (measure.field() != null) {
        needs.add(measure.field());
      }
    }
    return Optional.of(List.copyOf(needs));
  }

  @Override
  public Map<String, Sink> sides() {
    return form.lateTo == null ? Map.of() : Map.of(GroupingProcessor.LATE, form.lateTo);
  }

  @Override
  public Processor open(StageContext context) {
    check();
    return form.kind == Form.Kind.SESSION ? new SessionProcessor(context, this) : new PaneProcessor(context, this, grid());
  }

  Form form() {
    return form;
  }

  // ---------------------------------------------------------------- for alerts

  /** Whether it is a {@link #sliding} window. */
  public boolean isSliding() {
    return form.kind == Form.Kind.SLIDING;
  }

  /** Whether its windows stand one after the other, aligned to the epoch, and give one row each when they close. */
  public boolean isPlainTumbling() {
    return form.kind == Form.Kind.TUMBLING && form.zone == null && form.early == null && form.allowedLateness.isZero() && sides().isEmpty();
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
  String state() {
    StringBuilder state = new StringBuilder(shape());
    for (Aggregation one : aggregations()) {
      state.append("; ").append(stable(one.getClass().getName())).append(' ').append(stable(one.toString())).append(" reads ").append(one.reads()).append(" fills ")
          .append(one.fields());
    }
    return state.toString();
  }

  /** Without what tells one process from another in the names of objects and lambdas that have no name of their own. */
  private static String stable(String text) {
    return UNSTABLE.matcher(text).replaceAll("");
  }

  private String shape() {
    return form.kind.name().toLowerCase(Locale.ROOT) + " " + form.size + (form.kind == Form.Kind.HOPPING ? " every " + form.step : "")
        + (form.zone == null ? "" : " in " + form.zone) + (form.replacing ? " replacing rows" : "") + (form.keys.isEmpty() ? "" : " by " + String.join(", ", form.keys));
  }

  @Override
  public String toString() {
    return shape() + ": " + aggregations().stream().map(Aggregation::toString).collect(Collectors.joining(", "));
  }
}
