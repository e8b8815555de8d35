package io.logstream.alert;

import io.logstream.Processor;
import io.logstream.StageContext;
import io.logstream.TimeGiver;
import java.time.Duration;

/** Leaves events the time that they have, of a log that may be so much out of order. */
record GivenTime(Duration outOfOrder) implements TimeGiver {
  @Override
  public Duration idleAfter() {
    return Duration.ofSeconds(10);
  }

  @Override
  public Processor open(StageContext context) {
    return (event, out) -> out.emit(event);
  }

  @Override
  public boolean stateless() {
    return true;
  }
}
