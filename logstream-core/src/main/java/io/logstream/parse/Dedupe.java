package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.State;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A stage that drops repeats: of events whose fields have the same values, the first passes, and those less than so long after it, or
 * before it, in event time are dropped as {@code duplicate}. The next one behind that time passes, and begins it anew. A field that an
 * event does not have counts as a value. Numbers and their text are the same value.
 *
 * <p>At most {@link #maxKeys} different values are remembered; where there are more, the ones that passed longest ago are forgotten, and
 * counted as {@code forgotten}. What is remembered outlives a restart. Sees events in order, so it is not stateless. Immutable.
 */
public final class Dedupe implements Stage {
  private final List<String> fields;
  private final Duration within;
  private final int maxKeys;

  private Dedupe(List<String> fields, Duration within, int maxKeys) {
    this.fields = fields;
    this.within = within;
    this.maxKeys = maxKeys;
  }

  /** Events are repeats if all these fields are equal; {@code message} may be one. Within a minute unless said. */
  public static Dedupe by(String... fields) {
    Objects.requireNonNull(fields, "fields of Dedupe.by");
    if (fields.length == 0) {
      throw new IllegalArgumentException("Dedupe.by(..) needs at least one field, such as by(\"message\")");
    }
    return new Dedupe(List.of(fields), Duration.ofMinutes(1), 100_000);
  }

  /** How long after an event its repeats are dropped, in event time; a minute unless said. */
  public Dedupe within(Duration time) {
    Objects.requireNonNull(time, "time of Dedupe.within");
    return new Dedupe(fields, Given.eventTime("within", time), maxKeys);
  }

  /** How many different values are remembered; 100,000 unless said. One takes about 200 bytes and those of its fields. */
  public Dedupe maxKeys(int most) {
    return new Dedupe(fields, within, Given.atLeastOne("maxKeys", most));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.reading(fields.toArray(String[]::new));
  }

  @Override
  public Optional<List<String>> stateBy() {
    return Optional.of(fields);
  }

  @Override
  public Processor open(StageContext context) {
    return new Dropping(new RecentKeys(context, fields, maxKeys, within.toMillis()), within.toMillis());
  }

  @Override
  public String toString() {
    return "by " + String.join(", ", fields) + " within " + within;
  }

  private record Dropping(RecentKeys keys, long within) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      long time = event.epochMillis();
      RecentKeys.Known known = keys.find(event);
      if (known != null && time > known.time - within && time < known.time + within) {
        out.drop(event, "duplicate");
        return;
      }
      if (known == null || time > known.time) {
        keys.enter(time, 0);
      }
      out.emit(event);
    }

    @Override
    public void save(State state) {
      keys.save(state);
    }

    @Override
    public void restore(State state, Emitter out) {
      keys.restore(state);
    }
  }
}
