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
 * A stage that lets so many events pass in a time, of each combination of values of some fields: the first ones; the others are dropped as
 * {@code throttled}. Times are intervals of event time, aligned to 1970 in UTC; an event of an earlier one than the latest of its key counts
 * in that. A field that an event does not have counts as a value.
 *
 * <p>At most {@link #maxKeys} combinations are remembered; where there are more, the ones whose interval began longest ago are
 * forgotten, and counted as {@code forgotten}. What is remembered outlives a restart. Sees events in order, so it is not stateless.
 * Immutable.
 */
public final class Throttle implements Stage {
  private final List<String> fields;
  private final int most;
  private final Duration per;
  private final int maxKeys;

  private Throttle(List<String> fields, int most, Duration per, int maxKeys) {
    this.fields = fields;
    this.most = most;
    this.per = per;
    this.maxKeys = maxKeys;
  }

  /** For each combination of values of these fields; without any, for all events together. 100 a minute unless said. */
  public static Throttle by(String... fields) {
    Objects.requireNonNull(fields, "fields of Throttle.by");
    return new Throttle(List.of(fields), 100, Duration.ofMinutes(1), 100_000);
  }

  /** How many events pass in a time; 100 unless said. */
  public Throttle atMost(int events) {
    return new Throttle(fields, Given.atLeastOne("atMost", events), per, maxKeys);
  }

  /** How long that time is; a minute unless said. */
  public Throttle per(Duration time) {
    Objects.requireNonNull(time, "time of Throttle.per");
    return new Throttle(fields, most, Given.eventTime("per", time), maxKeys);
  }

  /** How many combinations are remembered; 100,000 unless said. One takes about 200 bytes and those of its fields. */
  public Throttle maxKeys(int combinations) {
    return new Throttle(fields, most, per, Given.atLeastOne("maxKeys", combinations));
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
    return new Limiting(new RecentKeys(context, fields, maxKeys, per.toMillis()), most, per.toMillis());
  }

  @Override
  public String toString() {
    return (fields.isEmpty() ? "" : "by " + String.join(", ", fields) + " ") + "at most " + most + " per " + per;
  }

  private record Limiting(RecentKeys keys, int most, long per) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      long interval = Math.floorDiv(event.epochMillis(), per) * per;
      RecentKeys.Known known = keys.find(event);
      if (known == null || interval > known.time) {
        keys.enter(interval, 1);
        out.emit(event);
      } else if (known.count < most) {
        known.count++;
        keys.touched();
        out.emit(event);
      } else {
        out.drop(event, "throttled");
      }
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
