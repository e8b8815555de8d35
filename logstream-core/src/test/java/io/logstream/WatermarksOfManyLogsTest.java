package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever many logs bring, and in whatever order: the watermark is the one that is had by going through all of them every time. */
class WatermarksOfManyLogsTest {
  private static final Timed[] GIVERS = {Timed.outOfOrder(3), Timed.outOfOrder(0), null};

  /** One log, beside what is known of it by going through all. */
  private static final class Both {
    final int source;
    final String key;
    Log log;
    boolean known;
    boolean found;
    boolean idle;
    boolean finished;
    long greatest = Long.MIN_VALUE;
    long arrivedAt;
    long watermark = Long.MIN_VALUE;
    long lastReadAt;
    long restoredAt;
    long quietAt = Long.MIN_VALUE;

    Both(int source, String key) {
      this.source = source;
      this.key = key;
    }

    long outOfOrder() {
      return GIVERS[source] == null ? 0 : GIVERS[source].outOfOrder().toMillis();
    }

    long idleAfter() {
      return GIVERS[source] == null ? 0 : GIVERS[source].idleAfter().toMillis();
    }

    boolean counts() {
      return known && !idle && !finished;
    }
  }

  /** The watermarks, and what they must be. */
  private static final class Scene {
    final Random random;
    long now = 1_000_000;
    Watermarks watermarks = new Watermarks();
    List<SourceRun> sources = sources();
    final List<Both> logs = new ArrayList<>();
    long[] sourceQuietAt = {Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE};
    long expected = Long.MIN_VALUE;
    StageContext.Progress progress = StageContext.Progress.EVENTS;
    boolean anyGone;
    /** The greatest time of any log, the first to have had it. */
    long greatest = Long.MIN_VALUE;
    long greatestAt;
    long greatestDisorder;
    int made;

    Scene(Random random) {
      this.random = random;
    }

    private List<SourceRun> sources() {
      Engine engine = new Engine("p", new RunClock(() -> Instant.ofEpochMilli(now)), OptionalLong.empty());
      List<SourceRun> all = new ArrayList<>();
      for (int i = 0; i < GIVERS.length; i++) {
        all.add(new SourceRun(engine, i, "s" + i, DressedSource.of(GrowingLog.of()), null, GIVERS[i]));
      }
      return all;
    }

    Both any() {
      return logs.get(random.nextInt(logs.size()));
    }

    void newLog() {
      Both one = new Both(random.nextInt(GIVERS.length), "log" + made++);
      one.log = sources.get(one.source).log(one.key, java.util.Map.of());
      one.found = true;
      logs.add(one);
      read(one, random.nextInt(3));
    }

    void read(Both one, int lines) {
      if (!one.found) {
        sources.get(one.source).log(one.key, java.util.Map.of());
        one.found = true;
      }
      Batch batch = new Batch();
      batch.reset(now);
      batch.begin(one.log, "");
      batch.linesRead = lines;
      if (lines > 0) {
        one.log.lastReadAt = now;
      }
      if (!one.known) {
        one.known = true;
        one.watermark = expected == Long.MIN_VALUE ? Long.MIN_VALUE : expected - one.outOfOrder();
      }
      if (lines > 0 || one.lastReadAt == 0) {
        one.lastReadAt = now;
        one.idle = false;
      }
      watermarks.read(batch);
      for (int i = 0; i < lines; i++) {
        observe(one, now - 5_000 + random.nextInt(8_000));
      }
    }

    void observe(Both one, long time) {
      if (time > one.greatest) {
        one.greatest = time;
        one.arrivedAt = one.lastReadAt;
        one.watermark = Math.max(one.watermark, time - one.outOfOrder());
        if (time > greatest) {
          greatest = time;
          greatestAt = one.arrivedAt;
          greatestDisorder = one.outOfOrder();
        }
        least(StageContext.Progress.EVENTS);
      }
      watermarks.observe(one.log, time);
    }

    void least(StageContext.Progress how) {
      logs.stream().filter(Both::counts).mapToLong(one -> one.watermark).min().ifPresent(least -> raise(least, how));
    }

    void raise(long to, StageContext.Progress how) {
      if (to > expected) {
        expected = to;
        progress = how;
      }
    }

    void finish(Both one) {
      one.finished = true;
      watermarks.finished(one.log);
      least(StageContext.Progress.EVENTS);
    }

    void go(Both one) {
      logs.remove(one);
      anyGone |= one.greatest != Long.MIN_VALUE;
      sources.get(one.source).forget(one.log);
      watermarks.gone(one.log);
      least(StageContext.Progress.EVENTS);
    }

