package io.logstream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The pipeline's watermark: the time up to which all events are believed to be here. It is the least of the watermarks of the logs
 * that are neither idle nor finished, each of which follows the greatest event time of its log at the distance of the log's
 * out-of-orderness. When all logs are idle it goes on with the clock: greatest event time and as much again as the clock has gone
 * since that arrived, less the out-of-orderness. It never goes back. Trunk's thread only.
 *
 * <p>A log is idle when its reader has found nothing to read in it for {@code idleAfter}, and all that it read before has come
 * through. The clock of idleness is when the reader last said so, not the time of day: a log that is merely behind is never idle.
 *
 * <p>The logs that count lie in a heap, the one with the least watermark on top. Only the one on top holds the watermark back, so only
 * of that one it is asked whether it has become idle: then it leaves the heap, and the next one is asked. What lies below may be as
 * idle as that and stay. However many logs there are, an event costs a few comparisons, and a look at the clock costs one.
 */
final class Watermarks {
  /** Times further from 1970 count as this one, so that what is added to them does not overflow. */
  private static final long FARTHEST = Long.MAX_VALUE / 4;

  private final Set<Log> logs = new LinkedHashSet<>();
  /** Where they come from. */
  private final List<SourceRun> sources = new ArrayList<>();
  /** Those that are neither finished nor known to be idle. */
  private final Heap active = new Heap();
  private long watermark = Long.MIN_VALUE;
  private StageContext.Progress progress = StageContext.Progress.EVENTS;
  /** When it was last looked at what is silent. */
  private long lookedAt = Long.MIN_VALUE;
  /** How many logs are idle, and whether one is gone: without any, nothing goes on with the clock. */
  private int idle;
  private boolean anyGone;
  /** The log with the greatest event time, also if it is finished or gone; null as long as no event had one. */
  private LogProgress leader;

  long watermark() {
    return watermark;
  }

  StageContext.Progress progress() {
    return progress;
  }

  /** The greatest event time of all logs. */
  long greatest() {
    return leader == null ? Long.MIN_VALUE : leader.greatest;
  }

  Collection<Log> logs() {
    return logs;
  }

  /** A batch has come from this log. */
  void read(Batch batch) {
    Log log = batch.log;
    LogProgress p = log.progress;
    if (!p.known) {
      know(log);
      if (watermark != Long.MIN_VALUE && p.watermark == Long.MIN_VALUE) {
        p.watermark = watermark - p.outOfOrder;
      }
      count(log);
    }
    p.batchesTaken += batch.linesRead > 0 ? 1 : 0;
    if (batch.linesRead > 0 || p.lastReadAt == 0) {
      p.lastReadAt = batch.readTime;
      if (p.idle) {
        p.idle = false;
        idle--;
        count(log);
      }
    }
  }

  private void know(Log log) {
    LogProgress p = log.progress;
    p.known = true;
    logs.add(log);
    p.governedBy(log.run().timeGiver(), log.run().outOfOrder());
    log.run().unfinishedLogs += p.finished ? 0 : 1;
    if (!sources.contains(log.run())) {
      sources.add(log.run());
    }
  }

  private void count(Log log) {
    if (!log.progress.finished) {
      active.add(log);
    }
  }

  /** A log of an earlier run: it counts as it did then, and becomes idle as it would have, unless its reader does not find it again. */
  void restored(Log log, long now) {
    know(log);
    LogProgress p = log.progress;
    p.restoredAt = now;
    if (p.idle) {
      idle++;
    } else {
      count(log);
    }
    if (p.greatest != Long.MIN_VALUE) {
      leads(p);
    }
  }

  /** The first of those with the greatest time leads. */
  private void leads(LogProgress p) {
    if (leader == null || p.greatest > leader.greatest || p.greatest == leader.greatest && p.arrivedAt < leader.arrivedAt) {
      leader = p;
    }
  }

