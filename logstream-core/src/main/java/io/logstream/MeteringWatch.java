package io.logstream;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells the bindings of {@link Pipeline#meteredBy} of a run, from a thread of its own once it runs, so that none of them can hold it up. */
final class MeteringWatch {
  private static final long LOOK_SECONDS = 5;
  private static final long STOPPING_MILLIS = 2_000;

  private final List<Metering> bindings;
  private final Metered run;
  private final Engine engine;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private Thread thread;

  MeteringWatch(List<Metering> bindings, Metered run, Engine engine) {
    this.bindings = bindings;
    this.run = run;
    this.engine = engine;
  }

  void start() {
    if (bindings.isEmpty()) {
      return;
    }
    tell(binding -> binding.started(run));
    thread = new Thread(this::watch, "logstream-" + run.pipeline() + "-metering");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    Engine.OF_THIS_THREAD.set(engine);
    try {
      Set<Metric.Id> known = ids();
      while (!stopped.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
        Set<Metric.Id> now = ids();
        if (!now.equals(known)) {
          known = now;
          tell(binding -> binding.changed(run));
        }
      }
      tell(binding -> binding.stopped(run));
    } catch (InterruptedException e) {
      // given up: a binding took too long
    }
  }

  private Set<Metric.Id> ids() {
    Set<Metric.Id> ids = new HashSet<>();
    run.meters().forEach(metric -> ids.add(metric.id()));
    return ids;
  }

  private void tell(Consumer<Metering> what) {
    for (Metering binding : bindings) {
      try {
        what.accept(binding);
      } catch (RuntimeException e) {
        engine.notices.trouble("metering", "the metering " + binding + " does not work: " + e, e);
      }
    }
  }

  /** Tells them that the run has ended, and waits for that, but not for ever. */
  void stop() {
    if (thread == null) {
      return;
    }
    stopped.countDown();
    try {
      thread.join(STOPPING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }
}
