package io.logstream;

import java.util.List;

/** What is wrong with a pipeline that can be seen before it runs. */
final class PlanCheck {
  private PlanCheck() {}

  static void check(Plan plan) {
    plan.sources().forEach(source -> stages(plan, source.own()));
    stages(plan, plan.steps());
    for (Plan.NamedSource source : plan.sources()) {
      int givers = givers(plan, source.own()) + givers(plan, plan.steps());
      if (givers > 1) {
        throw new IllegalArgumentException("pipeline '" + plan.name() + "' gives events of source '" + source.name()
            + "' their time " + givers + " times; keep one such stage on the way, or use orElse(..) for several formats");
      }
    }
  }

  private static void stages(Plan plan, List<? extends Plan.Step> steps) {
    for (Plan.Step step : steps) {
      if (step instanceof Plan.Then then) {
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
    return (int) steps.stream().filter(s -> s instanceof Plan.Then then && then.stage() instanceof TimeGiver).count();
  }
}
