package io.logstream.jmh;

import io.logstream.Batch;
import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to bring a line of 200 bytes from one thread to another: as a record in a batch on the ring, as a {@code String}
 * in an {@code ArrayBlockingQueue}, and through the same pipeline without a second thread? The sum of all line lengths is checked.
 *
 * <pre>java -jar jmh/target/benchmarks.jar RingAgainstQueue</pre>
 *
 * <p>Wants two cores.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
public class RingAgainstQueueBenchmark {
  private static final int LINES = 1_000_000;
  private static final byte[] LINE = "x".repeat(200).getBytes(StandardCharsets.US_ASCII);
  private static final String POISON = new String("end");

  private long sum;

  private Pipeline pipeline() {
    sum = 0;
    return LogStream.named("bench").from(new Lines()).to(Sink.each(e -> sum += e.to() - e.from())).build();
  }

  /** The ring: reader's thread to trunk. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void ring() throws InterruptedException {
    try (RunningPipeline running = pipeline().start()) {
      running.await();
    }
    check();
  }

  /** The same stages on the caller's thread. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void inline() {
    try (InlineRun run = pipeline().inline(InstantSource.system())) {
      while (run.work()) {
        // until the source is at its end
      }
    }
    check();
  }

  /** The queue that one would take without a library. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void queue() throws InterruptedException {
    sum = 0;
    ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(8192);
    Thread producer = new Thread(() -> {
      try {
        for (int i = 0; i < LINES; i++) {
          queue.put(new String(LINE, StandardCharsets.UTF_8));
        }
        queue.put(POISON);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    producer.start();
    for (String line = queue.take(); line != POISON; line = queue.take()) {
      sum += line.length();
    }
    producer.join();
    check();
  }

  private void check() {
    if (sum != (long) LINES * LINE.length) {
      throw new IllegalStateException("wrong sum " + sum);
    }
  }

  private static final class Lines implements Source {
    @Override
    public Reader open(SourceContext context) {
      Log log = context.log("lines", Map.of());
      int[] left = {LINES};
      return batch -> {
        if (left[0] == 0) {
          return Reader.Found.END;
        }
        batch.begin(log, "");
        while (left[0] > 0 && !batch.full() && batch.used() + LINE.length <= Batch.BYTES) {
          int from = batch.used();
          System.arraycopy(LINE, 0, batch.room(LINE.length), from, LINE.length);
          batch.filled(LINE.length);
          batch.line(from, from + LINE.length, 0, 0);
          left[0]--;
        }
        return Reader.Found.SOMETHING;
      };
    }
  }
}
