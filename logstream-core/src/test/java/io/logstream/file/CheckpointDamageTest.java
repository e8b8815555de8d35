package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.RunState;
import io.logstream.RunningPipeline;
import io.logstream.file.KilledProgram.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A followed log with windows goes on from the checkpoint before, or from nothing, whatever became of the newest. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CheckpointDamageTest {
  private static final List<String> FILES = List.of("checkpoint.tmp", "checkpoint", "checkpoint.previous");

  @TempDir private Path dir;
  private Path log;
  private Path state;
  private final List<String> journal = new ArrayList<>();
  private long damaged;
  private byte[] newest;
  private byte[] previous;
  private List<String> ofThird;
  private List<String> ofSecondAndThird;
  private List<String> ofAll;

  /** Three parts of a log: the first is behind both checkpoints, the second behind the newest, the third behind none. */
  @BeforeEach
  void writeTwoCheckpoints() throws IOException {
    log = dir.resolve("app.log");
    state = dir.resolve("state");
    lines(0, 150);
    List<String> first = run();
    lines(150, 260);
    List<String> second = run();
    newest = Files.readAllBytes(state.resolve("checkpoint"));
    previous = Files.readAllBytes(state.resolve("checkpoint.previous"));
    lines(260, 400);
    ofThird = run();
    ofSecondAndThird = new ArrayList<>(records(second));
    ofSecondAndThird.addAll(records(ofThird));
    ofAll = new ArrayList<>(records(first));
    ofAll.addAll(ofSecondAndThird);
    assertThat(ofThird).filteredOn(line -> line.startsWith("W")).isNotEmpty();
  }

  private void lines(int from, int to) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(String.format(java.util.Locale.ROOT, "%08d line%n", i));
    }
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static List<String> records(List<String> journal) {
    return journal.stream().filter(line -> line.startsWith("L ")).toList();
  }

  /** What the journal of one run says, but for when it was restored and saved. */
  private List<String> run() {
    journal.clear();
    try (InlineRun run = KilledProgram.pipeline(Kind.LINES, FileTail.of(log), journal::add).checkpointIn(state).inline(() -> Instant.EPOCH)) {
      run.work();
      damaged = run.metrics().get("checkpoint.damaged");
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    return journal.stream().filter(line -> !line.startsWith("R ") && !line.startsWith("S ")).toList();
  }

  private List<String> runWith(byte[] temporary, byte[] current, byte[] before) throws IOException {
    byte[][] contents = {temporary, current, before};
    for (int i = 0; i < contents.length; i++) {
      if (contents[i] == null) {
        Files.deleteIfExists(state.resolve(FILES.get(i)));
      } else {
        Files.write(state.resolve(FILES.get(i)), contents[i]);
      }
    }
    return run();
  }

  private void goesOnFromTheOneBefore(byte[] broken) throws IOException {
    assertThat(records(runWith(null, broken, previous))).isEqualTo(ofSecondAndThird);
    assertThat(damaged).isEqualTo(1);
  }

  @Test
  void goesOnFromTheOneBeforeWhereverTheNewestIsCut() throws IOException {
    for (int length = 0; length < newest.length; length += 61) {
      goesOnFromTheOneBefore(Arrays.copyOf(newest, length));
    }
    goesOnFromTheOneBefore(new byte[newest.length]);
    byte[] halfWritten = newest.clone();
    Arrays.fill(halfWritten, newest.length / 2, newest.length, (byte) 0);
    goesOnFromTheOneBefore(halfWritten);
  }

  @Test
  void goesOnFromTheOneBeforeWhicheverBitsAreWrong() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      byte[] flipped = newest.clone();
      for (int bits = 1 + random.nextInt(3); bits > 0; bits--) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (!Arrays.equals(flipped, newest)) {
        goesOnFromTheOneBefore(flipped);
      }
    }
  }

  @Test
  void readsEverythingAgainWhenBothAreDamaged() throws IOException {
    assertThat(records(runWith(new byte[3], new byte[0], Arrays.copyOf(previous, 40)))).isEqualTo(ofAll);
    assertThat(damaged).isEqualTo(2);
    lines(400, 410);
    assertThat(records(run())).hasSize(10);
  }

  @Test
  void doesNotPutADamagedOneInThePlaceOfTheOneBefore() throws IOException {
    goesOnFromTheOneBefore(new byte[10]);
    Files.write(state.resolve("checkpoint"), new byte[10]);
    assertThat(records(run())).isEqualTo(ofSecondAndThird);
  }

  /** A write is: the temporary file, the present one to the one before, the temporary one in its place. */
  @Test
  void goesOnFromTheNewestWholeOneWhereverWritingWasInterrupted() throws IOException {
    assertThat(runWith(newest, previous, null)).as("before anything was moved").isEqualTo(ofThird);
    assertThat(runWith(newest, null, previous)).as("between the moves").isEqualTo(ofThird);
    assertThat(runWith(null, newest, previous)).as("after both").isEqualTo(ofThird);
    assertThat(damaged).isZero();
    for (int length = 0; length < newest.length; length += 50) {
      assertThat(runWith(Arrays.copyOf(newest, length), newest, previous)).as("while the temporary one was written").isEqualTo(ofThird);
      assertThat(damaged).isZero();
    }
  }

  @Test
  void goesOnWithoutOneItCannotWriteAndSaysSo() throws IOException {
    Path obstacle = Files.createDirectory(state.resolve("checkpoint.tmp"));
    Files.writeString(obstacle.resolve("in"), "the way");
    lines(400, 500);
    List<String> came = java.util.Collections.synchronizedList(new ArrayList<>());
    try (RunningPipeline running = KilledProgram.pipeline(Kind.LINES, FileTail.of(log), came::add).checkpointIn(state).checkpointEvery(Duration.ofMillis(10)).start()) {
      await(() -> records(List.copyOf(came)).size() == 100 && running.state().phase() == RunState.Phase.DEGRADED);
      assertThat(running.state().reason()).contains("checkpoint");
      Files.delete(obstacle.resolve("in"));
      Files.delete(obstacle);
      await(() -> running.state().phase() == RunState.Phase.RUNNING);
      assertThat(running.ledger().balances()).isTrue();
    }
    assertThat(records(run())).isEmpty();
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
