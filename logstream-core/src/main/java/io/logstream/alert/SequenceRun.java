package io.logstream.alert;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.match.Condition;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What must follow, or not, within a time. Each beginning is open by itself, and waits for the event of its next step; one event moves all on that wait for
 * it. What may still be followed by a beginning that comes late is remembered until the watermark has passed it.
 *
 * <pre>
 *   beginning --what follows, within d--> next step --..--> fires
 *             --the time is over: given up; or, for what must not follow, fires
 * </pre>
 */
final class SequenceRun extends RuleRun {
  private static final int MOST_OPEN = 1_000;

  private final Predicate<LogEvent> begins;
  /** What begins with a window's value; null where it is a single event. */
  private final WindowRun window;
  private final List<Predicate<LogEvent>> follows = new ArrayList<>();
  private final long[] within;
  private final boolean lastMustNot;
  private final long allWithin;
  private final Counter dropped;

  /** A sequence that has begun: when, when its last step was, and how many steps were taken. */
  private record Open(long start, long last, int step) {}

  /** What has followed something that may come later. */
  private record Seen(long time, int step) {}

  private static final class Waiting {
    private final List<Open> open = new ArrayList<>();
    private final List<Seen> seen = new ArrayList<>();
  }

  SequenceRun(Rule rule, RuleContext context, RuleStage.Desk desk, AlertWatch watch) {
    super(rule, context, desk, watch);
    Trigger first = rule.triggers().get(0);
    begins = first instanceof Trigger.Matches matches ? matches.when().bind(context) : null;
    window = begins != null ? null : new WindowRun(new Rule(rule.name(), rule.triggers(), List.of(), null, rule.by(), rule.maxKeys(), null, null, null, null, null, null, null, null,
        rule.severity(), List.of()), context, desk, null) {
      @Override
      void judge(Group group, long time, byte outcome, boolean clear, LogEvent cause, Emitter out) {
        if (outcome == TRUE && cause != null) {
          begin(group, time, cause, out);
        }
      }

      @Override
      void noRoom(long time, LogEvent cause, Emitter out) {
        SequenceRun.this.noRoom(time, cause, out);
      }
    };
    if (window != null) {
      window.woken = this;
    }
    within = rule.steps().stream().mapToLong(step -> step.within().toMillis()).toArray();
    for (Rule.Step step : rule.steps()) {
      follows.add(step.what().bind(context));
    }
    lastMustNot = rule.steps().get(within.length - 1).not();
    allWithin = rule.allWithin() == null ? Long.MAX_VALUE / 4 : rule.allWithin().toMillis();
    dropped = context.counter("openWithoutRoom");
  }

  @Override
  Condition wants() {
    return null;
  }

  @Override
  boolean needsAll() {
    return true;
  }

  @Override
  void process(LogEvent event, Emitter out) throws Exception {
    long time = event.epochMillis();
    boolean begun = begins != null && begins.test(event);
    boolean any = begun;
    for (int step = follows.size() - 1; step >= 0; step--) {
      if (follows.get(step).test(event)) {
        any = true;
        probe.read(event, by);
        Group group = admit(time, event, out);
        follow(group, waiting(group), step, time, event, out);
      }
    }
    if (begun) {
      probe.read(event, by);
      Group group = admit(time, event, out);
      open(group, new Open(time, time, 0), event, out);
    }
    if (any) {
      schedule(groupOfProbe(), out);
    }
    if (window != null) {
      window.process(event, out);
    }
  }

  private Group groupOfProbe() {
    Group group = known(probe);
    return group == null ? other : group;
  }

  private static Waiting waiting(Group group) {
    if (group.data.length == 0) {
      group.data = new Object[] {new Waiting()};
    }
    return (Waiting) group.data[0];
  }

  /** A window's value holds: of one key, the last time counts. */
  private void begin(Group ofWindow, long time, LogEvent cause, Emitter out) {
    Group group = ofWindow.key.equals(other.key) ? other : known(ofWindow.key);
    if (group == null) {
      probe.take(ofWindow.key);
      group = admit(time, cause, out);
    }
    waiting(group).open.removeIf(one -> one.step == 0);
    open(group, new Open(time, time, 0), cause, out);
    schedule(group, out);
  }

  private long deadline(Open one) {
    return Math.min(later(one.last, within[one.step]), later(one.start, allWithin));
  }

  /** Something that follows: moves on all that wait for it, and is remembered for what comes late. */
  private void follow(Group group, Waiting waiting, int step, long time, LogEvent event, Emitter out) {
    touch(group, time);
    List<Open> moved = new ArrayList<>();
    for (Iterator<Open> all = waiting.open.iterator(); all.hasNext(); ) {
      Open one = all.next();
      if (one.step == step && one.last <= time && time <= deadline(one)) {
        all.remove();
        moved.add(one);
      }
    }
    waiting.seen.add(new Seen(time, step));
    forgetSeen(waiting);
    for (Open one : moved) {
      took(group, one, time, event, out);
    }
  }

