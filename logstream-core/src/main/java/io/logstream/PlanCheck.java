package io.logstream;

import java.util.List;

/** What is wrong with a pipeline that can be seen before it runs. */
final class PlanCheck {
  private PlanCheck() {}

  static void check(Plan plan) {
    for (Plan.NamedSource source : plan.sources()) {
      int givers = givers(plan, source.own()) + givers(plan, plan.steps());
      if (givers > 1) {
        throw new IllegalArgumentException("pipeline '" + plan.name() + "' gives events of source '" + source.name()
            + "' their time " + givers + " times; keep one such stage on the way, or use orElse(..) for several formats");
      }
    }
  }

  private static int givers(Plan plan, List<? extends Plan.Step> steps) {
    return (int) steps.stream().filter(s -> s instanceof Plan.Then then && then.stage() instanceof TimeGiver).count();
  }
}
