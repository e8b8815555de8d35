package io.logstream.index;

import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.lucene.util.ThreadInterruptedException;

/**
 * A sink that can be searched while events come in. Unlike other sinks it is not a description but the open index itself: whoever opens it
 * closes it, and it goes on answering after a pipeline that fed it has ended.
 *
 * <pre>{@code
 * try (LogIndex index = LogIndex.inMemory(Duration.ofHours(6));
 *     RunningPipeline running = pipeline(index).start()) {
 *   LogHits failing = index.search(LogQuery.field("status").atLeast(500));
 * }
 * }</pre>
 *
 * <p><b>Events</b> of any shape are taken, those included whose field is text here and a number there. What is too long or too much to be
 * searchable is kept and shown all the same and counted in the pipeline's metrics: 'unsearchable fields' for field names beyond {@link
 * IndexSettings#maxFields}; 'cut values' for messages of which only the first 32 KiB are cut into words, text fields of which {@code startsWith}
 * sees only the first 1,024 bytes, and lists of which only the first 256 values are found. {@code file} and {@code host} are fields like others.
 *
 * <p><b>Age.</b> Events are kept for the time said, counted from when they came in on the pipeline's clock, so yesterday's files can be searched
 * too. They go in groups, so the oldest are up to an eighth older. Ages pass only while a pipeline runs. When the index takes more
 * memory than it may, the oldest events go earlier.
 *
 * <p><b>Visible</b> is an event at the latest 100 ms after it was taken in, at once when the pipeline has nothing more to do, and after
 * {@link #refresh}.
 *
 * <p><b>Threads.</b> All methods from any thread. It is written by one run at a time, from any number of places in its pipeline; a second one
 * is refused at its start. It has no thread of its own.
 */
public final class LogIndex implements Sink, AutoCloseable {
  private static final long VISIBLE_AFTER_NANOS = 100_000_000;
  private static final int MOST_EVENTS_IN_SLICE = 1 << 20;
  private static final int SLICES = 8;
  private static final int EVENTS_BETWEEN_MEASURES = 4096;
  private static final long SHORTEST_SLICE_MILLIS = 100;
  private static final long FOREVER_MILLIS = Long.MAX_VALUE / 4;

  private final IndexSettings settings;
  private final long keepMillis;
  private final long sliceMillis;

  /** Oldest first. Changed under the lock only. */
  private final List<Slice> slices = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private final List<Feed> feeds = new ArrayList<>();
  private Slice active;
  private long sequence;
  private long bytesSinceMeasured;
  private int eventsSinceMeasured;
  private volatile boolean quiet = true;
  private volatile boolean closed;

  LogIndex(IndexSettings settings, Duration keep) {
    this.settings = settings;
    this.keepMillis = keep.compareTo(Duration.ofMillis(FOREVER_MILLIS)) > 0 ? FOREVER_MILLIS : Math.max(1, keep.toMillis());
    this.sliceMillis = Math.max(SHORTEST_SLICE_MILLIS, keepMillis / SLICES);
  }

  // ---------------------------------------------------------------- opening

  /** Opens an index in memory that keeps events for so long, with the defaults of {@link IndexSettings}. */
  public static LogIndex inMemory(Duration keep) {
    return IndexSettings.DEFAULT.inMemory(keep);
  }

  /** Begins to describe an index: text in these fields is never read as a number. */
  public static IndexSettings keyword(String... fields) {
    return IndexSettings.DEFAULT.keyword(fields);
  }

  /** Begins to describe an index: text in these fields that reads as a number is that number only. */
  public static IndexSettings number(String... fields) {
    return IndexSettings.DEFAULT.number(fields);
  }

  /** Begins to describe an index: so many different field names are searchable. */
  public static IndexSettings maxFields(int names) {
    return IndexSettings.DEFAULT.maxFields(names);
  }

  /** Begins to describe an index: it takes at most about so many bytes of memory. */
  public static IndexSettings atMostBytes(long bytes) {
    return IndexSettings.DEFAULT.atMostBytes(bytes);
  }

  // ---------------------------------------------------------------- asking

  /**
   * The newest events that match.
   *
   * @throws IllegalStateException if the index is closed
   */
  public LogHits search(LogQuery query) {
    Objects.requireNonNull(query, "query");
    return ask(views -> new Search(query, views, settings).run());
  }

  /**
   * How many events match, whatever the query's limit.
   *
   * @throws IllegalStateException if the index is closed
   */
  public long count(LogQuery query) {
    Objects.requireNonNull(query, "query");
    return ask(views -> {
      long sum = 0;
      for (View view : views) {
        sum += view.searcher.count(new Translation(view.schema, settings).of(query.clause));
      }
      return sum;
    });
  }

  /** How many events it holds, those included that are not visible yet. */
  public long size() {
    long sum = 0;
    for (Slice slice : slices) {
      sum += slice.size();
    }
    return sum;
  }

