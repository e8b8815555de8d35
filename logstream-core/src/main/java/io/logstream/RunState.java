package io.logstream;

/**
 * How a run is.
 *
 * @param phase where it is in its life
 * @param reason what is wrong, for a degraded or failed run; empty otherwise
 */
public record RunState(Phase phase, String reason) {
  /** Phases of a run. */
  public enum Phase {
    /** Its threads are being started. */
    STARTING,
    /** It runs. */
    RUNNING,
    /** It runs, but something outside does not work; it goes on trying. */
    DEGRADED,
    /** It reads no more and works off what is under way. */
    STOPPING,
    /** It has ended. */
    STOPPED
  }
}
