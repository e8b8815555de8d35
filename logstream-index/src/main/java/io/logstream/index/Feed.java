package io.logstream.index;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.time.Instant;
import org.apache.lucene.util.BytesRef;

/** The writing end of an index in one place of one run. */
final class Feed implements Processor {
  private static final int EVENTS_BETWEEN_TIDYINGS = 512;
  private static final long MILLIS_BETWEEN_COMMITS = 5_000;

  final StageContext context;
  private final LogIndex index;
  private final Counter unsearchable;
  private final Counter cut;
  private final Counter droppedForSpace;
  /** What an index on disk knows the pipeline's events by; null if none of them ever has to go because of a checkpoint. */
  final BytesRef label;
  private long askedFor = Long.MAX_VALUE;
  private int untilTidying = EVENTS_BETWEEN_TIDYINGS;

  Feed(LogIndex index, StageContext context) {
    this.index = index;
    this.context = context;
    this.unsearchable = context.counter("unsearchable fields");
    this.cut = context.counter("cut values");
    this.droppedForSpace = context.counter("dropped for space");
    this.label = index.isOnDisk() && context.checkpoint().isPresent() ? Terms.of(context.pipeline()) : null;
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
    if (askedFor == Long.MAX_VALUE) {
      askForClock(now, out);
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter out) throws Exception {
    long now = deadline.toEpochMilli();
    if (now < askedFor) {
      return;
    }
    askedFor = Long.MAX_VALUE;
    index.expire(now);
    if (commits()) {
      index.commit();
    }
    askForClock(now, out);
  }

  /** Whether it puts events on the disk by the clock, as there are no checkpoints to do it for. */
  private boolean commits() {
    return label == null && index.isOnDisk();
  }

  private void askForClock(long now, Emitter out) {
    long due = index.nextExpiry();
    if (commits() && index.isUncommitted()) {
      due = Math.min(due, now + MILLIS_BETWEEN_COMMITS);
    }
    if (due != Long.MAX_VALUE) {
      askedFor = due;
      out.atClock(Instant.ofEpochMilli(due));
    }
  }

  @Override
  public void onQuiet() throws Exception {
    index.quiet();
    index.tidy();
  }

  @Override
  public void flush() throws Exception {
    index.quiet();
    index.commit();
  }

  @Override
  public void flush(long checkpoint) throws Exception {
    index.quiet();
    index.commit(context.pipeline(), checkpoint);
  }

  @Override
  public void close() {
    index.released(this);
  }

  void unsearchableField() {
    unsearchable.increment();
    context.warn("events have more different field names than the index makes searchable; the rest is kept and shown, but not found");
  }

  void droppedForSpace(long events) {
    droppedForSpace.add(events);
    context.warn("the index takes as much room as it may, so events go before their time; allow more with atMostBytes(..), or keep them for less long");
  }

  void lost(long events, String why) {
    context.counter("lost").add(events);
    context.warn("Lucene cannot go on with a part of the index; new events go to a new one, and those not visible yet are lost, counted under 'lost': "
        + why);
  }

  void cut() {
    cut.increment();
  }
}
