package io.logstream;

import java.time.Duration;
import java.util.List;

/** A look at what goes into one stage of a running pipeline and what comes out; its text shows that. Any thread. */
public interface Tap {
  /**
   * One event before the stage, and what the stage passed on while it processed it: nothing for an event dropped, failed or absorbed.
   */
  record Sample(LogEvent before, List<LogEvent> after) {}

  /** The stage looked at. */
  String stage();

  /** What was seen so far, in order. */
  List<Sample> samples();

  /** Waits until as many samples as were asked for are there, but not longer than this; returns those there are. */
  List<Sample> await(Duration atMost) throws InterruptedException;
}
