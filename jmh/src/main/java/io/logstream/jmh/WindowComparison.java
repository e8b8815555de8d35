package io.logstream.jmh;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.sun.management.ThreadMXBean;
import io.logstream.Batch;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.window.Aggregation;
import io.logstream.window.Window;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What does an event cost in a window stage (200 keys, count, mean and five percentiles in windows of five minutes), against an aggregator
 * written by hand for that one job, with the same sketch, in the same place, and against a stage that does nothing? What does a
 * hopping window cost, and what the saving of 2,000 keys in two windows? CPU time of the one thread, the contenders by turns; the counts of
 * all rows must add up to the events.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.WindowComparison [rounds]</pre>
 */
public final class WindowComparison {
  private static final int EVENTS = 200_000;
  private static final int KEYS = 200;
  private static final Aggregation[] WHAT = {count(), mean("seconds"), percentiles("seconds", 50, 75, 90, 95, 99)};
  private static final Window WINDOW = Window.tumbling(Duration.ofMinutes(5)).by("request").aggregate(WHAT);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private WindowComparison() {}

  /** Runs it. */
  public static void main(String[] args) {
    int rounds = args.length == 0 ? 15 : Integer.parseInt(args[0]);
    PrintStream out = System.out;
    Window hopping = Window.hopping(Duration.ofMinutes(5), Duration.ofMinutes(1)).by("request").aggregate(WHAT);
    Events events = new Events(KEYS, 0);
    List<Run> runs = List.of(new Run("nothing", events, context -> (event, to) -> to.absorb(event), 0), new Run("by hand", events, byHand(), 1),
        new Run("window", events, WINDOW, 1), new Run("window of count() alone", events, Window.tumbling(Duration.ofMinutes(5)).by("request"), 1), new Run("hopping, five panes", events, hopping, 5));
    for (int round = 0; round < rounds; round++) {
      runs.forEach(Run::once);
    }
    runs.forEach(Run::close);
    double base = runs.get(1).nanos() - runs.get(0).nanos();
    for (Run run : runs) {
      out.printf(Locale.ROOT, "%-24s %6.1f ns/event  %6.1f bytes/event  %5.2f of by hand, %5.2f without what both do besides%n", run.name, run.nanos(), run.bytes(), run.nanos() / runs.get(1).nanos(),
          (run.nanos() - runs.get(0).nanos()) / base);
    }
    saving(out, rounds);
    memory(out);
  }

  /** What a key takes on the heap with one percentile field and 10,000 values, and what a million keys take beyond the 2,000 that have room. */
  private static void memory(PrintStream out) {
    Window percentile = Window.tumbling(Duration.ofDays(2)).by("request").aggregate(count(), percentiles("seconds", 50, 99));
    heapOf(new Events(2_000, 2_000), percentile, 1); // what is made once does not count
    long few = heapOf(new Events(2_000, 2_000), percentile, 100);
    out.printf(Locale.ROOT, "a count and one percentile field, 10,000 values in each key: %,d bytes a key%n", few / 2_000);
    long allowed = heapOf(new Events(2_000, 2_000), percentile, 5);
    long offered = heapOf(new Events(2_000, 1_000_000), percentile, 5);
    out.printf(Locale.ROOT, "a million keys, 2,000 with room: %.2f of the heap of 2,000 keys%n", (double) offered / allowed);
  }

  private static long heapOf(Events events, Window window, int rounds) {
    long before = heap();
    Run run = new Run("heap", events, window, 1);
    for (int i = 0; i < rounds; i++) {
      run.once();
    }
    long after = heap();
    run.close();
    return after - before;
  }

  private static long heap() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** How long the trunk stands still to save 2,000 keys in two windows, all of them changed, and none of them. */
  private static void saving(PrintStream out, int rounds) {
    Events events = new Events(2_000, 0);
    Run run = new Run("saved", events, WINDOW.allowedLateness(Duration.ofMinutes(5)), 1);
    long[] changed = new long[rounds];
    long[] unchanged = new long[rounds];
    int size = 0;
    for (int i = 0; i < rounds; i++) {
      run.once();
      long start = THREADS.getCurrentThreadCpuTime();
      size = run.run.save().length;
      long between = THREADS.getCurrentThreadCpuTime();
      run.run.save();
      changed[i] = between - start;
      unchanged[i] = THREADS.getCurrentThreadCpuTime() - between;
    }
    run.close();
    out.printf(Locale.ROOT, "saving 2,000 keys in two to three windows, %,d bytes: %.1f ms when all have changed, %.1f ms when none has%n", size, median(changed) / 1e6, median(unchanged) / 1e6);
  }

