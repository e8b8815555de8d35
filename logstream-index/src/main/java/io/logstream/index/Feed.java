package io.logstream.index;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.time.Instant;

/** The writing end of an index in one place of one run. */
final class Feed implements Processor {
  private static final int EVENTS_BETWEEN_TIDYINGS = 512;

  final StageContext context;
  private final LogIndex index;
  private final Counter unsearchable;
  private final Counter cut;
  final Counter droppedForSpace;
  private boolean waitingForClock;
  private int untilTidying = EVENTS_BETWEEN_TIDYINGS;

  Feed(LogIndex index, StageContext context) {
    this.index = index;
    this.context = context;
    this.unsearchable = context.counter("unsearchable fields");
    this.cut = context.counter("cut values");
    this.droppedForSpace = context.counter("dropped for space");
  }

  @Override
  public void process(LogEvent event, Emitter out) throws Exception {
    long now = context.clock().millis();
    if (!index.add(event, now, this)) {
      out.fail(event, "index closed");
      return;
    }
    out.absorb(event);
    if (--untilTidying == 0) {
      untilTidying = EVENTS_BETWEEN_TIDYINGS;
      index.tidy();
    }
    if (!waitingForClock) {
      askForClock(out);
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter out) throws Exception {
    waitingForClock = false;
    index.expire(deadline.toEpochMilli());
    askForClock(out);
  }

  private void askForClock(Emitter out) {
    long due = index.nextExpiry();
    if (due != Long.MAX_VALUE) {
      waitingForClock = true;
      out.atClock(Instant.ofEpochMilli(due));
    }
  }

  @Override
  public void onQuiet() throws Exception {
    index.quiet();
    index.tidy();
  }

  @Override
  public void flush() {
    index.quiet();
  }

  @Override
  public void close() {
    index.released(this);
  }

  void unsearchableField() {
    unsearchable.increment();
    context.warn("events have more different field names than the index makes searchable; the rest is kept and shown, but not found");
  }

  void lost(long events) {
    context.counter("lost").add(events);
    context.warn("Lucene cannot go on with a part of the index; new events go to a new one, and those not visible yet are lost, counted under 'lost'");
  }

  void cut() {
    cut.increment();
  }
}