  private void forgetSeen(Waiting waiting) {
    long complete = context.watermarkMillis();
    waiting.seen.removeIf(one -> one.time < complete);
    if (waiting.seen.size() > MOST_OPEN) {
      waiting.seen.remove(0);
    }
  }

  private void took(Group group, Open one, long time, LogEvent event, Emitter out) {
    if (one.step < within.length - 1) {
      open(group, new Open(one.start, time, one.step + 1), event, out);
    } else if (!lastMustNot) {
      LogEvent cause = event.copy().put("sequence.start", one.start);
      moment(group, time, one.start + " " + event.id(), cause, out);
    }
  }

  private void open(Group group, Open one, LogEvent event, Emitter out) {
    touch(group, one.last);
    Waiting waiting = waiting(group);
    Seen next = null;
    for (Seen seen : waiting.seen) {
      if (seen.step == one.step && seen.time > one.last && seen.time <= deadline(one) && (next == null || seen.time < next.time)) {
        next = seen;
      }
    }
    if (next != null) {
      took(group, one, next.time, event, out);
      return;
    }
    if (waiting.open.size() >= MOST_OPEN) {
      waiting.open.remove(0);
      dropped.increment();
    }
    waiting.open.add(one);
  }

  // ---------------------------------------------------------------- time

  @Override
  long nextDue(Group group) {
    long next = NONE;
    if (group.data.length > 0) {
      for (Open one : ((Waiting) group.data[0]).open) {
        next = Math.min(next, later(deadline(one), 1));
      }
    }
    return next;
  }

  /** Events up to the deadlines before this time are here: what waited for more has come to nothing, or fires. */
  @Override
  void due(Group group, long time, Emitter out) {
    List<Open> over = new ArrayList<>();
    for (Iterator<Open> all = waiting(group).open.iterator(); all.hasNext(); ) {
      Open one = all.next();
      if (deadline(one) < time) {
        all.remove();
        over.add(one);
      }
    }
    for (Open one : over) {
      if (lastMustNot && one.step == within.length - 1) {
        LogEvent cause = out.create().epochMillis(deadline(one)).put("sequence.start", one.start);
        List<String> values = group.key.values();
        for (int i = 0; i < by.length; i++) {
          cause.put(by[i].name(), (Object) values.get(i));
        }
        moment(group, deadline(one), Long.toString(one.start), cause, out);
      }
    }
  }

  @Override
  boolean isDue(long upTo) {
    return window != null && window.isDue(upTo) || super.isDue(upTo);
  }

  @Override
  void timers(long upTo, Emitter out) throws Exception {
    if (window != null) {
      window.timers(upTo, out);
    }
    super.timers(upTo, out);
  }

  @Override
  void end(Emitter out) throws Exception {
    if (window != null) {
      window.end(out);
    }
  }

  @Override
  long forgettable(Group group) {
    if (group.data.length == 0) {
      return Long.MIN_VALUE;
    }
    Waiting waiting = (Waiting) group.data[0];
    long last = Long.MIN_VALUE;
    for (Seen one : waiting.seen) {
      last = Math.max(last, later(one.time, 1));
    }
    return waiting.open.isEmpty() ? last : NONE;
  }

  // ---------------------------------------------------------------- state

  @Override
  void write(Group group, DataOutput out) throws IOException {
    Waiting waiting = waiting(group);
    out.writeInt(waiting.open.size());
    for (Open one : waiting.open) {
      out.writeLong(one.start);
      out.writeLong(one.last);
      out.writeByte(one.step);
    }
    out.writeInt(waiting.seen.size());
    for (Seen one : waiting.seen) {
      out.writeLong(one.time);
      out.writeByte(one.step);
    }
  }

  @Override
  void read(Group group, DataInput in) throws IOException {
    Waiting waiting = waiting(group);
    for (int n = in.readInt(); n > 0; n--) {
      waiting.open.add(new Open(in.readLong(), in.readLong(), in.readByte()));
    }
    for (int n = in.readInt(); n > 0; n--) {
      waiting.seen.add(new Seen(in.readLong(), in.readByte()));
    }
  }

  @Override
  void saveMore(io.logstream.State state) throws Exception {
    if (window != null) {
      window.save(state.under("window/"));
    }
  }

  @Override
  void restoreMore(io.logstream.State state, Emitter out) throws Exception {
    if (window != null) {
      window.restore(state.under("window/"), out);
    }
  }
}