  /** An event of this log has this time. */
  void observe(Log log, long eventTime) {
    if (log == null) {
      return;
    }
    long time = Math.max(-FARTHEST, Math.min(FARTHEST, eventTime));
    LogProgress p = log.progress;
    if (time <= p.greatest) {
      p.leap = Long.MIN_VALUE;
      return;
    }
    if (p.greatest != Long.MIN_VALUE && time - p.greatest > p.maxLeap) {
      if (p.leap == Long.MIN_VALUE) {
        p.leap = time;
        return;
      }
      time = Math.min(p.leap, time);
    }
    p.leap = Long.MIN_VALUE;
    p.greatest = time;
    p.arrivedAt = p.lastReadAt;
    leads(p);
    if (time - p.outOfOrder > p.watermark) {
      p.watermark = time - p.outOfOrder;
      if (active.raised(log)) {
        combine();
      }
    }
  }

  /** The reader of a log says how far the log's time has come. */
  void told(Batch batch) {
    Log log = batch.log;
    LogProgress p = log.progress;
    p.told = true;
    if (batch.toldTime > p.watermark) {
      p.watermark = batch.toldTime;
      p.greatest = Math.max(p.greatest, batch.toldTime);
      p.arrivedAt = batch.readTime;
      leads(p);
      active.raised(log);
    }
    if (batch.toldIdle != p.idle) {
      p.idle = batch.toldIdle;
      idle += p.idle ? 1 : -1;
      if (p.idle) {
        active.remove(log);
      } else {
        count(log);
      }
    }
    long before = watermark;
    combine();
    if (p.idle && watermark > before) {
      progress = StageContext.Progress.IDLE;
    }
  }

  /** A log will bring nothing more. */
  void finished(Log log) {
    finish(log);
    combine();
  }

  private void finish(Log log) {
    countsNoMore(log);
    log.progress.finished = true;
  }

  private void countsNoMore(Log log) {
    active.remove(log);
    log.run().unfinishedLogs -= log.progress.known && !log.progress.finished ? 1 : 0;
  }

  /** A log is not there any more. Its time still goes on with the clock, should it be the latest. */
  void gone(Log log) {
    LogProgress p = log.progress;
    if (p.known) {
      countsNoMore(log);
      idle -= p.idle ? 1 : 0;
      anyGone |= p.greatest != Long.MIN_VALUE;
      p.known = false;
      logs.remove(log);
    }
    combine();
  }

  /** A whole source will bring nothing more. */
  void finished(SourceRun source) {
    for (Log log : logs) {
      if (log.run() == source) {
        finish(log);
      }
    }
    combine();
  }

  /** Goes on to the least watermark of the logs that count. */
  private void combine() {
    forgetIdle();
    Log least = active.top();
    if (least != null && least.progress.watermark > watermark) {
      watermark = least.progress.watermark;
      progress = StageContext.Progress.EVENTS;
    }
  }

  // ---------------------------------------------------------------- silence

  /** Whether nothing counts any more, so that time goes on with the clock. */
  private boolean allIdle() {
    return active.isEmpty() && (idle > 0 || anyGone);
  }

  /** Takes what was idle at the last look from the top of the heap; returns whether there was any. */
  private boolean forgetIdle() {
    boolean any = false;
    for (Log top = active.top(); top != null && isSilent(top); top = active.top()) {
      active.remove(top);
      top.progress.idle = true;
      idle++;
      any = true;
    }
    return any;
  }

  /** When a log is idle if nothing comes from it; never, if its reader says itself when it is. */
  private static long idleAt(Log log) {
    LogProgress p = log.progress;
    return p.told ? Timers.NEVER : (log.isFound() ? p.lastReadAt : p.restoredAt) + p.idleAfter;
  }

  /** Whether nothing has come from a log for long enough, as of the last look, and its reader has said that there is nothing to read. */
  private boolean isSilent(Log log) {
    long idleAt = idleAt(log);
    return idleAt <= lookedAt && log.isThrough() && (!log.isFound() || Math.max(log.quietAt, log.run().quietAt()) >= idleAt);
  }

  /** Whether a log does not hold the watermark back. */
  boolean isIdle(Log log) {
    return log.progress.idle || log.progress.finished || isSilent(log);
  }