  /**
   * Makes everything visible that was taken in up to now.
   *
   * @throws IllegalStateException if the index is closed
   */
  public void refresh() {
    refreshOlderThan(0);
  }

  private void refreshOlderThan(long nanos) {
    refuseIfClosed();
    try {
      for (Slice slice : slices) {
        slice.refreshIfOlder(nanos);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ThreadInterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the index made new events visible; they will be at the next search", e);
    }
  }

  private <T> T ask(Question<T> question) {
    refreshOlderThan(quiet ? 0 : VISIBLE_AFTER_NANOS);
    List<View> views = new ArrayList<>();
    try {
      List<Slice> now = new ArrayList<>(slices);
      for (int i = now.size() - 1; i >= 0; i--) {
        View view = now.get(i).enter();
        if (view != null) {
          views.add(view);
        }
      }
      return question.answer(views);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      views.forEach(View::leave);
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    /** @param views newest first */
    T answer(List<View> views) throws IOException;
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new IllegalStateException("the index is closed");
    }
  }

  // ---------------------------------------------------------------- being a sink

  /**
   * Opens its writing end, for a pipeline.
   *
   * @throws IllegalStateException if the index is closed, or another run feeds it
   */
  @Override
  public Processor open(StageContext context) {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("pipeline '" + context.pipeline() + "' cannot feed an index that is closed; open one with LogIndex.inMemory(..)");
      }
      // the places of one run, and no others, have the same clock
      if (!feeds.isEmpty() && feeds.get(0).context.clock() != context.clock()) {
        throw new IllegalStateException("pipeline '" + context.pipeline() + "' cannot feed this index while pipeline '" + feeds.get(0).context.pipeline()
            + "' does; close that one first, or open an index for each");
      }
      Feed feed = new Feed(this, context);
      feeds.add(feed);
      return feed;
    }
  }

  /** True: it is fed by a thread of its own behind an outbox. */
  @Override
  public boolean blocks() {
    return true;
  }

  void released(Feed feed) {
    synchronized (lock) {
      feeds.remove(feed);
      quiet = true;
    }
  }

  /** Takes an event in; false if the index is closed. */
  boolean add(LogEvent event, long now, Feed feed) throws IOException {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      quiet = false;
      if (active != null && (now - active.begun >= sliceMillis || active.size() >= MOST_EVENTS_IN_SLICE)) {
        seal();
      }
      if (active == null) {
        expire(now);
        active = new Slice(settings, now);
        slices.add(active);
      }
      try {
        bytesSinceMeasured += active.add(event, sequence, now, feed);
        sequence++;
      } finally {
        if (!active.isWritable()) {
          feed.lost(seal());
        }
      }
      if (bytesSinceMeasured > settings.maxBytes() / 32 || ++eventsSinceMeasured == EVENTS_BETWEEN_MEASURES) {
        measure(feed);
      }
      return true;
    }
  }

  private long seal() throws IOException {
    Slice full = active;
    active = null;
    return full.seal();
  }

  void quiet() {
    quiet = true;
  }

  /** Joins what searches have left in small pieces. */
  void tidy() throws IOException {
    synchronized (lock) {
      if (active != null) {
        active.tidy();
      }
    }
  }

  /** Begins a new slice when this one is big enough; lets the oldest go when all together are too big. */
  private void measure(Feed feed) throws IOException {
    bytesSinceMeasured = 0;
    eventsSinceMeasured = 0;
    if (active != null && active.bytes() >= settings.maxBytes() / SLICES) {
      seal();
    }
    long bytes = 0;
    for (Slice slice : slices) {
      bytes += slice.bytes();
    }
    while (bytes > settings.maxBytes() && slices.get(0) != active) {
      Slice oldest = slices.get(0);
      bytes -= oldest.bytes();
      feed.droppedForSpace.add(oldest.size());
      feed.context.warn("the index takes as much memory as it may, so events go before their time; allow more with atMostBytes(..), or keep them for less long");
      drop(oldest);
    }
  }

  /** Lets go what is too old. */
  void expire(long now) throws IOException {
    synchronized (lock) {
      while (!slices.isEmpty() && now - slices.get(0).lastArrival >= keepMillis) {
        drop(slices.get(0));
      }
    }
  }

  /** When the next events will be too old, on the pipeline's clock; the end of time if there are none. */
  long nextExpiry() {
    synchronized (lock) {
      return slices.isEmpty() ? Long.MAX_VALUE : slices.get(0).lastArrival + keepMillis;
    }
  }

  private void drop(Slice slice) throws IOException {
    if (slice == active) {
      active = null;
    }
    slices.remove(slice);
    slice.drop();
  }

  // ---------------------------------------------------------------- closing

  /**
   * Lets go of everything; searches under way end well. A pipeline that still feeds it goes on, and its events fail here: 'index closed'. A
   * second call does no harm.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        while (!slices.isEmpty()) {
          drop(slices.get(0));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public String toString() {
    return "LogIndex of " + size() + " events";
  }
}
