package io.logstream;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** What a processor may know of the run it is in. Usable on the processor's own thread, from {@code open} on. */
public interface StageContext {
  /** The pipeline's name. */
  String pipeline();

  /** The stage's name, as in {@code describe()}. */
  String name();

  /** The only clock to ask: the system's in a live run, moved by hand in a test or replay; during a timer's call, the timer's own time. */
  InstantSource clock();

  /** The fast handle of a field that this stage reads or writes. While the stage opens only. */
  FieldKey key(String field);

  /**
   * The handle of a field for what comes when the stage is open already, such as a rule that is read again: as fast as {@link #key} if some stage
   * has asked for that field while it opened, else as fast as the field's name.
   */
  default FieldKey lateKey(String field) {
    return key(field);
  }

  /**
   * Refuses, as {@code build()} does, what cannot be read or compared at the stage's place: for what a stage learns only when it runs, such as a rule that
   * is read again. Any thread.
   *
   * @throws IllegalArgumentException if nothing before the stage yields a field that it reads, or one of another type
   */
  default void checkFields(FieldUse use) {}

  /** The fast handle of a field whose name turned up in the data. Once the run goes; worth keeping where the name comes again. */
  FoundName found(String field);

  /** The number of the checkpoint that the run goes on from, 0 if there was none to go on from; empty in a run without checkpoints. */
  default OptionalLong checkpoint() {
    return OptionalLong.empty();
  }

  /** The time up to which all events are believed to be here; {@link Instant#MIN} at first. It never goes back. */
  Instant watermark();

  /** The watermark of the one log that the event under way comes from; that of the pipeline during a timer and for derived events. */
  Instant logWatermark();

  /** {@link #watermark} in milliseconds since 1970, for stages that cannot afford an object for each event; {@link Long#MIN_VALUE} at first. */
  long watermarkMillis();

  /** {@link #logWatermark} in milliseconds since 1970; {@link Long#MIN_VALUE} at first. */
  long logWatermarkMillis();

  /**
   * Whether the log that an event comes from had nothing to read at this time on the clock, and all that was read before has come through:
   * what a stage asks before it takes silence for an end. True for derived events.
   */
  boolean silent(LogEvent of, Instant until);

  /** Why the watermark stands where it does. */
  Progress progress();

  /** A counter of the stage, shown in the metrics under {@code <stage>.<name>}. */
  Counter counter(String name);

  /**
   * A figure of the stage that goes up and down, shown in the metrics under {@code <stage>.<name>}; a later gauge of the same name takes its
   * place. It is asked for on any thread, at any time; NaN says that there is none now.
   */
  void gauge(String name, DoubleSupplier value);

  /**
   * A figure of the stage in several lines, each with labels of its own beside the pipeline and the place, such as one for each key. All lines have
   * labels of the same names, none of them {@code pipeline}, {@code place} or {@code log}. Asked for as {@link #gauge} is.
   *
   * @param values the lines there are now: labels, and the value
   */
  void gauges(String name, Supplier<Map<Map<String, String>, Double>> values);

  /** Says once per text, in the log, that something is wrong that is nobody event's fault. */
  void warn(String text);

  /** What moved the watermark last. */
  enum Progress {
    /** Events came that were late enough. */
    EVENTS,
    /** Nothing came for so long that time goes on without events. */
    IDLE,
    /** The input has ended. */
    END
  }
}
