package io.logstream;

/** A sink with an outbox, at one of the places that feed it. */
record OutboxNode(Outbox outbox, Node next) implements Node {
  @Override
  public void accept(LogEvent event) {
    outbox.offer(event);
    next.accept(event);
  }
}
