package io.logstream.index;

import io.logstream.LogEvent;
import io.logstream.Position;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import io.logstream.match.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.util.ThreadInterruptedException;

/**
 * A sink that can be searched while events come in. Unlike other sinks it is not a description but the open index itself: whoever opens it
 * closes it, and it goes on answering after a pipeline that fed it has ended.
 *
 * <pre>{@code
 * try (LogIndex index = LogIndex.inMemory(Duration.ofHours(6));
 *     RunningPipeline running = pipeline(index).start()) {
 *   LogHits failing = index.search("status>=500 path:/api/* last:15m");
 * }
 * }</pre>
 *
 * <p><b>Events</b> of any shape are taken, those included whose field is text here and a number there. What is too long or too much to be
 * searchable is kept and shown all the same and counted in the pipeline's metrics: 'unsearchable fields' for field names beyond {@link
 * IndexSettings#maxFields}; 'cut values' for messages of which only the first 32 KiB are cut into words, text fields of which more than 1,024
 * bytes are slower to search, and lists of which only the first 256 values are found. {@code file} and {@code host} are fields like others.
 *
 * <p><b>Where.</b> {@link #inMemory} keeps events in the heap and, beyond {@link IndexSettings#heap}, in temporary files mapped into memory. {@link #in}
 * keeps them in a directory, and has them when it is opened again, after a crash too: it is written to the disk with every checkpoint of a pipeline, or, where
 * there are none, every five seconds and at the end. A pipeline that goes on from a checkpoint gives once more what came behind it, so when it starts the
 * index takes back what that pipeline had put in behind that checkpoint, counted in its metrics under 'taken back'; what others have put in stays. So every
 * record is in it once, whatever was killed when. Pipelines are known by their names.
 *
 * <p><b>Age.</b> Events are kept for the time said, counted from when they came in on the pipeline's clock, so yesterday's files can be searched
 * too. They go by {@link #slices}, so the oldest are older by up to the length of one: an eighth of the time, a day or a month, see {@link
 * IndexSettings#slicedBy}. Ages pass only while a pipeline runs. When the index takes more room than it may, the oldest events go earlier.
 *
 * <p><b>Visible</b> is an event at the latest 100 ms after it was taken in, unless {@link #refreshEvery} says otherwise, at once when the pipeline has
 * nothing more to do, and after {@link #refresh}. {@link #latest} sees it as soon as it was taken in, and so does a {@link #tail}.
 *
 * <p><b>Threads.</b> All methods from any thread. It is written by one run at a time, from any number of places in its pipeline; a second one
 * is refused at its start. It has no thread of its own; each tail has one.
 */
