package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.testing.RecordingSink;
import io.logstream.testing.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest extends EveryWay {
  @TempDir
  private Path dir;

  private static Stage counting() {
    return context -> new Processor() {
      private long count;

      @Override
      public void process(LogEvent event, Emitter out) {
        out.emit(event.message(event.message() + " #" + ++count));
      }

      @Override
      public void save(State state) {
        state.put("count", Long.toString(count).getBytes(StandardCharsets.US_ASCII));
      }

      @Override
      public void restore(State state, Emitter out) {
        count = Long.parseLong(new String(state.get("count"), StandardCharsets.US_ASCII));
      }
    };
  }

  private Pipeline pipeline(Source source, Sink sink) {
    return LogStream.named("p").from(source).then("counting", counting()).to("out", sink).build().checkpointIn(dir);
  }

  private record Numbered(boolean blocks, List<String> calls) implements Sink {
    @Override
    public Processor open(StageContext context) {
      calls.add("goes on from " + context.checkpoint());
      return new Processor() {
        @Override
        public void process(LogEvent event, Emitter out) {
          calls.add(event.message());
        }

        @Override
        public void flush() {
          calls.add("flush");
        }

        @Override
        public void flush(long checkpoint) {
          calls.add("checkpoint " + checkpoint);
        }
      };
    }
  }

  @Test
  void tellsSinksWhichCheckpointIsWrittenAndWhichTheyGoOnFrom() throws Exception {
    for (boolean inline : new boolean[] {true, false}) {
      Path own = Files.createDirectory(dir.resolve("inline-" + inline));
      List<String> calls = Collections.synchronizedList(new ArrayList<>());
      GrowingLog log = GrowingLog.of("a");
      for (String next : new String[] {"b", "c"}) {
        Pipeline pipeline = LogStream.named("p").from(log).to("numbered", new Numbered(!inline, calls)).build().checkpointIn(own)
            .checkpointEvery(Duration.ofHours(1));
        if (inline) {
          try (InlineRun run = pipeline.inline(TestClock.at(Instant.EPOCH))) {
            run.work();
          }
        } else {
          int before = calls.size();
          try (RunningPipeline run = pipeline.start()) {
            long deadline = System.nanoTime() + LONG.toNanos();
            while (calls.size() < before + 2) {
              assertThat(System.nanoTime()).isLessThan(deadline);
              Thread.onSpinWait();
            }
          }
        }
        log.add(next);
      }
      assertThat(calls).as("inline %s", inline).containsExactly("goes on from OptionalLong[0]", "a", "checkpoint 1", "goes on from OptionalLong[1]", "b", "checkpoint 2");
    }
  }

  @Test
  void numbersBarriersAsTheCheckpointsThatFollowThem() throws Exception {
    List<String> calls = Collections.synchronizedList(new ArrayList<>());
    GrowingLog log = GrowingLog.of("a");
    try (RunningPipeline run = LogStream.named("p").from(log).to("numbered", new Numbered(true, calls)).build().checkpointIn(dir)
        .checkpointEvery(Duration.ofMillis(1)).start()) {
      long deadline = System.nanoTime() + LONG.toNanos();
      for (int number = 1; number <= 3; number++) {
        while (!calls.contains("checkpoint " + number)) {
          assertThat(System.nanoTime()).isLessThan(deadline);
          Thread.onSpinWait();
        }
        assertThat(calls).doesNotContain("checkpoint " + (number + 2));
        log.add("more " + number);
      }
    }
    assertThat(calls).doesNotContain("flush");
    List<String> numbers = calls.stream().filter(call -> call.startsWith("checkpoint")).distinct().toList();
    assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, numbers.size()).mapToObj(n -> "checkpoint " + n).toList());
    calls.clear();
    LogStream.named("p").from(log).to("numbered", new Numbered(true, calls)).build().inline(TestClock.at(Instant.EPOCH)).close();
    assertThat(calls).containsExactly("goes on from OptionalLong.empty", "flush");
    calls.clear();
    try (RunningPipeline run = LogStream.named("p").from(log).to("numbered", new Numbered(true, calls)).build().checkpointIn(dir).start()) {
      assertThat(calls.get(0)).isEqualTo("goes on from OptionalLong[" + numbers.size() + "]");
    }
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    GrowingLog log = GrowingLog.of("a", "b");
    RecordingSink seen = RecordingSink.blocking();
    for (String next : new String[] {"c", "d", null}) {
      try (RunningPipeline run = pipeline(log, seen).start()) {
        assertThat(seen.await(next == null ? 4 : next.charAt(0) - 'a', LONG)).isTrue();
        run.close();
        assertBalanced(run.ledger());
      }
      if (next != null) {
        log.add(next);
      }
    }
    assertThat(seen.messages()).containsExactly("a #1", "b #2", "c #3", "d #4");
  }

  @Test
  void goesOnInlineWhereALiveRunStopped() throws Exception {
    GrowingLog log = GrowingLog.of("a", "b");
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = pipeline(log, seen).start()) {
      assertThat(seen.await(2, LONG)).isTrue();
    }
    log.add("c");
    try (InlineRun run = pipeline(log, seen).inline(TestClock.at(Instant.EPOCH))) {
      run.work();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactly("a #1", "b #2", "c #3");
  }

  @Test
  void writesCheckpointsWhileItRuns() throws Exception {
    GrowingLog log = GrowingLog.of("a");
    RecordingSink seen = RecordingSink.blocking();
    RunningPipeline run = pipeline(log, seen).checkpointEvery(Duration.ofMillis(20)).start();
    assertThat(seen.await(1, LONG)).isTrue();
    awaitCount(run, 1);
    log.add("b");
    assertThat(seen.await(2, LONG)).isTrue();
    awaitCount(run, 2);
    run.close();
  }

  /** Waits until the newest checkpoint has this count. */
  private void awaitCount(RunningPipeline run, int count) throws IOException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < deadline) {
      if (Files.exists(dir.resolve("checkpoint"))) {
        try {
          byte[] value = CheckpointFile.decode(Files.readAllBytes(dir.resolve("checkpoint"))).entrySet().stream().filter(e -> e.getKey().endsWith("count"))
              .findFirst().orElseThrow().getValue();
          if (Integer.parseInt(new String(value, StandardCharsets.US_ASCII)) == count) {
            return;
          }
        } catch (java.nio.file.NoSuchFileException beingMoved) {
          Thread.onSpinWait();
        }
      }
    }
    throw new AssertionError("no checkpoint with count " + count + ": " + run.state());
  }

  @Test
  void keepsAnUnfinishedRecordAcrossSeveralRestarts() {
    GrowingLog log = GrowingLog.of("a", " a1");
    RecordingSink seen = new RecordingSink();
    Pipeline pipeline = LogStream.named("p").from(log).then(Glue.lines()).then("n", Stage.each(e -> e.put("line1", e.number("line", 0)))).to(seen).build().checkpointIn(dir);
    for (int i = 0; i < 3; i++) {
      try (InlineRun run = pipeline.inline(TestClock.at(Instant.EPOCH))) {
        run.work();
        assertThat(run.ledger().stage("Glue").held()).isEqualTo(2);
        assertBalanced(run.ledger());
      }
    }
    log.add(" a2", "b");
    try (InlineRun run = pipeline.inline(TestClock.at(Instant.EPOCH))) {
      run.work();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactly("a\n a1\n a2");
    assertThat(seen.events().get(0).number("line1", 0)).isEqualTo(1);
  }

  @Test
  void refusesASecondRunOnItsDirectory() {
    GrowingLog log = GrowingLog.of("a");
    try (RunningPipeline run = pipeline(log, new RecordingSink()).start()) {
      assertThatThrownBy(() -> pipeline(log, new RecordingSink()).start()).isInstanceOf(PipelineException.class).hasMessageContaining("in use by another run")
          .hasMessageContaining(dir.toString());
      assertThat(run.state().phase()).isEqualTo(RunState.Phase.RUNNING);
    }
    pipeline(log, new RecordingSink()).start().close();
  }

  @Test
  void leavesTheDirectoryFreeWhenAStartFails() {
    Pipeline bad = LogStream.named("p").from(GrowingLog.of("a")).then("bad", c -> {
      throw new IllegalStateException("no");
    }).build().checkpointIn(dir);
    assertThatThrownBy(bad::start).hasMessageContaining("no");
    assertThatThrownBy(() -> bad.inline(TestClock.at(Instant.EPOCH))).hasMessageContaining("no");
    pipeline(GrowingLog.of("a"), new RecordingSink()).start().close();
  }

  @Test
  void usesThePreviousCheckpointWhenTheNewestIsDamagedInAnyWay() throws Exception {
    GrowingLog log = GrowingLog.of("a", "b");
    runInline(log, new RecordingSink());
    log.add("c");
    runInline(log, new RecordingSink());
    byte[] newest = Files.readAllBytes(dir.resolve("checkpoint"));
    byte[] previous = Files.readAllBytes(dir.resolve("checkpoint.previous"));

    for (int length = 0; length < newest.length; length++) {
      damaged(log, Arrays.copyOf(newest, length), previous);
    }
    for (int at = 0; at < newest.length; at++) {
      byte[] flipped = newest.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      damaged(log, flipped, previous);
    }
    damaged(log, new byte[newest.length], previous);
    damaged(log, new byte[0], previous);
    damaged(log, Arrays.copyOf(newest, newest.length + 1), previous);
  }

  private void damaged(GrowingLog log, byte[] newest, byte[] previous) throws IOException {
    Files.write(dir.resolve("checkpoint"), newest);
    Files.write(dir.resolve("checkpoint.previous"), previous);
    RecordingSink seen = new RecordingSink();
    runInline(log, seen);
    assertThat(seen.messages()).as("%s bytes", newest.length).containsExactly("c #3");
  }

  @Test
  void startsFromNothingWhenAllCheckpointsAreDamaged() throws Exception {
    GrowingLog log = GrowingLog.of("a", "b");
    Random random = new Random(7);
    for (String name : new String[] {"checkpoint", "checkpoint.previous", "checkpoint.tmp"}) {
      byte[] noise = new byte[200];
      random.nextBytes(noise);
      Files.write(dir.resolve(name), noise);
    }
    RecordingSink seen = new RecordingSink();
    runInline(log, seen);
    assertThat(seen.messages()).containsExactly("a #1", "b #2");
    runInline(log.add("c"), seen);
    assertThat(seen.messages()).endsWith("c #3").hasSize(3);
  }

  private void runInline(GrowingLog log, RecordingSink seen) {
    try (InlineRun run = pipeline(log, seen).inline(TestClock.at(Instant.EPOCH))) {
      run.work();
      assertBalanced(run.ledger());
    }
  }
}
