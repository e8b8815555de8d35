package io.logstream.appender;

import io.logstream.PushRing;
import io.logstream.Reader;
import io.logstream.SourceContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * An intake that keeps events in a ring until the reader of a run takes them. Where it is full, unimportant events are dropped at once,
 * important ones after the patience of its terms; before a run reads it, all are dropped at once. The ledger counts them as dropped by the
 * source: {@code full}, {@code unread}, {@code closed}. Once in a burst of drops, and at its end, it says so to the framework.
 */
public final class BufferedIntake extends Intake {
  private static final int SAID = 3;

  private final String name;
  private final PushRing<LoggedEvent> ring;
  private final AtomicBoolean bursting = new AtomicBoolean();
  private volatile long droppedBeforeBurst;
  private final AtomicLong troubles = new AtomicLong();
  private volatile Terms terms;
  private volatile long patience;
  private volatile Consumer<String> status;

  /**
   * An empty one.
   *
   * @param name what it is called in messages
   * @param status where a framework takes what is wrong with its appenders
   */
  public BufferedIntake(String name, Terms terms, Consumer<String> status) {
    this.name = Objects.requireNonNull(name, "name");
    ring = new PushRing<>(terms.holding(), LoggedEvent::new);
    on(terms, status);
  }

  /** Goes on, on other terms; its room stays what it is. */
  void on(Terms newTerms, Consumer<String> newStatus) {
    terms = newTerms;
    patience = newTerms.patience().toNanos();
    status = newStatus;
    if (newTerms.holding() != ring.size()) {
      newStatus.accept(this + " goes on with room for " + ring.size() + " events; " + newTerms.holding() + " take effect in a new process");
    }
  }

  @Override
  public Terms terms() {
    return terms;
  }

  @Override
  public LoggedEvent claim(boolean important) {
    LoggedEvent claimed = ring.claim(important && ring.read() && PushRing.Caller.now() == PushRing.Caller.APPLICATION ? patience : 0);
    if (claimed == null) {
      dropped(ring.closed() ? "closed" : ring.read() ? "full" : "unread");
      if (!ring.closed() && bursting.compareAndSet(false, true)) {
        droppedBeforeBurst = ring.dropped() - 1;
        status.accept(this + (ring.read() ? " is full: its pipeline does not keep up" : " is full: no pipeline reads it")
            + ". Events are dropped until there is room again, and counted");
      }
    }
    return claimed;
  }

  @Override
  public void publish(LoggedEvent event) {
    ring.publish(event);
  }

  @Override
  protected void dropped(String reason) {
    ring.dropped(reason);
  }

  @Override
  protected void trouble(Throwable cause) {
    long n = troubles.incrementAndGet();
    if (n <= SAID) {
      status.accept(this + " could not copy an event: " + cause + (n == SAID ? " (further ones are only counted)" : ""));
    }
  }

  /** How many events wait to be taken by a pipeline. */
  public int held() {
    return ring.held();
  }

  /** How many events were dropped. */
  public long dropped() {
    return ring.dropped();
  }

  /** Waits until its pipeline has taken what is there, where there is one, and says how many events are left if that takes longer. */
  public void settle(Duration atMost) {
    long until = System.nanoTime() + atMost.toNanos();
    boolean interrupted = false;
    while (ring.held() > 0 && ring.read() && PushRing.Caller.now() == PushRing.Caller.APPLICATION && System.nanoTime() - until < 0) {
      interrupted |= Thread.interrupted();
      LockSupport.parkNanos(this, 1_000_000);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    int left = ring.held();
    if (left > 0) {
      status.accept(this + " was stopped while " + left + " events waited for " + (ring.read() ? "its pipeline" : "a pipeline"));
    }
    if (troubles.get() > SAID) {
      status.accept(this + " could not copy " + troubles.get() + " events in all");
    }
  }

  /**
   * The reader of a run.
   *
   * @param stays whether what comes after the run's end is kept for the next one
   */
  Reader reader(SourceContext context, boolean stays) {
    return new Taken(context, stays);
  }

  private final class Taken implements Reader {
    private final SourceContext context;
    private final boolean stays;
    private final Reader taken;
    private long ignoredTold = ignored();

    Taken(SourceContext context, boolean stays) {
      this.context = context;
      this.stays = stays;
      taken = ring.readerOfOwnLog(context, BufferedIntake.this);
      context.gauge("buffered", ring::held);
    }

    @Override
    public Found poll(io.logstream.Batch batch) throws java.io.IOException {
      Found found = taken.poll(batch);
      if (bursting.get() && ring.held() <= ring.size() / 2) {
        endOfBurst();
      }
      tellIgnored();
      return found;
    }

    private void endOfBurst() {
      long dropped = ring.dropped() - droppedBeforeBurst;
      bursting.set(false);
      status.accept(BufferedIntake.this + " has room again; " + dropped + " events were dropped");
    }

    private void tellIgnored() {
      long now = ignored();
      if (now > ignoredTold) {
        context.counter("ignored").add(now - ignoredTold);
        ignoredTold = now;
      }
    }

    @Override
    public Found drain(io.logstream.Batch batch) throws java.io.IOException {
      if (!stays) {
        ring.close();
      }
      return taken.drain(batch);
    }

    @Override
    public void await(long nanos) throws java.io.IOException {
      taken.await(nanos);
    }

    @Override
    public boolean notices() {
      return taken.notices();
    }

    @Override
    public void close() throws java.io.IOException {
      tellIgnored();
      int left = stays ? 0 : ring.held();
      if (left > 0) {
        status.accept(BufferedIntake.this + " was closed by force; " + left + " events were left in it");
        context.counter("left").add(left);
      }
      if (bursting.get()) {
        endOfBurst();
      }
      taken.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
