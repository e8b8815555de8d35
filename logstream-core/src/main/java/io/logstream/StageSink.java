package io.logstream;

import java.util.List;

/** Stages and the sinks behind them, as one sink. Taken apart again when the pipeline is built. */
record StageSink(Stage stage, List<Sink> sinks) implements Sink {
  StageSink(Stage stage, Sink[] sinks) {
    this(stage, List.of(sinks));
    if (sinks.length == 0) {
      throw new IllegalArgumentException("stage '" + stage.name() + "' needs at least one sink in to(..)");
    }
  }

  @Override
  public Processor open(StageContext context) {
    throw new IllegalStateException("a pipeline opens the parts of " + name() + ", not the whole");
  }

  @Override
  public String name() {
    return stage.name();
  }
}
