package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.LogEvent;
import io.logstream.match.Clause;
import io.logstream.match.Condition;
import io.logstream.window.Aggregation;
import io.logstream.window.Measure;
import io.logstream.window.Sliding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A test of a sliding window, key by key: what it holds, and whether that meets the condition. */
abstract class SlidingVerdict {
  /** Values kept one by one; for more of them the aggregation's own way is cheaper. */
  private static final int MOST_DIFFERENT = 1_000;

  final long size;

  SlidingVerdict(long size) {
    this.size = size;
  }

  /** The test that needs to remember least for this rule. */
  static SlidingVerdict of(Rule rule, Trigger.Over over, RuleContext context) {
    long size = over.window().size().toMillis();
    List<Aggregation> all = over.window().aggregations();
    Measure only = all.size() == 1 ? all.get(0).measure() : null;
    long least = leastCount(over.when(), only == null ? "" : only.names().get(0));
    if (rule.clearWhen() == null && only != null && least > 0 && least <= 1_000_000) {
      if (only.what().equals("count") && only.condition() == null) {
        return new Latest(size, (int) least, context.key(only.names().get(0)));
      }
      if (only.what().equals("distinct") && least <= MOST_DIFFERENT) {
        return new Different(size, (int) least, context.key(only.names().get(0)), context.key(only.field()));
      }
    }
    return new Values(over, rule.clearWhen(), size, context);
  }

  /** The least whole number for which a condition on this field holds, if it holds for that and all greater ones; else -1. */
  private static long leastCount(Condition condition, String field) {
    return condition instanceof Clause.Range range && range.field().equals(field) && range.greatestWhole() == Long.MAX_VALUE && range.leastWhole() > 0 ? range.leastWhole() : -1;
  }

  /** What there is of a key without events. */
  abstract Object empty();

  /** Takes an event in; false if it is too old. */
  abstract boolean add(Object data, LogEvent event, long time);

  /** Moves on to a time: lets go of what is too old. */
  abstract void moveTo(Object data, long now);

  /** Whether the condition holds. */
  abstract byte outcome(Object data, long now, Emitter out);

  /** Whether what clears it holds. Asked right after {@link #outcome}. */
  boolean clear() {
    return false;
  }

  /** When the verdict may change without an event. */
  abstract long nextChange(Object data, byte outcome);

  /** When it holds nothing any more; {@link Long#MIN_VALUE} if it does not now. */
  abstract long emptyAt(Object data);

  abstract void fill(Object data, long now, LogEvent row);

  abstract void write(Object data, DataOutput out) throws IOException;

  abstract Object read(DataInput in) throws IOException;

  // ---------------------------------------------------------------- so many events

  /** At least so many events: of each key only the times of the last so many are kept, in a ring, oldest first. */
  private static final class Latest extends SlidingVerdict {
    private final int least;
    private final FieldKey count;

    private static final class Times {
      private long[] ring = new long[4];
      private int oldest;
      private int size;

      private long at(int i) {
        return ring[oldest + i & ring.length - 1];
      }

      private void set(int i, long time) {
        ring[oldest + i & ring.length - 1] = time;
      }

      void add(long time, int most) {
        if (size == most) {
          if (time <= ring[oldest]) {
            return;
          }
          oldest = oldest + 1 & ring.length - 1;
          size--;
        } else if (size == ring.length) {
          long[] wider = new long[size * 2];
          for (int i = 0; i < size; i++) {
            wider[i] = at(i);
          }
          ring = wider;
          oldest = 0;
        }
        int place = size++;
        while (place > 0 && at(place - 1) > time) {
          set(place, at(place - 1));
          place--;
        }
        set(place, time);
      }

      void forget(long upTo) {
        while (size > 0 && ring[oldest] <= upTo) {
          oldest = oldest + 1 & ring.length - 1;
          size--;
        }
      }
    }

    Latest(long size, int least, FieldKey count) {
      super(size);
      this.least = least;
      this.count = count;
    }

    @Override
    Object empty() {
      return new Times();
    }

    @Override
    boolean add(Object data, LogEvent event, long time) {
      ((Times) data).add(time, least);
      return true;
    }

    @Override
    void moveTo(Object data, long now) {
      ((Times) data).forget(now - size);
    }

