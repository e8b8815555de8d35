package io.logstream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes a pipeline apart at the stages whose state needs events brought together. */
final class Parts {
  /** What is still to be taken apart: the steps from a stage on, and by which fields their events come together. */
  private record Rest(String name, List<String> by, String from, List<Plan.Step> steps) {}

  private final Pipeline whole;
  private final Set<String> gathered;
  private final Set<String> unseen;
  private final Deque<Rest> rests = new ArrayDeque<>();

  Parts(Pipeline whole, Set<String> gathered) {
    this.whole = whole;
    this.gathered = Set.copyOf(gathered);
    this.unseen = new HashSet<>(gathered);
  }

  List<PipelinePart> all() {
    List<PipelinePart> parts = new ArrayList<>();
    Plan plan = whole.plan;
    plan.sources().forEach(this::checkOwn);
    rests.add(new Rest(plan.name(), null, null, plan.steps()));
    for (Rest rest = rests.poll(); rest != null; rest = rests.poll()) {
      Part part = new Part(rest);
      List<Plan.Step> steps = part.steps(rest.steps, true);
      boolean first = rest.from == null;
      List<Plan.NamedSource> sources = first ? plan.sources() : plan.sources().stream().map(Parts::elsewhere).toList();
      RunSettings settings = whole.settings.with(s -> {
        s.checkpointDir = null;
        s.since = first ? s.since : null;
        s.until = first ? s.until : null;
      });
      parts.add(new PipelinePart(rest.name, first ? List.of() : rest.by, rest.from, first ? null : needs(rest), List.copyOf(part.gives), new Pipeline(new Plan(plan.name(), sources, steps, plan.known()), settings)));
    }
    if (!unseen.isEmpty()) {
      throw wrong("has no stage called " + String.join(", ", unseen) + " that is to get all events");
    }
    return List.copyOf(parts);
  }

  /** A failure sink is given events whole. */
  private List<String> needs(Rest rest) {
    return whole.settings.failuresTo != null ? null : ((Plan.Then) rest.steps.get(0)).stage().needs().orElse(null);
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException("pipeline '" + whole.name() + "' " + what);
  }

  private void checkOwn(Plan.NamedSource source) {
    for (Plan.Then own : source.own()) {
      if (!own.stage().stateless() && !(own.stage() instanceof Joiner)) {
        throw wrong("cannot be spread over machines: stage '" + own.name() + "' keeps state and belongs to a source; put it into the common chain");
      }
    }
  }

  private static Plan.NamedSource elsewhere(Plan.NamedSource source) {
    Source given = new Source() {
      @Override
      public Reader open(SourceContext context) {
        throw new IllegalStateException("a part of a pipeline reads what another part gives it; say from where with reading(..)");
      }

      @Override
      public String name() {
        return source.name();
      }
    };
    return new Plan.NamedSource(source.name(), source.source().over(given), List.of());
  }

  /** One part while it is being cut out. */
  private final class Part {
    private final Rest rest;
    final List<String> gives = new ArrayList<>();

    Part(Rest rest) {
      this.rest = rest;
    }

    private boolean hasAll() {
      return rest.by != null && rest.by.isEmpty();
    }

    /**
     * The steps of a chain that belong to this part, and a sink where the others begin.
     *
     * @param keyed whether the fields by which events came together are still what they were
     */
    List<Plan.Step> steps(List<Plan.Step> chain, boolean keyed) {
      List<Plan.Step> own = new ArrayList<>();
      boolean same = keyed;
      for (int i = 0; i < chain.size(); i++) {
        Plan.Step step = chain.get(i);
        if (step instanceof Plan.Then then) {
          boolean begins = rest.from != null && then.name().equals(rest.name);
          if (!begins && !mayStay(then, same)) {
            List<String> by = by(then);
            rests.add(new Rest(then.name(), by, rest.name, chain.subList(i, chain.size())));
            gives.add(then.name());
            own.add(new Plan.To(then.name(), new Elsewhere(then.name())));
            return List.copyOf(own);
          }
          checkTime(then);
          unseen.remove(then.name());
          boolean sameBefore = same;
          Map<String, List<Plan.Step>> sides = new LinkedHashMap<>();
          then.sides().forEach((side, steps) -> sides.put(side, steps(steps, sameBefore)));
          own.add(new Plan.Then(then.name(), then.stage(), sides));
          same &= keeps(then.stage().fieldUse());
        } else if (step instanceof Plan.Fork fork) {
          own.add(new Plan.Fork(fork.name(), steps(fork.body(), same)));
        } else {
          own.add(step);
        }
      }
      return List.copyOf(own);
    }

    private boolean mayStay(Plan.Then then, boolean same) {
      Stage stage = then.stage();
      if (stage.stateless() || hasAll()) {
        return true;
      }
      if (stage instanceof Joiner) {
        if (rest.from == null) {
          return true;
        }
        throw wrong("cannot be spread over machines: stage '" + then.name() + "' joins lines of a log, which stage '" + rest.name
            + "' before it has parted by " + rest.by + "; put it before that stage");
      }
      return rest.by != null && same && by(then).containsAll(rest.by);
    }

    private List<String> by(Plan.Then then) {
      Optional<List<String>> by = then.stage().stateBy();
      if (gathered.contains(then.name())) {
        return List.of();
      }
      return by.orElseThrow(() -> wrong("cannot be spread over machines: stage '" + then.name()
          + "' keeps state and does not say by which fields; let it say so (Stage.stateBy()), or let one machine get all events for it"));
    }

    /** A time giver behind the first part would move the time of events whose time has moved before. */
    private void checkTime(Plan.Then then) {
      if (rest.from != null && then.stage() instanceof TimeGiver) {
        throw wrong("cannot be spread over machines: stage '" + then.name() + "' gives events their time behind stage '" + rest.name + "', which needs it; put it first");
      }
    }

    private boolean keeps(FieldUse use) {
      return rest.by != null && use.known && use.under.isEmpty() && rest.by.stream().noneMatch(field -> use.removes.contains(field)
          || (use.only ? !use.reads.contains(field) || !use.yields.containsKey(field) : use.yields.containsKey(field) || use.typedAs.containsKey(field)));
    }
  }

  /** Stands where events go to another part. */
  private record Elsewhere(String part) implements Sink {
    @Override
    public Processor open(StageContext context) {
      throw new IllegalStateException("events for part '" + part + "' go to a sink that a runner puts here with exchangingSinks(..)");
    }

    @Override
    public String name() {
      return part;
    }
  }
}
