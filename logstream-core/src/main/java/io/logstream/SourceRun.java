package io.logstream;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/** A source in a run: its reader, the logs that it has found, and the joining of their lines. Driven by one thread. */
final class SourceRun implements SourceContext {
  private static volatile String host;

  private final Engine engine;
  private final int index;
  private final String name;
  private final DressedSource description;
  private final Joiner joiner;
  private final TimeGiver timeGiver;
  private final long since;
  final Account account;
  /** The hoisted joiner's, which several sources may share; null without one. */
  Account joinerAccount;

  private Reader reader;
  private final Map<String, Log> logs = new ConcurrentHashMap<>();
  private final Map<String, byte[]> saved = Collections.synchronizedMap(new LinkedHashMap<>());
  private final Set<Framing> open = new LinkedHashSet<>();
  private final Map<Unread, Counter> unread = new ConcurrentHashMap<>();
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private final JoinerContext joinerContext = new InReader();
  final Meters meters = new Meters();
  final Meters joinerMeters = new Meters();
  private volatile long quietAt = Long.MIN_VALUE;
  private volatile boolean foundLogs;
  /** How many of its logs the trunk knows that may bring more. Trunk's thread only. */
  int unfinishedLogs;
  private boolean ended;
  /** What the reader threw when it had already brought lines: these go first. */
  private Exception trouble;

  // set by the assembly
  Pass[] pass = {};
  Node head = Node.END;
  /** The last place of what is done before the trunk's own chain. */
  Account tail;
  private volatile Map<Log, Mark> delivered;
  private List<String> stagesWithState = List.of();

  // the batch that waits for room in the ring, and what stood in its place there; reader's thread
  Batch pending;
  Batch exchanged;
  /** Where in the ring the last batch of this source stands. Reader's thread. */
  long lastPlace = -1;
  /** Where the last of its batches stands that has grown for long records. Reader's thread. */
  long lastLarge = -1;

  SourceRun(Engine engine, int index, String name, DressedSource description, Joiner joiner, TimeGiver timeGiver) {
    this.engine = engine;
    this.index = index;
    this.name = name;
    this.description = description;
    this.joiner = joiner;
    this.timeGiver = timeGiver;
    this.since = description.since() == null ? Long.MIN_VALUE : Millis.of(description.since());
    this.account = engine.account(name, List.of());
    this.tail = account;
  }

  void joinedIn(Account joined) {
    joined.feeders.add(account);
    joinerAccount = joined;
    tail = joined;
  }

  void open() {
    reader = Place.opened(engine.pipeline, "source '" + name + "'", () -> description.bare().open(this));
  }

  /** Closes what is open when another part of the run could not be opened. */
  void closeAfterFailure() {
    try {
      close();
    } catch (IOException | RuntimeException e) {
      engine.notices.warn("source '" + name + "' could not be closed", e);
    }
  }

  /** Brings the next batch; the same answers as {@link Reader#poll}. */
  Reader.Found next(Batch batch) throws IOException {
    return next(batch, false);
  }

  /** As {@link #next}, once the run is being closed; the same answers as {@link Reader#drain}. */
  Reader.Found drain(Batch batch) throws IOException {
    return next(batch, true);
  }

  private Reader.Found next(Batch batch, boolean closing) throws IOException {
    tellDelivered();
    long now = now();
    batch.reset(now);
    rethrow();
    if (!open.isEmpty() && (open.size() > joiner.maxStreams() ? expireOne(batch, Timers.NEVER, Ended.CAP) : expireOne(batch, quietAt, Ended.TIMEOUT))) {
      return Reader.Found.SOMETHING;
    }
    if (ended) {
      return expireOne(batch, Timers.NEVER, Ended.FILE_END) ? Reader.Found.SOMETHING : Reader.Found.END;
    }
    Reader.Found found;
    try {
      found = closing ? reader.drain(batch) : reader.poll(batch);
    } catch (IOException | RuntimeException e) {
      if (batch.linesRead == 0) {
        throw e;
      }
      trouble = e;
      found = Reader.Found.SOMETHING;
    } finally {
      sealed(batch, now);
    }
    if (found == Reader.Found.NOTHING) {
      quietAt = now;
    } else if (found == Reader.Found.END && !closing) {
      ended = true;
    }
    return batch.log != null ? Reader.Found.SOMETHING : ended ? next(batch) : found;
  }

