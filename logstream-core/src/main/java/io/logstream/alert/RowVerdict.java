package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.State;
import io.logstream.match.Condition;
import io.logstream.window.Aggregation;
import io.logstream.window.Window;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A test of a window's rows: the window itself runs inside, and its rows come back here. A key that is not well and has no row when the next window is over had
 * no events in it, and is judged by a row of none.
 */
final class RowVerdict implements Emitter {
  /** Takes a row. */
  interface Rows {
    void row(LogEvent row, Emitter out) throws Exception;
  }

  final long size;
  private final Processor window;
  private final Aggregation.Opened[] opened;
  private final Window described;
  private final Predicate<LogEvent> when;
  private final Predicate<LogEvent> clear;
  private final Condition condition;
  private final Rows rows;
  private final Consumer<Emitter> asks;
  private final PriorityQueue<Long> deadlines = new PriorityQueue<>();
  private final RuleContext context;
  private Emitter real;

  /**
   * A test of this condition; null for none.
   *
   * @param asks is told that there may be an earlier deadline
   */
  RowVerdict(Window described, Condition condition, Condition clearWhen, int maxKeys, RuleContext context, Rows rows, Consumer<Emitter> asks) {
    this.described = described;
    this.condition = condition;
    this.context = context;
    this.rows = rows;
    this.asks = asks;
    size = described.size().toMillis();
    window = described.maxKeys(maxKeys).open(context);
    opened = described.aggregations().stream().map(a -> a.open(context)).toArray(Aggregation.Opened[]::new);
    when = condition == null ? null : condition.bind(context);
    clear = clearWhen == null ? null : clearWhen.bind(context);
  }

  void process(LogEvent event, Emitter out) throws Exception {
    real = out;
    window.process(event, this);
  }

  /** Closes the windows that are over by this time. */
  void timers(long upTo, Emitter out) throws Exception {
    real = out;
    while (!deadlines.isEmpty() && deadlines.peek() <= upTo) {
      long deadline = deadlines.poll();
      window.onTimer(Instant.ofEpochMilli(deadline), this);
    }
  }

  /** The earliest time at which a window is over; {@link RuleRun#NONE} for none. */
  long nextDeadline() {
    return deadlines.isEmpty() ? RuleRun.NONE : deadlines.peek();
  }

  void end(Emitter out) throws Exception {
    real = out;
    window.onEnd(this);
  }

  byte outcome(LogEvent row) {
    if (when.test(row)) {
      return RuleRun.TRUE;
    }
    for (String field : condition.fields()) {
      if (!row.has(field)) {
        return RuleRun.UNKNOWN;
      }
    }
    return RuleRun.FALSE;
  }

  boolean clear(LogEvent row) {
    return clear != null && clear.test(row);
  }

  /** The row of a window without events that is over at this time. */
  LogEvent none(long end, Emitter out) {
    LogEvent row = out.create().epochMillis(end - 1).put("window.start", end - size).put("window.end", end);
    for (Aggregation.Opened one : opened) {
      one.empty().fill(row, described.size());
    }
    return row;
  }

  void save(State state) throws Exception {
    window.save(state);
  }

  void restore(State state, Emitter out) throws Exception {
    real = out;
    boolean[] any = new boolean[1];
    state.forEach((key, value) -> any[0] = true);
    if (any[0]) {
      window.restore(state, this);
    }
  }

  // ---------------------------------------------------------------- what the window says

  @Override
  public void emit(LogEvent row) {
    try {
      rows.row(row, real);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void drop(LogEvent event, String reason) {
    context.counter(reason).increment();
  }

  @Override
  public void fail(LogEvent event, String cause) {
    context.counter("failed").increment();
  }

  @Override
  public void fail(LogEvent event, String cause, String detail) {
    fail(event, cause);
  }

  @Override
  public void absorb(LogEvent event) {}

  @Override
  public void aside(String side, LogEvent event) {
    throw new IllegalStateException("a window inside an alert has no sides");
  }

  @Override
  public LogEvent hold(LogEvent event) {
    throw new IllegalStateException("a window inside an alert holds no events");
  }

  @Override
  public LogEvent create() {
    return real.create();
  }

  @Override
  public LogEvent restoreHeld(byte[] saved) {
    throw new IllegalStateException("a window inside an alert holds no events");
  }

  @Override
  public void at(Instant deadline) {
    deadlines.add(deadline.toEpochMilli());
    asks.accept(real);
  }

  @Override
  public void atClock(Instant deadline) {
    throw new IllegalStateException("a window inside an alert goes by event time");
  }
}
