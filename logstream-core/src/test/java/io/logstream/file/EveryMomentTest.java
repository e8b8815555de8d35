package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A file is rotated between two questions that the follower asks of the file system, and the process dies at a later one, for every such pair.
 * It goes on from its last checkpoint: all lines come, once, whole, in order.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EveryMomentTest {
  private static final int NEVER = Integer.MAX_VALUE;

  private static final class Moments extends AskedDisk {
    private final int rotatesAt;
    private final int diesAt;
    private final int checkpointEvery;
    private final Runnable rotation;
    private Follower follower;
    private int questions = -1;

    Moments(int rotatesAt, int diesAt, int checkpointEvery, Runnable rotation) {
      this.rotatesAt = rotatesAt;
      this.diesAt = diesAt;
      this.checkpointEvery = checkpointEvery;
      this.rotation = rotation;
    }

    @Override
    void asked() {
      if (questions < 0) {
        return;
      }
      int question = questions++;
      if (question == rotatesAt) {
        rotation.run();
      }
      if (question % checkpointEvery == 0) {
        follower.checkpoint();
      }
      if (question == diesAt) {
        throw new Follower.Killed();
      }
    }
  }

  /** Whether both moments came. */
  private static boolean follow(Path dir, BetweenCallsTest.Way way, int rotatesAt, int diesAt) throws IOException {
    Path live = Files.createDirectory(dir.resolve(way + "-" + rotatesAt + "-" + diesAt)).resolve("app.log");
    try (LogWriter writer = new LogWriter(live, new Random(rotatesAt + 1), way != BetweenCallsTest.Way.HOLES, "\n", "", () -> { })) {
      Moments moments = new Moments(rotatesAt, diesAt, 1 + (rotatesAt + diesAt % 1000) % 9, () -> {
        way.rotation.accept(writer);
        writer.lines(3);
      });
      try (Follower follower = new Follower(FileTail.of(live).on(moments))) {
        moments.follower = follower;
        writer.lines(5);
        follower.work();
        writer.lines(3);
        moments.questions = 0;
        for (int i = 0; i < 4; i++) {
          try {
            follower.advance(Duration.ofMillis(300)).work();
          } catch (Follower.Killed e) {
            follower.die(false);
          }
        }
        boolean came = moments.questions > rotatesAt && (diesAt == NEVER || moments.questions > diesAt);
        moments.questions = -1;
        for (int i = 0; came && i < 12; i++) {
          follower.advance(Duration.ofMillis(400)).work();
        }
        if (came) {
          assertThat(writer.differences(follower.lines, follower.positions)).as("%s, rotated at question %s, dead at %s", way, rotatesAt, diesAt).isEmpty();
          assertThat(follower.ledger().imbalances()).isEmpty();
        }
        return came;
      }
    }
  }

  private static void explore(Path dir, BetweenCallsTest.Way way, int step) throws IOException {
    for (int rotatesAt = 0; follow(dir, way, rotatesAt, NEVER); rotatesAt++) {
      int diesAt = rotatesAt + rotatesAt % step;
      while (follow(dir, way, rotatesAt, diesAt)) {
        diesAt += step;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BetweenCallsTest.Way.class)
  void losesAndRepeatsNothing(BetweenCallsTest.Way way, @TempDir Path dir) throws IOException {
    explore(dir, way, 13);
  }

  @Tag("stress")
  @Timeout(1200)
  @ParameterizedTest
  @EnumSource(BetweenCallsTest.Way.class)
  void losesAndRepeatsNothingAtAnyMoment(BetweenCallsTest.Way way, @TempDir Path dir) throws IOException {
    explore(dir, way, 1);
  }
}
