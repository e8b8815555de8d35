package io.logstream;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Where events end: a description, immutable, that opens into a {@link Processor} for every run. What is given to a sink goes on to
 * the next step of the chain as well. An event that its processor neither fails nor drops counts as absorbed, that is, delivered.
 */
@FunctionalInterface
public interface Sink {
  /** Makes the running half. */
  Processor open(StageContext context);

  /**
   * Whether it may wait for something outside, such as a network, a disk or a person's terminal. Such a sink runs on a thread of its
   * own behind an outbox, so that it slows nobody until that outbox is full. False unless said: then it runs on the trunk and must be quick.
   */
  default boolean blocks() {
    return false;
  }

  /** Whether it tells people or other systems of something, so that a run made {@linkplain Pipeline#quietly() quiet} leaves it out. */
  default boolean notifies() {
    return false;
  }

  /**
   * Which fields of events it reads, so that {@code build()} can refuse a sink that waits for a field no event can have; {@link
   * FieldUse#unknown} unless said. What it yields does not matter.
   */
  default FieldUse fieldUse() {
    return FieldUse.unknown();
  }

  /** Which files of this machine it writes, so that {@code build()} can refuse a pipeline that writes one twice, or reads it too; none unless said. */
  default FileUse fileUse() {
    return FileUse.none();
  }

  /**
   * What stands in the pipeline in its place, under its name: for a sink that is a stage with sinks behind it, made by {@link Stage#to}.
   * Asked once, where it is put into the chain, so that a description that cannot run may refuse it here. The sink itself unless said.
   */
  default Sink expanded() {
    return this;
  }

  /** What the sink is called in {@code describe()}, counters and thread names unless {@code to(name, sink)} says otherwise. */
  default String name() {
    return Described.nameOf(getClass(), "Sink");
  }

  /** Gives every event to an action, on the trunk's thread. The event is lent: who wants it later keeps a {@link LogEvent#copy}. */
  static Sink each(Consumer<LogEvent> action) {
    Objects.requireNonNull(action, "action");
    return new Sink() {
      @Override
      public Processor open(StageContext context) {
        return (event, out) -> action.accept(event);
      }

      @Override
      public String name() {
        return "each";
      }
    };
  }
}
