package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * One notifier of an alert, behind an outbox of its own, so that a slow or broken one leaves the others alone.
 *
 * @param of the name by which rules mean it; null to be told of everything
 */
record NotifierSink(AlertNotifier notifier, String of, String name) implements Sink {
  private static final int UNTOLD = 10_000;
  private static final int MOST_WAITING = 10_000;
  private static final int MOST_TOGETHER = 500;

  @Override
  public Processor open(StageContext context) {
    return new Telling(context);
  }

  /** What could not be delivered yet waits in order: the first ones for their next attempt, or for others to be told with, all others behind them. */
  private final class Telling implements Processor {
    private final StageContext context;
    private final Retry retry = notifier.retry();
    private final Duration gathering = notifier.gathering();
    private final boolean gathers = gathering.compareTo(Duration.ZERO) > 0;
    private final Set<String> untold = new LinkedHashSet<>();
    private final ArrayDeque<LogEvent> waiting = new ArrayDeque<>();
    private Emitter out;
    private int attempts;
    private int givenUp;
    private Instant next = Instant.MIN;

    Telling(StageContext context) {
      this.context = context;
    }

    @Override
    public void process(LogEvent event, Emitter emitter) throws Exception {
      out = emitter;
      if (of != null && !Firing.isTo(event, of)) {
        out.drop(event, "not for this notifier");
        return;
      }
      FiredAlert alert = Firing.read(event);
      if (isEndOfUntold(alert)) {
        out.drop(event, "firing not told");
      } else if (waiting.size() >= MOST_WAITING) {
        out.fail(event, "too many not delivered");
        giveUp(alert);
      } else if (!waiting.isEmpty() || gathers) {
        waiting.add(out.hold(event));
        if (waiting.size() == 1) {
          goOnAfter(gathering);
        }
      } else {
        try {
          notifier.told(List.of(alert));
        } catch (Exception e) {
          if (retry.attempts() <= 1 || notifier.isFinal(e)) {
            giveUp(alert);
            throw e;
          }
          waiting.add(out.hold(event));
          tryAgain();
        }
      }
    }

    private boolean isEndOfUntold(FiredAlert alert) {
      return alert.state() == FiredAlert.State.RESOLVED && untold.remove(alert.id());
    }

    private void tryAgain() {
      attempts++;
      context.counter("retries").increment();
      goOnAfter(retry.pause(attempts));
    }

    private void goOnAfter(Duration pause) {
      next = context.clock().instant().plus(pause).truncatedTo(ChronoUnit.MILLIS);
      out.atClock(next);
    }

    @Override
    public void onClock(Instant deadline, Emitter emitter) {
      out = emitter;
      if (!deadline.isBefore(next)) {
        deliver(false);
      }
    }

    /** Goes on with what waits, for as long as it can be delivered. */
    private void deliver(boolean last) {
      while (!waiting.isEmpty()) {
        List<FiredAlert> alerts = firstOfWaiting();
        if (alerts.isEmpty()) {
          continue;
        }
        try {
          notifier.told(alerts);
          alerts.forEach(alert -> out.absorb(waiting.remove()));
        } catch (Exception e) {
          if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
          }
          if (attempts + 1 < retry.attempts() && !last && !notifier.isFinal(e)) {
            tryAgain();
            return;
          }
          for (FiredAlert alert : alerts) {
            out.fail(waiting.remove(), "not delivered", e.toString());
            giveUp(alert);
          }
        }
        attempts = 0;
      }
    }

    /** What stands first in line, to be told together: one, unless alerts are gathered. Empty if that was not to be told at all. */
    private List<FiredAlert> firstOfWaiting() {
      List<FiredAlert> first = new ArrayList<>();
      for (LogEvent event : waiting) {
        FiredAlert alert = Firing.read(event);
        if (first.isEmpty() && isEndOfUntold(alert)) {
          out.drop(waiting.remove(), "firing not told");
          break;
        }
        if (untold.contains(alert.id()) && alert.state() == FiredAlert.State.RESOLVED) {
          break;
        }
        first.add(alert);
        if (first.size() == (gathers ? MOST_TOGETHER : 1)) {
          break;
        }
      }
      return first;
    }

    private void giveUp(FiredAlert alert) {
      givenUp++;
      if (alert.state() == FiredAlert.State.FIRING) {
        untold.add(alert.id());
        if (untold.size() > UNTOLD) {
          Iterator<String> oldest = untold.iterator();
          oldest.next();
          oldest.remove();
        }
      }
    }

    /** Nothing more comes, so there is time to try as often as was said; once that was in vain, or the run is given up, each is tried once. */
    @Override
    public void onEnd(Emitter emitter) {
      out = emitter;
      int before = givenUp;
      while (!waiting.isEmpty() && givenUp == before && !Thread.currentThread().isInterrupted()) {
        long until = System.nanoTime() + (attempts == 0 ? 0 : retry.pause(attempts).toNanos());
        for (long left = until - System.nanoTime(); left > 0 && !Thread.currentThread().isInterrupted(); left = until - System.nanoTime()) {
          LockSupport.parkNanos(this, left);
        }
        deliver(false);
      }
      deliver(true);
    }

    @Override
    public void onStop(Emitter emitter) {
      out = emitter;
      deliver(true);
    }

    /** What was gathered is told now. While something waits, no checkpoint leaves it behind: after a crash it is decided again. */
    @Override
    public void flush() throws IOException {
      if (attempts == 0) {
        deliver(false);
      }
      if (!waiting.isEmpty()) {
        throw new IOException(waiting.size() + " alerts wait to be delivered");
      }
    }

    @Override
    public void close() {
      notifier.close();
    }
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public boolean notifies() {
    return true;
  }
}
