package io.logstream.alert;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Looks at files with rules on a thread of its own. Who asks waits for the answer, but only for as long as a disk in order takes: one that hangs costs a
 * second, once; one that is slow costs nothing from the second look on, for what it says is taken at the look after.
 */
final class RuleLook implements AutoCloseable {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long SLOW_NANOS = Duration.ofMillis(200).toNanos();

  private final Supplier<Seen> look;
  private final ExecutorService thread;
  private Future<Seen> looking;
  private boolean slow;

  /**
   * What a look has found.
   *
   * @param rules all rules, if any file has changed, else null
   * @param problems what is wrong with files that were read
   * @param failure why the directory could not be read; null if it could
   * @param diskNanos how long the disk took
   */
  record Seen(List<Rule> rules, List<String> problems, UncheckedIOException failure, long diskNanos) {}

  RuleLook(Supplier<Seen> look, String pipeline) {
    this.look = look;
    thread = Executors.newSingleThreadExecutor(task -> {
      Thread made = new Thread(task, "logstream-" + pipeline + "-rules");
      made.setDaemon(true);
      return made;
    });
  }

  /** What there is to see now, or was at the last look; null if that is not known yet. */
  Seen seen() {
    if (looking == null) {
      looking = thread.submit(look::get);
    }
    try {
      Seen seen = looking.get(slow ? 0 : PATIENCE_NANOS, TimeUnit.NANOSECONDS);
      looking = null;
      slow = seen.diskNanos > SLOW_NANOS;
      return seen;
    } catch (TimeoutException e) {
      slow = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      looking = null;
      throw new IllegalStateException("rules cannot be read", e.getCause());
    }
    return null;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
