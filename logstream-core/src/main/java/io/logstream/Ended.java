package io.logstream;

/** How a record of several lines came to its end. */
enum Ended {
  NEXT("next"),
  PATTERN("pattern"),
  TIMEOUT("timeout"),
  CAP("cap"),
  FILE_END("file-end"),
  CLOSE("close");

  private static final Ended[] ALL = values();

  final String text;

  Ended(String text) {
    this.text = text;
  }

  static Ended of(int ordinal) {
    return ALL[ordinal];
  }
}
