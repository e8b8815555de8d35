package io.logstream;

import java.util.List;

/** What is wrong with a pipeline that can be seen before it runs. */
final class PlanCheck {
  private PlanCheck() {}

  /** Refuses a plan that cannot work, and takes note in it of the fields that are known. */
  static void check(Plan plan) {
    for (Plan.NamedSource source : plan.sources()) {
      stages(plan, source.own());
    }
    stages(plan, plan.steps());
    for (Plan.NamedSource source : plan.sources()) {
      int givers = givers(plan, source.own()) + givers(plan, plan.steps());
      if (givers > 1) {
        throw new IllegalArgumentException("pipeline '" + plan.name() + "' gives events of source '" + source.name()
            + "' their time " + givers + " times; keep one such stage on the way, or use orElse(..) for several formats");
      }
    }
    fields(plan);
  }

  /** Follows the fields down the chain. */
  private static void fields(Plan plan) {
    KnownFields atTrunk = null;
    for (Plan.NamedSource source : plan.sources()) {
      KnownFields known = KnownFields.of(source.name(), source.source().fieldUse());
      fields(plan, source.own(), known);
      if (atTrunk == null) {
        atTrunk = known;
      } else {
        atTrunk.or(known);
      }
    }
    fields(plan, plan.steps(), atTrunk);
  }

  private static void fields(Plan plan, List<? extends Plan.Step> steps, KnownFields known) {
    for (Plan.Step step : steps) {
      if (step instanceof Plan.Then then) {
        String place = "stage '" + then.name() + "'";
        FieldUse use = then.stage().fieldUse();
        fields(plan, place, use, known);
        plan.known().put(then.name(), known.copy());
        for (List<Plan.Step> side : then.sides().values()) {
          fields(plan, side, known.copy());
        }
        known.apply(place, use);
      } else if (step instanceof Plan.To to) {
        fields(plan, "sink '" + to.name() + "'", to.sink().fieldUse(), known);
      } else if (step instanceof Plan.Fork fork) {
        fields(plan, fork.body(), known.copy());
      }
    }
  }

  private static void fields(Plan plan, String place, FieldUse use, KnownFields known) {
    try {
      known.check(use);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("pipeline '" + plan.name() + "', " + place + ": " + e.getMessage(), e);
    }
  }

  private static void stages(Plan plan, List<? extends Plan.Step> steps) {
    for (Plan.Step step : steps) {
      if (step instanceof Plan.Then then) {
        if (then.stage().stateless() && !then.sides().isEmpty()) {
          throw new IllegalArgumentException("pipeline '" + plan.name() + "', stage '" + then.name() + "' says it is stateless, so it cannot have the sides " + then.sides().keySet());
        }
        for (List<Plan.Step> side : then.sides().values()) {
          stages(plan, side);
        }
        try {
          then.stage().check();
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("pipeline '" + plan.name() + "', stage '" + then.name() + "': " + e.getMessage(), e);
        }
      } else if (step instanceof Plan.Fork fork) {
        stages(plan, fork.body());
      }
    }
  }

  private static int givers(Plan plan, List<? extends Plan.Step> steps) {
    int givers = 0;
    for (Plan.Step step : steps) {
      givers += step instanceof Plan.Then then && then.stage() instanceof TimeGiver ? 1 : 0;
    }
    return givers;
  }
}
