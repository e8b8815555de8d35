package io.logstream;

import java.util.function.Consumer;

/** A lambda as a stage. */
record EachStage(Consumer<LogEvent> action, boolean stateless) implements Stage {
  @Override
  public Processor open(StageContext context) {
    return (event, out) -> {
      action.accept(event);
      out.emit(event);
    };
  }

  @Override
  public String name() {
    return stateless ? "each" : "inOrder";
  }
}
