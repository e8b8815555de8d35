package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.State;
import io.logstream.match.Condition;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.function.Predicate;

/**
 * Tests of windows, one or several, all of which must hold for a key. Sliding ones are judged when an event enters or leaves, others row by row. What a
 * group has of a sliding test is its data; of a comparison with the window before, that window's value and end.
 */
class WindowRun extends RuleRun {
  private static final String SAVED_FIRST = "first";

  private final Trigger[] triggers;
  private final Predicate<LogEvent>[] on;
  private final SlidingVerdict[] sliding;
  private final RowVerdict[] byRow;
  private final boolean anyRows;
  /** When the first event was: a window that it lies in was not seen whole. */
  private long first = NONE;
  private boolean firstSaved;

  /** What is known of a key's rows. */
  private static final class Rows {
    /** When the last window ended of which it had a row. */
    private long end = Long.MIN_VALUE;
    private double value = Double.NaN;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  WindowRun(Rule rule, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    int n = rule.triggers().size();
    triggers = rule.triggers().toArray(new Trigger[0]);
    on = new Predicate[n];
    sliding = new SlidingVerdict[n];
    byRow = new RowVerdict[n];
    boolean rows = false;
    for (int i = 0; i < n; i++) {
      on[i] = bound(triggers[i].on(), context);
      int test = i;
      if (triggers[i] instanceof Trigger.Over over && over.window().isSliding()) {
        sliding[i] = SlidingVerdict.of(rule, over, context);
      } else if (triggers[i] instanceof Trigger.Over over) {
        byRow[i] = new RowVerdict(over.window(), over.when(), rule.clearWhen(), rule.maxKeys(), context, (row, out) -> row(test, row, out), this::ask);
      } else if (triggers[i] instanceof Trigger.TimesPrevious previous) {
        byRow[i] = new RowVerdict(previous.window(), null, null, rule.maxKeys(), context, (row, out) -> row(test, row, out), this::ask);
      }
      rows |= byRow[i] != null;
    }
    anyRows = rows;
  }

  @Override
  Condition wants() {
    Condition all = null;
    for (Trigger trigger : triggers) {
      all = all == null ? trigger.on() : all.or(trigger.on());
    }
    return all;
  }

  @Override
  boolean needsAll() {
    return anyRows;
  }

  // ---------------------------------------------------------------- events

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    if (anyRows) {
      if (first == NONE) {
        first = event.epochMillis();
      }
      for (int i = 0; i < byRow.length; i++) {
        if (byRow[i] != null && (on[i] == null || on[i].test(event))) {
          byRow[i].process(event, out);
        }
      }
    }
    long time = event.epochMillis();
    Group group = null;
    boolean taken = false;
    for (int i = 0; i < sliding.length; i++) {
      if (sliding[i] != null && (on[i] == null || on[i].test(event))) {
        if (group == null) {
          probe.read(event, by);
          group = known(admit(time, event, out), out);
          advance(group, time, out);
          touch(group, time);
        }
        taken |= sliding[i].add(group.data[i], event, time);
      }
    }
    if (group != null) {
      if (taken) {
        judgeSliding(group, group.now, event, out);
      } else {
        context.counter("late").increment();
      }
      schedule(group, out);
    }
  }

  private Group known(Group group, Emitter out) {
    if (group.data.length == 0) {
      group.data = new Object[triggers.length];
      group.outcomes = new byte[triggers.length];
      for (int i = 0; i < triggers.length; i++) {
        group.data[i] = sliding[i] != null ? sliding[i].empty() : new Rows();
        group.outcomes[i] = sliding[i] != null ? sliding[i].outcome(group.data[i], group.now, out) : FALSE;
      }
    }
    return group;
  }

  /** What would have happened to the key without events up to this time. */
  private void advance(Group group, long time, Emitter out) throws Exception {
    if (time > group.now) {
      run(group, time, out);
      group.now = time;
      for (int i = 0; i < sliding.length; i++) {
        if (sliding[i] != null) {
          sliding[i].moveTo(group.data[i], time);
        }
      }
    }
  }

  private void judgeSliding(Group group, long time, LogEvent cause, Emitter out) {
    boolean clear = false;
    for (int i = 0; i < sliding.length; i++) {
      if (sliding[i] != null) {
        group.outcomes[i] = sliding[i].outcome(group.data[i], time, out);
        clear = sliding[i].clear();
      }
    }
    judge(group, time, together(group), clear, cause, out);
  }

  private static byte together(Group group) {
    byte all = TRUE;
    for (byte one : group.outcomes) {
      if (one == FALSE) {
        return FALSE;
      }
      all = one == UNKNOWN ? UNKNOWN : all;
    }
    return all;
  }

  // ---------------------------------------------------------------- rows

  private void row(int test, LogEvent row, Emitter out) throws Exception {
    boolean overflow = row.has("overflow");
    probe.read(row, by);
    Group group = overflow ? other : known(probe);
    long end = row.number("window.end", row.epochMillis() + 1);
    boolean previous = triggers[test] instanceof Trigger.TimesPrevious;
    byte outcome = previous ? UNKNOWN : byRow[test].outcome(row);
    if (group == null && !previous && outcome != TRUE && triggers.length == 1) {
      return;
    }
    group = known(group == null ? admit(end - 1, row, out) : group, out);
    run(group, end - 1, out);
    touch(group, end - 1);
    Rows rows = (Rows) group.data[test];
    if (previous) {
      outcome = times((Trigger.TimesPrevious) triggers[test], rows, row, end);
    }
    rows.end = end;
    judgeRow(group, test, outcome, row, end, row, out);
    schedule(group, out);
  }

