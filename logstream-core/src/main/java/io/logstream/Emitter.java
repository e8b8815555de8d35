package io.logstream;

import java.time.Instant;

/**
 * Where a {@link Processor} says what becomes of an event. Exactly one of {@link #emit}, {@link #drop}, {@link #fail}, {@link #absorb}
 * and {@link #hold} for every event given to it, and one of the first four later for every event held; each is counted. Usable
 * during a call of the processor only.
 */
public interface Emitter {
  /**
   * Passes an event on: the one given, one held before, a {@linkplain #create() created} one, or a copy. It is processed by all that
   * follows before this call returns; what they change is undone then.
   */
  void emit(LogEvent event);

  /** Leaves an event out, by a rule. Reasons are counted by their text: a few fixed ones, without data in them. */
  void drop(LogEvent event, String reason);

  /** Gives up on an event because something is wrong with it. Causes are counted by their text: a few fixed ones, without data. */
  void fail(LogEvent event, String cause);

  /** As {@link #fail(LogEvent, String)}, with a detail for the failure sink that is not counted apart, such as where it went wrong. */
  void fail(LogEvent event, String cause, String detail);

  /** Takes an event in: it was added to something, or delivered. */
  void absorb(LogEvent event);

  /**
   * Gives an event to a sink at the stage's side, besides saying a verb about it.
   *
   * @param side one of the {@linkplain Stage#sides() sides} of the stage
   */
  void aside(String side, LogEvent event);

  /**
   * Keeps an event for later.
   *
   * @return a copy of one's own, to be emitted, dropped, failed or absorbed later on; kept across a restart if the processor saves it
   */
  LogEvent hold(LogEvent event);

  /**
   * A new event, empty, one's own; counted as created when it is emitted. It has the time of the event or timer under way, in {@link
   * Processor#onEnd} the greatest event time that there was.
   */
  LogEvent create();

  /** A held event from its saved form, in {@link Processor#restore}. */
  LogEvent restoreHeld(byte[] saved);

  /** Asks for a call of {@link Processor#onTimer} once the watermark has reached this time: all earlier events are believed to be here. */
  void at(Instant deadline);

  /** Asks for a call of {@link Processor#onClock} once the pipeline's clock has reached this time, whatever events say. */
  void atClock(Instant deadline);
}