    void quiet() {
      if (random.nextBoolean()) {
        int source = random.nextInt(GIVERS.length);
        sources.get(source).quietAt(now);
        sourceQuietAt[source] = now;
      } else {
        Both one = any();
        if (one.found) {
          one.log.quiet();
          one.quietAt = now;
        }
      }
      tick();
    }

    void tick() {
      long waited = random.nextBoolean() ? Timers.NEVER : now - 20_000 + random.nextInt(40_000);
      for (long due = watermarks.nextSilence(now, waited), last = Long.MIN_VALUE; due <= now; due = watermarks.nextSilence(now, waited)) {
        assertThat(due).as("a look that changes nothing is not repeated").isGreaterThan(last);
        last = due;
        watermarks.silence(due);
        if (watermarks.watermark() >= waited) {
          waited = Timers.NEVER;
        }
      }
      watermarks.silence(now);
      silence();
    }

    void silence() {
      for (Both one : logs) {
        long idleAt = (one.found ? one.lastReadAt : one.restoredAt) + one.idleAfter();
        if (one.counts() && idleAt <= now && (!one.found || Math.max(one.quietAt, sourceQuietAt[one.source]) >= idleAt)) {
          one.idle = true;
        }
      }
      least(StageContext.Progress.IDLE);
      boolean allIdle = logs.stream().noneMatch(Both::counts) && (anyGone || logs.stream().anyMatch(one -> one.idle));
      if (allIdle && greatest != Long.MIN_VALUE) {
        long quiet = logs.stream().filter(one -> !one.finished && logs.stream().anyMatch(other -> other.source == one.source && other.found))
            .mapToLong(one -> sourceQuietAt[one.source]).min().orElse(Long.MAX_VALUE);
        raise(greatest + Math.max(0, Math.min(now, quiet) - greatestAt) - greatestDisorder, StageContext.Progress.IDLE);
      }
    }

    /** The process ends and is started again. Some logs are not found any more. */
    void restart() {
      Watermarks before = watermarks;
      watermarks = new Watermarks();
      watermarks.restore(before.watermark());
      sources = sources();
      sourceQuietAt = new long[] {Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE};
      anyGone = false;
      greatest = Long.MIN_VALUE;
      progress = StageContext.Progress.EVENTS;
      for (Both one : logs) {
        boolean idle = before.isIdle(one.log);
        assertThat(idle).isEqualTo(one.idle || one.finished);
        LogProgress was = one.log.progress;
        one.log = sources.get(one.source).known(one.key);
        LogProgress p = one.log.progress;
        p.greatest = was.greatest;
        p.watermark = was.watermark;
        p.arrivedAt = was.arrivedAt;
        p.lastReadAt = was.lastReadAt;
        p.idle = idle;
        one.idle = idle;
        one.finished = false;
        one.restoredAt = now;
        one.quietAt = Long.MIN_VALUE;
        one.found = random.nextInt(3) > 0;
        if (one.found) {
          sources.get(one.source).log(one.key, java.util.Map.of());
        }
        if (one.greatest > greatest || one.greatest == greatest && one.arrivedAt < greatestAt) {
          greatest = one.greatest;
          greatestAt = one.arrivedAt;
          greatestDisorder = one.outOfOrder();
        }
        watermarks.restored(one.log, now);
      }
    }

    void step() {
      now += random.nextInt(10) == 0 ? random.nextInt(15_000) : random.nextInt(300);
      int what = random.nextInt(200);
      if (logs.size() < 3 || what < 8) {
        newLog();
      } else if (what < 120) {
        Both one = any();
        read(one, one.found ? random.nextInt(4) : 1);
      } else if (what < 160) {
        quiet();
      } else if (what < 194) {
        tick();
      } else if (what < 196) {
        finish(any());
      } else if (what < 199) {
        go(any());
      } else {
        restart();
      }
    }
  }

  @Test
  void isTheOneThatGoingThroughAllOfThemGives() throws Exception {
    Seed.random(random -> {
      for (int scene = 0; scene < 40; scene++) {
        Scene one = new Scene(random);
        for (int i = 0; i < 3_000; i++) {
          one.step();
          assertThat(one.watermarks.watermark()).as("scene %d, step %d", scene, i).isEqualTo(one.expected);
          assertThat(one.watermarks.progress()).as("scene %d, step %d", scene, i).isEqualTo(one.progress);
          assertThat(one.watermarks.greatest()).isEqualTo(one.greatest);
        }
      }
    });
  }
}
