package io.logstream;

/** A branch: its body sees every event first, on a view of its own, and the chain goes on with the event as it was. */
record ForkNode(Node body, Node next) implements Node {
  @Override
  public void accept(LogEvent event) {
    int mark = event.mark();
    body.accept(event);
    event.undo(mark);
    next.accept(event);
  }
}
