package io.logstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * What every runner drives: the places of one run in order, their time, and their books. A runner brings batches, in one order, and
 * the clock's time; it decides about threads. All methods on the trunk's thread, or under the runner's lock, unless they say otherwise.
 */
final class Engine {
  /** Failures of sinks on other threads that wait to be handed to the failure sink; more are only counted. */
  private static final int MOST_WAITING_FAILURES = 10_000;

  /** The run whose thread this is: an own thread of a live run for as long as it lives, a caller's while it is in an inline run. */
  static final ThreadLocal<Engine> OF_THIS_THREAD = new ThreadLocal<>();

  /** For threads of no run that bring forward what this process logs. */
  static final Engine NO_RUN = new Engine("", new RunClock(SystemClock.INSTANCE));

  static {
    NO_RUN.readsOwnLog = true;
  }

  final String pipeline;
  /** Which fields events can have at each stage, as far as is known. */
  Map<String, KnownFields> known = Map.of();
  /** Whether it reads what this process logs. */
  volatile boolean readsOwnLog;
  final Names names = new Names();
  final RunClock clock;
  final Watermarks time = new Watermarks();
  final Notices notices;
  final List<SourceRun> sources = new ArrayList<>();
  /** All places on the trunk, in the order in which events and time reach them. */
  final List<Place> places = new ArrayList<>();
  final List<Outbox> outboxes = new ArrayList<>();
  private final List<Account> accounts = new ArrayList<>();
  /** What takes failed events; null where nobody asked for them. */
  Node failures;
  Place failurePlace;

  /** The number of the checkpoint that the run goes on from; empty in a run without. */
  final OptionalLong checkpoint;
  /** The number of the checkpoint that is written next. */
  volatile long nextCheckpoint;

  /** How a source waits until what it has brought is delivered; set by the runner. */
  Settling settling;

  private final LogEvent cursor = new LogEvent();
  private Account tail;
  private long underWay;
  private long changes;
  /** The watermark that all places have been handed, but for a walk under way. */
  private long announced = Long.MIN_VALUE;
  /** The earliest deadline of all places. */
  private long nextDeadline = Timers.NEVER;
  private boolean opened;
  /** Whether events are on their way from one place to the next: in a process, tick or end that is not over, or never will be. */
  private boolean midway;
  /** The paths of what is no stage's in the state that this run is kept in. */
  private Set<String> keptFrame = new HashSet<>();
  private final ConcurrentLinkedQueue<FailedElsewhere> elsewhere = new ConcurrentLinkedQueue<>();
  private final AtomicInteger elsewhereCount = new AtomicInteger();

  private record FailedElsewhere(Place place, LogEvent event, String cause, String detail) {}

  private Engine(String pipeline, RunClock clock) {
    this(pipeline, clock, OptionalLong.empty());
  }

