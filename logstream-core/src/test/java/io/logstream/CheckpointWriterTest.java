package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that does not answer holds up no event, and nothing is told to be saved that is not. The disk is a named pipe that nobody reads, in the
 * place of the file that is written first.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CheckpointWriterTest {
  @TempDir private Path dir;

  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  /** What the source was told to be saved. */
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final GrowingLog log = GrowingLog.of();

  private Path pipe() {
    return dir.resolve("checkpoint.tmp");
  }

  private RunningPipeline start(Duration closeWithin) {
    Source telling = context -> {
      Reader reader = log.open(context);
      return new Reader() {
        @Override
        public Found poll(Batch batch) throws IOException {
          return reader.poll(batch);
        }

        @Override
        public void saved(java.util.Map<Log, Mark> upTo) {
          upTo.values().forEach(mark -> told.add(new String(mark.encode(), StandardCharsets.US_ASCII)));
        }
      };
    };
    return LogStream.named("p").from(telling).to(Sink.each(e -> seen.add(e.message()))).build().checkpointIn(dir).checkpointEvery(Duration.ofMillis(10))
        .closeWithin(closeWithin).start();
  }

  private static void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void makePipe() throws Exception {
    await(() -> Files.exists(dir.resolve("checkpoint")) && told.contains("1"), "the first checkpoint");
    assertThat(new ProcessBuilder("mkfifo", pipe().toString()).start().waitFor()).isZero();
  }

  /** The disk answers: what waits for it fails, since nobody reads such a file and it cannot be forced, and the next one is a file like any other. */
  private void letGo() throws IOException {
    Path other = dir.resolve("other");
    Files.createLink(other, pipe());
    Files.delete(pipe());
    Files.newInputStream(other).close();
  }

  @BeforeEach
  void needsNamedPipes() throws Exception {
    try {
      Path trial = dir.resolve("trial");
      assumeTrue(new ProcessBuilder("mkfifo", trial.toString()).start().waitFor() == 0);
      Files.delete(trial);
    } catch (IOException e) {
      assumeTrue(false, "there is no mkfifo here");
    }
  }

  @Test
  void eventsGoOnWhileTheDiskIsSlowAndAreNotToldToBeSaved() throws Exception {
    log.add("a");
    try (RunningPipeline run = start(Duration.ofSeconds(30))) {
      makePipe();
      for (int i = 0; i < 50; i++) {
        log.add("b" + i);
        int expected = 2 + i;
        await(() -> seen.size() == expected, "line " + i + " while a checkpoint waits for the disk");
      }
      assertThat(told).containsOnly("1");
      letGo();
      await(() -> told.contains("51"), "the next checkpoint");
      await(() -> run.state().phase() == RunState.Phase.RUNNING, "the end of the trouble");
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    log.add("c");
    try (RunningPipeline run = start(Duration.ofSeconds(30))) {
      await(() -> seen.contains("c"), "the line after the restart");
      assertThat(seen).hasSize(52).doesNotHaveDuplicates();
      run.close();
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test
  void closingDoesNotWaitLongerForTheDiskThanItWasTold() throws Exception {
    log.add("a");
    RunningPipeline run = start(Duration.ofMillis(200));
    makePipe();
    log.add("b");
    await(() -> seen.contains("b"), "the line while the disk does not answer");
    run.close();
    assertThat(run.state().phase()).isEqualTo(RunState.Phase.STOPPED);
    assertThat(isFree()).isFalse();
    letGo();
    await(this::isFree, "the directory to be let go");
    log.add("c");
    try (RunningPipeline again = start(Duration.ofSeconds(30))) {
      await(() -> seen.contains("c"), "the line after the restart");
      assertThat(new LinkedHashSet<>(seen)).containsExactly("a", "b", "c"); // b twice, unless the last checkpoint was still written
      assertThat(again.ledger().imbalances()).isEmpty();
    }
  }

  private boolean isFree() {
    try {
      CheckpointFile.open("p", dir).close();
      return true;
    } catch (PipelineException e) {
      return false;
    }
  }
}
