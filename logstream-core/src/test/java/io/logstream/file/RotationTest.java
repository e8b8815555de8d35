package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every way to rotate a file, step by step, with the follower looking after some of the steps only. All lines must come, once, whole, in order.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RotationTest {
  private static final int SEEDS = 4;

  /** A way to rotate, between bursts of lines. */
  enum Way {
    PLAIN(t -> { }),
    RENAME(t -> t.writer.rename()),
    RENAME_DATE(t -> t.writer.renameDate()),
    RENAME_LATE(t -> t.writer.renameLate()),
    MIDLINE(t -> t.writer.midline()),
    BURST(t -> {
      for (int i = 0; i < 3; i++) {
        t.writer.rename();
        t.writer.lines(t.random.nextInt(3));
      }
    }),
    BURST_UNSEEN(t -> t.unseen(() -> {
      for (int i = 0; i < 3; i++) {
        t.writer.rename();
        t.writer.lines(t.random.nextInt(30));
      }
    })),
    DELETE(t -> {
      t.follower.work();
      t.writer.delete();
    }),
    COPYTRUNCATE(t -> {
      t.follower.work();
      t.writer.copyTruncate(0);
    }),
    COPYTRUNCATE_UNREAD(t -> t.writer.copyTruncate(0)),
    COPYTRUNCATE_HOT(t -> t.writer.copyTruncate(20)),
    COPYTRUNCATE_UNSEEN(t -> t.unseen(() -> t.writer.copyTruncate(3))),
    TRUNC_GROW(t -> {
      t.follower.work();
      t.writer.truncateAndGrow(true);
    }),
    TRUNC_GROW_UNREAD(t -> t.writer.truncateAndGrow(true)),
    TRUNC_GROW_WITHOUT_COPY(t -> {
      t.follower.work();
      t.writer.truncateAndGrow(false);
    }),
    MIXED(t -> {
      Way[] ways = {RENAME, RENAME_LATE, MIDLINE, BURST, DELETE, COPYTRUNCATE, COPYTRUNCATE_UNREAD, COPYTRUNCATE_HOT, TRUNC_GROW_UNREAD, BURST_UNSEEN};
      ways[t.random.nextInt(ways.length)].rotation.accept(t);
    });

    final Consumer<Torture> rotation;

    Way(Consumer<Torture> rotation) {
      this.rotation = rotation;
    }
  }

  /** A writer and a follower, one step each at a time. */
  static final class Torture implements AutoCloseable {
    final Random random;
    final Follower follower;
    final LogWriter writer;
    private final Path dir;
    private final boolean restarts;
    private boolean looks = true;
    boolean kills;
    private int savedAt;
    private int deadFor;
    /** A file with nothing but the header cannot be told from a copy of it. */
    private final int leastLines;

    Torture(Path dir, long seed, boolean append, String end, String header, boolean restarts, Consumer<Torture> before) {
      this.dir = dir;
      this.random = new Random(seed);
      this.restarts = restarts;
      this.leastLines = header.isEmpty() ? 0 : 2;
      this.follower = new Follower(FileTail.of(dir.resolve("app.log")));
      this.writer = new LogWriter(dir.resolve("app.log"), random, append, end, header, this::step);
      before.accept(this);
    }

    private void step() {
      if (!looks) {
        return;
      }
      if (kills && deadFor > 0) {
        deadFor--;
        return;
      }
      int chance = random.nextInt(100);
      if (kills && chance >= 96) {
        dies();
      } else if (kills && chance >= 86 && follower.runs()) {
        follower.save();
        savedAt = follower.lines.size();
      } else if (chance < 40) {
        follower.advance(Duration.ofMillis(random.nextInt(40))).work();
      } else if (chance < 42) {
        follower.advance(Duration.ofMillis(random.nextInt(500))).work();
      } else if (restarts && chance < 46) {
        follower.stop();
      }
    }

    private void dies() {
      follower.kill();
      follower.lines.subList(savedAt, follower.lines.size()).clear();
      follower.positions.subList(savedAt, follower.positions.size()).clear();
      deadFor = random.nextInt(random.nextBoolean() ? 60 : 6);
    }

    void unseen(Runnable steps) {
      looks = false;
      steps.run();
      looks = true;
    }

    void run(Way way, int rotations) {
      follower.work();
      for (int i = 0; i < rotations; i++) {
        writer.lines(random.nextInt(60) + leastLines);
        way.rotation.accept(this);
      }
      writer.lines(20);
      settle();
    }

    void settle() {
      for (int i = 0; i < 30; i++) {
        follower.work().advance(Duration.ofMillis(300));
      }
      follower.work();
    }

    void isExact() {
      assertThat(writer.differences(follower.lines, follower.positions)).isEmpty();
      assertThat(new HashSet<>(follower.positions)).hasSameSizeAs(follower.positions);
      assertThat(follower.ledger().imbalances()).isEmpty();
      assertThat(deletedHandles()).isEmpty();
    }

    private List<String> deletedHandles() {
      List<String> deleted = new ArrayList<>();
      Path handles = Path.of("/proc/self/fd");
      if (Files.isDirectory(handles)) {
        try (Stream<Path> all = Files.list(handles)) {
          all.forEach(handle -> {
            try {
              String target = Files.readSymbolicLink(handle).toString();
              if (target.startsWith(dir.toString()) && target.endsWith("(deleted)")) {
                deleted.add(target);
              }
            } catch (IOException e) {
              // closed meanwhile
            }
          });
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
      return deleted;
    }

    @Override
    public void close() {
      follower.close();
      writer.close();
    }
  }

  private static void torture(Path root, Way way, int seeds, int rotations, boolean append, String end, String header, boolean restarts) throws IOException {
    for (long seed = 1; seed <= seeds; seed++) {
      Path dir = Files.createDirectories(root.resolve(way + "-" + seed));
      try (Torture torture = new Torture(dir, seed, append, end, header, restarts, t -> { })) {
        torture.run(way, rotations);
        torture.isExact();
      } catch (AssertionError e) {
        throw new AssertionError(way + ", seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void losesAndRepeatsNothing(Way way, @TempDir Path dir) throws IOException {
    torture(dir, way, SEEDS, 12, true, "\n", "", false);
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"RENAME", "COPYTRUNCATE", "MIXED"})
  void givesLinesWithoutTheCarriageReturn(Way way, @TempDir Path dir) throws IOException {
    torture(dir, way, 3, 8, true, "\r\n", "", false);
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"RENAME", "RENAME_DATE", "BURST", "BURST_UNSEEN", "DELETE", "COPYTRUNCATE_UNREAD", "TRUNC_GROW", "TRUNC_GROW_UNREAD", "MIXED"})
  void tellsFilesWithTheSameHeaderApart(Way way, @TempDir Path dir) throws IOException {
    List<String> header = List.of("h".repeat(299));
    for (long seed = 1; seed <= SEEDS; seed++) {
      Path own = Files.createDirectories(dir.resolve(way + "-" + seed));
      try (Torture torture = new Torture(own, seed, true, "\n", header.get(0), false, t -> { })) {
        torture.run(way, 10);
        torture.isExact();
      } catch (AssertionError e) {
        throw new AssertionError(way + ", seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"COPYTRUNCATE", "COPYTRUNCATE_UNREAD"})
  void skipsTheHoleThatATruncationLeaves(Way way, @TempDir Path dir) throws IOException {
    torture(dir, way, SEEDS, 8, false, "\n", "", false);
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"PLAIN", "RENAME", "RENAME_DATE", "RENAME_LATE", "MIDLINE", "BURST", "BURST_UNSEEN", "COPYTRUNCATE_UNREAD", "TRUNC_GROW_UNREAD"})
  void goesOnWhereItStopped(Way way, @TempDir Path dir) throws IOException {
    torture(dir, way, SEEDS, 12, true, "\n", "", true);
  }

  @Tag("stress")
  @Timeout(900)
  @ParameterizedTest
  @EnumSource(Way.class)
  void losesAndRepeatsNothingForLong(Way way, @TempDir Path dir) throws IOException {
    torture(dir, way, 200, 25, true, "\n", "", false);
    if (way != Way.DELETE && way != Way.MIXED && way != Way.TRUNC_GROW_WITHOUT_COPY) {
      torture(Files.createDirectories(dir.resolve("restarts")), way, 200, 25, true, "\n", "", true);
    }
  }

  @Test
  void readsWhatWasRotatedBeforeTheFirstStart(@TempDir Path dir) throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Path own = Files.createDirectories(dir.resolve("" + seed));
      try (Torture torture = new Torture(own, seed, true, "\n", "", false, t -> t.unseen(() -> {
        for (int i = 0; i < 12; i++) {
          t.writer.lines(10);
          t.writer.rename();
        }
      }))) {
        torture.run(Way.RENAME, 5);
        torture.isExact();
      }
    }
  }

  @Test
  void repeatsWithTheSamePositionsWhatCameAfterTheLastCheckpoint(@TempDir Path dir) throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Path own = Files.createDirectories(dir.resolve("" + seed));
      try (Torture torture = new Torture(own, seed, true, "\n", "", false, t -> { })) {
        torture.writer.lines(50);
        torture.follower.work();
        for (int i = 0; i < 10; i++) {
          torture.follower.save();
          torture.writer.lines(torture.random.nextInt(40));
          Way[] ways = {Way.RENAME, Way.RENAME_LATE, Way.BURST_UNSEEN, Way.MIDLINE};
          ways[torture.random.nextInt(ways.length)].rotation.accept(torture);
          torture.writer.lines(torture.random.nextInt(40));
          torture.follower.work().kill();
          torture.follower.work();
        }
        torture.settle();
        assertThat(new ArrayList<>(new java.util.LinkedHashSet<>(torture.follower.lines))).containsExactlyElementsOf(torture.writer.written);
        assertThat(new HashSet<>(torture.follower.positions)).hasSameSizeAs(torture.writer.written);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"RENAME", "RENAME_LATE", "MIDLINE", "BURST", "COPYTRUNCATE_UNREAD", "COPYTRUNCATE_HOT", "COPYTRUNCATE_UNSEEN"})
  void goesOnFromTheLastSavingWhereverItIsKilled(Way way, @TempDir Path dir) throws IOException {
    killed(dir, way, SEEDS, 10);
  }

  @Tag("stress")
  @Timeout(900)
  @ParameterizedTest
  @EnumSource(value = Way.class, names = {"RENAME", "RENAME_LATE", "MIDLINE", "BURST", "COPYTRUNCATE_UNREAD", "COPYTRUNCATE_HOT", "COPYTRUNCATE_UNSEEN"})
  void goesOnFromTheLastSavingWhereverItIsKilledManyTimes(Way way, @TempDir Path dir) throws IOException {
    killed(dir, way, 200, 20);
  }

  /** Killed after any step, dead for any number of them, and begun again from what was saved after another step. */
  private static void killed(Path root, Way way, int seeds, int rotations) throws IOException {
    for (long seed = 1; seed <= seeds; seed++) {
      Path dir = Files.createDirectories(root.resolve(way + "-" + seed));
      try (Torture torture = new Torture(dir, seed, true, "\n", "", false, t -> { })) {
        torture.kills = true;
        torture.run(way, rotations);
        assertThat(torture.writer.differences(torture.follower.lines, torture.follower.positions)).isEmpty();
        assertThat(torture.follower.ledger().imbalances()).isEmpty();
      } catch (AssertionError e) {
        throw new AssertionError(way + ", seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  @Test
  void keepsTheOrderOfWhatWasCopiedAndTruncatedWhileItWasDead(@TempDir Path dir) throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Path own = Files.createDirectories(dir.resolve("" + seed));
      try (Torture torture = new Torture(own, seed, true, "\n", "", false, t -> { })) {
        for (int i = 0; i < 8; i++) {
          torture.writer.lines(torture.random.nextInt(40));
          torture.follower.work().save();
          int saved = torture.follower.lines.size();
          torture.writer.lines(torture.random.nextInt(40));
          if (torture.random.nextBoolean()) {
            torture.writer.copyTruncate(0);
            torture.writer.lines(torture.random.nextInt(40));
          }
          torture.follower.work().kill();
          torture.follower.lines.subList(saved, torture.follower.lines.size()).clear();
          torture.unseen(() -> {
            for (int n = torture.random.nextInt(4); n > 0; n--) {
              torture.writer.copyTruncate(0);
              torture.writer.lines(torture.random.nextInt(20));
            }
          });
        }
        torture.settle();
        assertThat(torture.follower.lines).as("seed %s", seed).isEqualTo(torture.writer.written);
      }
    }
  }
}