  private static double median(long[] values) {
    long[] sorted = Arrays.stream(values).skip(values.length / 3).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  // ---------------------------------------------------------------- the contender

  private static final class Acc {
    private final DDSketch sketch = new DDSketch(MAPPING, () -> new CollapsingLowestDenseStore(2048));
    private long count;
    private double sum;

    private static final LogarithmicMapping MAPPING = new LogarithmicMapping(0.01);
  }

  private static Stage byHand() {
    return context -> {
      FieldKey request = context.key("request");
      FieldKey seconds = context.key("seconds");
      FieldKey counted = context.key("count");
      return new Processor() {
        private final TreeMap<Long, Map<String, Acc>> open = new TreeMap<>();
        private Map<String, Acc> current;
        private long currentStart = Long.MIN_VALUE;
        private long greatest = Long.MIN_VALUE;

        @Override
        public void process(LogEvent event, Emitter out) {
          long time = event.epochMillis();
          long start = time - Math.floorMod(time, 300_000);
          if (start != currentStart) {
            current = open.computeIfAbsent(start, s -> new HashMap<>());
            currentStart = start;
          }
          Acc acc = current.computeIfAbsent(event.text(request), k -> new Acc());
          double value = event.decimal(seconds, 0);
          acc.count++;
          acc.sum += value;
          acc.sketch.accept(value);
          out.absorb(event);
          if (time > greatest) {
            greatest = time;
            while (open.firstKey() + 300_000 <= time) {
              close(open.pollFirstEntry().getValue(), out);
            }
          }
        }

        private void close(Map<String, Acc> window, Emitter out) {
          currentStart = Long.MIN_VALUE;
          window.forEach((key, acc) -> {
            LogEvent row = out.create().put(counted, acc.count).put(request, key).put("seconds.mean", acc.sum / acc.count);
            double[] values = acc.sketch.getValuesAtQuantiles(new double[] {0.5, 0.75, 0.9, 0.95, 0.99});
            row.put("seconds.p50", values[0]).put("seconds.p75", values[1]).put("seconds.p90", values[2]).put("seconds.p95", values[3]).put("seconds.p99", values[4]);
            out.emit(row);
          });
        }

        @Override
        public void onEnd(Emitter out) {
          open.values().forEach(window -> close(window, out));
        }
      };
    };
  }

  // ---------------------------------------------------------------- the run

  private static final class Run {
    private final String name;
    private final Events events;
    private final InlineRun run;
    private final int windowsOfAnEvent;
    private final List<Long> nanos = new ArrayList<>();
    private long bytes;
    private long counted;

    Run(String name, Events events, Stage stage, int windowsOfAnEvent) {
      this.name = name;
      this.events = events;
      this.windowsOfAnEvent = windowsOfAnEvent;
      run = LogStream.named("bench").from(events.source()).then("stage", stage).to(Sink.each(row -> counted += row.number("count", 0))).build().inline(() -> Instant.EPOCH);
    }

    void once() {
      events.round = nanos.size();
      events.next = 0;
      long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
      long start = THREADS.getCurrentThreadCpuTime();
      run.work();
      nanos.add(THREADS.getCurrentThreadCpuTime() - start);
      bytes = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - allocated;
    }

    double nanos() {
      return median(nanos.stream().mapToLong(n -> n).toArray()) / EVENTS;
    }

    double bytes() {
      return (double) bytes / EVENTS;
    }

    void close() {
      run.close();
      long expected = (long) nanos.size() * EVENTS * windowsOfAnEvent;
      if (counted != expected) {
        throw new IllegalStateException("wrong answer of " + name + ": " + counted + " counted of " + expected);
      }
    }
  }

  /** Events with a key of some bytes and a number, 200 in a second; round after round. */
  private static final class Events {
    private final byte[][] keys;
    private final int even;
    private final int[] key = new int[EVENTS];
    private final double[] seconds = new double[EVENTS];
    private long round;
    private int next;

    /**
     * Events of so many keys.
     *
     * @param even how many different ones come, one after the other; 0 for keys of which some are much more frequent
     */
    Events(int count, int even) {
      this.even = even;
      keys = new byte[Math.max(count, even)][];
      Random random = new Random(42);
      for (int i = 0; i < keys.length; i++) {
        keys[i] = ("/api/v" + i % 3 + "/resource/" + i).getBytes(StandardCharsets.UTF_8);
      }
      for (int i = 0; i < EVENTS; i++) {
        key[i] = (int) (count * Math.pow(random.nextDouble(), 3));
        seconds[i] = Math.round(Math.exp(random.nextGaussian() - 3) * 1e6) / 1e6;
      }
    }

    Source source() {
      return new Source() {
        @Override
        public Reader open(SourceContext context) {
          Log log = context.log("events", Map.of());
          FieldKey request = context.key("request");
          FieldKey value = context.key("seconds");
          return batch -> {
            if (next == EVENTS) {
              return Reader.Found.NOTHING;
            }
            batch.begin(log, "");
            while (next < EVENTS && !batch.full() && batch.used() < Batch.BYTES) {
              byte[] bytes = keys[even == 0 ? key[next] : (int) ((round * EVENTS + next) % even)];
              LogEvent event = batch.event(bytes, 0, bytes.length, -1).epochMillis((round * EVENTS + next) * 5);
              event.put(request, event.from(), event.to()).put(value, seconds[next]);
              next++;
            }
            return Reader.Found.SOMETHING;
          };
        }
      };
    }
  }
}
