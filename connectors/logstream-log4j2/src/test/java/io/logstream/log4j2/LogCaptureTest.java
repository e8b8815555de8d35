package io.logstream.log4j2;

import io.logstream.logging.testing.LogCaptureContract;

class LogCaptureTest extends LogCaptureContract<WatchedLog4j> {
  LogCaptureTest() {
    super(new WatchedLog4j());
  }
}
