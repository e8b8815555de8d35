package io.logstream;

import java.util.Objects;

/**
 * A sink with words about its outbox: {@code Outboxed.sink(influx).holding(64 << 20).whenFull(DROP_NEWEST)}. Only for sinks that
 * block. Immutable.
 */
public final class Outboxed implements Sink {
  /** What happens to an event for which an outbox has no room. */
  public enum WhenFull {
    /** The pipeline waits until there is room: nothing is lost, and reading stops after a while. The default. */
    WAIT,
    /** The event is dropped for this sink, counted under 'outbox full'. */
    DROP_NEWEST
  }

  private final Sink sink;
  private final int slots;
  private final WhenFull whenFull;

  private Outboxed(Sink sink, int slots, WhenFull whenFull) {
    this.sink = sink;
    this.slots = slots;
    this.whenFull = whenFull;
  }

  /** A sink with the default outbox: 16 MiB, and the pipeline waits when it is full. */
  public static Outboxed sink(Sink sink) {
    Objects.requireNonNull(sink, "sink of Outboxed.sink");
    if (!sink.blocks()) {
      throw new IllegalArgumentException("sink '" + sink.name() + "' does not block, so it has no outbox");
    }
    return new Outboxed(sink, 256, WhenFull.WAIT);
  }

  /** Holds about so many bytes: 128 KiB at least, rounded up to 64 KiB times a power of two. */
  public Outboxed holding(long bytes) {
    if (bytes < 2 * Batch.BYTES || bytes > 1L << 36) {
      throw new IllegalArgumentException("an outbox holds at least 131072 bytes and at most 2^36, was " + bytes);
    }
    int wanted = (int) ((bytes + Batch.BYTES - 1) / Batch.BYTES);
    return new Outboxed(sink, Integer.highestOneBit(Math.max(2, 2 * wanted - 1)), whenFull);
  }

  /** What happens when it is full. */
  public Outboxed whenFull(WhenFull what) {
    return new Outboxed(sink, slots, Objects.requireNonNull(what, "whenFull"));
  }

  int slots() {
    return slots;
  }

  WhenFull whenFull() {
    return whenFull;
  }

  @Override
  public Processor open(StageContext context) {
    return sink.open(context);
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public boolean notifies() {
    return sink.notifies();
  }

  @Override
  public FieldUse fieldUse() {
    return sink.fieldUse();
  }

  @Override
  public FileUse fileUse() {
    return sink.fileUse();
  }

  @Override
  public String name() {
    return sink.name();
  }
}
