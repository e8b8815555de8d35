package io.logstream;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** A processor in its place: what stages and sinks have in common. Its own context, its own clock of deadlines. */
abstract class Place implements Emitter, StageContext {
  static final String UNSTATED = "unstated";

  final Engine engine;
  final Account account;
  final String name;
  Processor processor;
  final Timers eventTimers = new Timers();
  final Timers clockTimers = new Timers();
  State state = new SavedState();
  /** What stands at the stage's sides. */
  Map<String, Node> sides = Map.of();
  final Meters meters = new Meters();
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  /** Whether it runs on another thread than the trunk, where there is no watermark. */
  final boolean remote;
  /** What this place is told of the time: the run's, or on another thread one of its own. */
  final RunClock clock;

  /** The event or timer under way. */
  LogEvent current;
  boolean stated;
  private long timerTime;
  /** The deadline that it has come to in a walk of the watermark that is under way, or was the last with something to do. */
  private long handed = Long.MIN_VALUE;

  Place(Engine engine, Account account, boolean remote) {
    this.engine = engine;
    this.remote = remote;
    this.clock = remote ? new RunClock(engine.clock.base()) : engine.clock;
    this.account = account;
    this.name = account.name;
  }

  /** What a description opens to; says which one it was when that does not work. */
  static <T> T opened(String pipeline, String what, Supplier<T> open) {
    T opened;
    try {
      opened = open.get();
    } catch (RuntimeException e) {
      throw new PipelineException("pipeline '" + pipeline + "', " + what + " cannot be opened: " + e.getMessage(), e);
    }
    if (opened == null) {
      throw new PipelineException("pipeline '" + pipeline + "', " + what + " opens to null");
    }
    return opened;
  }

  // ---------------------------------------------------------------- time

  /** Runs what is due at or before this watermark, then takes it as its own. */
  final void watermark(long to) {
    while (eventTimers.next() <= to) {
      long deadline = eventTimers.take();
      handed = Math.max(handed, deadline);
      timed(deadline, false);
    }
    handed = Math.max(handed, to);
  }

  final void clock(long now) {
    while (clockTimers.next() <= now) {
      long deadline = clockTimers.take();
      clock.hold(deadline);
      timed(deadline, true);
    }
  }

  private void timed(long deadline, boolean onClock) {
    current = null;
    stated = true;
    timerTime = deadline;
    try {
      if (onClock) {
        processor.onClock(Instant.ofEpochMilli(deadline), this);
      } else {
        processor.onTimer(Instant.ofEpochMilli(deadline), this);
      }
    } catch (Exception | StackOverflowError e) {
      engine.complain(this, "timer failed", e);
    }
  }

  final void begin() {
    current = null;
    stated = true;
    timerTime = engine.clock.millis();
    try {
      processor.onOpen(this);
    } catch (Exception e) {
      throw new PipelineException("pipeline '" + engine.pipeline + "', stage '" + name + "' cannot be opened: " + e.getMessage(), e);
    }
  }

  final void end() {
    current = null;
    stated = true;
    long greatest = engine.time.greatest();
    timerTime = greatest == Long.MIN_VALUE ? engine.clock.millis() : greatest;
    try {
      processor.onEnd(this);
    } catch (Exception | StackOverflowError e) {
      engine.complain(this, "end failed", e);
    }
  }

  final void stop() {
    current = null;
    stated = true;
    timerTime = engine.clock.millis();
    try {
      processor.onStop(this);
    } catch (Exception | StackOverflowError e) {
      engine.complain(this, "stop failed", e);
    }
  }

  @Override
  public void at(Instant deadline) {
    long at = Millis.of(deadline);
    eventTimers.add(at);
    engine.awaits(at);
  }

  @Override
  public void atClock(Instant deadline) {
    clockTimers.add(Millis.of(deadline));
  }

  // ---------------------------------------------------------------- verbs

  @Override
  public void drop(LogEvent event, String reason) {
    settle(event, "drop");
    account.dropped(reason);
  }

  @Override
  public void absorb(LogEvent event) {
    settle(event, "absorb");
    account.absorbed++;
  }

  @Override
  public void fail(LogEvent event, String cause) {
    fail(event, cause, null);
  }

  @Override
  public void fail(LogEvent event, String cause, String detail) {
    settle(event, "fail");
    account.failed(cause);
    engine.failed(this, event, cause, detail);
  }

