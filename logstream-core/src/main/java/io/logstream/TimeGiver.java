package io.logstream;

import java.time.Duration;

/**
 * A stage that gives events their time, and so moves the watermark: every event that it passes on counts, also when a later stage
 * drops or fails it. At most one stands on the way from a source to the end of the chain; in a branch it sets times only.
 */
public interface TimeGiver extends Stage {
  /** How much earlier than one already read a record's time may be: the watermark follows the greatest time at this distance. */
  Duration outOfOrder();

  /**
   * How far a record may be ahead of the greatest time of its log: one further ahead does not move time until a second one confirms it, so
   * that a single wrong date does not make all that follows late.
   */
  default Duration maxLeap() {
    return Duration.ofHours(24);
  }

  /** How long there must be nothing to read in a log before time goes on without it, on the pipeline's clock. */
  Duration idleAfter();
}
