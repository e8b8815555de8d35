package io.logstream.alert;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One notifier of an alert, behind an outbox of its own, so that a slow or broken one leaves the others alone.
 *
 * @param of the name by which rules mean it; null to be told of everything
 */
record NotifierSink(AlertNotifier notifier, String of, String name) implements Sink {
  private static final int UNTOLD = 10_000;
  private static final int MOST_WAITING = 10_000;

  @Override
  public Processor open(StageContext context) {
    return new Telling(context);
  }

  /** What could not be delivered waits in order, the first one for its next attempt, all others behind it. */
  private final class Telling implements Processor {
    private final StageContext context;
    private final Retry retry = notifier.retry();
    private final Set<String> untold = new LinkedHashSet<>();
    private final ArrayDeque<LogEvent> waiting = new ArrayDeque<>();
    private int attempts;

    Telling(StageContext context) {
      this.context = context;
    }

    @Override
    public void process(LogEvent event, Emitter out) throws Exception {
      if (of != null && !Firing.isTo(event, of)) {
        out.drop(event, "not for this notifier");
        return;
      }
      FiredAlert alert = Firing.read(event);
      if (alert.state() == FiredAlert.State.RESOLVED && untold.remove(alert.id())) {
        out.drop(event, "firing not told");
      } else if (!waiting.isEmpty()) {
        if (waiting.size() >= MOST_WAITING) {
          out.fail(event, "too many not delivered");
          giveUp(alert);
        } else {
          waiting.add(out.hold(event));
        }
      } else {
        try {
          tell(alert);
        } catch (Exception e) {
          if (retry.attempts() <= 1 || notifier.isFinal(e)) {
            giveUp(alert);
            throw e;
          }
          waiting.add(out.hold(event));
          attempts = 1;
          context.counter("retries").increment();
          again(out);
        }
      }
    }

    private void tell(FiredAlert alert) throws Exception {
      if (alert.state() == FiredAlert.State.FIRING) {
        notifier.fired(alert);
      } else {
        notifier.resolved(alert);
      }
    }

    private void again(Emitter out) {
      out.atClock(context.clock().instant().plus(retry.pause(attempts)));
    }

    @Override
    public void onClock(Instant deadline, Emitter out) {
      deliver(out, false);
    }

    /** Goes on with what waits, for as long as it can be delivered. */
    private void deliver(Emitter out, boolean last) {
      while (!waiting.isEmpty()) {
        LogEvent event = waiting.peek();
        FiredAlert alert = Firing.read(event);
        if (alert.state() == FiredAlert.State.RESOLVED && untold.remove(alert.id())) {
          out.drop(waiting.remove(), "firing not told");
          continue;
        }
        try {
          tell(alert);
          out.absorb(waiting.remove());
          attempts = 0;
        } catch (Exception e) {
          if (++attempts < retry.attempts() && !last && !notifier.isFinal(e)) {
            context.counter("retries").increment();
            again(out);
            return;
          }
          out.fail(waiting.remove(), "not delivered", e.toString());
          giveUp(alert);
          attempts = 0;
        }
      }
    }

    private void giveUp(FiredAlert alert) {
      if (alert.state() == FiredAlert.State.FIRING) {
        untold.add(alert.id());
        if (untold.size() > UNTOLD) {
          Iterator<String> oldest = untold.iterator();
          oldest.next();
          oldest.remove();
        }
      }
    }

    @Override
    public void onEnd(Emitter out) {
      deliver(out, true);
    }

    @Override
    public void onStop(Emitter out) {
      deliver(out, true);
    }

    /** While something waits, no checkpoint leaves it behind: after a crash it is decided again. */
    @Override
    public void flush() throws IOException {
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
