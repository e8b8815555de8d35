package io.logstream.alert;

/** How much an alert matters, least first. It decides nothing by itself: notifiers read it. */
public enum Severity {
  /** Worth knowing. */
  INFO,
  /** To be looked at in working hours. The default. */
  WARNING,
  /** To be looked at now. */
  HIGH,
  /** To wake somebody up. */
  PAGE
}
