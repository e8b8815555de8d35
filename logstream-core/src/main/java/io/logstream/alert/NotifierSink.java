package io.logstream.alert;

import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** One notifier of an alert, behind an outbox of its own, so that a slow or broken one leaves the others alone. */
final class NotifierSink implements Sink {
  private static final int UNTOLD = 10_000;

  private final AlertNotifier notifier;

  NotifierSink(AlertNotifier notifier) {
    this.notifier = notifier;
  }

  @Override
  public Processor open(StageContext context) {
    Set<String> untold = new LinkedHashSet<>();
    return (event, out) -> {
      FiredAlert alert = Firing.read(event);
      if (alert.state() == FiredAlert.State.FIRING) {
        boolean told = false;
        try {
          notifier.fired(alert);
          told = true;
        } finally {
          if (!told) {
            add(untold, alert.id());
          }
        }
      } else if (untold.remove(alert.id())) {
        out.drop(event, "firing not told");
      } else {
        notifier.resolved(alert);
      }
    };
  }

  private static void add(Set<String> untold, String id) {
    untold.add(id);
    if (untold.size() > UNTOLD) {
      Iterator<String> oldest = untold.iterator();
      oldest.next();
      oldest.remove();
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

  @Override
  public String name() {
    return "notify";
  }
}
