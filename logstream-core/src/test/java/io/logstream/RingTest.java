package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RingTest extends EveryWay {
  @Test
  void losesNothingWhenStartedAndClosedAtOnceAThousandTimes() {
    for (int round = 0; round < 1_000; round++) {
      List<String> trunk = Collections.synchronizedList(new ArrayList<>());
      List<String> remote = Collections.synchronizedList(new ArrayList<>());
      RunningPipeline run = LogStream.named("p").from(lines(200, 3)).then("n", Stage.each(e -> e.put("n", 1))).to(Sink.each(e -> trunk.add(e.message())))
          .to(blocking(Sink.each(e -> remote.add(e.message())))).build().lanes(round % 3).ring(2 << round % 4).start();
      run.close();

      int read = (int) run.ledger().read();
      assertThat(trunk).as("round %s", round).isEqualTo(numbered(read));
      assertThat(remote).as("round %s", round).isEqualTo(numbered(read));
      assertBalanced(run.ledger());
      assertThat(run.state().phase()).isEqualTo(RunState.Phase.STOPPED);
    }
  }

  @Test
  void runsToTheEndOfItsSourcesAndGivesTheLedger() throws Exception {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Ledger ledger = LogStream.named("job").from(lines(200, 3)).to(blocking(Sink.each(e -> seen.add(e.message())))).build().run();
    assertThat(seen).isEqualTo(numbered(200));
    assertThat(ledger.read()).isEqualTo(200);
    assertBalanced(ledger);
  }

  @Test
  void throwsWhatEndsARun() {
    Pipeline pipeline = LogStream.named("job").from(lines(20, 3)).then(Stage.each(e -> {
      throw new AssertionError("broken");
    })).build();
    assertThatThrownBy(pipeline::run).isInstanceOf(PipelineException.class).hasMessageContaining("broken");
  }

  @Test
  void deliversEveryLineOfAMillionInOrderWithItsNumber() throws Exception {
    for (int lanes : new int[] {0, 3}) {
      AtomicLong next = new AtomicLong();
      AtomicReference<String> wrong = new AtomicReference<>();
      AtomicLong remote = new AtomicLong();
      RunningPipeline run = LogStream.named("p").from(new Numbers(1_000_000))
          .then("sum", Stage.each(e -> e.put("n", e.number("message", -1))))
          .to("trunk", Sink.each(e -> {
            if (e.number("n", -1) != next.getAndIncrement() && wrong.get() == null) {
              wrong.set(e.toString());
            }
          }))
          .to("remote", blocking(Sink.each(e -> {
            if (e.number("n", -1) != remote.getAndIncrement() && wrong.get() == null) {
              wrong.set("remote " + e);
            }
          }))).build().lanes(lanes).start();
      while (!run.await(Duration.ofMillis(5))) {
        assertBalanced(run.ledger());
      }
      assertThat(wrong.get()).isNull();
      assertThat(next.get()).isEqualTo(1_000_000);
      assertThat(run.ledger().stage("remote").absorbed()).isEqualTo(1_000_000);
      assertBalanced(run.ledger());
    }
  }

  /** Brings the numbers from zero on, one a line. */
  private record Numbers(int count) implements Source {
    @Override
    public Reader open(SourceContext context) {
      Log log = context.log("numbers", java.util.Map.of());
      return new Reader() {
        private int next;

        @Override
        public Found poll(Batch batch) {
          if (next == count) {
            return Found.END;
          }
          batch.begin(log, "");
          while (!batch.full() && next < count) {
            batch.line(Integer.toString(next), next, ++next);
          }
          return Found.SOMETHING;
        }
      };
    }
  }

  @Test
  void balancesItsLedgerWheneverAnotherThreadAsks() throws Exception {
    for (int lanes : new int[] {0, 2}) {
      Pipeline pipeline = LogStream.named("p").from(new Numbers(300_000).then(Stage.each(e -> { })), new Numbers(100_000))
          .then("drops", stateless((e, out) -> {
            if (e.message().endsWith("7")) {
              out.drop(e, "7");
            } else if (e.message().endsWith("3")) {
              out.fail(e, "3");
            } else {
              out.emit(e);
            }
          }))
          .then("splits", stage((e, out) -> {
            out.emit(out.create().message("made"));
            out.emit(e);
          }))
          .branch("b", b -> b.then("each", Stage.each(e -> { })).to("far", Outboxed.sink(blocking(Sink.each(e -> { }))).holding(131_072)))
          .to("near", Sink.each(e -> { })).to("farther", Outboxed.sink(blocking(Sink.each(e -> { }))).holding(131_072))
          .then("last", stage((e, out) -> out.absorb(e))).build().lanes(lanes);
      RunningPipeline run = pipeline.start();
      AtomicInteger asked = new AtomicInteger();
      AtomicReference<String> wrong = new AtomicReference<>();
      Thread asking = new Thread(() -> {
        while (run.state().phase() != RunState.Phase.STOPPED) {
          Ledger ledger = run.ledger();
          asked.incrementAndGet();
          if (!ledger.balances()) {
            wrong.compareAndSet(null, ledger.toString());
          }
        }
      });
      asking.start();
      assertThat(run.await(Duration.ofSeconds(60))).isTrue();
      asking.join(10_000);
      assertThat(wrong.get()).isNull();
      assertThat(asked.get()).isPositive();
      assertBalanced(run.ledger());
    }
  }

  @Test
  void endsWithTheErrorOfAStage() throws Exception {
    for (int lanes : new int[] {0, 2}) {
      for (boolean inPass : new boolean[] {true, false}) {
        Processor breaks = (e, out) -> {
          if (e.message().equals("line 40")) {
            throw new NoClassDefFoundError("missing");
          }
          out.emit(e);
        };
        RunningPipeline run = LogStream.named("p").from(lines(100, 7)).then("front", Stage.each(e -> { }))
            .then("breaks", inPass ? stateless(breaks) : stage(breaks))
            .branch("b", b -> b.to("in branch", Sink.each(e -> { }))).to("out", Sink.each(e -> { })).build().lanes(lanes).start();

        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class).hasMessageContaining("missing").hasCauseInstanceOf(NoClassDefFoundError.class);
        assertThatThrownBy(run::close).isInstanceOf(PipelineException.class);
        assertThat(run.state().phase()).isEqualTo(RunState.Phase.STOPPED);
        assertThat(run.state().reason()).contains("missing");
        assertBalanced(run.ledger());
      }
    }
  }

  @Test
  void endsWithTheErrorOfASinkWhereverItRuns() throws Exception {
    for (boolean remote : new boolean[] {true, false}) {
      Sink breaks = Sink.each(e -> {
        throw new NoClassDefFoundError("missing");
      });
      RunningPipeline run = LogStream.named("p").from(new GrowingLog("log").add("a", "b")).to("first", Sink.each(e -> { })).to("breaks", remote ? blocking(breaks) : breaks)
          .to("last", Sink.each(e -> { })).build().start();
      assertThatThrownBy(() -> run.await(LONG)).isInstanceOf(PipelineException.class).hasMessageContaining("missing");
      assertBalanced(run.ledger());
    }
  }

  @Test
  void closesFromAThreadOfItsOwnWithoutWaitingForItself() throws Exception {
    for (boolean remote : new boolean[] {true, false}) {
      AtomicReference<RunningPipeline> run = new AtomicReference<>();
      CountDownLatch set = new CountDownLatch(1);
      CountDownLatch returned = new CountDownLatch(1);
      Sink closing = Sink.each(e -> {
        try {
          assertThat(set.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
          throw new IllegalStateException(interrupted);
        }
        run.get().close();
        returned.countDown();
      });
      run.set(LogStream.named("p").from(GrowingLog.of("a")).to(remote ? blocking(closing) : closing).build().start());
      set.countDown();

      assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(run.get().await(LONG)).isTrue();
      run.get().close();
      assertBalanced(run.get().ledger());
    }
  }

  @Test
  void isDegradedWhileAReaderThrowsAndRecovers() throws Exception {
    GrowingLog log = GrowingLog.of("a", "b").failing(3, 0);
    io.logstream.testing.RecordingSink seen = new io.logstream.testing.RecordingSink();
    RunningPipeline run = LogStream.named("p").from(log).to(seen).build().start();
    RunState degraded = awaitPhase(run, RunState.Phase.DEGRADED);
    assertThat(degraded.reason()).contains("log").contains("the disk is gone");
    assertThat(seen.await(2, LONG)).isTrue();
    assertThat(awaitPhase(run, RunState.Phase.RUNNING).reason()).isEmpty();
    run.close();

    assertThat(seen.messages()).containsExactly("a", "b");
    assertThat(run.metrics()).containsEntry("log.errors", 3L);
    assertBalanced(run.ledger());
  }

  private static RunState awaitPhase(RunningPipeline run, RunState.Phase phase) {
    long deadline = System.nanoTime() + LONG.toNanos();
    RunState state = run.state();
    while (state.phase() != phase && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      state = run.state();
    }
    assertThat(state.phase()).isEqualTo(phase);
    return state;
  }

  @Test
  void returnsFromCloseByItsDeadlineAndSaysWhatIsHeld() throws Exception {
    for (boolean remote : new boolean[] {true, false}) {
      CountDownLatch hangs = new CountDownLatch(1);
      AtomicBoolean released = new AtomicBoolean();
      Sink hanging = Sink.each(e -> {
        hangs.countDown();
        while (!released.get()) {
          Thread.onSpinWait();
        }
      });
      RunningPipeline run = LogStream.named("p").from(GrowingLog.of("a", "b", "c")).to("hangs", remote ? blocking(hanging) : hanging).build()
          .closeWithin(Duration.ofMillis(200)).start();
      assertThat(hangs.await(10, TimeUnit.SECONDS)).isTrue();
      long before = System.nanoTime();
      run.close();
      long took = System.nanoTime() - before;

      assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofSeconds(9));
      assertBalanced(run.ledger());
      if (remote) {
        assertThat(run.ledger().stage("hangs").held()).isEqualTo(3);
      }
      released.set(true);
    }
  }

  @Test
  void givesSinksTheEndOfTheInputWhereverTheyRun() throws Exception {
    List<List<String>> all = new ArrayList<>();
    for (boolean remote : new boolean[] {false, true}) {
      List<String> calls = Collections.synchronizedList(new ArrayList<>());
      Sink tells = context -> new Processor() {
        @Override
        public void process(LogEvent event, Emitter out) {
          calls.add(event.message());
        }

        @Override
        public void onEnd(Emitter out) {
          calls.add("end");
        }

        @Override
        public void flush() {
          calls.add("flush");
        }

        @Override
        public void close() {
          calls.add("close");
        }
      };
      RunningPipeline run = LogStream.named("p").from(lines(2, 1)).to("tells", remote ? blocking(tells) : tells).build().start();
      assertThat(run.await(LONG)).isTrue();
      all.add(calls);
    }
    assertThat(all.get(0)).containsExactly("line 0", "line 1", "end", "flush", "close");
    assertThat(all.get(1)).isEqualTo(all.get(0));
  }

  @Test
  void countsOnWhenSinksThrow() {
    RunningPipeline run = LogStream.named("p").from(lines(100, 7))
        .to("near", Sink.each(e -> {
          throw new IllegalStateException("no");
        }))
        .to("far", blocking(Sink.each(e -> {
          throw new IllegalStateException("no");
        })))
        .to("out", Sink.each(e -> { })).build().start();
    assertThat(run.await(LONG)).isTrue();

    assertThat(run.ledger().stage("near").failed("IllegalStateException")).isEqualTo(100);
    assertThat(run.ledger().stage("far").failed("IllegalStateException")).isEqualTo(100);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(100);
    assertBalanced(run.ledger());
  }
}
