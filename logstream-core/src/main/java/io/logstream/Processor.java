package io.logstream;

import java.time.Instant;

/**
 * The running half of a stage or a sink: made by {@code open} for one run, called by one thread, thrown away at its end. Only {@link
 * #process} must be written.
 *
 * <p>Of every event given to it a stage's processor says what became of it, by exactly one verb of the {@link Emitter}; an event
 * about which it says nothing counts as dropped, 'unstated'. Anything it throws fails that event with the exception as the cause,
 * and the next event comes. An {@link Error} other than a stack overflow ends the run.
 *
 * <p><b>State.</b> What must outlive a restart is saved by key, at a moment when nothing is under way, together with the positions of
 * the sources; after a restart {@link #restore} gets it back before the first event.
 */
@FunctionalInterface
public interface Processor extends AutoCloseable {
  /** Takes one event, lent until this call returns. */
  void process(LogEvent event, Emitter out) throws Exception;

  /** The run opens: the first call, behind {@link #restore}, before the first event. For stages and sinks on the trunk; usable to ask for times. */
  default void onOpen(Emitter out) throws Exception {}

  /** A time asked for with {@link Emitter#at} is reached: all events up to it are believed to be here. */
  default void onTimer(Instant deadline, Emitter out) throws Exception {}

  /** A time asked for with {@link Emitter#atClock} is reached on the pipeline's clock. */
  default void onClock(Instant deadline, Emitter out) throws Exception {}

  /** The input has ended for good: what is still open must be emitted now. */
  default void onEnd(Emitter out) throws Exception {}

  /** The run is closed and a later one will go on from its checkpoint: what is not to wait for that must be emitted now. */
  default void onStop(Emitter out) throws Exception {}

  /** Puts what has changed since the last call. */
  default void save(State state) throws Exception {}

  /** Takes back what was saved, before the first event. */
  default void restore(State state, Emitter out) throws Exception {}

  /** For sinks: what was given must be where it belongs when this returns. Called before a checkpoint is written, and at the end. */
  default void flush() throws Exception {}

  /**
   * For sinks that keep what they are given beyond the run: as {@link #flush}, before the checkpoint of this number is written, to which all that was given
   * so far belongs. Numbers ascend; one whose checkpoint does not come about may come again, or never. A later run that goes on from a checkpoint is told which by {@link
   * StageContext#checkpoint}, and gives once more what came behind it.
   */
  default void flush(long checkpoint) throws Exception {
    flush();
  }

  /** For sinks that buffer: nothing more has come for now, so what people look at may be shown. */
  default void onQuiet() throws Exception {}

  /** Lets go of what it holds. Called once, last, also after a failure. */
  @Override
  default void close() {}
}
