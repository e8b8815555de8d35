package io.logstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A pipeline on the caller's thread: no thread, no waiting, a clock moved by the caller. It has the very stages of a live run and gives
 * the same results. For tests, replays and back-tests. One thread.
 */
public final class InlineRun implements AutoCloseable {
  private final Pipeline pipeline;
  private final Engine engine;
  private final Batch batch = new Batch();
  private final Fields fields;
  private final CheckpointFile checkpoint;
  /** Where its state is kept, and what has changed is put now and then; null for nowhere. */
  private final State kept;
  private boolean ended;
  private boolean closed;

  InlineRun(Pipeline pipeline, InstantSource clock, Map<String, byte[]> saved) {
    this.pipeline = pipeline;
    this.kept = null;
    RunClock runClock = new RunClock(clock);
    if (pipeline.settings.checkpointDir == null) {
      checkpoint = null;
      engine = Assembly.open(pipeline, runClock, OptionalLong.empty(), false, saved);
    } else {
      checkpoint = CheckpointFile.open(pipeline.name(), pipeline.settings.checkpointDir);
      Map<String, byte[]> from = saved.isEmpty() ? checkpoint.load(new Notices(pipeline.name())) : saved;
      try {
        engine = Assembly.open(pipeline, runClock, OptionalLong.of(checkpoint.number()), false, from);
      } catch (RuntimeException | Error e) {
        checkpoint.close();
        throw e;
      }
    }
    fields = new Fields(engine.names);
    engine.settling = (source, atMost) -> tellDelivered();
  }

  InlineRun(Pipeline pipeline, InstantSource clock, State kept) {
    this.pipeline = pipeline;
    this.kept = kept;
    this.checkpoint = null;
    Map<String, byte[]> saved = new TreeMap<>();
    kept.forEach(saved::put);
    engine = Assembly.open(pipeline, new RunClock(clock), OptionalLong.empty(), false, saved, kept);
    fields = new Fields(engine.names);
    engine.settling = (source, atMost) -> tellDelivered();
  }

  /**
   * Reads and processes all that the sources have now, then runs what is due on the clock, in order of deadlines, as a clock that went
   * steadily would have run it.
   *
   * @return whether there may be more: false when all sources are at their end
   */
  public boolean work() {
    Engine around = enter();
    try {
      long now = engine.clock.base().millis();
      do {
        while (readAll()) {
          // until there is nothing more now
        }
      } while (timersUpTo(now));
      engine.tick(now);
      engine.quiet();
      if (checkpoint == null && engine.acknowledges()) {
        tellDelivered();
      }
      return !ended;
    } finally {
      leave(around);
    }
  }

  /**
   * Processes what one source brings at one asking, and leaves the clock alone: for runners that feed the sources themselves and know when
   * there is nothing to read, which {@link #work} takes from the sources' answers.
   *
   * @throws IllegalArgumentException if there is no such source
   */
  public void step(String source) {
    Engine around = enter();
    try {
      step(engine.source(source));
    } finally {
      leave(around);
    }
  }

  /** Runs what is due on the clock, without asking the sources. */
  public void tick() {
    Engine around = enter();
    try {
      engine.tick(engine.clock.base().millis());
    } finally {
      leave(around);
    }
  }

  private Engine enter() {
    Engine around = Engine.OF_THIS_THREAD.get();
    Engine.OF_THIS_THREAD.set(engine);
    return around;
  }

  private static void leave(Engine around) {
    if (around == null) {
      Engine.OF_THIS_THREAD.remove();
    } else {
      Engine.OF_THIS_THREAD.set(around);
    }
  }

  /** Everything up to here is where it belongs: tells the sources that want to know. */
  private boolean tellDelivered() {
    try {
      engine.flush();
      if (checkpoint != null) {
        checkpoint.write(engine.nextCheckpoint++, engine.save());
      }
      engine.delivered(engine.marks());
      for (SourceRun source : engine.sources) {
        source.tellDelivered();
      }
      return true;
    } catch (Exception e) {
      engine.notices.trouble("flush", "what was read could not be acknowledged: " + e, e);
      return false;
    }
  }

  /** Processes one batch of each source. Returns whether any source had something. */
  private boolean readAll() {
    boolean any = false;
    boolean allEnded = true;
    for (SourceRun source : engine.sources) {
      Reader.Found found = step(source);
      any |= found == Reader.Found.SOMETHING;
      allEnded &= found == Reader.Found.END;
    }
    ended = allEnded;
    return any;
  }

