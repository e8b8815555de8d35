package io.logstream;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.ProducerType;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
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
 * says so; the ledger counts such events as dropped by this source, {@code full}, and those put while the run works off what was there when
 * it was closed as {@code closed}. Serves one run at a time.
 */
public final class PushSource implements Source, AutoCloseable {
  private static final long NOW = Long.MIN_VALUE;
  private static final String FULL = "full";
  private static final int MOST_CHARS = 256 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final String name;
  private final long patience;
  private final RingBuffer<Entry> ring;
  private final EventPoller<Entry> poller;
  private static final String CLOSED = "closed";

  private final LongAdder full = new LongAdder();
  private final LongAdder refused = new LongAdder();
  // what the ledgers of runs have been told; reader's thread
  private long toldFull;
  private long toldRefused;
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

  /** Puts an event with this message; its time is when the pipeline takes it. False if there was no room, or the source is closed: then it is dropped and counted. */
  public boolean push(CharSequence message) {
    return push(null, message, Map.of());
  }

  /**
   * Puts an event with this time, or null for when the pipeline takes it, and these fields, of which a copy is taken.
   *
   * @throws IllegalArgumentException for a field that no event can have, a time further away than 292 million years, or a message of more than
   *     256 Mi characters
   */
  public boolean push(Instant time, CharSequence message, Map<String, ?> fields) {
    String text = Objects.requireNonNull(message, "message").toString();
    if (text.length() > MOST_CHARS) {
      throw new IllegalArgumentException("push source '" + name + "' takes messages of at most " + MOST_CHARS + " characters, was " + text.length());
    }
    long at = time == null ? NOW : millis(time);
    Map<String, Object> copied = copy(fields);
    if (closed) {
      refused.increment();
      return false;
    }
    long sequence = claim();
    if (sequence < 0) {
      (closed ? refused : full).increment();
      return false;
    }
    boolean taken = false;
    try {
      // a reader that saw the source closed and nothing claimed has ended: asked behind the claim, so that one of the two sees the other
      if (closed) {
        refused.increment();
      } else {
        ring.get(sequence).set(at, text, copied);
        taken = true;
      }
    } finally {
      ring.publish(sequence);
      VarHandle.fullFence();
      Thread sleeper = waiting;
      if (sleeper != null) {
        LockSupport.unpark(sleeper);
      }
    }
    return taken;
  }

  private long millis(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("push source '" + name + "' takes times that fit into milliseconds since 1970, was " + time, e);
    }
  }

  private static Map<String, Object> copy(Map<String, ?> fields) {
    if (fields.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> copied = new LinkedHashMap<>();
    fields.forEach((field, value) -> {
      if (value != null) {
        copied.put(Objects.requireNonNull(field, "field name"), LogEvent.plain(field, value));
      }
    });
    return copied;
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
        if (now - started >= patience || closed || Thread.currentThread().isInterrupted()) {
          return -1;
        }
        LockSupport.parkNanos(this, Math.min(pause, patience));
      }
    }
  }

  /** Events that were not taken: they found no room, or the source was closed. */
  public long dropped() {
    return full.sum() + refused.sum();
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
    private Map<String, Object> fields;
    private boolean whole;

    void set(long at, String message, Map<String, Object> with) {
      time = at;
      fields = with;
      int chars = message.length();
      if (bytes.length < chars * 3) {
        bytes = new byte[chars * 3];
      }
      length = Utf8.encode(message, bytes);
      whole = true;
    }

    void clear() {
      whole = false;
      fields = null;
      if (bytes.length > 64 * 1024) {
        bytes = new byte[256];
      }
    }
  }

  private final class Pushed implements Reader {
    private final Log log;

    Pushed(SourceContext context) {
      this.log = context.log(name, Map.of());
    }

    @Override
    public Found poll(Batch batch) throws java.io.IOException {
      boolean ending = closed;
      boolean claimed = ring.getCursor() > poller.getSequence().get();
      tellDrops(batch);
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
      return ending && !claimed ? Found.END : Found.NOTHING;
    }

    private void tellDrops(Batch batch) {
      long noRoom = full.sum() - toldFull;
      long late = noRoom > 0 ? 0 : refused.sum() - toldRefused;
      if (noRoom + late > 0) {
        batch.begin(log, "");
        batch.dropped(noRoom + late, noRoom > 0 ? FULL : CLOSED);
        toldFull += noRoom;
        toldRefused += late;
      }
    }

    private void take(Entry entry, Batch batch) {
      if (batch.count() == 0) {
        batch.begin(log, "");
      }
      LogEvent event = batch.event(entry.bytes, 0, entry.length, -1);
      if (entry.time != NOW) {
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
    public boolean notices() {
      return true;
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
