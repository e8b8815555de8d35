package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files are written and rotated between any two questions that the follower asks of the file system, also within one scan, before it starts,
 * and while it is stopped; its process dies at any of them, and goes on from the last checkpoint or the one before. What comes between which two
 * is drawn by a seed. All lines come, once, whole, in order.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BetweenCallsTest {
  /** What is done between bursts of lines. */
  enum Way {
    RENAME(LogWriter::rename),
    RENAME_LATE(LogWriter::renameLate),
    MIDLINE(LogWriter::midline),
    BURST(w -> {
      w.rename();
      w.lines(1);
      w.rename();
      w.rename();
    }),
    COPYTRUNCATE(w -> w.copyTruncate(0)),
    COPYTRUNCATE_HOT(w -> w.copyTruncate(6)),
    TWO_COPIES(w -> {
      w.copyTruncate(0);
      w.lines(2);
      w.copyTruncate(2);
    }),
    COMPRESS(w -> w.compress(() -> w.lines(2))),
    COMPRESS_AT_ONCE(w -> w.compressAtOnce(0)),
    COMPRESS_WHILE_WRITTEN(w -> {
      w.lines(12); // a generation of a few bytes is known by too little
      w.compressAtOnce(6);
    }),
    COPYTRUNCATE_COMPRESS(w -> w.copyTruncateAndCompress(0)),
    COPYTRUNCATE_HOT_COMPRESS(w -> w.copyTruncateAndCompress(6)),
    /** Copied and truncated under a writer that goes on where it was, behind a hole. */
    HOLES(w -> w.copyTruncate(0));

    final Consumer<LogWriter> rotation;

    Way(Consumer<LogWriter> rotation) {
      this.rotation = rotation;
    }
  }

  /** A writer on a thread of its own that does one step when it is its turn, and the file system that gives it turns. */
  private static final class Turns extends AskedDisk implements AutoCloseable {
    private final Random random;
    private final int oneIn;
    private final Semaphore writers = new Semaphore(0);
    private final Semaphore followers = new Semaphore(0);
    private final Thread thread;
    private volatile boolean ended;
    private volatile Throwable failed;
    private LogWriter writer;
    /** What is killed while it asks; null for what is not. */
    private Follower dies;
    private final int checkpointOneIn;
    private volatile Predicate<String> hasCome = line -> false;

    Turns(Path live, long seed, Way way, int rotations) {
      this.random = new Random(seed);
      this.oneIn = 1 + random.nextInt(random.nextBoolean() ? 6 : 60);
      this.checkpointOneIn = 1 + random.nextInt(100);
      Random lines = new Random(seed + 1);
      thread = new Thread(() -> {
        writers.acquireUninterruptibly();
        try (LogWriter opened = new LogWriter(live, lines, way != Way.HOLES, "\n", "", this::step)) {
          writer = opened;
          opened.hasCome = line -> hasCome.test(line);
          for (int i = 0; i < rotations; i++) {
            opened.lines(lines.nextInt(lines.nextBoolean() ? 6 : 40));
            way.rotation.accept(opened);
          }
          opened.lines(3);
        } catch (Throwable t) {
          failed = t;
        }
        ended = true;
        followers.release();
      }, "writer");
      thread.setDaemon(true);
      thread.start();
    }

    /** On the writer's thread, behind each thing that it has done. */
    private void step() {
      followers.release();
      writers.acquireUninterruptibly();
    }

    /** Lets the writer do the next thing. */
    void go() {
      if (!ended) {
        writers.release();
        followers.acquireUninterruptibly();
      }
    }

    @Override
    void asked() {
      if (dies != null && dies.runs()) {
        if (random.nextInt(checkpointOneIn) == 0) {
          dies.checkpoint();
        }
        if (random.nextInt(40 * oneIn) == 0) {
          throw new Follower.Killed();
        }
      }
      while (!ended && random.nextInt(oneIn) == 0) {
        go();
        if (random.nextInt(3) > 0) {
          break;
        }
      }
    }

    @Override
    public void close() {
      while (!ended) {
        go();
      }
    }
  }

  /** Ends of the follower between two bursts of work. */
  private enum Stops { NEVER, IN_ORDER, KILLED }

  private static void explore(Path dir, Way way, Stops stops, long seed) throws IOException {
    Path live = Files.createDirectories(dir.resolve(way + "-" + stops + "-" + seed)).resolve("app.log");
    try (Turns turns = new Turns(live, seed, way, 5); Follower follower = new Follower(FileTail.of(live).on(turns))) {
      turns.hasCome = stops == Stops.NEVER ? follower.lines::contains : line -> false;
      Random random = new Random(seed + 2);
      boolean restarts = stops != Stops.NEVER;
      turns.dies = stops == Stops.KILLED ? follower : null;
      for (int i = restarts ? random.nextInt(150) : 0; i > 0; i--) {
        turns.go();
      }
      while (!turns.ended) {
        boolean ends = false;
        try {
          follower.advance(Duration.ofMillis(random.nextInt(40))).work();
        } catch (Follower.Killed e) {
          follower.die(random.nextInt(4) == 0);
          ends = true;
        }
        turns.go();
        if (stops == Stops.IN_ORDER && random.nextInt(10) == 0) {
          follower.stop();
          ends = true;
        }
        for (int i = ends ? random.nextInt(40) : 0; i > 0; i--) {
          turns.go();
        }
      }
      turns.dies = null;
      for (int i = 0; i < 20; i++) {
        follower.advance(Duration.ofMillis(300)).work();
      }
      assertThat(turns.failed).isNull();
      assertThat(turns.writer.differences(follower.lines, follower.positions)).isEmpty();
      assertThat(new HashSet<>(follower.positions)).hasSameSizeAs(follower.positions);
      assertThat(follower.ledger().imbalances()).isEmpty();
    } catch (AssertionError e) {
      throw new AssertionError(way + ", " + stops + ", seed " + seed + ": " + e.getMessage(), e);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void losesAndRepeatsNothing(Way way, @TempDir Path dir) throws IOException {
    for (long seed = 1; seed <= 20; seed++) {
      for (Stops stops : Stops.values()) {
        explore(dir, way, stops, seed);
      }
    }
  }

  /** The live file is all hole when it is met, and truncated again while its copies are looked at: that all begin with a hole makes none a copy of another. */
  @Test
  void losesNothingOfGenerationsThatBeginWithAHole(@TempDir Path dir) throws IOException {
    explore(dir, Way.HOLES, Stops.NEVER, 688_954);
    explore(dir, Way.HOLES, Stops.IN_ORDER, 7_920);
    explore(dir, Way.HOLES, Stops.IN_ORDER, 277_166);
  }

  @Test
  void losesAndRepeatsNothingWithSeedsNeverTried(@TempDir Path dir) throws Exception {
    Seed.random(random -> {
      for (int i = 0; i < 40; i++) {
        explore(dir, Way.values()[i % Way.values().length], Stops.values()[random.nextInt(3)], random.nextInt(1_000_000));
      }
    });
  }

  @Tag("stress")
  @Timeout(800)
  @ParameterizedTest
  @EnumSource(Way.class)
  void losesAndRepeatsNothingForLong(Way way, @TempDir Path dir) throws IOException {
    for (int i = 0; i < 1000; i++) {
      long seed = 1000 + i * 7919L; // those that are near each other begin alike
      for (Stops stops : Stops.values()) {
        explore(dir, way, stops, seed);
      }
    }
  }
}
