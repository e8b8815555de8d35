package io.logstream.jmh;

import io.logstream.InlineRun;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.examples.AccessLogReport;
import io.logstream.file.FileTail;
import io.logstream.testing.AccessLog;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a line of the whole job cost (tail, grok, time, drop, windows with five percentiles), on the ring and inline, against
 * only reading the lines with a {@code BufferedReader}? The counts of all rows must add up to the requests that are not health checks.
 *
 * <pre>java -jar jmh/target/benchmarks.jar AccessLogReport</pre>
 *
 * <p>Wants two cores, three for one lane.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
public class AccessLogReportBenchmark {
  private static final int LINES = 300_000;

  /** Threads for parsing beside the trunk. */
  @Param({"0", "1"})
  public int lanes;

  private Path log;
  private long expected;
  private long counted;

  /** Writes the log. */
  @Setup(Level.Trial)
  public void write() throws IOException {
    log = Files.createTempFile("access", ".log");
    Iterator<String> lines = AccessLog.seed(42).perSecond(200).micros().stream().iterator();
    try (BufferedWriter out = Files.newBufferedWriter(log, StandardCharsets.UTF_8)) {
      for (int i = 0; i < LINES; i++) {
        String line = lines.next();
        expected += line.contains(" /health ") ? 0 : 1;
        out.write(line);
        out.write('\n');
      }
    }
  }

  /** Removes it. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.delete(log);
  }

  private Pipeline pipeline() {
    counted = 0;
    return AccessLogReport.pipeline(FileTail.once(log), Sink.each(row -> counted += row.number("count", 0)));
  }

  /** Live, on the ring. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void ring() throws InterruptedException {
    try (RunningPipeline running = pipeline().lanes(lanes).start()) {
      running.await();
    }
    check(counted, expected);
  }

  /** On the caller's thread; lanes do not matter here. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void inline() {
    try (InlineRun run = pipeline().inline(InstantSource.system())) {
      while (run.work()) {
        // until the file is at its end
      }
    }
    check(counted, expected);
  }

  /** The baseline: reading lines. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void readLinesOnly() throws IOException {
    long lines = 0;
    try (BufferedReader in = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
      while (in.readLine() != null) {
        lines++;
      }
    }
    check(lines, LINES);
  }

  private static void check(long was, long wanted) {
    if (was != wanted) {
      throw new IllegalStateException("wrong answer: " + was + ", wanted " + wanted);
    }
  }
}
