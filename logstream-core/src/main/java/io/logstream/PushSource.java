package io.logstream;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

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
  private static final String CLOSED = "closed";
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final String name;
  private final long patience;
  private final PushRing<Entry> ring;

  private PushSource(String name, int holding, Duration patience) {
    this.name = name;
    this.patience = patience.toNanos();
    ring = new PushRing<>(holding, Entry::new);
  }

  /** A source of this name with the default settings. */
  public static PushSource named(String name) {
    return new PushSource(Objects.requireNonNull(name, "name"), 1024, PATIENCE);
  }

  /** The same with room for so many events, a power of two; before anything is put. */
  public PushSource holding(int events) {
    return new PushSource(name, events, Duration.ofNanos(patience));
  }

  /** The same with another limit on how long {@link #push} waits for room; zero for not at all. Before anything is put. */
  public PushSource waitingAtMost(Duration limit) {
    Objects.requireNonNull(limit, "limit of PushSource.waitingAtMost");
    if (limit.isNegative()) {
      throw new IllegalArgumentException("waitingAtMost must not be negative, was " + limit);
    }
    return new PushSource(name, ring.size(), limit);
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
    Entry entry = ring.claim(Thread.currentThread().isInterrupted() ? 0 : patience);
    if (entry == null) {
      ring.dropped(ring.closed() ? CLOSED : FULL);
      return false;
    }
    try {
      entry.set(at, text, copied);
      entry.keep();
    } finally {
      ring.publish(entry);
    }
    return true;
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

  /** Events that were not taken: they found no room, or the source was closed. */
  public long dropped() {
    return ring.dropped();
  }

  /** Says that nothing more will be put: the pipeline takes what is there and then sees the source at its end. */
  @Override
  public void close() {
    ring.close();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext context) {
    return ring.reader(context, this);
  }

  private static final class Entry extends PushRing.Slot {
    private static final int KEPT_BYTES = 16 * 1024;
    private static final int USUAL_BYTES = 256;

    private byte[] bytes = new byte[USUAL_BYTES];
    private int length;
    private long time;
    private Map<String, Object> fields = Map.of();

    void set(long at, String message, Map<String, Object> with) {
      time = at;
      fields = with;
      int most = Math.multiplyExact(message.length(), 3);
      if (bytes.length < most) {
        bytes = new byte[most];
      }
      length = Utf8.encode(message, bytes, 0);
    }

    @Override
    protected void putInto(LogEvent event) {
      event.message(bytes, 0, length);
      if (time != NOW) {
        event.epochMillis(time);
      }
      fields.forEach(event::put);
    }

    @Override
    protected void clear() {
      fields = Map.of();
      if (bytes.length > KEPT_BYTES) {
        bytes = new byte[USUAL_BYTES];
      }
    }
  }

  @Override
  public String toString() {
    return "push source '" + name + "'";
  }
}
