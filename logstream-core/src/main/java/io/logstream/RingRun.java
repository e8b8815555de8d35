package io.logstream;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.dsl.ProducerType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A live run: readers fill batches and publish them on the ring, lanes pass over every n-th, the trunk takes all in order, outboxes
 * deliver. The ring's sequence is the order of everything; a slot is free again when the trunk is done with it.
 *
 * <pre>
 *  reader ─┐                 ┌─ lane 0 ─┐
 *  reader ─┤─► [ring of batches] lane 1 ├─► trunk ─► outbox ─► sink
 *  reader ─┘                 └─ ..      ┘
 * </pre>
 *
 * <p>The {@link #turn} lock is held by the trunk while it works and is free while it waits for batches, or for room in an outbox: then
 * the books balance, and whoever wants the ledger takes it there and then. It is fair, so that a busy trunk lets others in between batches.
 */
final class RingRun implements RunningPipeline, Outbox.OutboxHost {
  /** How soon the trunk looks again after what others are about to change: a sink that is behind, a reader that has not said that it is quiet. */
  private static final long SOON_NANOS = 20_000_000;

  /** How long nobody looks at the clock at most. */
  private static final long LONGEST_SLEEP_NANOS = 1_000_000_000;
  private static final long LONGEST_QUIET_NANOS = 250_000_000;

  /** Counts records of a source that were read and not processed when the run was closed by force. */
  private static final String LEFT = "left";

  /** How long after a barrier that did not hold another may follow. */
  private static final long RETRY_MILLIS = 100;

  /** How long a sink that was interrupted may take to come back, and the whole run to end then. */
  private static final long ABANDONED_NANOS = 700_000_000L;

  private static final long FORCED_NANOS = 1_000_000_000L;
  private static final long TEND_NANOS = 100_000_000L;
  private static final long LEDGER_WAITS_MILLIS = 500;

  private final Pipeline pipeline;
  private final RunSettings settings;
  private final CheckpointFile checkpoint;
  private final Engine engine;
  private final Readings readings;
  private final MeteringWatch metering;
  private final Sleeping sleeping;
  private final RingBuffer<Slot> ring;
  private final SequenceBarrier trunkBarrier;
  private final SequenceBarrier laneBarrier;
  private final Sequence trunkSequence = new Sequence(-1);
  private final Sequence[] laneSequences;
  private final List<Thread> consumers = new ArrayList<>();
  private final List<Thread> outboxThreads = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  /** Writes checkpoints, so that the trunk need not wait for the disk; null where there are none. */
  private CheckpointWriter writer;
  private Thread writerThread;
  private final CountDownLatch consumersRun;
  private final CountDownLatch done = new CountDownLatch(1);
  private final ReentrantLock turn = new ReentrantLock(true);

  private volatile RunState state = new RunState(RunState.Phase.STARTING, "");
  private volatile boolean stopping;
  private volatile boolean cancelled;
  private volatile Throwable failure;
  private volatile Ledger lastLedger;
  /** The checkpoint under way: until all outboxes have answered, and then until it is on the disk. */
  private Barrier barrier;
  private volatile Barrier settledBarrier;
  private long checkpointDue;
  private final boolean acknowledging;
  /** The place in the ring up to which a source waits to hear that all is delivered, and that up to which it is. */
  private final AtomicLong wanted = new AtomicLong(-1);
  private volatile long delivered = -1;
  /** What the checkpoint on the disk, and the one under way, hold of the engine's changes. */
  private long changesSaved;
  private long changesUnderWay;
  private volatile long checkpointWritten;
  private long retry;
  private volatile long lastWatermark = Long.MIN_VALUE;

  RingRun(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.settings = pipeline.settings;
    this.checkpoint = settings.checkpointDir == null ? null : CheckpointFile.open(pipeline.name(), settings.checkpointDir);
    try {
      Map<String, byte[]> saved = checkpoint == null ? Map.of() : checkpoint.load(new Notices(pipeline.name()));
      OptionalLong goesOnFrom = checkpoint == null ? OptionalLong.empty() : OptionalLong.of(checkpoint.number());
      engine = Assembly.open(pipeline, new RunClock(SystemClock.INSTANCE), goesOnFrom, true, saved);
      engine.settling = this::settle;
      acknowledging = engine.acknowledges();
      sleeping = new Sleeping(settings.waiting);
      readings = new Readings(engine);
      metering = new MeteringWatch(settings.meterings, this, engine);
      ring = engine.sources.size() == 1
          ? RingBuffer.create(ProducerType.SINGLE, Slot::new, settings.ring, sleeping)
          : RingBuffer.create(ProducerType.MULTI, Slot::new, settings.ring, sleeping);
      laneSequences = new Sequence[settings.lanes];
      for (int lane = 0; lane < laneSequences.length; lane++) {
        laneSequences[lane] = new Sequence(-1);
      }
      laneBarrier = ring.newBarrier();
      trunkBarrier = ring.newBarrier(laneSequences);
      sleeping.impatientAt(trunkBarrier);
      ring.addGatingSequences(trunkSequence);
      for (Outbox outbox : engine.outboxes) {
        outbox.hostedBy(this, new Sleeping(settings.waiting));
      }
      consumersRun = new CountDownLatch(1 + settings.lanes + engine.outboxes.size());
    } catch (RuntimeException | Error e) {
      if (checkpoint != null) {
        checkpoint.close();
      }
      throw e;
    }
  }

  RunningPipeline start() {
    lastLedger = engine.ledger();
    checkpointDue = now() + settings.checkpointEvery.toMillis();
    thread(consumers, "trunk", this::trunk);
    for (int lane = 0; lane < laneSequences.length; lane++) {
      int number = lane;
      thread(consumers, "lane-" + lane, () -> lane(number));
    }
    for (Outbox outbox : engine.outboxes) {
      thread(outboxThreads, outbox.sink.name, outbox);
    }
    for (SourceRun source : engine.sources) {
      thread(readers, source.name(), () -> read(source));
    }
    if (checkpoint != null) {
      writer = new CheckpointWriter(checkpoint, this::settled);
      writerThread = thread(new ArrayList<>(), "checkpoint", writer);
      writerThread.start();
    }
    start(consumers);
    start(outboxThreads);
    try {
      consumersRun.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancel();
      throw new PipelineException("pipeline '" + pipeline.name() + "': interrupted while it started", e);
    }
    metering.start();
    start(readers);
    become(RunState.Phase.RUNNING, "", RunState.Phase.STARTING);
    return this;
  }

  private static void start(List<Thread> threads) {
    for (Thread thread : threads) {
      thread.start();
    }
  }

  private Thread thread(List<Thread> to, String name, Runnable body) {
    Thread thread = new Thread(() -> {
      Engine.OF_THIS_THREAD.set(engine);
      try {
        body.run();
      } catch (Throwable t) {
        fail(t);
      }
    }, "logstream-" + pipeline.name() + "-" + name);
    thread.setDaemon(true);
    to.add(thread);
    return thread;
  }

  private long now() {
    return engine.clock.base().millis();
  }

  // ---------------------------------------------------------------- readers

  private void read(SourceRun source) {
    Batch batch = new Batch();
    String subject = "source '" + source.name() + "'";
    boolean atEnd = false;
    long pause = 1_000_000;
    while (!stopping && !cancelled && !atEnd) {
      try {
        Reader.Found found = source.next(batch);
        if (found == Reader.Found.SOMETHING) {
          batch = publish(source, batch);
          pause = 1_000_000;
        } else if (found == Reader.Found.NOTHING) {
          source.reader().await(source.reader().notices() ? patience(source) : pause);
          pause = Math.min(pause * 2, 20_000_000);
        } else {
          atEnd = true;
        }
        recovered(subject);
      } catch (IOException | RuntimeException e) {
        source.counter("errors").increment();
        if (!stopping && !cancelled) {
          degraded(subject, e);
          LockSupport.parkNanos(100_000_000L);
        }
      }
    }
    if (!atEnd) {
      batch = drain(source, batch);
    }
    if (checkpoint == null || atEnd || source.emitsOnClose()) {
      while (!cancelled && source.giveUpOne(batch)) {
        batch = publish(source, batch);
      }
    }
    if (!source.acknowledges()) {
      closeReader(source);
    }
    batch.reset(now());
    batch.lastOf = source.index();
    batch.atEnd = atEnd;
    publish(source, batch);
  }

  private void closeReader(SourceRun source) {
    try {
      source.close();
    } catch (IOException | RuntimeException e) {
      engine.notices.trouble("close", "source '" + source.name() + "' could not be closed", e);
    }
  }

  /** Takes what the source was handed before the run was closed and nobody keeps for the next one. */
  private Batch drain(SourceRun source, Batch batch) {
    Batch free = batch;
    while (!cancelled) {
      try {
        Reader.Found found = source.drain(free);
        if (found == Reader.Found.END) {
          break;
        } else if (found == Reader.Found.SOMETHING) {
          free = publish(source, free);
        } else {
          LockSupport.parkNanos(this, 1_000_000);
        }
      } catch (IOException | RuntimeException e) {
        source.counter("errors").increment();
        engine.notices.trouble("close", "source '" + source.name() + "' could not be read to its end", e);
        break;
      }
    }
    return free;
  }

  /** How long a reader that notices by itself when there is more may wait for it: until one of its unfinished records is complete. */
  private long patience(SourceRun source) {
    long deadline = source.nextDeadline();
    return deadline == Timers.NEVER ? LONGEST_QUIET_NANOS : nanos(deadline - now(), 1_000_000, LONGEST_QUIET_NANOS);
  }

  private static long nanos(long millis, long least, long most) {
    return millis <= 0 ? least : Math.max(least, millis >= most / 1_000_000 ? most : millis * 1_000_000);
  }

  /** Puts a batch into the ring, and returns an empty one in exchange. */
  private Batch publish(SourceRun source, Batch batch) {
    source.pending = batch;
    long tended = System.nanoTime();
    // a full ring is work for a while: looking for room all the time would cost more than it brings
    for (long pause = settings.ring * 10_000L; source.pending != null && !put(source); pause = Math.min(pause * 2, 2_000_000)) {
      if (cancelled) {
        source.pending = null;
        source.counter(LEFT).add(batch.linesRead);
        return batch;
      }
      LockSupport.parkNanos(this, pause);
      if (System.nanoTime() - tended > TEND_NANOS) {
        tended = System.nanoTime();
        try {
          source.tellDelivered();
          source.reader().tend();
        } catch (IOException | RuntimeException e) {
          degraded("source '" + source.name() + "'", e);
        }
      }
    }
    return source.exchanged;
  }

  /** Puts the pending batch of a source into the ring, if there is room. */
  private boolean put(SourceRun source) {
    boolean large = source.pending.isLarge();
    if (large && trunkSequence.get() < source.lastLarge) {
      return false; // a ring full of these would take as many times the longest record
    }
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      return false;
    }
    Slot slot = ring.get(sequence);
    source.exchanged = slot.batch;
    slot.batch = source.pending;
    source.pending = null;
    source.lastPlace = sequence;
    source.lastLarge = large ? sequence : source.lastLarge;
    ring.publish(sequence);
    return true;
  }

  /** Waits until all that a source has brought is delivered. On its reader's thread. */
  private boolean settle(SourceRun source, Duration atMost) {
    long until = System.nanoTime() + atMost.toNanos();
    while (source.pending != null && !put(source)) {
      if (cancelled || System.nanoTime() > until) {
        return false;
      }
      LockSupport.parkNanos(this, 200_000);
    }
    wanted.accumulateAndGet(source.lastPlace, Math::max);
    sleeping.call();
    while (delivered < source.lastPlace) {
      if (cancelled || done.getCount() == 0 || System.nanoTime() > until) {
        return false;
      }
      LockSupport.parkNanos(this, 1_000_000);
    }
    try {
      source.tellDelivered();
      return true;
    } catch (IOException e) {
      degraded("source '" + source.name() + "'", e);
      return false;
    }
  }

  // ---------------------------------------------------------------- lanes

  private void lane(int number) {
    consumersRun.countDown();
    Sequence own = laneSequences[number];
    int lanes = laneSequences.length;
    for (long next = 0; !cancelled; ) {
      long available = available(laneBarrier, next);
      for (; next <= available && !cancelled; next++) {
        if (next % lanes == number) {
          pass(ring.get(next), number);
        }
        own.set(next);
      }
      if (done.getCount() == 0) {
        return;
      }
    }
  }

  private void pass(Slot slot, int lane) {
    Batch batch = slot.batch;
    if (batch.log == null) {
      return;
    }
    if (batch.fields == null) {
      if (slot.fields == null) {
        slot.fields = new Fields(engine.names);
      }
      slot.fields.reset(batch.count(), batch.readTime);
      batch.fields = slot.fields;
    }
    batch.log.run().pass[lane].run(batch);
  }

  /** The last sequence that may be taken; before {@code next} where there is none yet. */
  private long available(SequenceBarrier of, long next) {
    try {
      return of.waitFor(next);
    } catch (TimeoutException | AlertException e) {
      return next - 1;
    } catch (InterruptedException e) {
      return next - 1;
    }
  }

  // ---------------------------------------------------------------- trunk

  private void trunk() {
    consumersRun.countDown();
    try {
      boolean allAtEnd = true;
      try {
        allAtEnd = takeAll();
      } catch (Throwable t) {
        fail(t);
      }
      finish(allAtEnd);
    } finally {
      done.countDown(); // whatever else there is no memory for
    }
  }

  private boolean takeAll() throws Exception {
    Fields shared = new Fields(engine.names);
    int open = engine.sources.size();
    boolean allAtEnd = true;
    boolean quiet = true;
    long next = 0;
    while (open > 0 && !cancelled) {
      long available = available(trunkBarrier, next);
      turn.lock();
      try {
        for (; next <= available && !cancelled; next++) {
          Batch batch = ring.get(next).batch;
          if (batch.lastOf >= 0) {
            open--;
            allAtEnd &= batch.atEnd;
            if (batch.atEnd) {
              engine.time.finished(engine.sources.get(batch.lastOf));
            }
          } else {
            if (batch.fields == null) {
              shared.reset(batch.count(), batch.readTime);
              batch.fields = shared;
            }
            if (laneSequences.length == 0) {
              batch.log.run().pass[0].run(batch);
            }
            engine.process(batch);
            batch.shrink();
            quiet = false;
          }
          trunkSequence.set(next);
          giveOutboxesWork();
          if (turn.hasQueuedThreads()) {
            turn.unlock();
            turn.lock();
          }
        }
        long now = now();
        engine.tick(now);
        giveOutboxesWork();
        checkpointWhenDue(now);
        if (!quiet && ring.getCursor() < next) {
          quiet = true;
          engine.quiet();
        }
        sleeping.patience(patience(now));
      } finally {
        turn.unlock();
      }
    }
    return allAtEnd;
  }

  /** How long the trunk has nothing to do unless a batch comes. */
  private long patience(long now) {
    if (barrier != null || wanted.get() > delivered || !engine.isSettled()) {
      return SOON_NANOS;
    }
    long due = engine.nextDue();
    if (checkpoint != null || acknowledging) {
      due = Math.min(due, checkpointDue);
    }
    return due == Timers.NEVER ? LONGEST_SLEEP_NANOS : nanos(due - now, SOON_NANOS, LONGEST_SLEEP_NANOS);
  }

  private void giveOutboxesWork() {
    List<Outbox> outboxes = engine.outboxes;
    for (int i = 0; i < outboxes.size(); i++) {
      outboxes.get(i).pass();
    }
  }

  /** Works off what is open and ends all consumers. */
  private void finish(boolean atEnd) {
    boolean ends = atEnd || checkpoint == null;
    locked(() -> {
      if (failure == null && !cancelled) {
        if (ends) {
          engine.end();
        } else {
          engine.stop();
        }
      }
    });
    Outbox failuresOutbox = engine.failurePlace == null ? null : engine.outboxes.stream().filter(o -> o.sink == engine.failurePlace).findFirst().orElse(null);
    for (int i = 0; i < engine.outboxes.size(); i++) {
      Outbox outbox = engine.outboxes.get(i);
      if (outbox != failuresOutbox) {
        locked(() -> outbox.last(ends));
      }
    }
    for (int i = 0; i < engine.outboxes.size(); i++) {
      if (engine.outboxes.get(i) != failuresOutbox) {
        join(outboxThreads.get(i));
      }
    }
    locked(() -> {
      if (failure == null && !cancelled) {
        engine.handOverFailures();
        engine.flush();
      }
    });
    if (failuresOutbox != null) {
      locked(() -> failuresOutbox.last(ends));
      join(outboxThreads.get(engine.outboxes.indexOf(failuresOutbox)));
    }
    boolean all = failure == null && !cancelled;
    for (Outbox outbox : engine.outboxes) {
      all &= outbox.delivered();
    }
    if (checkpoint != null) {
      all = writeLast(all);
    }
    if (acknowledging) {
      lastWord(all);
    }
    locked(engine::close);
    lastLedger = engine.ledger();
    lastWatermark = engine.time.watermark();
    become(RunState.Phase.STOPPED, failure == null ? undelivered() : failure.toString(), RunState.Phase.values());
    metering.stop();
    done.countDown();
    laneBarrier.alert();
  }

  /** Which sinks have not delivered what they were given, though nothing ended the run; empty if all have. */
  private String undelivered() {
    StringJoiner undelivered = new StringJoiner(", ");
    for (Outbox outbox : engine.outboxes) {
      if (outbox.entry().held() > 0) {
        undelivered.add("sink '" + outbox.sink.name + "' has " + outbox.entry().held() + " events that it did not deliver");
      }
    }
    return undelivered.toString();
  }

  /** Saves what the next run goes on from, if all has been delivered, and lets the checkpoint go. Returns whether that is on the disk. */
  private boolean writeLast(boolean all) {
    Barrier last = null;
    if (all) {
      try {
        last = new Barrier(engine.nextCheckpoint, engine.save(), Map.of(), trunkSequence.get(), 1, writer::write);
        last.answer(true);
      } catch (Exception e) {
        last = null;
        engine.notices.warn("the last checkpoint could not be made: " + e, e);
      }
    }
    writer.end();
    join(writerThread);
    if (last != null && (settledBarrier != last || last.trouble != null)) {
      engine.notices.warn("the last checkpoint could not be written: " + (last.trouble == null ? "the disk did not answer in time" : last.trouble), last.trouble);
      return false;
    }
    return last != null;
  }

  /** Tells the sources that wait for it what has been delivered in the end, and closes them. */
  private void lastWord(boolean all) {
    if (all) {
      engine.delivered(engine.marks());
    }
    for (SourceRun source : engine.sources) {
      if (source.acknowledges()) {
        join(readers.get(source.index()));
        if (!readers.get(source.index()).isAlive()) {
          try {
            source.tellDelivered();
          } catch (IOException | RuntimeException e) {
            engine.notices.trouble("close", "source '" + source.name() + "' could not be told what was delivered", e);
          }
          closeReader(source);
        }
      }
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  private void locked(Action action) {
    turn.lock();
    try {
      action.run();
    } catch (Throwable t) {
      fail(t);
    } finally {
      turn.unlock();
    }
  }

  private void join(Thread thread) {
    while (thread.isAlive() && !abandoned()) {
      try {
        thread.join(20);
      } catch (InterruptedException e) {
        // asked for by cancel(); the loop's condition decides
      }
    }
  }

  /** Whether the deadline of close has passed and a sink that still hangs must be left alone. */
  private boolean abandoned() {
    return cancelled && System.nanoTime() > abandonAt;
  }

  private volatile long abandonAt = Long.MAX_VALUE;

  // ---------------------------------------------------------------- checkpoints

  private void checkpointWhenDue(long now) throws Exception {
    if (checkpoint == null && !acknowledging) {
      return;
    }
    Barrier settled = settledBarrier;
    if (settled != null) {
      settledBarrier = null;
      barrier = null;
      acknowledge(settled);
    }
    boolean asked = wanted.get() > delivered && now >= retry;
    if (barrier == null && (asked || now >= checkpointDue && !stopping)) {
      checkpointDue = now + settings.checkpointEvery.toMillis();
      retry = now + RETRY_MILLIS;
      if (!asked && (checkpoint == null || checkpointWritten != 0) && engine.changes() == changesSaved) {
        checkpointWritten = checkpoint == null ? 0 : now;
        return;
      }
      changesUnderWay = engine.changes();
      try {
        engine.flush();
        Map<String, byte[]> state = checkpoint == null ? Map.of() : engine.save();
        barrier = new Barrier(engine.nextCheckpoint, state, engine.marks(), trunkSequence.get(), engine.outboxes.size() + 1, checkpoint == null ? this::settled : writer::write);
        engine.nextCheckpoint++;
        for (Outbox outbox : engine.outboxes) {
          outbox.barrier(barrier);
        }
        barrier.answer(true);
      } catch (RuntimeException | IOException e) {
        degraded("checkpoint", e);
      }
    }
  }

  /** A checkpoint is through: on the thread of the last who had to do with it. */
  private void settled(Barrier through) {
    settledBarrier = through;
    sleeping.call();
  }

  private void acknowledge(Barrier settled) {
    if (!settled.holds()) {
      return;
    }
    if (settled.trouble != null) {
      degraded("checkpoint", settled.trouble);
      return;
    }
    checkpointWritten = checkpoint == null ? 0 : now();
    changesSaved = changesUnderWay;
    recovered("checkpoint");
    engine.delivered(settled.marks);
    delivered = settled.upTo;
    retry = 0;
  }

  // ---------------------------------------------------------------- Outbox.OutboxHost

  @Override
  public void consumerRuns() {
    consumersRun.countDown();
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }

  @Override
  public void call() {
    sleeping.call();
  }

  @Override
  public void whileWaiting(long nanos) {
    int holds = turn.getHoldCount();
    for (int i = 0; i < holds; i++) {
      turn.unlock();
    }
    LockSupport.parkNanos(this, nanos);
    for (int i = 0; i < holds; i++) {
      turn.lock();
    }
  }

  // ---------------------------------------------------------------- trouble

  private volatile String degradedBy;

  private void degraded(String what, Exception e) {
    degradedBy = what;
    become(RunState.Phase.DEGRADED, what + ": " + e, RunState.Phase.RUNNING, RunState.Phase.DEGRADED);
    engine.notices.trouble(what, what + " does not work: " + e, e);
  }

  /** Changes the state, from one of these phases only: several threads tell how the run is. */
  private synchronized void become(RunState.Phase phase, String reason, RunState.Phase... from) {
    if (List.of(from).contains(state.phase())) {
      state = new RunState(phase, reason);
    }
  }

  private void recovered(String what) {
    if (what.equals(degradedBy)) {
      degradedBy = null;
      become(RunState.Phase.RUNNING, "", RunState.Phase.DEGRADED);
    }
  }

  private void fail(Throwable t) {
    boolean first = failure == null;
    failure = first ? t : failure;
    cancel();
    if (first) {
      engine.notices.warn("an error ended the run: " + t, t);
    }
  }

  /** Ends the run by force. Allocates nothing, as there may be no memory left. */
  private void cancel() {
    abandonAt = System.nanoTime() + ABANDONED_NANOS;
    cancelled = true;
    stopping = true;
    trunkBarrier.alert();
    laneBarrier.alert();
    for (int i = 0; i < engine.outboxes.size(); i++) {
      engine.outboxes.get(i).alert();
      outboxThreads.get(i).interrupt();
    }
    for (int i = 0; i < consumers.size(); i++) {
      if (consumers.get(i) != Thread.currentThread()) {
        consumers.get(i).interrupt();
      }
    }
    for (int i = 0; i < readers.size(); i++) {
      LockSupport.unpark(readers.get(i));
    }
  }

  // ---------------------------------------------------------------- RunningPipeline

  @Override
  public Ledger ledger() {
    if (done.getCount() == 0) {
      return lastLedger;
    }
    boolean taken = false;
    try {
      taken = turn.tryLock(LEDGER_WAITS_MILLIS, TimeUnit.MILLISECONDS);
      if (taken) {
        lastLedger = engine.ledger();
        lastWatermark = engine.time.watermark();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (taken) {
        turn.unlock();
      }
    }
    return lastLedger;
  }

  @Override
  public Map<String, Long> metrics() {
    Map<String, Long> all = readings.asMap();
    if (checkpoint != null) {
      checkpoint.count(all);
    }
    return all;
  }

  @Override
  public List<Metric> meters() {
    List<Metric> all = readings.meters(ledger(), lastWatermark);
    long written = checkpointWritten;
    if (written != 0) {
      all.add(readings.ofRun("logstream.checkpoint.age.seconds", (now() - written) / 1e3));
    }
    all.add(readings.ofRun("logstream.running", state.phase() == RunState.Phase.RUNNING ? 1 : 0));
    return all;
  }

  @Override
  public String pipeline() {
    return pipeline.name();
  }

  @Override
  public Tap tap(String stage, int events) {
    return Taps.on(engine, stage, events);
  }

  @Override
  public RunState state() {
    return state;
  }

  @Override
  public void await() throws InterruptedException {
    done.await();
    refuseIfFailed();
  }

  @Override
  public boolean await(Duration atMost) {
    boolean ended = awaitDone(atMost.toNanos());
    if (ended) {
      refuseIfFailed();
    }
    return ended;
  }

  private boolean awaitDone(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      for (;;) {
        try {
          return done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void refuseIfFailed() {
    if (failure != null) {
      throw new PipelineException("pipeline '" + pipeline.name() + "' was ended by an error: " + failure, failure);
    }
  }

  @Override
  public void close() {
    if (done.getCount() > 0) {
      stopping = true;
      become(RunState.Phase.STOPPING, "", RunState.Phase.STARTING, RunState.Phase.RUNNING, RunState.Phase.DEGRADED);
      engine.sources.forEach(source -> source.reader().wake());
      readers.forEach(LockSupport::unpark);
      if (Engine.OF_THIS_THREAD.get() == engine) {
        return;
      }
      if (!awaitDone(settings.closeWithin.toNanos())) {
        cancel();
        awaitDone(FORCED_NANOS);
        countLeft();
        engine.notices.warn("was closed by force after " + settings.closeWithin + "; left behind: " + left(), null);
      }
    }
    refuseIfFailed();
  }

  private void countLeft() {
    for (long at = trunkSequence.get() + 1; at <= ring.getCursor(); at++) {
      Batch batch = ring.get(at).batch;
      if (batch.log != null) {
        batch.log.run().counter(LEFT).add(batch.linesRead);
      }
    }
  }

  private String left() {
    StringBuilder left = new StringBuilder();
    for (Ledger.Entry entry : ledger().entries()) {
      if (entry.held() > 0) {
        left.append(left.isEmpty() ? "" : ", ").append(entry.held()).append(" in '").append(entry.name()).append("'");
      }
    }
    for (SourceRun source : engine.sources) {
      long read = source.counter(LEFT).value();
      if (read > 0) {
        left.append(left.isEmpty() ? "" : ", ").append(read).append(" read from '").append(source.name()).append("' and not processed to their end");
      }
    }
    return left.isEmpty() ? "nothing that was counted" : left.toString();
  }
}
