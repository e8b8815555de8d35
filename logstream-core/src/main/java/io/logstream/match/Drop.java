package io.logstream.match;

import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A stage that leaves out the events for which a condition holds and passes on all others. The text of the condition is the reason
 * under which the ledger counts them. Stateless.
 */
public final class Drop implements Stage {
  private final Condition condition;
  private final String reason;

  private Drop(Condition condition) {
    this.condition = Objects.requireNonNull(condition, "condition");
    this.reason = condition.toString();
  }

  /** Drops the events for which this holds. */
  public static Drop when(Condition condition) {
    return new Drop(condition);
  }

  @Override
  public FieldUse fieldUse() {
    return condition.fieldUse();
  }

  @Override
  public Processor open(StageContext context) {
    Predicate<LogEvent> unwanted = condition.bind(context);
    return new Dropping(unwanted, reason);
  }

  private record Dropping(Predicate<LogEvent> unwanted, String reason) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      if (unwanted.test(event)) {
        out.drop(event, reason);
      } else {
        out.emit(event);
      }
    }
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public String toString() {
    return "when " + condition;
  }
}
