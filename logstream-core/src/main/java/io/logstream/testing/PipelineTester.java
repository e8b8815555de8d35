package io.logstream.testing;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.Metric;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Tap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A real pipeline in a test: on the test's thread, over lines that the test feeds, with a clock that it moves. It stands in for every
 * source, under the source's name; lines get offsets, line numbers and a {@code file} as if they came from a file of that name. A
 * sink that {@linkplain Sink#blocks() blocks} is recorded instead of run, see {@link #sent}; one that {@linkplain Sink#notifies()
 * notifies} is run, at once, so that a notifier given as a lambda is called. Checkpoints are left aside.
 *
 * <p>The clock starts at 2026-01-01T00:00:00Z unless {@link #startingAt} says otherwise. The run opens at the first feed, advance or
 * question. {@link #close} ends the input and fails the test if the ledger does not balance.
 *
 * <pre>{@code
 * try (PipelineTester nginx = PipelineTester.of(pipeline)) {
 *   nginx.feed(lines).advance(Duration.ofMinutes(2));
 *   assertThat(nginx.sent("index")).hasSize(90);
 * }
 * }</pre>
 *
 * <p>One thread; changes itself and returns itself.
 */
public final class PipelineTester implements AutoCloseable {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int LAST = 5;

  private final Pipeline pipeline;
  private final Map<String, FedLines> sources = new LinkedHashMap<>();
  private final Map<String, RecordingSink> recorded = new LinkedHashMap<>();
  private final Set<String> toRecord = new HashSet<>();
  private final ArrayDeque<String> last = new ArrayDeque<>();
  private TestClock clock = TestClock.at(START);
  private InlineRun run;
  private boolean ended;
  private boolean closed;

  private PipelineTester(Pipeline pipeline) {
    this.pipeline = pipeline;
    pipeline.sources().forEach(name -> sources.put(name, new FedLines(name)));
  }

  /** A tester of this pipeline. */
  public static PipelineTester of(Pipeline pipeline) {
    return new PipelineTester(pipeline);
  }

  // ---------------------------------------------------------------- before it runs

  /** Where the clock starts. Before anything else. */
  public PipelineTester startingAt(Instant start) {
    refuseIfOpen("startingAt");
    clock = TestClock.at(start);
    return this;
  }

  /** Records these sinks instead of running them, whether they block or not. Before anything else. */
  public PipelineTester recording(String... sinks) {
    refuseIfOpen("recording");
    toRecord.addAll(Arrays.asList(sinks));
    return this;
  }

  private void refuseIfOpen(String word) {
    if (run != null) {
      throw new IllegalStateException(word + "(..) comes before the first feed, advance or question");
    }
  }

  /** How many lines the readers bring at a time, from now on: as many as a batch holds unless said. Results do not depend on it. */
  public PipelineTester inBatchesOf(int lines) {
    if (lines < 1) {
      throw new IllegalArgumentException("a batch holds at least one line, was " + lines);
    }
    sources.values().forEach(source -> source.perBatch(lines));
    return this;
  }

  // ---------------------------------------------------------------- driving it

  /**
   * Feeds lines to the only source, and runs what they cause.
   *
   * @throws IllegalStateException if the pipeline has several sources; the message lists them
   */
  public PipelineTester feed(String... lines) {
    return feed(Arrays.asList(lines));
  }

  /** Feeds lines to the only source, as {@link #feed(String...)}. */
  public PipelineTester feed(List<String> lines) {
    if (sources.size() > 1) {
      throw new IllegalStateException(pipeline + " has several sources, so say which one to feed: feed(source, lines) takes one of " + sources.keySet());
    }
    return into(sources.values().iterator().next(), lines.stream());
  }

  /** Feeds lines to the only source, as {@link #feed(String...)}. */
  public PipelineTester feed(Stream<String> lines) {
    return feed(lines.toList());
  }

  /**
   * Feeds lines to the source of this name, and runs what they cause. A file's name is the {@code file} of its events too.
   *
   * @throws IllegalArgumentException if there is no such source; the message lists those there are
   */
  public PipelineTester feed(String source, List<String> lines) {
    FedLines fed = sources.get(source);
    if (fed == null) {
      throw new IllegalArgumentException(pipeline + " has no source '" + source + "'; there are " + sources.keySet());
    }
    return into(fed, lines.stream());
  }

  private PipelineTester into(FedLines source, Stream<String> lines) {
    lines.forEach(line -> {
      source.feed(line);
      last.add(line);
      if (last.size() > LAST) {
        last.remove();
      }
    });
    run().work();
    return this;
  }

  /** Moves the clock, and runs what becomes due, in the order of deadlines, as if it had gone steadily. */
  public PipelineTester advance(Duration by) {
    InlineRun open = run();
    clock.advance(by);
    open.work();
    return this;
  }

  /** Ends the input of all sources: what is open, such as windows and joined records, comes out. */
  public PipelineTester end() {
    if (!ended) {
      InlineRun open = run();
      ended = true;
      sources.values().forEach(FedLines::end);
      open.work();
      open.close();
    }
    return this;
  }

  private InlineRun run() {
    if (run == null) {
      Source[] stands = sources.values().toArray(Source[]::new);
      Set<String> missing = new HashSet<>(toRecord);
      Set<String> names = new HashSet<>();
      Pipeline tested = pipeline.reading(stands).exchangingSinks((name, sink) -> {
        missing.remove(name);
        names.add(name);
        if (sink instanceof RecordingSink already) {
          recorded.put(name, already);
          return sink;
        }
        boolean record = toRecord.contains(name) || sink.blocks() && !sink.notifies();
        return record ? recorded.computeIfAbsent(name, n -> new RecordingSink()) : sink;
      });
      if (!missing.isEmpty()) {
        throw new IllegalArgumentException(pipeline + " has no sink " + missing + " to be recorded; there are " + names);
      }
      run = tested.inline(clock);
    }
    return run;
  }

  // ---------------------------------------------------------------- looking at it

  /**
   * What was given to a sink that is recorded, in order.
   *
   * @param sink its name, as in {@code describe()}
   * @throws IllegalArgumentException if none of that name is recorded; the message lists those that are
   */
  public List<LogEvent> sent(String sink) {
    run();
    RecordingSink found = recorded.get(sink);
    if (found == null) {
      throw new IllegalArgumentException(pipeline + " records no sink '" + sink + "'; it records " + recorded.keySet()
          + ", that is, those that block; recording(\"" + sink + "\") adds another one");
    }
    return found.events();
  }

  /** What became of every line up to now. */
  public Ledger ledger() {
    return run().ledger();
  }

  /** Counters of stages beside the ledger, by {@code <stage>.<name>}. */
  public Map<String, Long> metrics() {
    return run().metrics();
  }

  /** As {@link InlineRun#meters}. */
  public List<Metric> meters() {
    return run().meters();
  }

  /** Looks at the next events before and after a stage. */
  public Tap tap(String stage, int events) {
    return run().tap(stage, events);
  }

  /** The watermark; {@link Instant#MIN} at first. */
  public Instant watermark() {
    return run().watermark();
  }

  /** The clock of the run. Moved by {@link #advance}, which also runs what is due. */
  public TestClock clock() {
    return clock;
  }

  /**
   * Ends the input and everything.
   *
   * @throws AssertionError if the ledger does not balance; it says what does not add up, and what came last
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (run == null) {
      return;
    }
    end();
    Ledger ledger = run.ledger();
    if (!ledger.balances()) {
      throw new AssertionError("the ledger of " + pipeline + " does not balance: " + String.join("; ", ledger.imbalances()) + "\nlast lines fed:\n  "
          + String.join("\n  ", last) + "\n" + ledger);
    }
  }
}
