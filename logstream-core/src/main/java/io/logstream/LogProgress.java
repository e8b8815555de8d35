package io.logstream;

import java.time.Duration;

/** What the trunk knows of one log: its times, and how far it has come. */
final class LogProgress {
  private static final long DAY = 24 * 3_600_000L;

  boolean known;
  /** When it was restored from a saved state. */
  long restoredAt;
  /** Greatest event time, and when it arrived on the pipeline's clock. */
  long greatest = Long.MIN_VALUE;
  long arrivedAt;
  long watermark = Long.MIN_VALUE;
  /** A time that would leap far ahead, waiting for a second event to confirm it. */
  long leap = Long.MIN_VALUE;

  long outOfOrder;
  long maxLeap;
  long idleAfter;
  long lastReadAt;
  /** How many of its batches with lines have come through or are about to. */
  long batchesTaken;
  boolean idle;
  boolean finished;
  /** Where it stands among the logs that hold the watermark back; -1 for nowhere. */
  int place = -1;
  /** Whether its reader says how far its time has come. */
  boolean told;

  Mark mark;
  Framing.Open open;
  /** Its part of the last checkpoint; null before the first. */
  SavedLog saved;
  int linesHeld;

  void governedBy(TimeGiver giver, Duration disorder) {
    outOfOrder = disorder.toMillis();
    maxLeap = giver == null ? DAY : millis(giver.maxLeap());
    idleAfter = giver == null ? 0 : millis(giver.idleAfter());
  }

  private static long millis(Duration d) {
    try {
      return d.toMillis();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 4;
    }
  }
}
