package io.logstream;

import java.time.Instant;
import java.time.InstantSource;

/** A run's clock as its processors see it: the clock it was given, and while timers are called, the deadline of the timer. */
final class RunClock implements InstantSource {
  private final InstantSource base;
  private long held = Long.MIN_VALUE;

  RunClock(InstantSource base) {
    this.base = base;
  }

  @Override
  public Instant instant() {
    return held == Long.MIN_VALUE ? base.instant() : Instant.ofEpochMilli(held);
  }

  @Override
  public long millis() {
    return held == Long.MIN_VALUE ? base.millis() : held;
  }

  InstantSource base() {
    return base;
  }

  void hold(long millis) {
    held = millis;
  }

  void release() {
    held = Long.MIN_VALUE;
  }
}
