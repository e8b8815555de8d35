package io.logstream;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The ring in front of a sink that may block. The trunk copies what the sink gets into batches of it; the sink's own thread delivers
 * them at its pace. Bounded: {@value #SLOTS} batches of 64 KiB, fewer where long records make them larger. While the sink is behind, a
 * batch is published only when it is full, so that a trickle of events does not use the slots up.
 */
final class Outbox implements Runnable {
  private static final int SLOTS = 256;
  private static final String FULL = "outbox full";
  private static final long LONGEST_SLEEP_NANOS = 1_000_000_000;

  final Account account;
  final SinkNode sink;
  private final Engine engine;
  private final Outboxed.WhenFull whenFull;
  private Batch filling = new Batch();

  private RingBuffer<Slot> ring;
  private SequenceBarrier barrier;
  private final Sequence delivered = new Sequence(-1);
  private OutboxHost host;
  private Sleeping sleeping;

  /** How much memory the batches took that the sink was given. Trunk's thread. */
  private long given;

  /** How much of that it has delivered. */
  private volatile long taken;

  private volatile boolean flushed;

  /** The sink's side of the books, as of the last batch delivered. */
  private volatile Ledger.Entry settled;

  Outbox(Engine engine, Account account, Sink described) {
    this.engine = engine;
    this.account = account;
    Account own = new Account(account.name);
    this.sink = new SinkNode(engine, own, described, true);
    this.settled = own.entry(0, 0);
    this.whenFull = described instanceof Outboxed outboxed ? outboxed.whenFull() : Outboxed.WhenFull.WAIT;
    this.slots = described instanceof Outboxed outboxed ? outboxed.slots() : SLOTS;
    filling.resetForCopies(engine.names);
  }

  private final int slots;

  void hostedBy(OutboxHost hostOf, Sleeping waiting) {
    host = hostOf;
    sleeping = waiting;
    ring = RingBuffer.createSingleProducer(Slot::new, slots, waiting);
    ring.addGatingSequences(delivered);
    barrier = ring.newBarrier();
    sleeping.impatientAt(barrier);
  }

  /** Whether the sink has all that it was given, and nothing waits to be given. Trunk's thread. */
  boolean isSettled() {
    return filling.count() == 0 && delivered.get() == ring.getCursor();
  }

  // ---------------------------------------------------------------- the trunk's side

  void offer(LogEvent event) {
    account.in++;
    if ((filling.full() || filling.used() >= Batch.BYTES) && !publish(whenFull == Outboxed.WhenFull.WAIT)) {
      if (whenFull != Outboxed.WhenFull.WAIT) {
        account.dropped(FULL);
      }
      return;
    }
    filling.copyIn(event);
  }

  /** Lets the sink have what there is, if it has nothing else to do. */
  void pass() {
    if (filling.count() > 0 && delivered.get() == ring.getCursor()) {
      publish(true);
    }
  }

  /** Asks the sink to answer once it has delivered all that came before. */
  void barrier(Barrier checkpoint) {
    if (filling.count() > 0) {
      publish(true);
    }
    long sequence = claim(true);
    if (sequence >= 0) {
      ring.get(sequence).barrier = checkpoint;
      ring.publish(sequence);
    } else {
      checkpoint.answer(false);
    }
  }

  /** Nothing follows: for good if the input ends, else in this run. */
  void last(boolean inputEnds) {
    if (filling.count() > 0) {
      publish(true);
    }
    long sequence = claim(true);
    if (sequence >= 0) {
      ring.get(sequence).last = true;
      ring.get(sequence).inputEnds = inputEnds;
      ring.publish(sequence);
    }
  }

  private boolean publish(boolean waiting) {
    long sequence = claim(waiting);
    if (sequence < 0) {
      return false;
    }
    Slot slot = ring.get(sequence);
    Batch free = slot.batch;
    given += filling.takes();
    slot.batch = filling;
    filling = free;
    filling.resetForCopies(engine.names);
    ring.publish(sequence);
    return true;
  }

  /** The next slot; -1 where it is not to be had, because the outbox is full or the run was given up. */
  private long claim(boolean waiting) {
    for (long pause = 20_000; ; pause = Math.min(pause * 2, 2_000_000)) {
      try {
        if (hasRoom()) {
          return ring.tryNext();
        }
      } catch (InsufficientCapacityException e) {
        // as without room
      }
      if (!waiting || host.cancelled()) {
        return -1;
      }
      host.whileWaiting(pause);
    }
  }

  /** Whether the batch that is filling fits beside those that wait; a single one always does. */
  private boolean hasRoom() {
    return given - taken + filling.takes() <= (long) slots * Batch.BYTES || given == taken;
  }

  /** The books of both sides: what the sink has not settled yet waits here. */
  Ledger.Entry entry() {
    Ledger.Entry sinks = settled;
    Ledger.Entry trunks = account.entry(0, 0);
    long waiting = trunks.in() - trunks.dropped() - sinks.in() + sinks.held();
    java.util.Map<String, Long> droppedBy = new java.util.LinkedHashMap<>(trunks.droppedBy());
    sinks.droppedBy().forEach((reason, n) -> droppedBy.merge(reason, n, Long::sum));
    return new Ledger.Entry(account.name, trunks.from(), 0, trunks.in(), 0, sinks.absorbed(), trunks.dropped() + sinks.dropped(), droppedBy,
        sinks.failed(), sinks.failedBy(), waiting, 0);
  }

  // ---------------------------------------------------------------- the sink's side

  @Override
  public void run() {
    host.consumerRuns();
    LogEvent cursor = new LogEvent();
    long next = 0;
    boolean quiet = true;
    boolean ends = false;
    while (!ends && !host.cancelled()) {
      try {
        sleeping.patience(patience());
        long available = barrier.waitFor(next);
        for (; next <= available && !ends; next++) {
          Slot slot = ring.get(next);
          ends = deliver(slot, cursor);
          delivered.set(next);
          quiet = false;
        }
      } catch (TimeoutException e) {
        // a look at the clock below
      } catch (AlertException e) {
        break;
      } catch (InterruptedException e) {
        if (host.cancelled()) {
          break;
        }
      }
      long now = engine.clock.base().millis();
      if (sink.clockTimers.next() <= now) {
        sink.clock(now);
        sink.clock.release();
        settled = sink.account.entry(0, 0);
      }
      if (!quiet && ring.getCursor() < next) {
        quiet = true;
        safely("flush failed", sink.processor::onQuiet);
        settled = sink.account.entry(0, 0);
      }
      if (engine.hasFailuresElsewhere()) {
        host.call();
      }
    }
    flushed = safely("flush failed", sink::flush);
    sink.close();
    settled = sink.account.entry(0, 0);
  }

  private long patience() {
    long due = sink.clockTimers.next();
    if (due == Timers.NEVER) {
      return LONGEST_SLEEP_NANOS;
    }
    long millis = due - engine.clock.base().millis();
    return millis <= 0 ? 0 : Math.min(LONGEST_SLEEP_NANOS, millis >= 1_000 ? LONGEST_SLEEP_NANOS : millis * 1_000_000);
  }

  private boolean deliver(Slot slot, LogEvent cursor) {
    Batch batch = slot.batch;
    for (int i = 0; i < batch.count(); i++) {
      if (host.cancelled()) {
        break;
      }
      cursor.moveTo(batch, batch.fields, i);
      sink.deliver(cursor);
    }
    taken += batch.takes(); // written by this thread only
    batch.shrink();
    batch.resetForCopies(engine.names);
    settled = sink.account.entry(0, 0);
    if (slot.barrier != null) {
      Barrier checkpoint = slot.barrier;
      slot.barrier = null;
      boolean flushedHere = safely("flush failed", () -> sink.flush(checkpoint.number));
      settled = sink.account.entry(0, 0);
      checkpoint.answer(flushedHere);
    }
    if (slot.inputEnds) {
      sink.end();
      settled = sink.account.entry(0, 0);
    }
    return slot.last;
  }

  private boolean safely(String what, Action action) {
    try {
      action.run();
      return true;
    } catch (Exception e) {
      engine.complain(sink, what, e);
      return false;
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  /** Whether the sink has ended and all that it was given is where it belongs. */
  boolean delivered() {
    return flushed;
  }

  void alert() {
    barrier.alert();
  }

  /** What an outbox needs of the runner. */
  interface OutboxHost {
    void consumerRuns();

    boolean cancelled();

    /** Has the trunk look at what has happened. */
    void call();

    /** Called by the trunk again and again while an outbox is full. */
    void whileWaiting(long nanos);
  }
}
