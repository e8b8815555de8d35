package io.logstream.log4j2;

import static io.logstream.log4j2.Watched.await;
import static io.logstream.log4j2.Watched.balanced;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.logging.log4j.core.Logger;
import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Processor;
import io.logstream.PushSource;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules of living inside somebody else's logger. */
@Timeout(60)
class RulesTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @AutoClose private final Watched watched = new Watched();
  private final Logger cart = watched.logger("com.shop.Cart");

  /** A sink with an outbox, and so with a thread of its own. */
  private static Sink onItsOwnThread(Processor processor) {
    return new Sink() {
      @Override
      public Processor open(StageContext context) {
        return processor;
      }

      @Override
      public boolean blocks() {
        return true;
      }
    };
  }

  @Test
  void whereTheRingIsFullUnimportantEventsAreDroppedAtOnce() {
    try (InlineRun run = watched.inline(watched.root().holding(4).waitingAtMost(LONG))) {
      IntStream.range(0, 6).forEach(i -> cart.info("{}", i));
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
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
      assertThat(Watched.drops(run.ledger())).isEmpty();
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
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("full", 1L));
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
      assertThat(Watched.drops(run.ledger())).isEmpty();
    }
    assertThat(watched.messages()).last().isEqualTo("giving up");
    assertThat(interrupted).isTrue();
  }

  @Test
  void aBurstOfDropsIsSaidOnceAndSummedUpAtItsEnd() {
    try (InlineRun run = watched.inline(watched.root().holding(4))) {
      IntStream.range(0, 10).forEach(i -> cart.info("{}", i));
      assertThat(watched.statuses()).singleElement().asString().contains("is full: its pipeline does not keep up");
      run.work();
      assertThat(watched.statuses()).hasSize(2).last().asString().contains("has room again; 6 events were dropped");
      IntStream.range(0, 5).forEach(i -> cart.info("{}", i));
      run.work();
      assertThat(watched.statuses()).hasSize(4).last().asString().contains("has room again; 1 events were dropped");
      cart.info("quiet");
      run.work();
      assertThat(watched.statuses()).hasSize(4);
    }
  }

  @Test
  void whatASinkLogsOnItsPipelinesThreadsDoesNotComeBack() {
    Processor logs = (event, out) -> {
      watched.seen.add(event.copy());
      watched.logger("com.shop.Library").error("sending {}", event.message());
      out.absorb(event);
    };
    for (Sink sink : new Sink[] {context -> logs, onItsOwnThread(logs)}) {
      watched.seen.clear();
      RunningPipeline run = LogStream.named("own").from(watched.root().holding(2).waitingAtMost(LONG)).to(sink).build().start();
      IntStream.range(0, 100).forEach(i -> cart.warn("{}", i));
      run.close();
      assertThat(watched.messages()).isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
      assertThat(Watched.drops(run.ledger()).keySet()).isSubsetOf("own thread", "closed");
    }
    try (InlineRun run = LogStream.named("own").from(watched.root()).to(context -> logs).build().inline(InstantSource.system())) {
      cart.warn("inline");
      run.work();
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("own thread", 1L));
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
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("full", 2L));
    }
    assertThat(watched.messages()).containsExactly("bad order 0", "bad order 1", "bad order 2", "bad order 3");
  }

  @Test
  void whatIsLoggedWhileTheSameThreadHandsInAnotherEventHarmsNothing() {
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("said by {}", new Object() {
        @Override
        public String toString() {
          cart.info("inner");
          return "outer";
        }
      });
      run.work();
      balanced(run.ledger());
    }
    assertThat(watched.messages()).contains("said by outer");
  }

  @Test
  void nothingIsThrownIntoTheApplication() {
    Object broken = new Object() {
      @Override
      public String toString() {
        throw new IllegalStateException("broken on purpose");
      }
    };
    try (InlineRun run = watched.inline(watched.root())) {
      cart.info("an argument: {}", broken);
      cart.error("an exception", new Exception() {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
          throw new IllegalStateException("broken on purpose");
        }
      });
      Message unreadable = new SimpleMessage("m") {
        private static final long serialVersionUID = 1;

        @Override
        public Object[] getParameters() {
          throw new IllegalStateException("broken on purpose");
        }
      };
      IntStream.range(0, 5).forEach(i -> cart.info(unreadable));
      run.work();
      assertThat(Watched.drops(run.ledger())).isEqualTo(Map.of("unreadable", 5L));
    }
    assertThat(watched.messages()).hasSize(2).last().isEqualTo("an exception");
    assertThat(watched.seen.get(0).text("arg.0")).contains("failed: java.lang.IllegalStateException");
    assertThat(watched.seen.get(1).text("error.message")).contains("failed");
    assertThat(watched.statuses()).hasSize(3).first().asString().contains("could not copy an event").contains("broken on purpose");
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
    await(() -> run.ledger().read() + run.metrics().getOrDefault(Watched.SOURCE + ".left", 0L) == 5000);
    assertThat(watched.statuses()).singleElement().asString().contains("was closed by force").contains("events were left in it");
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