public final class LogIndex implements Sink, AutoCloseable {
  private final IndexSettings settings;
  private final Object lock = new Object();
  private final Slices slices;
  private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);

  private final List<Feed> feeds = new ArrayList<>();
  private final List<LogTail> tails = new CopyOnWriteArrayList<>();
  private final Arrived arrived = new Arrived();
  private final LogView usual;
  private volatile InstantSource clock;
  private volatile boolean quiet = true;
  private volatile boolean closed;

  private LogIndex(IndexSettings settings, Slices slices) {
    this.settings = settings;
    this.slices = slices;
    this.usual = new LogView(this, settings.refresh().toNanos());
  }

  /** @param dir where it is; null for memory */
  static LogIndex open(IndexSettings settings, Duration keep, Path dir) {
    IndexDirectory onDisk = null;
    try {
      onDisk = dir == null ? null : IndexDirectory.open(dir);
      return new LogIndex(settings, new Slices(settings, keep, onDisk));
    } catch (IOException e) {
      if (onDisk != null) {
        onDisk.letGo();
      }
      throw new UncheckedIOException("the index in " + dir + " cannot be opened: " + e.getMessage(), e);
    }
  }

  // ---------------------------------------------------------------- opening

  /** Opens an index in memory that keeps events for so long, with the defaults of {@link IndexSettings}. */
  public static LogIndex inMemory(Duration keep) {
    return IndexSettings.DEFAULT.inMemory(keep);
  }

  /**
   * Opens an index in a directory that keeps events for so long, beyond the end of this process, with the defaults of {@link IndexSettings}; see {@link
   * IndexSettings#in}.
   */
  public static LogIndex in(Path dir, Duration keep) {
    return IndexSettings.DEFAULT.in(dir, keep);
  }

  /** Begins to describe an index: text in these fields is never read as a number. */
  public static IndexSettings keyword(String... fields) {
    Objects.requireNonNull(fields, "fields of LogIndex.keyword");
    return IndexSettings.DEFAULT.keyword(fields);
  }

  /** Begins to describe an index: text in these fields that reads as a number is that number only. */
  public static IndexSettings number(String... fields) {
    Objects.requireNonNull(fields, "fields of LogIndex.number");
    return IndexSettings.DEFAULT.number(fields);
  }

  /** Begins to describe an index: a few numbers among very many are found quickly in these fields. */
  public static IndexSettings ranged(String... fields) {
    Objects.requireNonNull(fields, "fields of LogIndex.ranged");
    return IndexSettings.DEFAULT.ranged(fields);
  }

  /** Begins to describe an index: so many different field names are searchable. */
  public static IndexSettings maxFields(int names) {
    return IndexSettings.DEFAULT.maxFields(names);
  }

  /** Begins to describe an index: it holds at most about so many events. */
  public static IndexSettings atMostEvents(long events) {
    return IndexSettings.DEFAULT.atMostEvents(events);
  }

  /** Begins to describe an index: what a search finds is at most so old. */
  public static IndexSettings refreshEvery(Duration age) {
    Objects.requireNonNull(age, "age of LogIndex.refreshEvery");
    return IndexSettings.DEFAULT.refreshEvery(age);
  }

  /** Begins to describe an index: it takes at most about so many bytes of the heap. */
  public static IndexSettings heap(long bytes) {
    return IndexSettings.DEFAULT.heap(bytes);
  }

  /** Begins to describe an index: events that differ in this field are kept apart. */
  public static IndexSettings tenant(String field) {
    return IndexSettings.DEFAULT.tenant(field);
  }

  /** Begins to describe an index: a slice of it is for an hour, a day or a month. */
  public static IndexSettings slicedBy(ChronoUnit unit) {
    return IndexSettings.DEFAULT.slicedBy(unit);
  }

  /** Begins to describe an index: it takes at most about so many bytes. */
  public static IndexSettings atMostBytes(long bytes) {
    return IndexSettings.DEFAULT.atMostBytes(bytes);
  }

  // ---------------------------------------------------------------- asking

  /**
   * The newest events that match a query in the query language, at most {@value LogQuery#DEFAULT_LIMIT}: {@code level:ERROR path:/api/* last:15m}.
   *
   * @throws io.logstream.match.QueryException if the query cannot be understood; it says where and why
   * @throws IllegalStateException if the index is closed
   */
  public LogHits search(String query) {
    return usual.search(query);
  }

  /**
   * The newest events that match.
   *
   * @throws IllegalStateException if the index is closed
   */
  public LogHits search(LogQuery query) {
    return usual.search(query);
  }

  /**
   * The newest events for which a condition holds, at most {@value LogQuery#DEFAULT_LIMIT}.
   *
   * @throws IllegalStateException if the index is closed
   */
  public LogHits search(Condition condition) {
    return usual.search(LogQuery.of(condition));
  }

  /**
   * How many events match, whatever the query's limit and cursor.
   *
   * @throws IllegalStateException if the index is closed, or they cannot be counted in the query's time
   */
  public long count(LogQuery query) {
    return usual.count(query);
  }

  /**
   * For how many events a condition holds.
   *
   * @throws IllegalStateException if the index is closed, or they cannot be counted in ten seconds
   */
  public long count(Condition condition) {
    return usual.count(LogQuery.of(condition));
  }

  /** How many events match in each interval of time, in UTC; see {@link LogView#histogram(LogQuery, Duration, java.time.ZoneId)}. */
  public LogHistogram histogram(LogQuery query, Duration interval) {
    return usual.histogram(query, interval);
  }

  /** The values of a field that most of the matching events have; see {@link LogView#topValues}. */
  public LogValues topValues(LogQuery query, String field, int most) {
    return usual.topValues(query, field, most);
  }

  /** The fields that events have, with counts and types. */
  public List<LogField> fields() {
    return usual.fields();
  }

  /** A hit among the records of the same log that came in before and after it; see {@link LogView#around}. */
  public List<LogHit> around(LogHit hit, int before, int after) {
    return usual.around(hit, before, after);
  }

  /** The index with every event that has left the outbox: who asks has what came in since the last time made visible first. */
  public LogView latest() {
    return new LogView(this, 0);
  }

  /** The index with what is visible already, however old: the quickest, as nothing has to be done first. */
  public LogView refreshed() {
    return new LogView(this, Long.MAX_VALUE);
  }

  /**
   * Waits until the record at this position, or a later one of the same file, has come in, and makes it visible: for tests and for whoever must see
   * what he wrote.
   *
   * @return false if it has not come in that time
   * @throws InterruptedException if the caller is interrupted meanwhile
   */
  public boolean awaitVisible(Position position, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + (atMost.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atMost).toNanos();
    boolean there = isOnDisk() && wasThere(position);
    synchronized (lock) {
      while (!there && !arrived.upTo(position)) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || closed) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
    refresh();
    return true;
  }

  /** Whether a record, or a later one of the same file, was in an index on disk before it was opened. */
  private boolean wasThere(Position position) {
    refuseIfClosed();
    return over(views -> Around.has(position, views));
  }

  /**
   * Follows the events that match: first those held already, from a sequence number on, then every new one at the moment it comes in, in order of
   * arrival, each once. {@code from} 0 begins with the oldest, {@link Long#MAX_VALUE} with the next to come; the number behind {@link LogHit#sequence} of
   * the last one seen goes on where another tail ended. The query's limit and cursor do not count.
   *
   * <p>The receiver is called on a thread of the tail. If it is slow, events wait, up to {@value LogTail#MOST_WAITING}; what comes on top is left out, and
   * the receiver is told how many at the place where they are missing.
   *
   * @throws IllegalStateException if the index is closed
   */
  public LogTail tail(LogQuery query, long from, LogTail.Receiver receiver) {
    LogTail tail;
    synchronized (lock) {
      refuseIfClosed();
      tail = new LogTail(this, query.conditionAt(now()), Math.max(0, Math.min(from, slices.sequence())), slices.sequence(), receiver);
      tails.add(tail);
    }
    tail.begin();
    return tail;
  }

  /** As {@link #tail(LogQuery, long, LogTail.Receiver)}, with a query in the query language. */
  public LogTail tail(String query, long from, LogTail.Receiver receiver) {
    return tail(LogQuery.parse(query), from, receiver);
  }

  void released(LogTail tail) {
    tails.remove(tail);
  }

  IndexSettings settings() {
    return settings;
  }

  /** The present, on the clock of the pipeline that feeds the index or has fed it last; of one on disk that is not fed, the time when the last event came. */
  Instant now() {
    InstantSource its = clock;
    return its == null ? Instant.ofEpochMilli(slices.all().stream().mapToLong(slice -> slice.lastArrival).max().orElse(0)) : its.instant();
  }

  /** How many events it holds, those included that are not visible yet. */
  public long size() {
    return slices.size();
  }

  /** How many bytes it takes for what it holds, about, in memory and on the disk: what it has indexed and the events themselves. */
  public long bytes() {
    try {
      return slices.bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (AlreadyClosedException e) {
      return 0;
    }
  }

  /** Its slices, in the order in which they began. */
  public List<LogSlice> slices() {
    List<LogSlice> all = new ArrayList<>();
    try {
      for (Slice slice : slices.all()) {
        all.add(new LogSlice(slice.name, slice.size(), slice.bytes(), slice.isInHeap()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (AlreadyClosedException e) {
      return List.of();
    }
    return all;
  }

  /**
   * Makes everything visible that was taken in up to now.
   *
   * @throws IllegalStateException if the index is closed
   * @throws UncheckedIOException if the disk is full or broken; a search then finds what was visible before, and says so in a warning
   */
  public void refresh() {
    refreshOlderThan(0);
  }

  private void refreshOlderThan(long nanos) {
    refuseIfClosed();
    IOException failure = null;
    for (Slice slice : slices.all()) {
      try {
        slice.refreshIfOlder(nanos);
      } catch (IOException e) {
        failure = e;
      } catch (ThreadInterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the index made new events visible; they will be at the next search", e);
      }
    }
    if (failure != null) {
      throw new UncheckedIOException("the newest events cannot be made visible: " + failure, failure);
    }
  }

  /** Makes new events visible; if that fails and was not asked for, says why, as older ones can be found all the same. */
  private String staleUnlessRefreshed(long olderThanNanos) {
    try {
      refreshOlderThan(quiet ? 0 : olderThanNanos);
      return null;
    } catch (UncheckedIOException e) {
      if (olderThanNanos == 0) {
        throw e;
      }
      return e.getMessage();
    }
  }

  <T> T ask(LogQuery query, long olderThanNanos, Question<T> question) {
    Objects.requireNonNull(query, "query");
    refuseIfClosed();
    String stale = olderThanNanos == Long.MAX_VALUE ? null : staleUnlessRefreshed(olderThanNanos);
    return over(views -> question.answer(new Ask(query, now(), views, stale), views));
  }

  <T> T over(Views<T> question) {
    List<View> views = new ArrayList<>();
    try {
      List<Slice> now = new ArrayList<>(slices.all());
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
  interface Question<T> {
    T answer(Ask ask, List<View> views) throws IOException;
  }

  @FunctionalInterface
  interface Views<T> {
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
      if (feeds.isEmpty() && isOnDisk() && context.checkpoint().isPresent()) {
        goBackTo(context.checkpoint().getAsLong(), context);
      }
      Feed feed = new Feed(this, context);
      feeds.add(feed);
      clock = context.clock();
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

  /** What came in behind a checkpoint comes again when a run goes on from it, so it goes. */
  private void goBackTo(long checkpoint, StageContext context) {
    try {
      long gone = slices.backTo(context.pipeline(), checkpoint);
      if (gone < 0) {
        context.warn("the index knows no more what it held at checkpoint " + checkpoint + ", which is older than the last ones or of another directory; it keeps all that"
            + " it has, so events that are read again are in it twice");
      } else {
        context.counter("taken back").add(gone);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the index cannot go back to checkpoint " + checkpoint + ": " + e.getMessage(), e);
    }
  }

  /** Takes an event in; false if the index is closed. */
  boolean add(LogEvent event, long now, Feed feed) throws IOException {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      quiet = false;
      Slice slice = slices.add(event, now, feed);
      arrived.take(slice.form().position());
      if (arrived.isAwaited()) {
        lock.notifyAll();
      }
      for (LogTail tail : tails) {
        tail.offer(event, slices.sequence() - 1, slice);
      }
      return true;
    }
  }

  void quiet() {
    quiet = true;
  }

  boolean isOnDisk() {
    return slices.areOnDisk();
  }

  /** Joins what searches have left in small pieces. */
  void tidy() throws IOException {
    synchronized (lock) {
      slices.tidy();
    }
  }

  /** Puts all that has come in on the disk, if that is where it is kept, so that it is there after a crash. */
  void commit() throws IOException {
    synchronized (lock) {
      if (isOnDisk() && !closed) {
        slices.commit();
      }
    }
  }

  /** The same; and all that has come in belongs to a checkpoint of the pipeline. */
  void commit(String pipeline, long checkpoint) throws IOException {
    synchronized (lock) {
      if (isOnDisk() && !closed) {
        slices.commit(pipeline, checkpoint);
      }
    }
  }

  boolean isUncommitted() {
    synchronized (lock) {
      return slices.isUncommitted();
    }
  }

  /** Lets go what is too old. */
  void expire(long now) throws IOException {
    synchronized (lock) {
      slices.expire(now);
    }
  }

  /** When the next events will be too old, on the pipeline's clock; the end of time if there are none. */
  long nextExpiry() {
    synchronized (lock) {
      return slices.nextExpiry();
    }
  }

  // ---------------------------------------------------------------- closing

  /**
   * Lets go of everything, and leaves an index in a directory there, with all that has come in; searches under way end well. A pipeline that still feeds it goes on, and its events fail here: 'index closed'. A
   * second call does no harm.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      lock.notifyAll();
      tails.forEach(LogTail::end);
      try {
        slices.close();
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
