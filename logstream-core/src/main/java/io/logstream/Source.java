package io.logstream;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where lines and events come from: a description, immutable, that opens into a {@link Reader} for every run.
 */
@FunctionalInterface
public interface Source {
  /** Makes the running half, on the thread that starts the run. Outside things that may be missing are looked for in {@link Reader#poll}. */
  Reader open(SourceContext context);

  /** Which fields its events have besides the built-in ones; {@link FieldUse#unknown} unless said. */
  default FieldUse fieldUse() {
    return FieldUse.unknown();
  }

  /** Which files of this machine it reads, so that {@code build()} can refuse a pipeline that reads one twice; none unless said. */
  default FileUse fileUse() {
    return FileUse.none();
  }

  /**
   * Whether it lets go of what it has read, somewhere outside, once that is delivered: then its reader is told so by {@link Reader#saved} also in
   * a run without a checkpoint, as often as a checkpoint would be taken, and is closed only when everything is delivered. False unless said.
   */
  default boolean acknowledges() {
    return false;
  }

  /**
   * How much earlier than one that came before it an event's time may be, as its own threads hand them over: the watermark keeps this
   * distance. For sources that know the times of their events; a {@link TimeGiver} on the way decides instead of it.
   */
  default Duration outOfOrder() {
    return Duration.ZERO;
  }

  /** From which time on its events count; null for all. Earlier ones are dropped where they get their time, {@code before since}. */
  default Instant since() {
    return null;
  }

  /** Stages that belong to the source, before those that {@link #then} adds; none unless said. */
  default List<Stage> stages() {
    return List.of();
  }

  /** What the source is called in {@code describe()}, counters and thread names. */
  default String name() {
    return Described.nameOf(getClass(), "Source");
  }

  /** This source with stages of its own, before those of the pipeline: so that sources of different formats can be read together. */
  default Source then(Stage stage) {
    Objects.requireNonNull(stage, "stage of Source.then");
    return new DressedSource(this, Stages.flat(stage), Map.of());
  }

  /**
   * This source with a field that all its events have.
   *
   * @throws IllegalArgumentException for a value that no field can hold, an empty name, and the names {@code message}, {@code line} and {@code offset}, which
   *     each event has its own of
   */
  default Source field(String name, Object value) {
    Objects.requireNonNull(name, "name of Source.field");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("Source.field was given an empty text as the name of a field");
    }
    if (List.of("message", "line", "offset").contains(name)) {
      throw new IllegalArgumentException("each event has a " + name + " of its own, so a source cannot give it one; take another name for the field");
    }
    return new DressedSource(this, List.of(), Map.of(name, LogEvent.plain(name, Objects.requireNonNull(value, "value of a field"))));
  }
}
