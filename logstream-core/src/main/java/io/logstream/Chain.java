package io.logstream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** Steps one after the other, while they are being put together: what the builder and a branch have in common. */
final class Chain {
  private final String pipeline;
  private final String prefix;
  private final Set<String> taken;
  private final List<Plan.Step> steps = new ArrayList<>();

  Chain(String pipeline, String prefix, Set<String> taken) {
    this.pipeline = pipeline;
    this.prefix = prefix;
    this.taken = taken;
  }

  void then(String name, Stage stage) {
    Objects.requireNonNull(stage, "stage");
    List<Stage> flat = Stages.flat(stage);
    for (Stage part : flat) {
      boolean partOfNamed = flat.size() > 1 && name != null;
      String full = partOfNamed ? name(null, name + "/" + part.name()) : name(name, part.name());
      Map<String, List<Plan.Step>> sides = new LinkedHashMap<>();
      for (Map.Entry<String, Sink> side : part.sides().entrySet()) {
        Chain inner = new Chain(pipeline, full + "/", taken);
        inner.to(side.getKey(), side.getValue());
        sides.put(side.getKey(), inner.steps());
      }
      steps.add(new Plan.Then(full, part, Collections.unmodifiableMap(sides)));
    }
  }

  void to(String name, Sink sink) {
    Objects.requireNonNull(sink, "sink");
    Sink expanded = Objects.requireNonNull(sink.expanded(), "expanded sink");
    if (expanded instanceof StageSink made) {
      branch(name(name, sink.name()), body -> {
        body.then(made.stage());
        made.sinks().forEach(body::to);
      }, true);
    } else {
      steps.add(new Plan.To(name(name, sink.name()), expanded));
    }
  }

  void branch(String name, Consumer<Branch> body) {
    Objects.requireNonNull(name, "branch name");
    branch(name(name, name), body, false);
  }

  private void branch(String full, Consumer<Branch> body, boolean ofSink) {
    Chain inner = new Chain(pipeline, full + "/", taken);
    body.accept(new Branch(inner));
    if (inner.steps.isEmpty()) {
      throw new IllegalArgumentException("pipeline '" + pipeline + "', branch '" + full + "' is empty: give it a stage or a sink");
    }
    steps.add(new Plan.Fork(full, List.copyOf(inner.steps)));
  }

  /** The name to go by: the one given, which must be free, or one made from the kind, which is made free. */
  private String name(String given, String kind) {
    if (given != null) {
      String full = given.startsWith(prefix) ? given : prefix + given;
      if (!taken.add(full)) {
        throw new IllegalArgumentException("pipeline '" + pipeline + "' has two places called '" + full + "'; give one another name");
      }
      return full;
    }
    String full = prefix + kind;
    for (int n = 2; !taken.add(full); n++) {
      full = prefix + kind + "-" + n;
    }
    return full;
  }

  List<Plan.Step> steps() {
    return List.copyOf(steps);
  }
}