    @Override
    byte outcome(Object data, long now, Emitter out) {
      return ((Times) data).size >= least ? RuleRun.TRUE : RuleRun.FALSE;
    }

    @Override
    long nextChange(Object data, byte outcome) {
      Times times = (Times) data;
      return outcome == RuleRun.TRUE ? RuleRun.later(times.ring[times.oldest], size) : RuleRun.NONE;
    }

    @Override
    long emptyAt(Object data) {
      Times times = (Times) data;
      return times.size == 0 ? Long.MIN_VALUE : RuleRun.later(times.at(times.size - 1), size);
    }

    @Override
    void fill(Object data, long now, LogEvent row) {
      row.put(count.name(), ((Times) data).size);
    }

    @Override
    void write(Object data, DataOutput out) throws IOException {
      Times times = (Times) data;
      out.writeInt(times.size);
      for (int i = 0; i < times.size; i++) {
        out.writeLong(times.at(i));
      }
    }

    @Override
    Object read(DataInput in) throws IOException {
      Times times = new Times();
      for (int n = in.readInt(); n > 0; n--) {
        times.add(in.readLong(), least);
      }
      return times;
    }
  }

  // ---------------------------------------------------------------- so many values

  /** At least so many different values: of each key only the last so many are kept, each with the time of its last event. */
  private static final class Different extends SlidingVerdict {
    private final int least;
    private final FieldKey count;
    private final FieldKey[] field;
    private final GroupKey probe = new GroupKey();

    private static final class Values {
      private final Map<GroupKey, long[]> lastSeen = new HashMap<>();
      private long newest = Long.MIN_VALUE;

      private long oldest() {
        long oldest = Long.MAX_VALUE;
        for (long[] seen : lastSeen.values()) {
          oldest = Math.min(oldest, seen[0]);
        }
        return oldest;
      }

      private void forget(long upTo) {
        lastSeen.values().removeIf(seen -> seen[0] <= upTo);
      }
    }

    Different(long size, int least, FieldKey count, FieldKey field) {
      super(size);
      this.least = least;
      this.count = count;
      this.field = new FieldKey[] {field};
    }

    @Override
    Object empty() {
      return new Values();
    }

    @Override
    boolean add(Object data, LogEvent event, long time) {
      if (!event.has(field[0])) {
        return true;
      }
      probe.read(event, field);
      ((Values) data).newest = Math.max(((Values) data).newest, time);
      Map<GroupKey, long[]> lastSeen = ((Values) data).lastSeen;
      long[] seen = lastSeen.get(probe);
      if (seen != null) {
        seen[0] = Math.max(seen[0], time);
        return true;
      }
      if (lastSeen.size() == least) {
        long oldest = ((Values) data).oldest();
        if (time <= oldest) {
          return true;
        }
        GroupKey gone = null;
        for (Map.Entry<GroupKey, long[]> one : lastSeen.entrySet()) {
          gone = one.getValue()[0] == oldest && (gone == null || one.getKey().compareTo(gone) < 0) ? one.getKey() : gone;
        }
        lastSeen.remove(gone);
      }
      lastSeen.put(probe.copy(), new long[] {time});
      return true;
    }

    @Override
    void moveTo(Object data, long now) {
      ((Values) data).forget(now - size);
    }

    @Override
    byte outcome(Object data, long now, Emitter out) {
      return ((Values) data).lastSeen.size() >= least ? RuleRun.TRUE : RuleRun.FALSE;
    }

    @Override
    long nextChange(Object data, byte outcome) {
      return outcome == RuleRun.TRUE ? RuleRun.later(((Values) data).oldest(), size) : RuleRun.NONE;
    }

    @Override
    long emptyAt(Object data) {
      long newest = ((Values) data).newest;
      return newest == Long.MIN_VALUE ? newest : RuleRun.later(newest, size);
    }

    @Override
    void fill(Object data, long now, LogEvent row) {
      row.put(count.name(), ((Values) data).lastSeen.size());
    }

    @Override
    void write(Object data, DataOutput out) throws IOException {
      Map<GroupKey, long[]> lastSeen = ((Values) data).lastSeen;
      out.writeInt(lastSeen.size());
      for (Map.Entry<GroupKey, long[]> one : lastSeen.entrySet()) {
        byte[] bytes = one.getKey().toBytes();
        out.writeInt(bytes.length);
        out.write(bytes);
        out.writeLong(one.getValue()[0]);
      }
    }

