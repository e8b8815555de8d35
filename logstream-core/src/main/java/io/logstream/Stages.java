package io.logstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Puts stages together. */
public final class Stages {
  private Stages() {}

  /** Several stages, one after the other, as one: {@code then(of(a, b))} is {@code then(a).then(b)}. */
  public static Stage of(Stage... stages) {
    Objects.requireNonNull(stages, "stages of Stages.of");
    return new Composite(List.of(stages));
  }

  /** The single stages of which a stage is made. */
  static List<Stage> flat(Stage stage) {
    if (!(stage instanceof Composite composite)) {
      return List.of(stage);
    }
    List<Stage> all = new ArrayList<>();
    composite.stages.forEach(part -> all.addAll(flat(part)));
    return all;
  }

  private record Composite(List<Stage> stages) implements Stage {
    Composite {
      if (stages.isEmpty()) {
        throw new IllegalArgumentException("Stages.of(..) needs at least one stage");
      }
    }

    @Override
    public Processor open(StageContext context) {
      throw new IllegalStateException("a pipeline opens the parts of " + name() + ", not the whole");
    }

    @Override
    public boolean stateless() {
      return stages.stream().allMatch(Stage::stateless);
    }

    @Override
    public String name() {
      return String.join("+", stages.stream().map(Stage::name).toList());
    }
  }
}
