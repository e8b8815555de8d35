package io.logstream;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.ProducerType;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A bounded ring between threads that put something into a source and the run that reads it: what a {@link PushSource} and the appenders
 * of logging frameworks are made from, and a source of one's own may be. Putting takes no lock and makes no garbage: a thread claims
 * a slot, fills it in, and publishes it. Slots are made once, and are in use again when the reader has taken what they held.
 *
 * <pre>{@code
 * MySlot slot = ring.claim(0);
 * if (slot == null) {
 *   ring.dropped("full");
 * } else {
 *   try {
 *     slot.set(..);                 // short, and calls nobody's code: others' events wait behind a claimed slot
 *     slot.keep();
 *   } finally {
 *     ring.publish(slot);
 *   }
 * }
 * }</pre>
 *
 * <p>{@link #claim}, {@link #publish} and {@link #dropped} from any thread; one {@linkplain #reader reader} at a time.
 */
public final class PushRing<S extends PushRing.Slot> {
  /** How long the reader waits without asking to be woken when there has just been something. */
  private static final long REST_NANOS = 200_000;

  private final RingBuffer<S> ring;
  private final EventPoller<S> poller;
  private volatile Dropped[] drops = {};
  private final AtomicReference<Taker> reader = new AtomicReference<>();
  private volatile Thread sleeper;
  private volatile boolean closed;

  /** A ring of so many slots, a power of two. */
  public PushRing(int slots, Supplier<S> slot) {
    ring = RingBuffer.create(ProducerType.MULTI, slot::get, powerOfTwo(slots), new BusySpinWaitStrategy());
    poller = ring.newPoller();
    ring.addGatingSequences(poller.getSequence());
  }

  /** The number, if it is a power of two and thus one that a ring can have of slots; refused otherwise. */
  public static int powerOfTwo(int slots) {
    if (slots < 2 || Integer.bitCount(slots) != 1) {
      throw new IllegalArgumentException("the number of events held must be a power of two from 2, was " + slots);
    }
    return slots;
  }

  /** What a ring is made of: extended by what is to be put. */
  public abstract static class Slot {
    private long sequence;
    private boolean kept;

    /** Says that the slot holds an event. One published without is passed over. */
    public final void keep() {
      kept = true;
    }

    /** Whether it holds an event. */
    public final boolean isKept() {
      return kept;
    }

    /** Puts what it holds into an event. Reader's thread. */
    protected abstract void putInto(LogEvent event);

    /** Lets go of what it holds. Reader's thread. */
    protected abstract void clear();
  }

  /** Whose thread this is, as far as putting into a ring what this process logs is concerned. */
  public enum Caller {
    /** The application's: it may wait, if it has been told so. */
    APPLICATION,
    /** A run's. It must not wait: what it waits for may need it. */
    RUN,
    /** One that brings forward what this process logs, such as that of a run which reads it: what this thread logs would come back to it. */
    READER_OF_OWN_LOG;

    /** Whose thread calls this. */
    public static Caller now() {
      Engine run = Engine.OF_THIS_THREAD.get();
      return run == null ? APPLICATION : run.readsOwnLog ? READER_OF_OWN_LOG : RUN;
    }

    /** Says that this thread, which belongs to no run, hands on events that may be of this process's own log: for threads that sinks start. */
    public static void handsOnOwnLog() {
      Engine.OF_THIS_THREAD.set(Engine.NO_RUN);
    }
  }

  private static final class Dropped {
    final String reason;
    final LongAdder sum = new LongAdder();
    /** How many the ledger knows of. Reader's thread. */
    long told;

    Dropped(String reason) {
      this.reason = reason;
    }
  }

  // ---------------------------------------------------------------- putting

  /**
   * Takes the next slot, to be filled in and {@linkplain #publish published} at once, or null where there is none: the ring is full, and
   * has been for as long as the caller waits, or is {@linkplain #close closed}. An interrupted thread waits as well, and stays interrupted.
   *
   * @param patience how many nanoseconds to wait for room
   */
  public S claim(long patience) {
    if (closed) {
      return null;
    }
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      sequence = patience <= 0 ? -1 : await(patience);
      if (sequence < 0) {
        return null;
      }
    }
    S slot = ring.get(sequence);
    Slot base = slot;
    base.sequence = sequence;
    base.kept = false;
    // a reader that saw the ring closed and nothing claimed has ended: asked behind the claim, so that one of the two sees the other
    if (closed) {
      publish(slot);
      return null;
    }
    return slot;
  }

  private long await(long patience) {
    long until = System.nanoTime() + patience;
    boolean interrupted = false;
    try {
      for (long pause = 20_000; ; pause = Math.min(pause * 2, 1_000_000)) {
        interrupted |= Thread.interrupted();
        LockSupport.parkNanos(this, Math.min(pause, patience));
        try {
          return ring.tryNext();
        } catch (InsufficientCapacityException full) {
          if (closed || System.nanoTime() - until >= 0) {
            return -1;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Hands a claimed slot to the reader; also where it could not be filled in. */
  public void publish(S slot) {
    ring.publish(((Slot) slot).sequence);
    VarHandle.fullFence();
    Thread asleep = sleeper;
    if (asleep != null) {
      LockSupport.unpark(asleep);
    }
  }

  /** Counts an event that was not put, for the ledger of the run that reads, or will read. */
  public void dropped(String reason) {
    Dropped known = known(reason);
    (known == null ? made(reason) : known).sum.increment();
  }

  private Dropped known(String reason) {
    for (Dropped one : drops) {
      if (one.reason.equals(reason)) {
        return one;
      }
    }
    return null;
  }

  private synchronized Dropped made(String reason) {
    Dropped known = known(reason);
    if (known == null) {
      known = new Dropped(reason);
      Dropped[] more = Arrays.copyOf(drops, drops.length + 1);
      more[drops.length] = known;
      drops = more;
    }
    return known;
  }

  /** How many events were counted as dropped. */
  public long dropped() {
    long all = 0;
    for (Dropped one : drops) {
      all += one.sum.sum();
    }
    return all;
  }

  /** How many events wait to be taken, those included that are being put now. */
  public int held() {
    return (int) (ring.getCursor() - poller.getSequence().get());
  }

  /** How many slots there are. */
  public int size() {
    return ring.getBufferSize();
  }

  /** Lets nothing more in. The reader takes what is there and then sees the end. */
  public void close() {
    closed = true;
    LockSupport.unpark(sleeper);
  }

  /** Whether it lets nothing more in. */
  public boolean closed() {
    return closed;
  }

  /** Whether a run reads it now. */
  public boolean read() {
    return reader.get() != null;
  }

  // ---------------------------------------------------------------- reading

  /**
   * The reader of a run.
   *
   * @param of what holds the ring, for the message where another run reads it
   * @throws IllegalStateException if another run reads it
   */
  public Reader reader(SourceContext context, Object of) {
    return opened(new Taker(context, false), of);
  }

  private Reader opened(Taker opened, Object of) {
    if (!reader.compareAndSet(null, opened)) {
      throw new IllegalStateException(of + " is being read by another run; it serves one run at a time");
    }
    return opened;
  }

  /**
   * The reader of a run for a ring into which this process's own log is put: what threads of the run log is to be left out, see {@link
   * Caller#now}, and when the run is closed it takes what was put before.
   *
   * @throws IllegalStateException if another run reads it
   */
  public Reader readerOfOwnLog(SourceContext context, Object of) {
    Reader opened = opened(new Taker(context, true), of);
    ((SourceRun) context).engine().readsOwnLog = true;
    return opened;
  }

  private final class Taker implements Reader {
    private static final byte[] EMPTY = {};

    private final SourceContext context;
    private final Log log;
    /** Whether what is there when the run is closed is taken, or left for the next one. */
    private final boolean drains;
    /** Whether there was something since it last waited. */
    private boolean busy;
    /** Where reading stops after the run was closed; -1 before. */
    private long last = -1;

    Taker(SourceContext context, boolean drains) {
      this.context = context;
      this.drains = drains;
      log = context.log(context.name(), Map.of());
    }

    @Override
    public Found poll(Batch batch) throws IOException {
      boolean ending = closed;
      boolean claimed = held() > 0;
      take(batch, Long.MAX_VALUE);
      busy |= batch.hasNews();
      return batch.hasNews() ? Found.SOMETHING : ending && !claimed ? Found.END : Found.NOTHING;
    }

    @Override
    public Found drain(Batch batch) throws IOException {
      if (!drains) {
        return Found.END;
      }
      if (last < 0) {
        last = ring.getCursor();
      }
      take(batch, last);
      return batch.hasNews() ? Found.SOMETHING : poller.getSequence().get() < last ? Found.NOTHING : Found.END;
    }

    private void take(Batch batch, long upTo) throws IOException {
      tellDrops(batch);
      if (poller.getSequence().get() >= upTo) {
        return;
      }
      try {
        poller.poll((filled, sequence, end) -> {
          Slot slot = filled;
          try {
            if (slot.kept) {
              if (batch.count() == 0) {
                batch.begin(log, "");
              }
              slot.putInto(batch.event(EMPTY, 0, 0, -1));
            }
          } catch (RuntimeException e) {
            context.warn("an event could not be read whole: " + e);
          } finally {
            slot.clear();
          }
          return sequence < upTo && !batch.full() && batch.used() < Batch.BYTES;
        });
      } catch (Exception e) {
        throw new IOException(e);
      }
    }

    private void tellDrops(Batch batch) {
      for (Dropped one : drops) {
        long news = one.sum.sum() - one.told;
        if (news > 0) {
          one.told += news;
          batch.begin(log, "");
          batch.dropped(news, one.reason);
          return;
        }
      }
    }

    @Override
    public void await(long nanos) {
      if (busy) {
        // more will come: waking this thread again and again would cost those who put more than putting
        busy = false;
        LockSupport.parkNanos(PushRing.this, Math.min(nanos, REST_NANOS));
        return;
      }
      sleeper = Thread.currentThread();
      VarHandle.fullFence();
      if (held() == 0 && !closed) {
        LockSupport.parkNanos(PushRing.this, nanos);
      }
      sleeper = null;
    }

    @Override
    public boolean notices() {
      return true;
    }

    @Override
    public void close() {
      reader.compareAndSet(this, null);
    }
  }
}
