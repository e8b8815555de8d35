package io.logstream;

import java.nio.file.Path;
import java.util.ArrayList;
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
    files(plan, null);
  }

  /** Nobody writes what somebody else writes or reads, and nobody reads what somebody else reads. */
  static void files(Plan plan, Sink failuresTo) {
    List<Plan.To> sinks = new ArrayList<>();
    for (Plan.NamedSource source : plan.sources()) {
      sinks(source.own(), sinks);
    }
    sinks(plan.steps(), sinks);
    if (failuresTo != null) {
      sinks.add(new Plan.To("failures", failuresTo));
    }
    sinks.removeIf(sink -> sink.sink().fileUse().isNone());
    if (plan.sources().size() == 1 && sinks.isEmpty()) {
      return;
    }
    for (int i = 0; i < plan.sources().size(); i++) {
      Plan.NamedSource source = plan.sources().get(i);
      FileUse reads = source.source().fileUse();
      for (Plan.NamedSource other : plan.sources().subList(i + 1, plan.sources().size())) {
        String file = reads.inCommon(other.source().fileUse());
        if (file != null) {
          throw clash(plan, file, "is read by the sources '" + source.name() + "' and '" + other.name()
              + "', so each of its lines would come twice; read it once, and part what differs with branch(..)");
        }
      }
      for (Plan.To sink : sinks) {
        String file = reads.inCommon(sink.sink().fileUse());
        if (file != null) {
          throw clash(plan, file, "is written by sink '" + sink.name() + "' and read by source '" + source.name()
              + "', or looks like one of its rotated generations, so the pipeline would read what it writes; write elsewhere");
        }
      }
    }
    for (int i = 0; i < sinks.size(); i++) {
      for (Plan.To other : sinks.subList(i + 1, sinks.size())) {
        String file = sinks.get(i).sink().fileUse().inCommon(other.sink().fileUse());
        if (file != null) {
          throw clash(plan, file, "is written by the sinks '" + sinks.get(i).name() + "' and '" + other.name() + "', whose lines would mix; give each a file of its own");
        }
      }
    }
  }

  /** No source reads the checkpoint as a log. */
  static void checkpoint(Plan plan, Path directory) {
    FileUse written = FileUse.of(directory.resolve("checkpoint"));
    for (Plan.NamedSource source : plan.sources()) {
      String file = source.source().fileUse().inCommon(written);
      if (file != null) {
        throw clash(plan, file, "is read by source '" + source.name() + "', but the checkpoint is written there; give it a directory of its own");
      }
    }
  }

  private static IllegalArgumentException clash(Plan plan, String file, String because) {
    return new IllegalArgumentException("pipeline '" + plan.name() + "': " + file + " " + because);
  }

  private static void sinks(List<? extends Plan.Step> steps, List<Plan.To> into) {
    for (Plan.Step step : steps) {
      if (step instanceof Plan.To to) {
        into.add(to);
      } else if (step instanceof Plan.Fork fork) {
        sinks(fork.body(), into);
      } else if (step instanceof Plan.Then then) {
        for (List<Plan.Step> side : then.sides().values()) {
          sinks(side, into);
        }
      }
    }
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
