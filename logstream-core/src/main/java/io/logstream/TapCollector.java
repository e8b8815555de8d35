package io.logstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Gathers what goes into a stage and what comes out, for so many events. Filled on the engine's threads, read on any. */
final class TapCollector implements Tap {
  private final String stage;
  private final int wanted;
  private final List<Tap.Sample> done = new ArrayList<>();
  private final CountDownLatch full;
  private int begun;
  /** The sample under way, of the one thread that runs a stateful stage. */
  private Sample open;

  TapCollector(String stage, int wanted) {
    this.stage = stage;
    this.wanted = wanted;
    this.full = new CountDownLatch(wanted);
  }

  static Sample begin(StageNode node, LogEvent event) {
    TapCollector tap = node.tap;
    return tap == null ? null : tap.start(node, event);
  }

  static void emitted(StageNode node, LogEvent event) {
    TapCollector tap = node.tap;
    if (tap != null && tap.open != null) {
      tap.open.passed(event);
    }
  }

  private synchronized Sample start(StageNode node, LogEvent event) {
    if (begun == wanted) {
      return null;
    }
    begun++;
    Sample sample = new Sample(event.copy());
    if (!node.stateless) {
      open = sample;
    }
    return sample;
  }

  final class Sample {
    private final LogEvent before;
    private final List<LogEvent> after = new ArrayList<>();

    Sample(LogEvent before) {
      this.before = before;
    }

    void passed(LogEvent event) {
      after.add(event.copy());
    }

    void end() {
      synchronized (TapCollector.this) {
        open = null;
        done.add(new Tap.Sample(before, List.copyOf(after)));
      }
      full.countDown();
    }
  }

  @Override
  public String stage() {
    return stage;
  }

  @Override
  public synchronized List<Tap.Sample> samples() {
    return List.copyOf(done);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("tap on '").append(stage).append('\'');
    for (Tap.Sample sample : samples()) {
      text.append("\n  before ").append(sample.before().message()).append("  ").append(sample.before().fields());
      for (LogEvent event : sample.after()) {
        text.append("\n  after  ").append(event.message()).append("  ").append(event.fields());
      }
      if (sample.after().isEmpty()) {
        text.append("\n  after  nothing");
      }
    }
    return text.toString();
  }

  @Override
  public List<Tap.Sample> await(Duration atMost) throws InterruptedException {
    full.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    return samples();
  }
}
