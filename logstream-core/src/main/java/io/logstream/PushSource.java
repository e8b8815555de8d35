package io.logstream;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.ProducerType;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A source into which the application itself puts events: a live handle, made once, given to one pipeline, written by any number of
 * threads. What is put stands in a ring of its own until the pipeline's reader takes it, also before the pipeline has started.
 *
 * <pre>{@code
 * PushSource orders = PushSource.named("orders");
 * RunningPipeline running = LogStream.named("shop").from(orders).to(index).build().start();
 * orders.push("order 4711 accepted");
 * }</pre>
 *
 * <p>It holds 1,024 events unless said. When it is full, {@link #push} waits, a second at most unless said, and then drops the event and
 * says so; the ledger counts such events as dropped by this source, {@code full}. Serves one run at a time.
 */
public final class PushSource implements Source, AutoCloseable {
  private static final String FULL = "full";
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final String name;
  private final long patience;
  private final RingBuffer<Entry> ring;
  private final EventPoller<Entry> poller;
  private final LongAdder dropped = new LongAdder();
  private final AtomicReference<Pushed> reader = new AtomicReference<>();
  private volatile Thread waiting;
  private volatile boolean closed;

  private PushSource(String name, int holding, Duration patience) {
    this.name = name;
    this.patience = patience.toNanos();
    ring = RingBuffer.create(ProducerType.MULTI, Entry::new, holding, new com.lmax.disruptor.BusySpinWaitStrategy());
    poller = ring.newPoller();
    ring.addGatingSequences(poller.getSequence());
  }

  /** A source of this name with the default settings. */
  public static PushSource named(String name) {
    return new PushSource(Objects.requireNonNull(name, "name"), 1024, PATIENCE);
  }

  /** The same with room for so many events, a power of two; before anything is put. */
  public PushSource holding(int events) {
    if (events < 2 || Integer.bitCount(events) != 1) {
      throw new IllegalArgumentException("a push source holds a power of two of events, was " + events);
    }
    return new PushSource(name, events, Duration.ofNanos(patience));
  }

  /** The same with another limit on how long {@link #push} waits for room; zero for not at all. Before anything is put. */
  public PushSource waitingAtMost(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException("waitingAtMost must not be negative, was " + limit);
    }
    return new PushSource(name, ring.getBufferSize(), limit);
  }

  /** Puts an event with this message; its time is now. False if there was no room, or the source is closed: then it is dropped and counted. */
  public boolean push(CharSequence message) {
    return push(null, message, Map.of());
  }

  /** Puts an event with this time, or null for now, and these fields. */
  public boolean push(Instant time, CharSequence message, Map<String, ?> fields) {
    Objects.requireNonNull(message, "message");
    long sequence = closed ? -1 : claim();
    if (sequence < 0) {
      dropped.increment();
      return false;
    }
    try {
      ring.get(sequence).set(time, message, fields);
    } finally {
      ring.publish(sequence);
      VarHandle.fullFence();
      Thread sleeper = waiting;
      if (sleeper != null) {
        LockSupport.unpark(sleeper);
      }
    }
    return true;
  }

  private long claim() {
    long started = 0;
    for (long pause = 5_000; ; pause = Math.min(pause * 2, 1_000_000)) {
      try {
        return ring.tryNext();
      } catch (InsufficientCapacityException full) {
        long now = System.nanoTime();
        if (started == 0) {
          started = now;
        }
        if (closed || now - started >= patience || Thread.currentThread().isInterrupted()) {
          return -1;
        }
        LockSupport.parkNanos(this, Math.min(pause, patience));
      }
    }
  }

  /** Events that found no room. */
  public long dropped() {
    return dropped.sum();
  }

  /** Says that nothing more will be put: the pipeline takes what is there and then sees the source at its end. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(waiting);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext context) {
    Pushed opened = new Pushed(context);
    if (!reader.compareAndSet(null, opened)) {
      throw new IllegalStateException("push source '" + name + "' is being read by another run; a push source serves one run at a time");
    }
    return opened;
  }

  private static final class Entry {
    private byte[] bytes = new byte[256];
    private int length;
    private long time;
    private Map<String, ?> fields;
    private boolean whole;

    void set(Instant at, CharSequence message, Map<String, ?> with) {
      whole = false;
      time = at == null ? Long.MIN_VALUE : at.toEpochMilli();
      fields = with;
      length = 0;
      int chars = message.length();
      if (bytes.length < chars * 3) {
        bytes = new byte[chars * 3];
      }
      length = Utf8.encode(message, bytes);
      whole = true;
    }

    void clear() {
      fields = null;
      if (bytes.length > 64 * 1024) {
        bytes = new byte[256];
      }
    }
  }

  private final class Pushed implements Reader {
    private final Log log;
    private long told;

    Pushed(SourceContext context) {
      this.log = context.log(name, Map.of());
    }

    @Override
    public Found poll(Batch batch) throws java.io.IOException {
      boolean ending = closed;
      long drops = dropped.sum();
      if (drops > told) {
        batch.begin(log, "");
        batch.dropped(drops - told, FULL);
        told = drops;
      }
      try {
        poller.poll((entry, sequence, last) -> {
          if (entry.whole) {
            take(entry, batch);
          }
          entry.clear();
          return !batch.full() && batch.used() < Batch.BYTES;
        });
      } catch (Exception e) {
        throw new java.io.IOException(e);
      }
      if (batch.hasNews()) {
        return Found.SOMETHING;
      }
      return ending ? Found.END : Found.NOTHING;
    }

    private void take(Entry entry, Batch batch) {
      if (batch.count() == 0) {
        batch.begin(log, "");
      }
      LogEvent event = batch.event(entry.bytes, 0, entry.length, -1);
      if (entry.time != Long.MIN_VALUE) {
        event.epochMillis(entry.time);
      }
      entry.fields.forEach(event::put);
    }

    @Override
    public void await(long nanos) {
      waiting = Thread.currentThread();
      VarHandle.fullFence();
      if (ring.getCursor() == poller.getSequence().get() && !closed) {
        LockSupport.parkNanos(PushSource.this, nanos);
      }
      waiting = null;
    }

    @Override
    public void close() {
      reader.compareAndSet(this, null);
    }
  }

  @Override
  public String toString() {
    return "push source '" + name + "'";
  }
}
