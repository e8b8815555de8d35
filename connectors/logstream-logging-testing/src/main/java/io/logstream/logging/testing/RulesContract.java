package io.logstream.logging.testing;

import static io.logstream.logging.testing.WatchedLogging.await;
import static io.logstream.logging.testing.WatchedLogging.balanced;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Processor;
import io.logstream.PushSource;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules of living inside somebody else's logger. */
public abstract class RulesContract<W extends WatchedLogging> extends LoggingContract<W> {
  private static final Duration LONG = Duration.ofMinutes(10);

  /** With a framework that is closed after the test. */
  protected RulesContract(W watched) {
    super(watched);
  }

  @Test
  void whereTheRingIsFullUnimportantEventsAreDroppedAtOnce() {
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(LONG))) {
      IntStream.range(0, 6).forEach(i -> cart.info("{}", i));
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
    }
    assertThat(watched.messages()).containsExactly("0", "1", "2", "3");
  }

  @Test
  void importantOnesWaitForRoom() throws InterruptedException {
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(LONG))) {
      IntStream.range(0, 4).forEach(i -> cart.info("{}", i));
      Thread thread = new Thread(() -> cart.warn("important"));
      thread.start();
      await(() -> thread.getState() == Thread.State.TIMED_WAITING);
      run.work();
      thread.join();
      run.work();
      assertThat(watched.drops(run.ledger())).isEmpty();
    }
    assertThat(watched.messages()).containsExactly("0", "1", "2", "3", "important");
  }

  @Test
  void butNotLongerThanWasSaid() {
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(Duration.ofMillis(30)))) {
      IntStream.range(0, 4).forEach(i -> cart.info("{}", i));
      long before = System.nanoTime();
      cart.error("too much");
      assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(30_000_000);
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("full", 1L));
    }
  }

  @Test
  void anInterruptedThreadWaitsAsWellAndStaysInterrupted() throws InterruptedException {
    AtomicBoolean interrupted = new AtomicBoolean();
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(LONG))) {
      IntStream.range(0, 4).forEach(i -> cart.info("{}", i));
      Thread thread = new Thread(() -> {
        Thread.currentThread().interrupt();
        cart.warn("giving up");
        interrupted.set(Thread.interrupted());
      });
      thread.start();
      await(() -> thread.getState() == Thread.State.TIMED_WAITING);
      thread.interrupt();
      run.work();
      thread.join();
      run.work();
      assertThat(watched.drops(run.ledger())).isEmpty();
    }
    assertThat(watched.messages()).last().isEqualTo("giving up");
    assertThat(interrupted).isTrue();
  }

  @Test
  void aBurstOfDropsIsSaidOnceAndSummedUpAtItsEnd() {
    try (InlineRun run = watched.inline(watched.root().holding(4))) {
      IntStream.range(0, 10).forEach(i -> cart.info("{}", i));
      assertThat(watched.complaints()).singleElement().asString().contains("is full: its pipeline does not keep up");
      run.work();
      assertThat(watched.complaints()).hasSize(2).last().asString().contains("has room again; 6 events were dropped");
      IntStream.range(0, 5).forEach(i -> cart.info("{}", i));
      run.work();
      assertThat(watched.complaints()).hasSize(4).last().asString().contains("has room again; 1 events were dropped");
      cart.info("quiet");
      run.work();
      assertThat(watched.complaints()).hasSize(4);
    }
  }

  @Test
  void whatASinkLogsOnItsPipelinesThreadsDoesNotComeBack() {
    Processor logs = (event, out) -> {
      watched.seen.add(event.copy());
      watched.logger("com.shop.Library").error("sending {}", event.message());
      out.absorb(event);
    };
    for (Sink sink : new Sink[] {sink(false, logs), sink(true, logs)}) {
      watched.seen.clear();
      RunningPipeline run = LogStream.named("own").from(watched.root().holding(2).waitingAtMost(LONG)).to(sink).build().start();
      IntStream.range(0, 100).forEach(i -> cart.warn("{}", i));
      run.close();
      assertThat(watched.messages()).isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
      assertThat(watched.drops(run.ledger()).keySet()).isSubsetOf("own thread", "closed");
    }
    try (InlineRun run = LogStream.named("own").from(watched.root()).to(context -> logs).build().inline(InstantSource.system())) {
      cart.warn("inline");
      run.work();
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("own thread", 1L));
    }
  }

  @Test
  void whatAnotherPipelineLogsIsTakenButItsThreadsNeverWait() throws InterruptedException {
    PushSource orders = PushSource.named("orders");
    Pipeline other = LogStream.named("other").from(orders).then("complains", Stage.inOrder(e -> cart.error("bad {}", e.message()))).to(Sink.each(e -> { })).build();
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(LONG))) {
      RunningPipeline running = other.start();
      IntStream.range(0, 6).forEach(i -> orders.push("order " + i));
      orders.close();
      running.await();
      running.close();
      balanced(running.ledger());
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
    }
    assertThat(watched.messages()).containsExactly("bad order 0", "bad order 1", "bad order 2", "bad order 3");
  }

  @Test
  void whatIsLoggedWhileTheSameThreadHandsInAnotherEventHarmsNothing() {
    watched.run(watched.root(), () -> cart.info("said by {}", new Object() {
      @Override
      public String toString() {
        cart.info("inner");
        return "outer";
      }
    }));
    assertThat(watched.messages()).contains("said by outer");
  }

  @Test
  void nothingIsThrownIntoTheApplication() {
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("an argument: {}", new Object() {
        @Override
        public String toString() {
          throw new IllegalStateException("broken on purpose");
        }
      });
      IntStream.range(0, 5).forEach(i -> cart.unreadable());
      run.work();
      assertThat(watched.drops(run.ledger())).isEqualTo(Map.of("unreadable", 5L));
    }
    assertThat(watched.only().text("arg.0")).contains("failed: java.lang.IllegalStateException");
    assertThat(watched.complaints()).hasSize(3).first().asString().contains("could not copy an event").contains("broken on purpose");
  }

  @Test
  void closingHasADeadlineAndCountsWhatIsLeft() {
    CountDownLatch hangs = new CountDownLatch(1);
    Sink sink = context -> (event, out) -> {
      hangs.await();
      out.absorb(event);
    };
    RunningPipeline run = LogStream.named("own").from(watched.root().holding(8192)).to(sink).build().ring(2).closeWithin(Duration.ofMillis(200)).start();
    IntStream.range(0, 5000).forEach(i -> cart.info("{}", i));
    run.close();
    await(() -> run.ledger().read() + run.metrics().getOrDefault(watched.root().name() + ".left", 0L) == 5000);
    assertThat(watched.complaints()).singleElement().asString().contains("was closed by force").contains("events were left in it");
    hangs.countDown();
  }

  @Test
  void whatWasTakenIsNotHeldAnyLonger() {
    try (InlineRun run = watched.inline(watched.root())) {
      StringBuilder built = new StringBuilder("large".repeat(100_000));
      String large = built.toString();
      WeakReference<Object> held = new WeakReference<>(large);
      cart.info("something {}", large);
      run.work();
      cart.info("the next batch");
      run.work();
      large = null;
      watched.seen.clear();
      await(() -> {
        System.gc();
        return held.get() == null;
      });
    }
  }
}
