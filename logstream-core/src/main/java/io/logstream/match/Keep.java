package io.logstream.match;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.State;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A stage that passes on the events for which a condition holds and leaves out all others, or {@linkplain #otherwise gives them to a sink}.
 * The ledger counts what it leaves out as dropped, under {@code NOT} and the text of the condition; what goes to the sink is absorbed. Stateless
 * unless it has such a sink. {@link #oneIn} thins events out instead.
 */
public final class Keep implements Stage {
  private static final String OTHERWISE = "otherwise";

  private final Condition condition;
  /** Where the others go; null if they are dropped. */
  private final Sink others;

  private Keep(Condition condition, Sink others) {
    this.condition = Objects.requireNonNull(condition, "condition of Keep.when");
    this.others = others;
  }

  /** Keeps the events for which this holds. */
  public static Keep when(Condition condition) {
    return new Keep(condition, null);
  }

  /**
   * Gives the events for which the condition does not hold to this sink instead of dropping them: of two ways an event goes one. Stages that
   * are for them alone stand before the sink: {@code Grok.pattern(p).to(index)}. It is called {@code <stage>/otherwise}. Such a stage runs on the trunk.
   */
  public Keep otherwise(Sink sink) {
    if (others != null) {
      throw new IllegalStateException("Keep " + this + " has two otherwise(..); a stage before the sinks takes several: stage.to(one, other)");
    }
    return new Keep(condition, Objects.requireNonNull(sink, "sink of Keep.otherwise"));
  }

  /**
   * Keeps one in {@code n} of all events, or with {@link OneIn#of} one in {@code n} of some: the first, then every n-th after it. Which
   * ones depends on their order alone.
   *
   * @param n at least 1; 1 keeps every event
   */
  public static OneIn oneIn(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("Keep.oneIn(n) takes a number from 1, was " + n);
    }
    return new OneIn(n, null);
  }

  @Override
  public FieldUse fieldUse() {
    return condition.fieldUse();
  }

  @Override
  public Processor open(StageContext context) {
    Predicate<LogEvent> wanted = condition.bind(context);
    String reason = Condition.not(condition).toString();
    return new Keeping(wanted, reason, others != null);
  }

  private record Keeping(Predicate<LogEvent> wanted, String reason, boolean aside) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      if (wanted.test(event)) {
        out.emit(event);
      } else if (aside) {
        out.aside(OTHERWISE, event);
        out.absorb(event);
      } else {
        out.drop(event, reason);
      }
    }
  }

  @Override
  public Map<String, Sink> sides() {
    return others == null ? Map.of() : Map.of(OTHERWISE, others);
  }

  @Override
  public boolean stateless() {
    return others == null;
  }

  @Override
  public String toString() {
    return "when " + condition;
  }

  /**
   * A stage that keeps one in so many events. It counts them in order, so it is not stateless; the count outlives a restart. The ledger
   * counts what it drops under its own text, such as {@code one in 10 of level:DEBUG}.
   */
  public static final class OneIn implements Stage {
    private final int n;
    private final Condition condition;

    private OneIn(int n, Condition condition) {
      this.n = n;
      this.condition = condition;
    }

    /** Thins out only the events for which this holds; all others pass and are not counted. */
    public OneIn of(Condition thinned) {
      return new OneIn(n, Objects.requireNonNull(thinned, "condition"));
    }

    @Override
    public FieldUse fieldUse() {
      return condition == null ? FieldUse.none() : condition.fieldUse();
    }

    @Override
    public Processor open(StageContext context) {
      return new Counting(n, condition == null ? event -> true : condition.bind(context), toString());
    }

    @Override
    public String name() {
      return "Keep";
    }

    @Override
    public String toString() {
      return "one in " + n + (condition == null ? "" : " of " + condition);
    }
  }

  private static final class Counting implements Processor {
    private static final String KEY = "since";

    private final int n;
    private final Predicate<LogEvent> thinned;
    private final String reason;
    private int sinceKept;

    Counting(int n, Predicate<LogEvent> thinned, String reason) {
      this.n = n;
      this.thinned = thinned;
      this.reason = reason;
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!thinned.test(event)) {
        out.emit(event);
        return;
      }
      boolean keep = sinceKept == 0;
      sinceKept = (sinceKept + 1) % n;
      if (keep) {
        out.emit(event);
      } else {
        out.drop(event, reason);
      }
    }

    @Override
    public void save(State state) {
      state.put(KEY, ByteBuffer.allocate(Integer.BYTES).putInt(sinceKept).array());
    }

    @Override
    public void restore(State state, Emitter out) {
      byte[] saved = state.get(KEY);
      sinceKept = saved == null ? 0 : ByteBuffer.wrap(saved).getInt() % n;
    }
  }
}