  private byte times(Trigger.TimesPrevious trigger, Rows before, LogEvent row, long end) {
    double value = row.decimal(trigger.field(), 0);
    long size = trigger.window().size().toMillis();
    long start = end - size;
    boolean whole = start - size >= first;
    double reference = before.end == start ? before.value : 0;
    before.value = value;
    if (!whole) {
      return UNKNOWN;
    }
    return value >= trigger.atLeast() && reference >= trigger.atLeast() && value > trigger.factor() * reference ? TRUE : FALSE;
  }

  private void judgeRow(Group group, int test, byte outcome, LogEvent row, long time, LogEvent cause, Emitter out) {
    group.outcomes[test] = outcome;
    group.now = Math.max(group.now, time);
    judge(group, time, together(group), byRow[test].clear(row), cause, out);
  }

  // ---------------------------------------------------------------- time

  @Override
  long nextDue(Group group) {
    long next = NONE;
    for (int i = 0; i < group.data.length; i++) {
      if (sliding[i] != null) {
        next = Math.min(next, sliding[i].nextChange(group.data[i], group.outcomes[i]));
      } else if (group.state != Group.State.OK || group.outcomes[i] == TRUE) {
        long end = ((Rows) group.data[i]).end;
        next = end == Long.MIN_VALUE ? next : Math.min(next, later(end, byRow[i].size));
      }
    }
    return next;
  }

  @Override
  void due(Group group, long time, Emitter out) {
    boolean slid = false;
    for (int i = 0; i < group.data.length; i++) {
      if (sliding[i] != null) {
        slid |= sliding[i].nextChange(group.data[i], group.outcomes[i]) <= time;
        sliding[i].moveTo(group.data[i], time);
      } else if (((Rows) group.data[i]).end != Long.MIN_VALUE && later(((Rows) group.data[i]).end, byRow[i].size) <= time) {
        Rows rows = (Rows) group.data[i];
        LogEvent none = byRow[i].none(time, out);
        byte outcome = triggers[i] instanceof Trigger.TimesPrevious previous ? times(previous, rows, none, time) : byRow[i].outcome(none);
        rows.end = time;
        judgeRow(group, i, outcome, none, time, null, out);
      }
    }
    group.now = Math.max(group.now, time);
    if (slid) {
      judgeSliding(group, time, null, out);
    }
  }

  @Override
  long nextOwn() {
    long next = NONE;
    if (anyRows) {
      for (RowVerdict test : byRow) {
        next = test == null ? next : Math.min(next, test.nextDeadline());
      }
    }
    return next;
  }

  @Override
  void timers(long upTo, Emitter out) throws Exception {
    for (RowVerdict test : byRow) {
      if (test != null) {
        test.timers(upTo, out);
      }
    }
    super.timers(upTo, out);
  }

  @Override
  void end(Emitter out) throws Exception {
    for (RowVerdict test : byRow) {
      if (test != null) {
        test.end(out);
      }
    }
  }

  @Override
  long forgettable(Group group) {
    long at = Long.MIN_VALUE;
    for (int i = 0; i < group.data.length; i++) {
      if (sliding[i] != null) {
        at = Math.max(at, sliding[i].emptyAt(group.data[i]));
      } else {
        long end = ((Rows) group.data[i]).end;
        at = end == Long.MIN_VALUE ? at : Math.max(at, later(end, byRow[i].size + 1));
      }
    }
    return at;
  }

  @Override
  void describe(Group group, long time, LogEvent cause) {
    for (int i = 0; i < group.data.length; i++) {
      if (sliding[i] != null) {
        sliding[i].fill(group.data[i], time, cause);
        cause.put("window.start", Math.max(time, group.now) - sliding[i].size).put("window.end", Math.max(time, group.now));
      }
    }
  }

  // ---------------------------------------------------------------- state

  @Override
  void write(Group group, DataOutput out) throws IOException {
    out.writeBoolean(group.data.length > 0);
    for (int i = 0; i < group.data.length; i++) {
      if (sliding[i] != null) {
        sliding[i].write(group.data[i], out);
      } else {
        out.writeLong(((Rows) group.data[i]).end);
        out.writeDouble(((Rows) group.data[i]).value);
      }
    }
  }

  @Override
  void read(Group group, DataInput in) throws IOException {
    if (!in.readBoolean()) {
      return;
    }
    group.data = new Object[triggers.length];
    for (int i = 0; i < triggers.length; i++) {
      if (sliding[i] != null) {
        group.data[i] = sliding[i].read(in);
      } else {
        Rows rows = new Rows();
        rows.end = in.readLong();
        rows.value = in.readDouble();
        group.data[i] = rows;
      }
    }
  }

  @Override
  void saveMore(State state) throws Exception {
    if (first != NONE && !firstSaved) {
      firstSaved = true;
      state.put(SAVED_FIRST, java.nio.ByteBuffer.allocate(8).putLong(first).array());
    }
    for (int i = 0; i < byRow.length; i++) {
      if (byRow[i] != null) {
        byRow[i].save(state.under("rows" + i + "/"));
      }
    }
  }

  @Override
  void restoreMore(State state, Emitter out) throws Exception {
    byte[] saved = state.get(SAVED_FIRST);
    if (saved != null) {
      first = java.nio.ByteBuffer.wrap(saved).getLong();
      firstSaved = true;
    }
    for (int i = 0; i < byRow.length; i++) {
      if (byRow[i] != null) {
        byRow[i].restore(state.under("rows" + i + "/"), out);
      }
    }
  }
}
