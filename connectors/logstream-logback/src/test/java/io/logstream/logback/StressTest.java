package io.logstream.logback;

import io.logstream.logging.testing.StressContract;

class StressTest extends StressContract<WatchedLogback> {
  StressTest() {
    super(new WatchedLogback());
  }
}