  Engine(String pipeline, RunClock clock, OptionalLong checkpoint) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.checkpoint = checkpoint;
    this.nextCheckpoint = checkpoint.orElse(0) + 1;
    this.notices = new Notices(pipeline);
  }

  // ---------------------------------------------------------------- opening

  Account account(String name, List<Account> feeders) {
    Account account = new Account(name);
    account.feeders.addAll(feeders);
    accounts.add(account);
    return account;
  }

  FieldKey key(String field, String who) {
    if (opened) {
      throw new IllegalStateException("pipeline '" + pipeline + "', " + who + " asks for the key of field '" + field + "' after it has opened");
    }
    return new FieldKey(names, field);
  }

  FieldKey lateKey(String field) {
    return opened ? FieldKey.late(names, field) : new FieldKey(names, field);
  }

  FoundName found(String field, String who) {
    if (!opened) {
      throw new IllegalStateException("pipeline '" + pipeline + "', " + who + " asks for the found field '" + field + "' before all stages have opened; ask for its key(..)");
    }
    return new FoundName(names, field);
  }

  /** All places are there: the set of declared names is closed. */
  void opened() {
    opened = true;
  }

  // ---------------------------------------------------------------- running

  /** The trunk's way through a batch over which its pass has gone. */
  void process(Batch batch) {
    SourceRun source = batch.log.run();
    changes++;
    time.read(batch);
    midway = true;
    if (batch.told) {
      time.told(batch);
      announce();
    }
    enter(batch, source);
    Pass pass = source.pass.length == 0 ? null : source.pass[0];
    tail = source.tail;
    underWay = pass == null ? batch.count() : pass.tally(batch);
    records(batch, source, pass);
    LogProgress progress = batch.log.progress;
    if (batch.mark != null) {
      progress.mark = batch.mark;
    }
    progress.open = batch.open;
    if (batch.logEnds == Batch.LogEnds.FINISHED) {
      time.finished(batch.log);
    } else if (batch.logEnds == Batch.LogEnds.GONE) {
      time.gone(batch.log);
      source.forget(batch.log);
    }
    announce();
    midway = false;
  }

  /** Each record's way, or what became of it in the pass: a loop with little in it, for the reason that {@link StageNode#pass} gives. */
  private void records(Batch batch, SourceRun source, Pass pass) {
    Fields fields = batch.fields;
    Node head = source.head;
    boolean told = batch.log.progress.told;
    boolean given = source.timeGiver() != null;
    int count = batch.count();
    for (int record = 0; record < count; record++) {
      cursor.moveTo(batch, fields, record);
      long at = told ? Fields.UNTIMED : given ? fields.given[record] : fields.time[record];
      if (fields.ended[record] == 0) {
        underWay--;
        head.accept(cursor);
      } else if (fields.outcome[record] == StageNode.FAILED) {
        failed(pass.stage(fields.ended[record] - 1), cursor, fields.why[record], fields.detail[record]);
      }
      if (at != Fields.UNTIMED) {
        time.observe(batch.log, at);
      }
      announce();
    }
  }

  private static void enter(Batch batch, SourceRun source) {
    source.account.in += batch.linesRead;
    if (batch.droppedBefore > 0) {
      source.account.in += batch.droppedBefore;
      source.account.dropped(batch.droppedReason, batch.droppedBefore);
    }
    if (source.joinerAccount == null) {
      source.account.passed += batch.count();
    } else {
      source.account.passed += batch.linesRead;
      Account joined = source.joinerAccount;
      joined.in += batch.linesRead;
      joined.passed += batch.count();
      joined.absorbed += batch.linesJoined;
      joined.held += batch.linesHeld - batch.log.progress.linesHeld;
      batch.log.progress.linesHeld = batch.linesHeld;
    }
  }

  /** Lets the watermark travel down the chain, deadline by deadline; where nothing waits for it, all have it at once. */
  private void announce() {
    long to = time.watermark();
    while (nextDeadline <= to) {
      long due = nextDeadline;
      changes++;
      nextDeadline = Timers.NEVER;
      for (int i = 0; i < places.size(); i++) {
        places.get(i).watermark(due);
      }
      for (int i = 0; i < places.size(); i++) {
        awaits(places.get(i).eventTimers.next());
      }
    }
    announced = to;
  }

  /** A place on the trunk has something to do at this event time. */
  void awaits(long deadline) {
    nextDeadline = Math.min(nextDeadline, deadline);
  }

  long announced() {
    return announced;
  }

  /** Runs all that is due on the clock up to {@code now}, in order of deadlines. */
  void tick(long now) {
    midway = true;
    handOverFailures();
    for (;;) {
      long due = nextOnClock(now);
      if (due > now) {
        break;
      }
      clock.hold(due);
      changes++;
      for (int i = 0; i < places.size(); i++) {
        places.get(i).clock(due);
      }
      time.silence(due);
      announce();
    }
    clock.release();
    time.silence(now);
    announce();
    midway = false;
  }

  /** The earliest time up to {@code limit} at which something is due on the clock. */
  long nextOnClock(long limit) {
    long next = Timers.NEVER;
    for (int i = 0; i < places.size(); i++) {
      next = Math.min(next, places.get(i).clockTimers.next());
    }
    return Math.min(next, time.nextSilence(limit, nextDeadline));
  }

  /** The earliest time on the clock at which something is due, should no batch come before; it may be over. */
  long nextDue() {
    long next = time.nextLook(nextDeadline);
    for (int i = 0; i < places.size(); i++) {
      next = Math.min(next, places.get(i).clockTimers.next());
    }
    return next;
  }

  /** Whether nothing is on its way to or from other threads. */
  boolean isSettled() {
    for (int i = 0; i < outboxes.size(); i++) {
      if (!outboxes.get(i).isSettled()) {
        return false;
      }
    }
    return !hasFailuresElsewhere();
  }

  /** Whether sinks on other threads have failures for the failure sink. Any thread. */
  boolean hasFailuresElsewhere() {
    return !elsewhere.isEmpty();
  }

  /** Grows whenever something has happened that a checkpoint should hold. */
  long changes() {
    return changes;
  }

  /** For places on the trunk: nothing more to process for now. */
  void quiet() {
    for (Place place : places) {
      try {
        place.processor.onQuiet();
      } catch (Exception e) {
        complain(place, "flush failed", e);
      }
    }
  }

  /** The input has ended for good: everything that is open comes out. */
  void end() {
    midway = true;
    time.end();
    for (int i = 0; i < places.size(); i++) {
      places.get(i).end();
    }
    midway = false;
  }

  /** The run stops and will go on: what is not to wait for that comes out. */
  void stop() {
    midway = true;
    for (int i = 0; i < places.size(); i++) {
      places.get(i).stop();
    }
    midway = false;
  }

  void flush() throws Exception {
    for (Place place : places) {
      place.flush();
    }
  }

  void close() {
    places.forEach(Place::close);
    notices.sum();
  }

  // ---------------------------------------------------------------- failures

  /** An event has failed. On the trunk's thread, or a sink's. */
  void failed(Place place, LogEvent event, String cause, String detail) {
    if (place instanceof SinkNode sink && sink.remote) {
      if (failures != null && elsewhereCount.incrementAndGet() <= MOST_WAITING_FAILURES) {
        elsewhere.add(new FailedElsewhere(place, event.copy(), cause, detail));
      }
    } else {
      handOver(place, event, cause, detail);
    }
    Position at = event.position();
    notices.trouble("stage '" + place.name + "' failed: " + cause,
        "stage '" + place.name + "' failed at " + (at.offset() < 0 ? at.log() : at) + ": " + cause + (detail == null ? "" : " (" + detail + ")"), null);
  }

  private void handOver(Place place, LogEvent event, String cause, String detail) {
    if (failures != null && place != failurePlace) {
      int mark = event.mark();
      event.put("failure.stage", place.name).put("failure.cause", cause);
      if (detail != null) {
        event.put("failure.detail", detail);
      }
      failures.accept(event);
      event.undo(mark);
    }
  }

  /** Gives the failure sink what failed on other threads. */
  void handOverFailures() {
    for (FailedElsewhere one = elsewhere.poll(); one != null; one = elsewhere.poll()) {
      elsewhereCount.decrementAndGet();
      handOver(one.place, one.event, one.cause, one.detail);
    }
  }

  /** Something went wrong that is no event's fault. */
  void complain(Place place, String what, Throwable cause) {
    place.counter("errors").increment();
    String said = "stage '" + place.name + "' " + what;
    notices.trouble(said, said + ": " + cause, cause);
  }

  // ---------------------------------------------------------------- books

  Ledger ledger() {
    List<Ledger.Entry> entries = new ArrayList<>();
    for (Account account : accounts) {
      Outbox outbox = outboxOf(account);
      entries.add(outbox == null ? account.entry(account == tail ? underWay : 0, unstatedAt(account)) : outbox.entry());
    }
    if (midway) {
      Map<String, Long> out = entries.stream().collect(Collectors.toMap(Ledger.Entry::name, Ledger.Entry::out));
      entries.replaceAll(e -> e.plusUnderWay(e.from().stream().mapToLong(out::get).sum() - e.in()));
    }
    Map<String, Long> unread = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (SourceRun source : sources) {
      source.readUnread((log, reason, bytes) -> unread.merge(log + ": " + reason, bytes, Long::sum));
      names.add(source.name());
    }
    return new Ledger(entries, unread, names);
  }

  private long unstatedAt(Account account) {
    for (Place place : places) {
      if (place.account == account && place.current != null && !place.stated) {
        return 1;
      }
    }
    return 0;
  }

  private Outbox outboxOf(Account account) {
    for (Outbox outbox : outboxes) {
      if (outbox.account == account) {
        return outbox;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- checkpoint

  /** What a runner does for {@link SourceContext#settle}. */
  @FunctionalInterface
  interface Settling {
    boolean settle(SourceRun source, Duration atMost);
  }

  /** Whether a source has to be told what has been delivered. */
  boolean acknowledges() {
    return sources.stream().anyMatch(SourceRun::acknowledges);
  }

  /** How far each log has come through. */
  Map<Log, Mark> marks() {
    Map<Log, Mark> marks = new HashMap<>();
    for (Log log : time.logs()) {
      if (log.progress.mark != null) {
        marks.put(log, log.progress.mark);
      }
    }
    return marks;
  }

  /** Everything up to these marks has been delivered, and saved where there is a checkpoint. Any thread. */
  void delivered(Map<Log, Mark> marks) {
    for (SourceRun source : sources) {
      Map<Log, Mark> own = new HashMap<>(marks);
      own.keySet().removeIf(log -> log.run() != source);
      source.delivered(own);
    }
  }

  /** Everything that must outlive this run, as of between two batches. */
  Map<String, byte[]> save() throws Exception {
    Map<String, byte[]> all = new HashMap<>(4 * time.logs().size() + 64);
    saveFrame(all);
    for (Place place : places) {
      place.processor.save(place.state);
      place.state.forEach((key, value) -> all.put(Saved.path("stage", place.name, key), value));
    }
    return all;
  }

  private void saveFrame(Map<String, byte[]> all) {
    Saved.number(all, "watermark", time.watermark());
    for (Log log : time.logs()) {
      LogProgress p = log.progress;
      if (p.saved == null) {
        p.saved = new SavedLog(log);
      }
      p.saved.putInto(all, log, time.isIdle(log));
    }
    for (SourceRun source : sources) {
      source.unseenMarks((log, mark) -> all.putIfAbsent(Saved.path("log", source.name(), log, SavedLog.MARK), mark));
    }
  }

  /** Puts what has changed since the last time into the state that this run is kept in. */
  void saveInto(State whole) throws Exception {
    Map<String, byte[]> frame = new HashMap<>();
    saveFrame(frame);
    keptFrame.removeAll(frame.keySet());
    keptFrame.forEach(whole::remove);
    frame.forEach((path, value) -> {
      if (!Arrays.equals(whole.get(path), value)) {
        whole.put(path, value);
      }
    });
    keptFrame = frame.keySet();
    for (Place place : places) {
      place.processor.save(place.state);
    }
  }

  /** Takes back what an earlier run saved: before the sources open. */
  void restoreLogs(Map<String, byte[]> saved) {
    if (saved.isEmpty()) {
      return;
    }
    if (saved.containsKey("watermark")) {
      time.restore(Saved.number(saved.get("watermark")));
    }
    for (SourceRun source : sources) {
      Saved.under(saved, Saved.path("log", source.name(), "")).forEach((path, value) -> {
        String log = path.substring(0, path.lastIndexOf(Saved.PARTING));
        switch (path.substring(path.lastIndexOf(Saved.PARTING) + 1)) {
          case SavedLog.MARK -> source.restoreMark(log, value);
          case SavedLog.OPEN -> source.restoreOpen(log, value);
          case SavedLog.PROGRESS -> SavedLog.restore(source.known(log).progress, value);
          default -> { }
        }
      });
      source.knownLogs().forEach(log -> time.restored(log, clock.base().millis()));
    }
  }

  /**
   * Takes back what the processors saved: after the sources have opened.
   *
   * @param keptIn where they save from now on; null for a memory of their own
   */
  void restorePlaces(Map<String, byte[]> saved, State keptIn) {
    announced = time.watermark();
    for (Place place : places) {
      String path = Saved.path("stage", place.name, "");
      Map<String, byte[]> own = Saved.under(saved, path);
      if (keptIn == null) {
        own.forEach(place.state::put);
      } else {
        place.state = keptIn.under(path);
      }
      if (!own.isEmpty()) {
        try {
          place.processor.restore(place.state, place);
        } catch (Exception e) {
          throw new PipelineException("pipeline '" + pipeline + "', stage '" + place.name + "' cannot take back its saved state: " + e.getMessage()
              + "; if the stage has changed on purpose, start with an empty checkpoint directory", e);
        }
      }
    }
    for (Place place : places) {
      place.begin();
    }
  }

  Log log(String source, String key) {
    for (SourceRun run : sources) {
      if (run.name().equals(source)) {
        return run.known(key);
      }
    }
    return null;
  }

  SourceRun source(String name) {
    for (SourceRun run : sources) {
      if (run.name().equals(name)) {
        return run;
      }
    }
    throw new IllegalArgumentException("pipeline '" + pipeline + "' has no source '" + name + "'; it has " + sources.stream().map(SourceRun::name).toList());
  }

  LogEvent decode(byte[] saved) {
    return EventCodec.decode(this, saved);
  }
}
