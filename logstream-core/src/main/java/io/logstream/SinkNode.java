package io.logstream;

/** A sink in its place: on the trunk, or behind an outbox on a thread of its own. */
final class SinkNode extends Place implements Node {
  Node next = Node.END;
  SinkNode(Engine engine, Account account, Sink sink, boolean remote) {
    super(engine, account, remote);
    this.processor = opened(engine.pipeline, "sink '" + name + "'", () -> sink.open(this));
  }

  @Override
  public void accept(LogEvent event) {
    deliver(event);
    next.accept(event);
  }

  void deliver(LogEvent event) {
    account.in++;
    int mark = event.mark();
    current = event;
    stated = false;
    try {
      processor.process(event, this);
    } catch (Exception | StackOverflowError e) {
      threw(event, e);
    }
    if (!stated) {
      account.absorbed++;
    }
    current = null;
    event.undo(mark);
  }

  @Override
  public void emit(LogEvent event) {
    throw new IllegalStateException("sink '" + name + "' cannot emit: nothing follows a sink; write a Stage and use stage.to(sink)");
  }

  @Override
  public void at(java.time.Instant deadline) {
    if (remote) {
      throw new IllegalStateException("sink '" + name + "' runs behind an outbox, where there is no watermark; use atClock");
    }
    super.at(deadline);
  }
}
