package io.logstream.window;

/** One line of a test: its time, its key, and a number. */
record Came(long time, String key, long value) {
  String line() {
    return "t=" + time + (key == null ? "" : " k=" + key) + " v=" + value;
  }
}
