package io.logstream;

import java.util.List;

/** Finds the stage to be tapped. */
final class Taps {
  private Taps() {}

  static Tap on(Engine engine, String stage, int events) {
    if (events < 1) {
      throw new IllegalArgumentException("a tap takes at least one event, was " + events);
    }
    List<StageNode> nodes = engine.places.stream().filter(p -> p instanceof StageNode && p.name.equals(stage)).map(StageNode.class::cast).toList();
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("no stage of pipeline '" + engine.pipeline + "' is called '" + stage + "'; there are "
          + engine.places.stream().filter(StageNode.class::isInstance).map(p -> p.name).distinct().toList());
    }
    TapCollector tap = new TapCollector(stage, events);
    nodes.forEach(node -> node.tap = tap);
    return tap;
  }
}
