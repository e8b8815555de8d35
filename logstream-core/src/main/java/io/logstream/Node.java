package io.logstream;

/** A place in the chain that events are given to. */
@FunctionalInterface
interface Node {
  /** The end of a chain. */
  Node END = event -> {};

  void accept(LogEvent event);
}
