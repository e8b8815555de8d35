package io.logstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The chain of a pipeline while it is being built. Five words: {@code from}, {@code then}, {@code branch}, {@code to}, {@code build};
 * everything else is said on the stages. One thread; changes itself and returns itself.
 */
public final class PipelineBuilder {
  private final String name;
  private final List<Plan.NamedSource> sources = new ArrayList<>();
  private final Chain chain;

  PipelineBuilder(String name, List<Source> from) {
    this.name = name;
    Set<String> taken = new HashSet<>();
    for (Source source : from) {
      DressedSource dressed = DressedSource.of(source);
      String free = dressed.name();
      for (int n = 2; !taken.add(free); n++) {
        free = dressed.name() + "-" + n;
      }
      Chain own = new Chain(name, free + "/", taken);
      for (Stage stage : dressed.stages()) {
        own.then(null, stage);
      }
      List<Plan.Then> steps = new ArrayList<>();
      for (Plan.Step step : own.steps()) {
        steps.add((Plan.Then) step);
      }
      sources.add(new Plan.NamedSource(free, dressed, List.copyOf(steps)));
    }
    chain = new Chain(name, "", taken);
  }

  /** Adds a stage: what it emits is what follows sees. */
  public PipelineBuilder then(Stage stage) {
    chain.then(null, stage);
    return this;
  }

  /** Adds a stage under a name, for {@code describe()}, counters and thread names. */
  public PipelineBuilder then(String name, Stage stage) {
    chain.then(name, stage);
    return this;
  }

  /** Adds a branch: its body sees every event on a view of its own, before the chain goes on with the event as it was. */
  public PipelineBuilder branch(String name, Consumer<Branch> body) {
    chain.branch(name, body);
    return this;
  }

  /** Gives every event to a sink, and lets it go on, so that several sinks may follow. */
  public PipelineBuilder to(Sink sink) {
    chain.to(null, sink);
    return this;
  }

  /** Gives every event to a sink under a name, and lets it go on. */
  public PipelineBuilder to(String name, Sink sink) {
    chain.to(name, sink);
    return this;
  }

  /**
   * Finishes the pipeline.
   *
   * @throws IllegalArgumentException if it does nothing, or its words contradict each other
   */
  public Pipeline build() {
    List<Plan.Step> steps = chain.steps();
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("pipeline '" + name + "' has a source but no stage and no sink");
    }
    Plan plan = new Plan(name, List.copyOf(sources), steps, new HashMap<>());
    PlanCheck.check(plan);
    return new Pipeline(plan, new RunSettings());
  }
}
