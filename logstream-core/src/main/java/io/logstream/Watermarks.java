package io.logstream;

import java.util.ArrayList;
import java.util.List;

/**
 * The pipeline's watermark: the time up to which all events are believed to be here. It is the least of the watermarks of the logs
 * that are neither idle nor finished, each of which follows the greatest event time of its log at the distance of the log's
 * out-of-orderness. When all logs are idle it goes on with the clock: greatest event time and as much again as the clock has gone
 * since that arrived, less the out-of-orderness. It never goes back. Trunk's thread only.
 *
 * <p>A log is idle when its reader has found nothing to read in it for {@code idleAfter}, and all that it read before has come
 * through. The clock of idleness is when the reader last said so, not the time of day: a log that is merely behind is never idle.
 */
final class Watermarks {
  /** Times further from 1970 count as this one, so that what is added to them does not overflow. */
  private static final long FARTHEST = Long.MAX_VALUE / 4;

  private final List<Log> logs = new ArrayList<>();
  private long watermark = Long.MIN_VALUE;
  private StageContext.Progress progress = StageContext.Progress.EVENTS;
  /** The log whose watermark is the least, where that is known to be so. */
  private Log least;
  private long nextIdleScan = Long.MAX_VALUE;
  /** Whether a log is silent for long enough, but its reader has not said yet that there is nothing to read. */
  private boolean awaitsReader;
  private boolean allIdle;
  /** The latest of the logs that are gone; null for none. */
  private LogProgress departed;

  long watermark() {
    return watermark;
  }

  StageContext.Progress progress() {
    return progress;
  }

  /** The greatest event time of all logs. */
  long greatest() {
    long greatest = departed == null ? Long.MIN_VALUE : departed.greatest;
    for (Log log : logs) {
      greatest = Math.max(greatest, log.progress.greatest);
    }
    return greatest;
  }