  private Reader.Found step(SourceRun source) {
    try {
      Reader.Found found = source.next(batch);
      if (found == Reader.Found.SOMETHING) {
        process();
      } else if (found == Reader.Found.END) {
        engine.time.finished(source);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException("pipeline '" + pipeline.name() + "', source '" + source.name() + "': " + e.getMessage(), e);
    }
  }

  private void process() {
    if (batch.fields == null) {
      fields.reset(batch.count(), batch.readTime);
      batch.fields = fields;
    }
    batch.log.run().pass[0].run(batch);
    engine.process(batch);
  }

  /** Runs timers up to the next unfinished record that silence completes; true if there was one. */
  private boolean timersUpTo(long now) {
    SourceRun first = null;
    for (SourceRun source : engine.sources) {
      if (source.nextDeadline() <= now && (first == null || source.nextDeadline() < first.nextDeadline())) {
        first = source;
      }
    }
    if (first == null) {
      return false;
    }
    long deadline = first.nextDeadline();
    engine.sources.forEach(source -> source.quietAt(deadline));
    engine.tick(deadline - 1);
    engine.clock.hold(deadline);
    boolean completed = first.expireInline(batch, deadline);
    if (completed) {
      process();
    }
    engine.clock.release();
    return completed;
  }

  /** What became of every record up to now. */
  public Ledger ledger() {
    return engine.ledger();
  }

  /** What sources and stages count beside the ledger, as in {@link RunningPipeline#metrics}. */
  public Map<String, Long> metrics() {
    Map<String, Long> all = new Readings(engine).asMap();
    if (checkpoint != null) {
      checkpoint.count(all);
    }
    return all;
  }

  /** The same with labels, and the ledger's counts with it. */
  public List<Metric> meters() {
    return new Readings(engine).meters(ledger(), engine.time.watermark());
  }

  /** Looks at the next events before and after a stage. */
  public Tap tap(String stage, int events) {
    return Taps.on(engine, stage, events);
  }

  /** The watermark; {@link Instant#MIN} at first. */
  public Instant watermark() {
    return Millis.instant(engine.time.watermark());
  }

  /** The whole state between two batches, to go on from with {@link Pipeline#inline(InstantSource, byte[])}. */
  public byte[] save() {
    try {
      return CheckpointFile.encode(engine.save(), 1);
    } catch (Exception e) {
      throw new PipelineException("pipeline '" + pipeline.name() + "' could not be saved: " + e.getMessage(), e);
    }
  }

  /**
   * Flushes the sinks and puts what has changed since the last time into the state given to {@link Pipeline#inline(InstantSource, State)}.
   *
   * @throws PipelineException if that fails
   */
  public void keep() {
    if (kept == null) {
      throw new IllegalStateException("pipeline '" + pipeline.name() + "' runs without a state to keep it in; open it with inline(clock, state)");
    }
    Engine around = enter();
    try {
      engine.flush();
      engine.saveInto(kept);
    } catch (Exception e) {
      throw new PipelineException("pipeline '" + pipeline.name() + "' could not be saved: " + e.getMessage(), e);
    } finally {
      leave(around);
    }
  }

  /** Lets go of everything as it is, without ending the input, for a run that goes on elsewhere from the state it is kept in. */
  public void abandon() {
    if (closed) {
      return;
    }
    closed = true;
    engine.sources.forEach(SourceRun::closeAfterFailure);
    engine.close();
    if (checkpoint != null) {
      checkpoint.close();
    }
  }

  /** Ends the input: what is open is emitted, or with a checkpoint directory, unless all sources came to their end, saved. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Engine around = enter();
    try {
      drain();
      boolean ends = ended || checkpoint == null;
      for (SourceRun source : engine.sources) {
        while ((ends || source.emitsOnClose()) && source.giveUpOne(batch)) {
          process();
        }
      }
      if (ends) {
        engine.end();
      } else {
        engine.stop();
      }
      engine.flush();
      if (checkpoint != null) {
        checkpoint.write(engine.nextCheckpoint, engine.save());
      }
      engine.delivered(engine.marks());
      for (SourceRun source : engine.sources) {
        source.tellDelivered();
        source.close();
      }
    } catch (Exception e) {
      throw new PipelineException("pipeline '" + pipeline.name() + "' could not be closed: " + e.getMessage(), e);
    } finally {
      engine.close();
      leave(around);
      if (checkpoint != null) {
        checkpoint.close();
      }
    }
  }

  /** Takes what the sources were handed before and nobody keeps for the next run. */
  private void drain() throws IOException {
    long until = System.nanoTime() + pipeline.settings.closeWithin.toNanos();
    for (SourceRun source : engine.sources) {
      for (Reader.Found found = source.drain(batch); found != Reader.Found.END && System.nanoTime() < until; found = source.drain(batch)) {
        if (found == Reader.Found.SOMETHING) {
          process();
        } else {
          LockSupport.parkNanos(this, 100_000);
        }
      }
    }
  }
}
