package io.logstream;

/** How the engine's threads wait for work. */
public enum Waiting {
  /** They sleep and are woken: an idle pipeline costs next to nothing. The default. */
  PARKING,
  /** They look all the time, giving way to others: the lowest latency, for one core each. */
  YIELDING
}