  private void rethrow() throws IOException {
    Exception thrown = trouble;
    trouble = null;
    if (thrown instanceof IOException io) {
      throw io;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  private void sealed(Batch batch, long now) {
    Log log = batch.log;
    if (log == null) {
      return;
    }
    if (batch.linesRead > 0) {
      log.lastReadAt = now;
      log.batchesRead = log.batchesRead + 1;
    }
    if (log.framing != null) {
      log.framing.endOfBatch(batch, joinerContext);
      if (log.framing.isOpen()) {
        open.add(log.framing);
      } else {
        open.remove(log.framing);
      }
    }
    if (batch.logEnds == Batch.LogEnds.GONE) {
      logs.remove(log.key(), log);
      log.meters.addCountersTo(meters);
    }
  }

  private boolean expireOne(Batch batch, long until, Ended why) {
    for (Framing framing : open) {
      if (until == Timers.NEVER || framing.deadline() <= Math.max(until, framing.quietAt())) {
        framing.expire(batch, why);
        framing.endOfBatch(batch, joinerContext);
        open.remove(framing);
        return true;
      }
    }
    return false;
  }

  /** Completes the next unfinished record because nobody will read on; false when there is none. */
  boolean giveUpOne(Batch batch) {
    batch.reset(now());
    return expireOne(batch, Timers.NEVER, ended ? Ended.FILE_END : Ended.CLOSE);
  }

  /** Whether what is unfinished is completed when the run is closed. */
  boolean emitsOnClose() {
    return joiner != null && joiner.emitsOnClose();
  }

  /** Completes the record that silence has completed at this time on the clock. */
  boolean expireInline(Batch batch, long now) {
    batch.reset(now);
    return expireOne(batch, now, Ended.TIMEOUT);
  }

  /** When the first unfinished record is complete by silence. */
  long nextDeadline() {
    long next = Timers.NEVER;
    for (Framing framing : open) {
      next = Math.min(next, framing.deadline());
    }
    return next;
  }

  Reader reader() {
    return reader;
  }

  void close() throws IOException {
    if (reader != null) {
      reader.close();
    }
  }

  // ---------------------------------------------------------------- checkpoint

  void restoreMark(String log, byte[] mark) {
    saved.put(log, mark);
  }

  void restoreOpen(String log, byte[] openRecord) {
    Log of = known(log);
    if (of.framing != null) {
      restoreFraming(of, openRecord);
    } else {
      warn("the unfinished record saved for " + of + " is left out: no stage joins lines behind this source any more");
    }
  }

  /** The marks of logs of an earlier run of which this one has none yet. On the trunk's thread. */
  void unseenMarks(BiConsumer<String, byte[]> each) {
    synchronized (saved) {
      saved.forEach((key, mark) -> {
        Log log = logs.get(key);
        if (log == null || log.progress.mark == null) {
          each.accept(key, mark);
        }
      });
    }
  }

  /** Its reader has given this log up. */
  void forget(Log log) {
    saved.remove(log.key());
  }

  boolean acknowledges() {
    return description.acknowledges();
  }

  void delivered(Map<Log, Mark> marks) {
    delivered = marks;
  }

  /** Tells the reader what has been delivered since it was last told. */
  void tellDelivered() throws IOException {
    Map<Log, Mark> upTo = delivered;
    if (upTo != null) {
      delivered = null;
      reader.saved(upTo);
    }
  }

  void stagesWithState(List<String> names) {
    stagesWithState = names;
  }

  // ---------------------------------------------------------------- for the trunk

  Engine engine() {
    return engine;
  }

  int index() {
    return index;
  }

  TimeGiver timeGiver() {
    return timeGiver;
  }

  Names names() {
    return engine.names;
  }

  long now() {
    return engine.clock.base().millis();
  }

  long quietAt() {
    return quietAt;
  }

  void quietAt(long now) {
    quietAt = now;
  }

  /** Goes through all bytes destroyed unread, by log and reason. Any thread. */
  void readUnread(UnreadReading reading) {
    unread.forEach((what, bytes) -> reading.of(what.log, what.reason, bytes.value()));
  }

  @FunctionalInterface
  interface UnreadReading {
    void of(String log, String reason, long bytes);
  }

  private record Unread(String log, String reason) {}

  // ---------------------------------------------------------------- SourceContext

  @Override
  public String pipeline() {
    return engine.pipeline;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public InstantSource clock() {
    return engine.clock.base();
  }

  @Override
  public Duration outOfOrder() {
    return timeGiver == null ? description.outOfOrder() : timeGiver.outOfOrder();
  }

  /** From which time on its events count, in milliseconds. */
  long since() {
    return since;
  }

  @Override
  public FieldKey key(String field) {
    return engine.key(field, "source '" + name + "'");
  }

  @Override
  public Log log(String key, Map<String, ?> fields) {
    Map<String, Object> all = new LinkedHashMap<>(fields);
    all.putIfAbsent("host", host());
    all.putAll(description.fields());
    Log log = known(key);
    log.found(all);
    foundLogs = true;
    return log;
  }

  /** Whether its reader has named any log in this run. */
  boolean hasFoundLogs() {
    return foundLogs;
  }

  /** The log of this key, also when its reader has not found it again yet. */
  Log known(String key) {
    return logs.computeIfAbsent(key, k -> {
      Log log = new Log(this, k, Map.of());
      if (joiner != null) {
        log.framing = new Framing(log, joiner, joinerContext);
      }
      return log;
    });
  }

  Collection<Log> knownLogs() {
    return logs.values();
  }

  private void restoreFraming(Log log, byte[] openRecord) {
    try {
      log.framing.restore(new DataInputStream(new ByteArrayInputStream(openRecord)), now());
      open.add(log.framing);
      int lines = log.framing.linesHeld();
      joinerAccount.heldAtStart += lines;
      joinerAccount.held += lines;
      log.progress.linesHeld = lines;
      log.progress.open = log.framing.open();
    } catch (IOException e) {
      warn("the unfinished record saved for " + log + " cannot be read (" + e + ") and is left out");
    }
  }

  @Override
  public Map<String, byte[]> saved() {
    synchronized (saved) {
      return Map.copyOf(saved);
    }
  }

  @Override
  public boolean settle(Duration atMost) {
    return engine.settling.settle(this, atMost);
  }

  @Override
  public List<String> stagesWithState() {
    return stagesWithState;
  }

  @Override
  public void unread(Log log, long bytes, String reason) {
    unread.computeIfAbsent(new Unread(log.key(), reason), k -> new Counter()).add(bytes);
  }

  @Override
  public Counter counter(String what) {
    return meters.counter(what);
  }

  @Override
  public void gauge(String what, DoubleSupplier value) {
    meters.gauge(what, value);
  }

  @Override
  public void warn(String text) {
    if (warned.size() < 1000 && warned.add(text)) {
      engine.notices.warn("source '" + name + "': " + text, null);
    }
  }

  /** What the joiners of all logs of this source know of the run. */
  private final class InReader implements JoinerContext {
    @Override
    public Counter counter(String what) {
      return joinerMeters.counter(what);
    }

    @Override
    public void warn(String subject, String text) {
      if (warned.size() < 1000 && warned.add(subject)) {
        engine.notices.warn("source '" + name + "', stage '" + joinerAccount.name + "': " + text, null);
      }
    }

    @Override
    public long now() {
      return SourceRun.this.now();
    }
  }

  private static String host() {
    if (host == null) {
      String found = System.getenv("HOSTNAME");
      if (found == null || found.isEmpty()) {
        try {
          found = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
          found = "localhost";
        }
      }
      host = found;
    }
    return host;
  }
}
