package io.logstream.jmh;

import io.logstream.Batch;
import io.logstream.Log;
import io.logstream.LogStream;
import io.logstream.Reader;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.index.LogHit;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * How long after it was due is an event of a live pipeline found by whoever searches all the time, with the refresh that is the default, with one of a
 * second, and in {@code latest()}? Events come at a steady rate; the time includes the way through ring and outbox.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.IndexVisibility [events a second, 10000] [seconds, 10]</pre>
 *
 * <p>Wants two cores.
 */
public final class IndexVisibility {
  private static final int WARM_UP_SECONDS = 3;

  private IndexVisibility() {}

  /** Makes each event when it is due. */
  private record Steady(int perSecond, int events, long start) implements Source {
    @Override
    public Reader open(SourceContext context) {
      return new Reader() {
        private Log log;
        private int next;

        @Override
        public Found poll(Batch batch) {
          long due = Math.min(events, Math.max(0, (System.nanoTime() - start) * perSecond / 1_000_000_000));
          if (next >= due) {
            return next == events ? Found.END : Found.NOTHING;
          }
          log = log == null ? context.log("app.log", Map.of()) : log;
          batch.begin(log, "");
          for (; next < due && batch.count() < 250 && batch.used() < 60_000; next++) {
            batch.event("GET /api/item/" + next % 400 + " served in " + next % 97 + " ms", next).put("n", next);
          }
          return Found.SOMETHING;
        }
      };
    }
  }

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    int perSecond = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    double usual = measure("refreshed every 100 ms", perSecond, seconds, Duration.ofMillis(100), false);
    double second = measure("refreshed every second", perSecond, seconds, Duration.ofSeconds(1), false);
    measure("latest()", perSecond, seconds, Duration.ofMillis(100), true);
    System.out.println(String.format(Locale.ROOT, "p50 of a second's refresh / p50 of 100 ms: %.1f", second / usual));
  }

  private static double measure(String what, int perSecond, int seconds, Duration refresh, boolean latest) throws Exception {
    int events = perSecond * (seconds + WARM_UP_SECONDS);
    LogQuery newestOne = LogQuery.all().limit(1);
    List<Double> waits = new ArrayList<>();
    long start = System.nanoTime() + 500_000_000;
    try (LogIndex index = LogIndex.refreshEvery(refresh).inMemory(Duration.ofHours(1));
        RunningPipeline run = LogStream.named("visibility").from(new Steady(perSecond, events, start)).to(index).build().start()) {
      int seen = 0;
      while (seen < events) {
        List<LogHit> newest = (latest ? index.latest().search(newestOne) : index.search(newestOne)).hits();
        long now = System.nanoTime();
        int upTo = newest.isEmpty() ? 0 : (int) newest.get(0).sequence() + 1;
        for (; seen < upTo; seen++) {
          if (seen >= perSecond * WARM_UP_SECONDS) {
            waits.add((now - start - seen * 1e9 / perSecond) / 1e6);
          }
        }
        LockSupport.parkNanos(2_000_000);
      }
      run.await();
      if (!run.ledger().balances()) {
        throw new IllegalStateException("books: " + run.ledger());
      }
    }
    double[] sorted = waits.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    System.out.println(String.format(Locale.ROOT, "%s, %,d events/s: visible after ms p50 %.1f, p99 %.1f", what, perSecond, sorted[sorted.length / 2],
        sorted[sorted.length * 99 / 100]));
    return sorted[sorted.length / 2];
  }
}
