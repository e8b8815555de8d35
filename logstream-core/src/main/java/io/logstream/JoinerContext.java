package io.logstream;

/** What a {@link LineJoiner} may know of the run it is in. One for all joiners of a stage and source; usable on their thread. */
public interface JoinerContext {
  /** A counter of the stage, shown in the metrics under {@code <stage>.<name>}. */
  Counter counter(String name);

  /** Says once per subject, in the log, that something is wrong. */
  void warn(String subject, String text);

  /** The time on the pipeline's clock, in milliseconds since 1970. */
  long now();
}
