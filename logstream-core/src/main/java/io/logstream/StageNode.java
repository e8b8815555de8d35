package io.logstream;

/**
 * A stage in its place. A stateful one hands an event on while {@code emit} is under way. A stateless one hands it on when its
 * {@code process} has returned, so that it can stand in the pass over a batch as well as in the chain, with the same result, and a
 * second event can still fail the record.
 */
final class StageNode extends Place implements Node {
  static final byte NONE = 0;
  static final byte PASSED = 1;
  static final byte DROPPED = 2;
  static final byte FAILED = 3;
  static final byte ABSORBED = 4;

  final boolean stateless;
  final boolean timeGiver;
  Node next = Node.END;
  volatile TapCollector tap;

  // what a stateless stage made of the event under way
  private byte outcome;
  String why;
  String detail;
  private int emitted;

  StageNode(Engine engine, Account account, Stage stage, boolean movesTime) {
    super(engine, account, false);
    this.stateless = stage.stateless();
    this.timeGiver = movesTime && stage instanceof TimeGiver;
    this.stated = stateless;
    this.processor = opened(engine.pipeline, "stage '" + name + "'", () -> stage.open(this));
  }

  @Override
  public void accept(LogEvent event) {
    TapCollector.Sample sample = tap == null ? null : TapCollector.begin(this, event);
    account.in++;
    if (stateless) {
      stated = false;
      byte became = run(event);
      stated = true;
      tally(account, became, why);
      if (became == FAILED) {
        engine.failed(this, event, why, detail);
      }
      if (became == PASSED) {
        if (timeGiver) {
          engine.time.observe(event.batch.log(event.record), event.epochMillis());
        }
        if (sample != null) {
          sample.passed(event);
        }
        next.accept(event);
      }
    } else {
      current = event;
      stated = false;
      try {
        processor.process(event, this);
      } catch (Exception | StackOverflowError e) {
        threw(event, e);
      }
      if (!stated) {
        account.dropped(UNSTATED);
      }
      current = null;
    }
    if (sample != null) {
      sample.end();
    }
  }

  /**
   * Runs a stateless stage on all records of a batch that are left, without handing them on, and marks those that it ends with its
   * number. On a lane too, where the books are not to be touched.
   *
   * <p>A loop of its own, with nothing between it and the processor: HotSpot compiles what is called once a record before what loops
   * over a batch, and does not put into the loop what has become large. A method in between would be compiled first, with all of the
   * processor in it, and be of no use a moment later.
   */
  void pass(Batch batch, LogEvent cursor, int number) {
    Fields fields = batch.fields;
    int count = batch.count();
    for (int record = 0; record < count; record++) {
      if (fields.ended[record] != 0) {
        continue;
      }
      cursor.moveTo(batch, fields, record);
      if (tap != null) {
        tapped(cursor);
      } else {
        begin(cursor);
        try {
          processor.process(cursor, this);
        } catch (Exception | StackOverflowError e) {
          thrown(e);
        }
        settle(cursor);
      }
      if (outcome != PASSED) {
        fields.ended[record] = (byte) number;
        fields.outcome[record] = outcome;
        fields.why[record] = why;
        fields.detail[record] = detail;
      } else if (timeGiver) {
        fields.given[record] = fields.time[record];
      }
    }
  }

  private void tapped(LogEvent event) {
    TapCollector.Sample sample = TapCollector.begin(this, event);
    run(event);
    if (sample != null) {
      if (outcome == PASSED) {
        sample.passed(event);
      }
      sample.end();
    }
  }

  /** Runs a stateless stage on one event, without handing it on. */
  private byte run(LogEvent event) {
    begin(event);
    try {
      processor.process(event, this);
    } catch (Exception | StackOverflowError e) {
      thrown(e);
    }
    settle(event);
    return outcome;
  }

  private void begin(LogEvent event) {
    current = event;
    outcome = NONE;
    emitted = -1;
  }

  private void thrown(Throwable e) {
    outcome = FAILED;
    why = causeOf(e);
    detail = e.getMessage();
  }

  private void settle(LogEvent event) {
    if (emitted >= 0) {
      event.undo(emitted);
    }
    if (outcome == NONE) {
      outcome = DROPPED;
      why = UNSTATED;
    }
    current = null;
  }

  static void tally(Account account, byte outcome, String why) {
    switch (outcome) {
      case PASSED -> account.passed++;
      case DROPPED -> account.dropped(why);
      case FAILED -> account.failed(why);
      default -> account.absorbed++;
    }
  }

  @Override
  public void emit(LogEvent event) {
    if (stateless) {
      once("emit");
      outcome = PASSED;
      if (event != current) {
        current.become(event);
      }
      emitted = current.mark();
      return;
    }
    if (event == current && !stated) {
      stated = true;
      account.passed++;
    } else if (event.heldBy == this) {
      event.heldBy = null;
      account.held--;
      account.passed++;
    } else {
      account.created++;
    }
    if (timeGiver) {
      engine.time.observe(event.batch.log(event.record), event.epochMillis());
    }
    TapCollector.emitted(this, event);
    if (next != Node.END) {
      int mark = event.mark();
      LogEvent under = current;
      boolean underStated = stated;
      next.accept(event);
      current = under;
      stated = underStated;
      event.undo(mark);
    }
  }

  @Override
  public void drop(LogEvent event, String reason) {
    if (stateless) {
      once("drop");
      outcome = DROPPED;
      why = reason;
    } else {
      super.drop(event, reason);
    }
  }

  @Override
  public void fail(LogEvent event, String cause, String detailOf) {
    if (stateless) {
      once("fail");
      outcome = FAILED;
      why = cause;
      detail = detailOf;
    } else {
      super.fail(event, cause, detailOf);
    }
  }

  @Override
  public void absorb(LogEvent event) {
    if (stateless) {
      once("absorb");
      outcome = ABSORBED;
    } else {
      super.absorb(event);
    }
  }

  @Override
  public LogEvent hold(LogEvent event) {
    refuseIfStateless("hold an event");
    return super.hold(event);
  }

  @Override
  public void at(java.time.Instant deadline) {
    refuseIfStateless("ask for a timer");
    super.at(deadline);
  }

  @Override
  public void atClock(java.time.Instant deadline) {
    refuseIfStateless("ask for a timer");
    super.atClock(deadline);
  }

  private void once(String verb) {
    if (outcome != NONE) {
      throw new IllegalStateException("stage '" + name + "' says it is stateless, but would " + verb + " after it has settled the event");
    }
  }

  private void refuseIfStateless(String what) {
    if (stateless) {
      throw new IllegalStateException("stage '" + name + "' says it is stateless, so it cannot " + what);
    }
  }
}
