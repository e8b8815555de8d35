package io.logstream;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Leaves out events before one time or from another on: the words {@code since} and {@code until} of a replay, and a source's own {@code since}. */
record RangeStage(Instant since, Instant until) implements Stage {
  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  public Processor open(StageContext context) {
    long from = since == null ? Long.MIN_VALUE : Millis.of(since);
    long to = until == null ? Long.MAX_VALUE : Millis.of(until);
    return (event, out) -> {
      long time = event.epochMillis();
      if (time < from || time < sourcesOwn(event)) {
        out.drop(event, "before since");
      } else if (time >= to) {
        out.drop(event, "not before until");
      } else {
        out.emit(event);
      }
    };
  }

  private static long sourcesOwn(LogEvent event) {
    Log log = event.batch.log(event.record);
    return log == null ? Long.MIN_VALUE : log.run().since();
  }

  @Override
  public String name() {
    return "since-until";
  }

  /** The plan with this stage behind every stage that gives events their time, or first where there is none. */
  static Plan into(Plan plan, Instant since, Instant until) {
    if (since == null && until == null && plan.sources().stream().allMatch(source -> source.source().since() == null)) {
      return plan;
    }
    RangeStage range = new RangeStage(since, until);
    List<Plan.NamedSource> sources = new ArrayList<>();
    boolean anyOwn = false;
    for (Plan.NamedSource source : plan.sources()) {
      List<Plan.Then> own = new ArrayList<>();
      for (Plan.Then then : source.own()) {
        own.add(then);
        if (then.stage() instanceof TimeGiver) {
          own.add(new Plan.Then(source.name() + "/" + range.name(), range));
          anyOwn = true;
        }
      }
      sources.add(new Plan.NamedSource(source.name(), source.source(), own));
    }
    List<Plan.Step> steps = new ArrayList<>();
    boolean placed = false;
    for (Plan.Step step : plan.steps()) {
      steps.add(step);
      if (step instanceof Plan.Then then && then.stage() instanceof TimeGiver) {
        steps.add(new Plan.Then(range.name(), range));
        placed = true;
      }
    }
    if (!placed && !anyOwn) {
      int first = steps.get(0) instanceof Plan.Then then && then.stage() instanceof Joiner joiner && joiner.hoists() ? 1 : 0;
      steps.add(first, new Plan.Then(range.name(), range));
    }
    return new Plan(plan.name(), sources, steps, plan.known());
  }
}
