package io.logstream.logback;

import io.logstream.logging.testing.LogCaptureContract;

class LogCaptureTest extends LogCaptureContract<WatchedLogback> {
  LogCaptureTest() {
    super(new WatchedLogback());
  }
}
