package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.State;
import io.logstream.match.Condition;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * No events for so long. A key is silent from the time of its last event on. Keys that are expected, and the whole stream where there are no keys, count
 * as seen when the first event of all comes, or, if none comes, when the run opened: only then the clock decides.
 */
final class SilentRun extends RuleRun {
  private static final String SAVED_START = "start";

  private final Trigger.Silent silent;
  private final Predicate<LogEvent> on;
  private final long after;
  private long start = NONE;
  private boolean startSaved;
  private long opened;

  SilentRun(Rule rule, Trigger.Silent silent, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    this.silent = silent;
    on = bound(silent.on(), context);
    after = silent.after().toMillis();
  }

  @Override
  boolean needsAll() {
    return true;
  }

  @Override
  void opened(Emitter out) {
    opened = context.clock().millis();
    if (start == NONE) {
      out.atClock(Instant.ofEpochMilli(later(opened, after)));
    }
  }

  /** Nothing has come since the run opened: all is as silent as it was long. */
  @Override
  void clock(long now, Emitter out) throws Exception {
    if (start == NONE && now >= later(opened, after)) {
      long complete = context.watermarkMillis();
      start(complete == Long.MIN_VALUE ? opened : complete - after, out);
      timers(complete == Long.MIN_VALUE ? now : complete, out);
    }
  }

  private void start(long time, Emitter out) {
    start = time;
    if (by.length == 0) {
      probe.clear();
      begin(time, out);
    }
    for (AlertKey key : silent.expecting()) {
      probe.of(key.values());
      begin(time, out);
    }
  }

  private void begin(long time, Emitter out) {
    Group group = admit(time, null, out);
    if (group.lastEvent == Group.NEVER) {
      touch(group, time);
      schedule(group, out);
    }
  }

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    long time = event.epochMillis();
    if (start == NONE) {
      start(time, out);
    }
    if (on != null && !on.test(event)) {
      return;
    }
    probe.read(event, by);
    Group group = admit(time, event, out);
    if (group.lastEvent != Group.NEVER && time <= group.lastEvent) {
      return;
    }
    if (group.state == Group.State.OK && group.lastEvent != Group.NEVER && time > later(group.lastEvent, after)) {
      ahead(group).add(time); // it is silent if nothing else comes in between: the watermark knows when
      changed(group);
    } else {
      seen(group, time);
      judge(group, time, FALSE, false, event, out);
    }
    schedule(group, out);
  }

  /** Times of events that have come, but leave so long a silence behind them that an earlier one may still come. */
  @SuppressWarnings("unchecked")
  private static TreeSet<Long> ahead(Group group) {
    if (group.data.length == 0) {
      group.data = new Object[] {new TreeSet<Long>()};
    }
    return (TreeSet<Long>) group.data[0];
  }

  private void seen(Group group, long time) {
    touch(group, time);
    TreeSet<Long> ahead = ahead(group);
    while (!ahead.isEmpty() && ahead.first() <= later(group.lastEvent, after)) {
      touch(group, ahead.pollFirst());
    }
  }

  @Override
  long nextDue(Group group) {
    return group.state == Group.State.OK && group.lastEvent != Group.NEVER ? later(group.lastEvent, after) : NONE;
  }

  @Override
  void due(Group group, long time, Emitter out) {
    judge(group, time, TRUE, false, null, out);
    Long next = ahead(group).pollFirst();
    if (next != null) {
      seen(group, next);
      judge(group, next, FALSE, false, null, out);
    }
  }

  @Override
  long forgettable(Group group) {
    return NONE;
  }

  @Override
  void describe(Group group, long time, LogEvent cause) {
    cause.put("silent.since", group.lastEvent).put("silent.for", Math.max(0, time - group.lastEvent));
  }

  @Override
  void write(Group group, DataOutput out) throws IOException {
    out.writeInt(ahead(group).size());
    for (long time : ahead(group)) {
      out.writeLong(time);
    }
  }

  @Override
  void read(Group group, DataInput in) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      ahead(group).add(in.readLong());
    }
  }

  @Override
  void saveMore(State state) {
    if (start != NONE && !startSaved) {
      startSaved = true;
      state.put(SAVED_START, ByteBuffer.allocate(8).putLong(start).array());
    }
  }

  @Override
  void restoreMore(State state, Emitter out) {
    byte[] saved = state.get(SAVED_START);
    if (saved != null) {
      start = ByteBuffer.wrap(saved).getLong();
      startSaved = true;
    }
  }

  @Override
  Condition wants() {
    return silent.on();
  }
}
