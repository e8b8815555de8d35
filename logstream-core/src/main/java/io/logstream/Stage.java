package io.logstream;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A step of a pipeline: a description, immutable and shared freely, that opens into a {@link Processor} for every run. Whoever
 * writes a stage implements {@link #open}; whoever uses one writes {@code .then(stage)}.
 */
@FunctionalInterface
public interface Stage {
  /** Makes the running half. Called once per run, and once per lane when the stage is {@linkplain #stateless() stateless}. */
  Processor open(StageContext context);

  /**
   * Whether an event's result depends on that event alone, so that events may be processed on several threads and in any order: no
   * state from one event to the next, no timers, at most one event out for one in. A second one fails the record. False unless said.
   */
  default boolean stateless() {
    return false;
  }

  /**
   * Refuses a description that could not be opened, with an {@link IllegalArgumentException}: what only the finished stage can tell,
   * because later words may still mend it. Called when a pipeline is built, which adds where the stage stands.
   */
  default void check() {}

  /**
   * Which fields of events it reads and yields, so that {@code build()} can refuse a pipeline in which they do not fit together; {@link
   * FieldUse#unknown} unless said. Asked after {@link #check}.
   */
  default FieldUse fieldUse() {
    return FieldUse.unknown();
  }

  /**
   * Sinks that it gives events to beside what it emits, by {@link Emitter#aside}, such as one for events that came too late. Each stands
   * in {@code describe()} and the ledger as {@code <stage>/<side>}. Not for stateless stages. None unless said.
   */
  default Map<String, Sink> sides() {
    return Map.of();
  }

  /**
   * The fields by which it keeps its state apart: what becomes of an event depends on no event that has another value in one of them. None
   * of them (an empty list) if it looks at all events together. By this a runner that spreads a pipeline over machines knows which events must meet.
   * Not asked of stateless stages; empty, that is unknown, unless said.
   */
  default Optional<List<String>> stateBy() {
    return Optional.empty();
  }

  /**
   * The only fields that it looks at ({@code message} among them if it looks at that), where it emits no event that it was given; then whoever
   * brings it events from elsewhere may leave out the rest, time and origin excepted. Empty, that is unknown, unless said.
   */
  default Optional<List<String>> needs() {
    return Optional.empty();
  }

  /** What the stage is called in {@code describe()}, counters and thread names unless {@code then(name, stage)} says otherwise. */
  default String name() {
    return Described.nameOf(getClass(), "Stage");
  }

  /** A sink made of this stage and what follows it. */
  default Sink to(Sink... sinks) {
    return new StageSink(this, sinks);
  }

  /** Changes or reads every event and passes it on. Promises to be {@linkplain #stateless() stateless}. */
  static Stage each(Consumer<LogEvent> action) {
    return new EachStage(Objects.requireNonNull(action, "action"), true);
  }

  /** As {@link #each}, for an action that keeps state from one event to the next: it sees all events in order, on one thread. */
  static Stage inOrder(Consumer<LogEvent> action) {
    return new EachStage(Objects.requireNonNull(action, "action"), false);
  }
}
