package io.logstream.alert;

/** What becomes of a key of which no more events come. */
public enum NoData {
  /** It is alerted about, as a firing of its own, once that has lasted as long as {@code lasting} says. */
  ALERT,
  /** It is well: a firing is over. */
  OK,
  /** It stays as it is; the time without events does not count towards {@code lasting}. */
  KEEP
}
