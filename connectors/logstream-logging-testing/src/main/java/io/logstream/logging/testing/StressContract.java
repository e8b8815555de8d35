package io.logstream.logging.testing;

import static io.logstream.logging.testing.WatchedLogging.await;
import static io.logstream.logging.testing.WatchedLogging.balanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.testing.Seed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Eight threads log into a ring that is too small, sinks log as well, threads are interrupted, and the pipeline is closed meanwhile: it ends, and every event is counted. */
public abstract class StressContract<W extends WatchedLogging> extends LoggingContract<W> {
  private static final int THREADS = 8;
  private static final int EACH = 200;

  /** With a framework that is closed after the test. */
  protected StressContract(W watched) {
    super(watched);
  }

  @Test
  @Timeout(120)
  void everyEventIsCountedInTwentyRuns() throws Exception {
    Seed.random(random -> rounds(random, 20, Thread::new));
  }

  @Test
  @Tag("stress")
  @Timeout(1800)
  void everyEventIsCountedInAThousandRuns() throws Exception {
    Seed.random(random -> rounds(random, 1000, Thread::new));
  }

  @Test
  @Timeout(120)
  void virtualThreadsDoTheSame() throws Exception {
    ThreadFactory virtual = virtualThreads();
    assumeTrue(virtual != null, "virtual threads need Java 21");
    Seed.random(random -> rounds(random, 20, virtual));
  }

  private static ThreadFactory virtualThreads() throws ReflectiveOperationException {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (ThreadFactory) Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private void rounds(Random random, int rounds, ThreadFactory threads) throws Exception {
    watched.configure("STRESS", "holding=16", "waitingAtMost=1 ms");
    for (int round = 0; round < rounds; round++) {
      round(random, threads);
    }
  }

  private void round(Random random, ThreadFactory threads) throws Exception {
    watched.seen.clear();
    AtomicLong logged = new AtomicLong();
    boolean outbox = random.nextBoolean();
    RunningPipeline run = LogStream.named("own").from(watched.configured("STRESS")).to(sink(outbox, logged)).build().lanes(random.nextInt(2)).start();
    List<Thread> logging = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    for (int t = 0; t < THREADS; t++) {
      int me = t;
      logging.add(threads.newThread(() -> {
        for (int i = 0; i < EACH; i++) {
          logged.incrementAndGet();
          if (i % 3 == 0) {
            cart.error("{}:{}", me, i);
          } else {
            cart.info("{}:{}", me, i);
          }
        }
      }));
    }
    Thread interrupter = new Thread(() -> {
      for (int i = 0; !over.get(); i++) {
        logging.get(i % 3).interrupt();
        Thread.onSpinWait();
      }
    });
    logging.forEach(Thread::start);
    interrupter.start();
    int soon = random.nextInt(THREADS * EACH);
    await(() -> logged.get() >= soon);
    run.close();
    for (Thread thread : logging) {
      thread.join();
    }
    over.set(true);
    interrupter.join();
    long counted = balanced(run.ledger()).read();
    try (InlineRun rest = LogStream.named("own").from(watched.configured("STRESS")).to(sink(false, logged)).build().inline(InstantSource.system())) {
      rest.work();
      rest.work();
      counted += balanced(rest.ledger()).read();
    }
    assertThat(counted).isEqualTo(logged.get());
    Map<String, Integer> last = new HashMap<>();
    for (LogEvent event : watched.seen) {
      String[] parts = event.message().split(":");
      int n = Integer.parseInt(parts[1]);
      assertThat(last.getOrDefault(parts[0], -1)).isLessThan(n);
      last.put(parts[0], n);
    }
  }

  private Sink sink(boolean outbox, AtomicLong logged) {
    Processor processor = (event, out) -> {
      watched.seen.add(event.copy());
      if (watched.seen.size() % 5 == 0) {
        logged.incrementAndGet();
        watched.logger("com.shop.Library").warn("a library has something to say");
      }
      out.absorb(event);
    };
    return sink(outbox, processor);
  }

  @Test
  @Timeout(120)
  void aSourceOfItsOwnIsOpenedAndClosedWhileOthersLog() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> logging = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread = new Thread(() -> {
        while (!over.get()) {
          cart.warn("x");
        }
      });
      thread.start();
      logging.add(thread);
    }
    for (int round = 0; round < 50; round++) {
      AtomicLong delivered = new AtomicLong();
      RunningPipeline run = LogStream.named("own").from(watched.root().holding(8).waitingAtMost(Duration.ofMillis(1))).to(Sink.each(e -> delivered.incrementAndGet())).build().start();
      await(() -> delivered.get() > 20);
      run.close();
      assertThat(balanced(run.ledger()).stage(watched.root().name()).passed()).isEqualTo(delivered.get());
    }
    over.set(true);
    for (Thread thread : logging) {
      thread.join();
    }
  }
}