  @Override
  public void aside(String side, LogEvent event) {
    Node to = sides.get(side);
    if (to == null) {
      throw new IllegalArgumentException("stage '" + name + "' has no side '" + side + "'; it has " + sides.keySet());
    }
    int mark = event.mark();
    LogEvent under = current;
    boolean underStated = stated;
    to.accept(event);
    current = under;
    stated = underStated;
    event.undo(mark);
  }

  @Override
  public LogEvent hold(LogEvent event) {
    if (event != current || stated) {
      throw new IllegalStateException("stage '" + name + "' can hold only the event it was given, and only once");
    }
    stated = true;
    account.held++;
    LogEvent copy = event.copy();
    copy.heldBy = this;
    return copy;
  }

  @Override
  public LogEvent restoreHeld(byte[] saved) {
    LogEvent event = engine.decode(saved);
    event.heldBy = this;
    account.heldAtStart++;
    account.held++;
    return event;
  }

  @Override
  public LogEvent create() {
    long time = current == null ? timerTime : current.epochMillis();
    return LogEvent.own(engine.names, time).epochMillis(time);
  }

  /** Takes an event off the books that hold it: the one under way, or one held. */
  private void settle(LogEvent event, String verb) {
    if (event == current && !stated) {
      stated = true;
    } else if (event.heldBy == this) {
      event.heldBy = null;
      account.held--;
    } else {
      throw new IllegalStateException("stage '" + name + "' cannot " + verb + " this event: it was settled before, or is not its own");
    }
  }

  /** An exception out of {@code process}. */
  final void threw(LogEvent event, Throwable thrown) {
    if (stated) {
      engine.complain(this, "failed behind its verb", thrown);
      return;
    }
    stated = true;
    String cause = causeOf(thrown);
    account.failed(cause);
    engine.failed(this, event, cause, thrown.getMessage());
  }

  static String causeOf(Throwable thrown) {
    return thrown instanceof BudgetedMatcher.BudgetExceeded ? "step budget exceeded" : thrown.getClass().getSimpleName();
  }

  // ---------------------------------------------------------------- context

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
    return clock;
  }

  @Override
  public FieldKey key(String field) {
    return engine.key(field, "stage '" + name + "'");
  }

  @Override
  public FieldKey lateKey(String field) {
    return engine.lateKey(field);
  }

  @Override
  public void checkFields(FieldUse use) {
    KnownFields known = engine.known.get(name);
    if (known != null) {
      known.check(use);
    }
  }

  @Override
  public FoundName found(String field) {
    return engine.found(field, "stage '" + name + "'");
  }

  @Override
  public OptionalLong checkpoint() {
    return engine.checkpoint;
  }

  @Override
  public Instant watermark() {
    return Millis.instant(watermarkMillis());
  }

  @Override
  public Instant logWatermark() {
    return Millis.instant(logWatermarkMillis());
  }

  @Override
  public long watermarkMillis() {
    return remote ? Long.MIN_VALUE : Math.max(handed, engine.announced());
  }

  @Override
  public long logWatermarkMillis() {
    Log log = current == null ? null : current.batch.log(current.record);
    return log == null || current.batch.identity(current.record) != null ? watermarkMillis() : log.progress.watermark;
  }

  @Override
  public boolean silent(LogEvent of, Instant until) {
    Log log = of.batch.log(of.record);
    return log == null || log.silentUntil(Millis.of(until));
  }

  @Override
  public Progress progress() {
    return engine.time.progress();
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
  public void gauges(String what, Supplier<Map<Map<String, String>, Double>> values) {
    meters.gauges(what, values);
  }

  @Override
  public void warn(String text) {
    if (warned.size() < 100 && warned.add(text)) {
      engine.notices.warn("stage '" + name + "': " + text, null);
    }
  }

  /** What it was given must be where it belongs: it is part of the next checkpoint, if there are any. */
  final void flush() throws Exception {
    flush(engine.nextCheckpoint);
  }

  /** What it was given must be where it belongs: it is part of this checkpoint, if there are any. */
  final void flush(long next) throws Exception {
    if (engine.checkpoint.isPresent()) {
      processor.flush(next);
    } else {
      processor.flush();
    }
  }

  final void close() {
    try {
      processor.close();
    } catch (RuntimeException e) {
      engine.complain(this, "close failed", e);
    }
  }
}