  /** The earliest time on the clock, up to {@code now}, at which silence changes something for a stage that waits for {@code eventTime}. */
  long nextSilence(long now, long eventTime) {
    long next = Timers.NEVER;
    if (!active.isEmpty()) {
      long idleAt = idleAt(active.top());
      next = idleAt > lookedAt ? idleAt : Timers.NEVER;
    } else if (allIdle() && eventTime != Timers.NEVER) {
      long reached = clockWhen(eventTime);
      if (reached <= quietAt()) {
        next = Math.max(reached, 0);
      }
    }
    return next <= now ? next : Timers.NEVER;
  }

  /** The earliest time on the clock at which silence may change something for a stage that waits for {@code eventTime}; it may be over. */
  long nextLook(long eventTime) {
    if (!active.isEmpty()) {
      return idleAt(active.top());
    }
    return allIdle() && eventTime != Timers.NEVER ? clockWhen(eventTime) : Timers.NEVER;
  }

  /** Takes note of what is silent at this time on the clock. */
  void silence(long now) {
    lookedAt = Math.max(lookedAt, now);
    if (forgetIdle()) {
      long before = watermark;
      combine();
      if (watermark > before) {
        progress = StageContext.Progress.IDLE;
      }
    }
    if (allIdle()) {
      follow(Math.min(now, quietAt()));
    }
  }

  private void follow(long clock) {
    if (leader != null) {
      long followed = leader.greatest + Math.max(0, clock - leader.arrivedAt) - leader.outOfOrder;
      if (followed > watermark) {
        watermark = followed;
        progress = StageContext.Progress.IDLE;
      }
    }
  }

  private long clockWhen(long eventTime) {
    return leader == null ? Timers.NEVER : leader.arrivedAt + eventTime + leader.outOfOrder - leader.greatest;
  }

  /** Up to when all readers are known to have had nothing to read. */
  private long quietAt() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < sources.size(); i++) {
      SourceRun source = sources.get(i);
      if (source.unfinishedLogs > 0 && source.hasFoundLogs()) {
        least = Math.min(least, source.quietAt());
      }
    }
    return least;
  }

  // ---------------------------------------------------------------- end, restart

  /** Nothing more will come: time is complete. */
  void end() {
    progress = StageContext.Progress.END;
  }

  void restore(long saved) {
    watermark = saved;
  }

  /** Logs by their watermarks, the least on top. Each knows its place. */
  private static final class Heap {
    private Log[] at = new Log[16];
    private int size;

    boolean isEmpty() {
      return size == 0;
    }

    Log top() {
      return size == 0 ? null : at[0];
    }

    void add(Log log) {
      if (log.progress.place >= 0) {
        return;
      }
      if (size == at.length) {
        at = Arrays.copyOf(at, 2 * size);
      }
      up(size++, log);
    }

    /** The watermark of a log has been raised; returns whether the log was on top. */
    boolean raised(Log log) {
      int place = log.progress.place;
      if (place >= 0) {
        down(place, log);
      }
      return place == 0;
    }

    void remove(Log log) {
      int place = log.progress.place;
      if (place < 0) {
        return;
      }
      log.progress.place = -1;
      Log last = at[--size];
      at[size] = null;
      if (last != log) {
        down(place, last);
        up(last.progress.place, last);
      }
    }

    private void up(int from, Log log) {
      int place = from;
      for (int parent = (place - 1) / 2; place > 0 && log.progress.watermark < at[parent].progress.watermark; parent = (place - 1) / 2) {
        put(place, at[parent]);
        place = parent;
      }
      put(place, log);
    }

    private void down(int from, Log log) {
      int place = from;
      for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
        if (child + 1 < size && at[child + 1].progress.watermark < at[child].progress.watermark) {
          child++;
        }
        if (at[child].progress.watermark >= log.progress.watermark) {
          break;
        }
        put(place, at[child]);
        place = child;
      }
      if (place != from || at[place] != log) {
        put(place, log);
      }
    }

    private void put(int place, Log log) {
      at[place] = log;
      log.progress.place = place;
    }
  }
}