  List<Log> logs() {
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
    }
    if (batch.linesRead > 0 || p.lastReadAt == 0) {
      p.lastReadAt = batch.readTime;
      if (p.idle) {
        p.idle = false;
        least = null;
      }
      allIdle = false;
    }
    if (!p.told) {
      nextIdleScan = Math.min(nextIdleScan, p.lastReadAt + p.idleAfter);
    }
  }

  private void know(Log log) {
    log.progress.known = true;
    logs.add(log);
    log.progress.governedBy(log.run().timeGiver(), log.run().outOfOrder());
    least = null;
  }

  /** A log of an earlier run: it counts as it did then, and becomes idle as it would have, unless its reader does not find it again. */
  void restored(Log log, long now) {
    know(log);
    log.progress.restoredAt = now;
    nextIdleScan = Math.min(nextIdleScan, log.progress.lastReadAt + log.progress.idleAfter);
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
    p.watermark = Math.max(p.watermark, time - p.outOfOrder);
    if (least == null || least == log) {
      combine();
    }
  }

  /** The reader of a log says how far the log's time has come. */
  void told(Batch batch) {
    LogProgress p = batch.log.progress;
    p.told = true;
    if (batch.toldTime > p.watermark) {
      p.watermark = batch.toldTime;
      p.greatest = Math.max(p.greatest, batch.toldTime);
      p.arrivedAt = batch.readTime;
    }
    if (batch.toldIdle) {
      p.idle = true;
      nextIdleScan = Math.min(nextIdleScan, batch.readTime);
      long before = watermark;
      combine();
      progress = watermark > before ? StageContext.Progress.IDLE : progress;
    } else {
      boolean woke = p.idle;
      p.idle = false;
      allIdle = false;
      if (woke || least == null || least == batch.log) {
        combine();
      }
    }
  }

  /** A log will bring nothing more. */
  void finished(Log log) {
    log.progress.finished = true;
    least = null;
    combine();
  }

  /** A log is not there any more. Its time still goes on with the clock, should it be the latest. */
  void gone(Log log) {
    LogProgress p = log.progress;
    logs.remove(log);
    if (p.greatest != Long.MIN_VALUE && (departed == null || p.greatest > departed.greatest)) {
      departed = p;
    }
    p.known = false;
    least = null;
    combine();
    allIdle |= logs.isEmpty();
  }

  /** A whole source will bring nothing more. */
  void finished(SourceRun source) {
    for (Log log : logs) {
      if (log.run() == source) {
        log.progress.finished = true;
      }
    }
    least = null;
    combine();
  }

  private void combine() {
    long min = Long.MAX_VALUE;
    least = null;
    for (Log log : logs) {
      LogProgress p = log.progress;
      if (!p.idle && !p.finished && p.watermark <= min) {
        min = p.watermark;
        least = log;
      }
    }
    if (least != null && min > watermark) {
      watermark = min;
      progress = StageContext.Progress.EVENTS;
    }
  }

  // ---------------------------------------------------------------- silence

  /** The earliest time on the clock, up to {@code now}, at which silence changes something for a stage that waits for {@code eventTime}. */
  long nextSilence(long now, long eventTime) {
    long next = nextIdleScan;
    if (allIdle && eventTime != Timers.NEVER) {
      long reached = clockWhen(eventTime);
      if (reached <= quietAt()) {
        next = Math.min(next, Math.max(reached, 0));
      }
    }
    return next <= now ? next : Timers.NEVER;
  }

  /** The earliest time on the clock at which silence may change something for a stage that waits for {@code eventTime}; it may be over. */
  long nextLook(long eventTime) {
    if (awaitsReader) {
      return Long.MIN_VALUE;
    }
    return allIdle && eventTime != Timers.NEVER ? Math.min(nextIdleScan, clockWhen(eventTime)) : nextIdleScan;
  }

  /** Takes note of what is silent at this time on the clock. */
  void silence(long now) {
    if (nextIdleScan <= now || awaitsReader) {
      scanForIdle(now);
    }
    if (allIdle) {
      follow(Math.min(now, quietAt()));
    }
  }

  private void scanForIdle(long now) {
    nextIdleScan = Long.MAX_VALUE;
    awaitsReader = false;
    boolean active = false;
    boolean changed = false;
    for (Log log : logs) {
      LogProgress p = log.progress;
      if (p.finished || p.idle) {
        continue;
      }
      if (p.told) {
        active = true;
        continue;
      }
      long idleAt = (log.isFound() ? p.lastReadAt : p.restoredAt) + p.idleAfter;
      boolean seenAll = log.lastReadAt <= p.lastReadAt;
      if (seenAll && idleAt <= now && (!log.isFound() || quietAt(log) >= idleAt)) {
        p.idle = true;
        changed = true;
      } else {
        active = true;
        if (idleAt > now) {
          nextIdleScan = Math.min(nextIdleScan, idleAt);
        } else {
          awaitsReader = true;
        }
      }
    }
    if (changed) {
      least = null;
      long before = watermark;
      combine();
      if (watermark > before) {
        progress = StageContext.Progress.IDLE;
      }
    }
    allIdle = !active && (departed != null || logs.stream().anyMatch(l -> l.progress.idle));
  }

  private void follow(long clock) {
    LogProgress p = leader();
    if (p != null) {
      long followed = p.greatest + Math.max(0, clock - p.arrivedAt) - p.outOfOrder;
      if (followed > watermark) {
        watermark = followed;
        progress = StageContext.Progress.IDLE;
      }
    }
  }

  private long clockWhen(long eventTime) {
    LogProgress leader = leader();
    return leader == null ? Timers.NEVER : leader.arrivedAt + eventTime + leader.outOfOrder - leader.greatest;
  }

  private LogProgress leader() {
    LogProgress leader = departed;
    for (Log log : logs) {
      LogProgress p = log.progress;
      if (p.greatest != Long.MIN_VALUE && (leader == null || p.greatest > leader.greatest)) {
        leader = p;
      }
    }
    return leader;
  }

  private static long quietAt(Log log) {
    return Math.max(log.quietAt, log.run().quietAt());
  }

  /** Up to when all logs are known to have had nothing to read. */
  private long quietAt() {
    long least = Long.MAX_VALUE;
    for (Log log : logs) {
      if (!log.progress.finished && log.isFound()) {
        least = Math.min(least, quietAt(log));
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
}
