package io.logstream.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/** A clock that stands still until it is moved by hand, and never goes back. Any thread. */
public final class TestClock implements InstantSource {
  private volatile Instant now;

  private TestClock(Instant start) {
    now = Objects.requireNonNull(start, "start");
  }

  /** A clock that stands at this time. */
  public static TestClock at(Instant start) {
    return new TestClock(start);
  }

  /** Moves it ahead. */
  public synchronized TestClock advance(Duration by) {
    Objects.requireNonNull(by, "by of TestClock.advance");
    if (by.isNegative()) {
      throw new IllegalArgumentException("a clock does not go back, was to be moved by " + by);
    }
    now = now.plus(by);
    return this;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public String toString() {
    return now.toString();
  }
}
