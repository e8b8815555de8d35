package io.logstream.log4j2;

import io.logstream.logging.testing.StressContract;

class StressTest extends StressContract<WatchedLog4j> {
  StressTest() {
    super(new WatchedLog4j());
  }
}