    @Override
    Object read(DataInput in) throws IOException {
      Values values = new Values();
      for (int n = in.readInt(); n > 0; n--) {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        long time = in.readLong();
        values.lastSeen.put(GroupKey.ofBytes(bytes), new long[] {time});
        values.newest = Math.max(values.newest, time);
      }
      return values;
    }
  }

  // ---------------------------------------------------------------- any values

  /** Any aggregations and any condition on them. */
  private static final class Values extends SlidingVerdict {
    private static final Set<String> ALWAYS_THERE = Set.of("count", "rate", "sum", "distinct");

    private final Sliding sliding;
    private final Predicate<LogEvent> when;
    private final Predicate<LogEvent> clear;
    private final String[] fields;
    private final String[] reads;
    private final boolean onlyRises;
    private LogEvent row;

    private final class Data {
      private final Sliding.Slide slide = sliding.empty();
      private long newest = Long.MIN_VALUE;
    }

    Values(Trigger.Over over, Condition clearWhen, long size, RuleContext context) {
      super(size);
      sliding = over.window().slide(context);
      when = over.when().bind(context);
      clear = clearWhen == null ? null : clearWhen.bind(context);
      List<String> mayLack = new ArrayList<>();
      for (Aggregation one : over.window().aggregations()) {
        if (one.measure() == null || !ALWAYS_THERE.contains(one.measure().what())) {
          mayLack.addAll(one.fields());
        }
      }
      fields = mayLack.toArray(String[]::new);
      reads = over.when().fields().stream().filter(mayLack::contains).toArray(String[]::new);
      onlyRises = clearWhen == null && onlyRises(over);
    }

    /** Whether events that leave can only end it: then nothing needs to be looked at before it holds. */
    private static boolean onlyRises(Trigger.Over over) {
      List<String> counts = over.window().aggregations().stream().filter(a -> a.measure() != null && a.measure().what().equals("count")).flatMap(a -> a.fields().stream()).toList();
      List<Condition> parts = over.when() instanceof Clause.And and ? and.parts() : List.of(over.when());
      return parts.stream().allMatch(part -> part instanceof Clause.Range range && counts.contains(range.field()) && range.greatestWhole() == Long.MAX_VALUE);
    }

    @Override
    Object empty() {
      return new Data();
    }

    @Override
    boolean add(Object data, LogEvent event, long time) {
      Data of = (Data) data;
      of.newest = Math.max(of.newest, time);
      return of.slide.add(event);
    }

    @Override
    void moveTo(Object data, long now) {
      ((Data) data).slide.moveTo(now);
    }

    @Override
    byte outcome(Object data, long now, Emitter out) {
      if (row == null) {
        row = out.create();
      }
      for (String field : fields) {
        row.remove(field);
      }
      ((Data) data).slide.fill(row);
      row.epochMillis(now);
      if (when.test(row)) {
        return RuleRun.TRUE;
      }
      for (String field : reads) {
        if (!row.has(field)) {
          return RuleRun.UNKNOWN;
        }
      }
      return RuleRun.FALSE;
    }

    @Override
    boolean clear() {
      return clear != null && clear.test(row);
    }

    @Override
    long nextChange(Object data, byte outcome) {
      return onlyRises && outcome != RuleRun.TRUE ? RuleRun.NONE : ((Data) data).slide.nextLeave();
    }

    @Override
    long emptyAt(Object data) {
      Data of = (Data) data;
      return of.newest == Long.MIN_VALUE ? of.newest : RuleRun.later(of.newest, size + size / 30 + 2);
    }

    @Override
    void fill(Object data, long now, LogEvent to) {
      ((Data) data).slide.fill(to);
    }

    @Override
    void write(Object data, DataOutput out) throws IOException {
      out.writeLong(((Data) data).newest);
      ((Data) data).slide.write(out);
    }

    @Override
    Object read(DataInput in) throws IOException {
      Data data = new Data();
      data.newest = in.readLong();
      data.slide.read(in);
      return data;
    }

    @Override
    public String toString() {
      return Arrays.toString(fields);
    }
  }
}
