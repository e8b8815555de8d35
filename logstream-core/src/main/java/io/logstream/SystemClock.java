package io.logstream;

import java.time.Instant;
import java.time.InstantSource;

/** The system's clock: the one place where the time of day is read. */
final class SystemClock implements InstantSource {
  static final SystemClock INSTANCE = new SystemClock();

  private SystemClock() {}

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(System.currentTimeMillis());
  }

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }
}
