package io.logstream.window;

import io.logstream.LogEvent;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Aggregations over the last stretch of event time, to be asked whenever an event has come in or has grown too old: what a rule looks
 * at. Opened once in a run by {@link Window#slide}; {@link #empty} makes one {@link Slide} for each key.
 *
 * <p>Counts, rates, ratios, sums and means are exact: a slide at time t holds the events after t - size. Other aggregations cannot give up a
 * single event: they are kept in panes of a sixtieth of the size, each of which leaves as a whole when its last moment is too old, so that
 * they look back up to a sixtieth further.
 */
public final class Sliding {
  private static final int PANES = 60;

  private final Duration size;
  private final long millis;
  private final long pane;
  private final Aggregation.Opened[] opened;
  private final int[] byEvent;
  private final int[] byPane;

  Sliding(StageContext context, Duration size, List<Aggregation> aggregations) {
    this.size = size;
    millis = size.toMillis();
    pane = Math.max(1, (millis + PANES - 1) / PANES);
    opened = aggregations.stream().map(a -> a.open(context)).toArray(Aggregation.Opened[]::new);
    List<Integer> events = new ArrayList<>();
    List<Integer> panes = new ArrayList<>();
    for (int i = 0; i < opened.length; i++) {
      (opened[i].empty() instanceof Reversible ? events : panes).add(i);
    }
    byEvent = events.stream().mapToInt(i -> i).toArray();
    byPane = panes.stream().mapToInt(i -> i).toArray();
  }

  /** How far it looks back. */
  public Duration size() {
    return size;
  }

  /** A slide without events. */
  public Slide empty() {
    return new Slide();
  }

  /** What there is of one key. One thread. */
  public final class Slide {
    private final Aggregation.Value[] totals = new Aggregation.Value[opened.length];
    /** What events brought, in order of time, from {@code head} on: by event and, within it, by aggregation. */
    private long[] times = new long[4];
    private byte[] kinds = new byte[4 * byEvent.length];
    private long[] cells = new long[4 * byEvent.length];
    private int head;
    private int tail;
    private final List<Pane> panes = new ArrayList<>();
    private long now = Long.MIN_VALUE;

    private Slide() {
      for (int i = 0; i < totals.length; i++) {
        totals[i] = opened[i].empty();
      }
    }

    /** Takes an event in and moves on to its time if that is later. False, and nothing taken, if the event is too old already. */
    public boolean add(LogEvent event) {
      long time = event.epochMillis();
      if (now != Long.MIN_VALUE && time <= now - millis) {
        return false;
      }
      moveTo(time);
      addByEvent(event, time);
      if (byPane.length > 0) {
        Pane in = paneOf(time);
        for (int i = 0; i < byPane.length; i++) {
          in.values[i].add(event);
          totals[byPane[i]].add(event);
        }
      }
      return true;
    }

    private void addByEvent(LogEvent event, long time) {
      int width = byEvent.length;
      if (width == 0) {
        return;
      }
      if (tail == times.length) {
        makeRoom();
      }
      int at = tail++;
      while (at > head && times[at - 1] > time) {
        at--;
      }
      if (at < tail - 1) {
        int after = tail - 1 - at;
        System.arraycopy(times, at, times, at + 1, after);
        System.arraycopy(kinds, at * width, kinds, (at + 1) * width, after * width);
        System.arraycopy(cells, at * width, cells, (at + 1) * width, after * width);
      }
      times[at] = time;
      for (int i = 0; i < width; i++) {
        Reversible total = (Reversible) totals[byEvent[i]];
        byte kind = total.kind(event);
        long cell = kind == Reversible.NOTHING ? 0 : total.cell();
        kinds[at * width + i] = kind;
        cells[at * width + i] = cell;
        if (kind != Reversible.NOTHING) {
          total.include(kind, cell);
        }
      }
    }

    private void makeRoom() {
      int width = byEvent.length;
      int n = tail - head;
      int capacity = n * 2 > times.length ? times.length * 2 : times.length;
      times = Arrays.copyOf(Arrays.copyOfRange(times, head, tail), capacity);
      kinds = Arrays.copyOf(Arrays.copyOfRange(kinds, head * width, tail * width), capacity * width);
      cells = Arrays.copyOf(Arrays.copyOfRange(cells, head * width, tail * width), capacity * width);
      head = 0;
      tail = n;
    }

    private Pane paneOf(long time) {
      long start = time - Math.floorMod(time, pane);
      int at = panes.size();
      while (at > 0 && panes.get(at - 1).start > start) {
        at--;
      }
      if (at > 0 && panes.get(at - 1).start == start) {
        return panes.get(at - 1);
      }
      Pane fresh = new Pane(start, emptyByPane());
      panes.add(at, fresh);
      return fresh;
    }

    private Aggregation.Value[] emptyByPane() {
      Aggregation.Value[] values = new Aggregation.Value[byPane.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = opened[byPane[i]].empty();
      }
      return values;
    }

    /**
     * Moves on to this time, if it is later: what is not after it less the size leaves.
     *
     * @return whether something left
     */
    public boolean moveTo(long time) {
      if (time <= now) {
        return false;
      }
      now = time;
      long gone = time - millis;
      boolean left = leaveByEvent(gone);
      if (!panes.isEmpty() && panes.get(0).start + pane - 1 <= gone) {
        left = true;
        panes.removeIf(one -> one.start + pane - 1 <= gone);
        sumPanes();
      }
      return left;
    }

    private boolean leaveByEvent(long gone) {
      int width = byEvent.length;
      boolean left = false;
      while (head < tail && times[head] <= gone) {
        for (int i = 0; i < width; i++) {
          byte kind = kinds[head * width + i];
          if (kind != Reversible.NOTHING) {
            ((Reversible) totals[byEvent[i]]).exclude(kind, cells[head * width + i]);
          }
        }
        head++;
        left = true;
      }
      if (head == tail) {
        head = 0;
        tail = 0;
      }
      return left;
    }

    private void sumPanes() {
      for (int i = 0; i < byPane.length; i++) {
        Aggregation.Value total = opened[byPane[i]].empty();
        for (Pane one : panes) {
          total.merge(one.values[i]);
        }
        totals[byPane[i]] = total;
      }
    }

    /** The time at which something leaves next; {@link Long#MAX_VALUE} if it is empty. */
    public long nextLeave() {
      long next = head < tail ? times[head] + millis : Long.MAX_VALUE;
      return panes.isEmpty() ? next : Math.min(next, panes.get(0).start + pane - 1 + millis);
    }

    /** Whether it holds nothing. */
    public boolean isEmpty() {
      return head == tail && panes.isEmpty();
    }

    /** Puts the fields of all aggregations into a row. */
    public void fill(LogEvent row) {
      for (Aggregation.Value total : totals) {
        total.fill(row, size);
      }
    }

    /** Writes the exact state. */
    public void write(DataOutput out) throws IOException {
      int width = byEvent.length;
      out.writeLong(now);
      out.writeInt(tail - head);
      for (int at = head; at < tail; at++) {
        out.writeLong(times[at]);
        for (int i = at * width; i < (at + 1) * width; i++) {
          out.writeByte(kinds[i]);
          out.writeLong(cells[i]);
        }
      }
      out.writeInt(panes.size());
      for (Pane one : panes) {
        out.writeLong(one.start);
        for (Aggregation.Value value : one.values) {
          value.write(out);
        }
      }
    }

    /** Takes an exact state over, into a slide that is empty. */
    public void read(DataInput in) throws IOException {
      int width = byEvent.length;
      now = in.readLong();
      tail = in.readInt();
      times = new long[Math.max(4, tail)];
      kinds = new byte[times.length * width];
      cells = new long[times.length * width];
      for (int at = 0; at < tail; at++) {
        times[at] = in.readLong();
        for (int i = 0; i < width; i++) {
          byte kind = in.readByte();
          long cell = in.readLong();
          kinds[at * width + i] = kind;
          cells[at * width + i] = cell;
          if (kind != Reversible.NOTHING) {
            ((Reversible) totals[byEvent[i]]).include(kind, cell);
          }
        }
      }
      for (int n = in.readInt(); n > 0; n--) {
        Pane one = new Pane(in.readLong(), emptyByPane());
        for (Aggregation.Value value : one.values) {
          value.read(in);
        }
        panes.add(one);
      }
      sumPanes();
    }
  }

  private record Pane(long start, Aggregation.Value[] values) {}
}
