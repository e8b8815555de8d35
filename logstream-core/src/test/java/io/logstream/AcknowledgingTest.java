package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.RecordingSink;
import io.logstream.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source is told what has been delivered, and can wait for it. */
class AcknowledgingTest extends EveryWay {
  @TempDir
  private Path dir;

  /** A source of numbered lines that notes what it is told, and settles in its tend or before a line when asked to. */
  private static final class Numbers implements Source {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    final AtomicBoolean settle = new AtomicBoolean();
    final AtomicInteger settled = new AtomicInteger();
    final AtomicInteger failedToSettle = new AtomicInteger();
    private final int lines;
    private Duration patience = LONG;

    Numbers(int lines) {
      this.lines = lines;
    }

    Numbers patience(Duration limit) {
      patience = limit;
      return this;
    }

    String lastTold() {
      return told.isEmpty() ? null : told.get(told.size() - 1);
    }

    @Override
    public boolean acknowledges() {
      return true;
    }

    @Override
    public Reader open(SourceContext context) {
      Log log = context.log("numbers", Map.of());
      return new Reader() {
        private int next;

        @Override
        public Found poll(Batch batch) {
          settleIfAsked();
          if (next == lines) {
            return Found.NOTHING;
          }
          batch.begin(log, "");
          batch.line(Integer.toString(next), next, 0);
          String upTo = Integer.toString(++next);
          batch.mark(new Mark() {
            @Override
            public byte[] encode() {
              return upTo.getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            public String toString() {
              return upTo;
            }
          });
          return Found.SOMETHING;
        }

        private void settleIfAsked() {
          if (settle.getAndSet(false)) {
            (context.settle(patience) ? settled : failedToSettle).incrementAndGet();
          }
        }

        @Override
        public void tend() {
          settleIfAsked();
        }

        @Override
        public void saved(Map<Log, Mark> upTo) {
          upTo.forEach((of, mark) -> told.add(mark.toString()));
        }

        @Override
        public void close() {
          told.add("closed");
        }
      };
    }
  }

  private static void awaitTrue(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for longer than " + LONG).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Pipeline pipeline(Source source, Sink sink) {
    return LogStream.named("p").from(source).to("out", sink).build().checkpointEvery(Duration.ofMillis(20));
  }

  @Test
  void isToldWithoutACheckpointWhatEverySinkHasTaken() throws Exception {
    Numbers source = new Numbers(10);
    RecordingSink sink = RecordingSink.blocking();
    try (RunningPipeline run = pipeline(source, sink).start()) {
      assertThat(sink.await(10, LONG)).isTrue();
      awaitTrue(() -> "10".equals(source.lastTold()));
      run.close();
      assertBalanced(run.ledger());
    }
    assertThat(source.lastTold()).isEqualTo("closed");
  }

  @Test
  void isNotToldWhileASinkHoldsEventsBack() throws Exception {
    Numbers source = new Numbers(10);
    RecordingSink held = RecordingSink.blocking().hold();
    RecordingSink quick = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(source).to(quick).to("held", held).build().checkpointEvery(Duration.ofMillis(20)).start()) {
      assertThat(quick.await(10, LONG)).isTrue();
      assertThat(held.awaitHeld(LONG)).isTrue();
      assertThat(source.told).doesNotContain("10");
      held.release();
      awaitTrue(() -> "10".equals(source.lastTold()));
    }
  }

  @Test
  void isNotToldAtTheEndWhatASinkCouldNotFlush() {
    Numbers source = new Numbers(10);
    RecordingSink seen = new RecordingSink();
    Sink broken = new Sink() {
      @Override
      public boolean blocks() {
        return true;
      }

      @Override
      public Processor open(StageContext context) {
        return new Processor() {
          @Override
          public void process(LogEvent event, Emitter out) {}

          @Override
          public void flush() {
            throw new IllegalStateException("the disk is full");
          }
        };
      }
    };
    RunningPipeline run = LogStream.named("p").from(source).to(seen).to("broken", broken).build().checkpointIn(dir).start();
    awaitTrue(() -> seen.size() == 10);
    run.close();
    assertThat(source.told).containsExactly("closed");
  }

  @Test
  void isToldTheLastWhenTheRunIsClosed() throws Exception {
    Numbers source = new Numbers(10);
    RecordingSink sink = RecordingSink.blocking();
    RunningPipeline run = pipeline(source, sink).checkpointEvery(Duration.ofHours(1)).start();
    assertThat(sink.await(10, LONG)).isTrue();
    run.close();
    assertThat(source.told).containsExactly("10", "closed");
  }

  @Test
  void waitsUntilAllThatItBroughtIsDelivered() throws Exception {
    Numbers source = new Numbers(10);
    RecordingSink sink = RecordingSink.blocking();
    try (RunningPipeline run = pipeline(source, sink).checkpointEvery(Duration.ofHours(1)).start()) {
      assertThat(sink.await(10, LONG)).isTrue();
      source.settle.set(true);
      awaitTrue(() -> source.settled.get() == 1);
      assertThat(source.told).containsExactly("10");
    }
  }

  @Test
  void waitsForTheBatchToo_thatFindsNoRoomInTheRing() throws Exception {
    Numbers source = new Numbers(10);
    AtomicBoolean stop = new AtomicBoolean(true);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Sink slow = Sink.each(event -> {
      while (stop.get()) {
        Thread.onSpinWait();
      }
      seen.add(event.message());
    });
    try (RunningPipeline run = pipeline(source, slow).ring(2).checkpointEvery(Duration.ofHours(1)).start()) {
      source.settle.set(true);
      awaitTrue(() -> !source.settle.get());
      stop.set(false);
      awaitTrue(() -> source.settled.get() == 1);
      awaitTrue(() -> seen.size() == 10);
    }
    assertThat(seen).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(source.lastTold()).isEqualTo("closed");
  }

  @Test
  void givesUpWaitingAfterItsTime() throws Exception {
    Numbers source = new Numbers(3).patience(Duration.ofMillis(20));
    RecordingSink held = RecordingSink.blocking().hold();
    try (RunningPipeline run = pipeline(source, held).start()) {
      assertThat(held.awaitHeld(LONG)).isTrue();
      source.settle.set(true);
      awaitTrue(() -> source.failedToSettle.get() == 1);
      held.release();
    }
    assertThat(held.messages()).containsExactly("0", "1", "2");
  }

  @Test
  void isToldInlineToo() {
    Numbers source = new Numbers(3);
    RecordingSink sink = new RecordingSink();
    try (InlineRun run = pipeline(source, sink).inline(TestClock.at(Instant.EPOCH))) {
      run.work();
      assertThat(source.told).containsExactly("3");
      assertBalanced(run.ledger());
    }
    assertThat(source.told).containsExactly("3", "3", "closed");
  }

  @Test
  void knowsTheStagesThatKeepState() {
    List<String> names = new ArrayList<>();
    Source asking = context -> {
      names.addAll(context.stagesWithState());
      return batch -> Reader.Found.END;
    };
    LogStream.named("p").from(asking).then("plain", Stage.each(e -> { })).then("numbered", Stage.inOrder(e -> { }))
        .branch("side", side -> side.then("counted", Stage.inOrder(e -> { })).to(new RecordingSink())).to(new RecordingSink()).build()
        .inline(TestClock.at(Instant.EPOCH)).close();
    assertThat(names).containsExactly("numbered", "side/counted");
  }
}
