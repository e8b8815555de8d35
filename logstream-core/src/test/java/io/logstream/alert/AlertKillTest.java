package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.testing.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is killed at random moments, and goes on from its checkpoint: every alert is told at least once, with the same id. */
class AlertKillTest {
  private static final List<String> LINES = List.of(
      "alert level: any where q > 3 by k for 4s after 3s no data alert after 9s",
      "alert frequency: count(q > 2) by k over 10s >= 4 limit 3 per 20s",
      "alert silent: no events where q > 4 by k over 5s expect (\"9\")",
      "alert new: new q by k learning 5s",
      "alert then: any where q == 1 by k then q == 2 within 4s",
      "alert top: max(q) by k over 7s > 7 clear < 4");

  @TempDir Path dir;

  private static MadeRows input() {
    Random random = new Random(77);
    MadeRows rows = MadeRows.records();
    long millis = 0;
    for (int i = 0; i < 3_000; i++) {
      millis += random.nextInt(800) + (random.nextInt(25) == 0 ? 8_000 : 0);
      rows.atMillis(millis, "k", random.nextInt(3), "q", random.nextInt(10));
    }
    return rows.ends();
  }

  private static Pipeline pipeline(Source source, AlertNotifier notifier, AlertJournal journal) {
    AlertRules rules = AlertRules.of(LINES.stream().map(Alert::parse).toList()).notifier("file", notifier);
    return LogStream.named("killed").from(source).then(new GivenTime(Duration.ZERO)).to(journal == null ? rules : rules.journal(journal)).build();
  }

  private static String line(FiredAlert alert) {
    return alert.name() + " " + alert.state() + " " + alert.key() + " " + alert.at() + " " + alert.id() + "/" + alert.number() + " " + alert.reason();
  }

  /** Tells a file. */
  private record ToFile(Path file) implements AlertNotifier {
    @Override
    public void fired(FiredAlert alert) throws IOException {
      Files.writeString(file, line(alert) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void resolved(FiredAlert alert) throws IOException {
      fired(alert);
    }
  }

  /** The process, with batches of a size and some lanes: goes on where the last one was, and ends with 0 when all is read. */
  static final class Killed {
    private Killed() {}

    public static void main(String[] args) throws Exception {
      Path dir = Path.of(args[0]);
      try (AlertJournal journal = AlertJournal.in(dir.resolve("journal"));
          RunningPipeline run = pipeline(input().perBatch(Integer.parseInt(args[1])).pausing(), new ToFile(dir.resolve("told")), journal).lanes(Integer.parseInt(args[2]))
              .checkpointIn(dir.resolve("state")).checkpointEvery(Duration.ofMillis(20)).start()) {
        Files.writeString(dir.resolve("runs"), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        run.await();
      }
    }
  }

  @Test void tellsEverythingAtLeastOnceThoughItIsKilledThreeTimes() throws Exception {
    killed(3, 5);
  }

  @ParameterizedTest @ValueSource(longs = {6, 7, 8}) @Tag("stress") void tellsEverythingAtLeastOnceThoughItIsKilledTwentyTimes(long seed) throws Exception {
    killed(20, seed);
  }

  private void killed(int kills, long seed) throws Exception {
    Told told = new Told();
    try (InlineRun run = pipeline(input(), told, null).inline(TestClock.at(MadeRows.START))) {
      run.work();
    }
    Set<String> expected = new LinkedHashSet<>(told.all.stream().map(AlertKillTest::line).toList());
    assertThat(expected).hasSizeGreaterThan(300);
    Random random = new Random(seed);
    int killed = 0;
    for (boolean ended = false; !ended; ) {
      Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
          System.getProperty("java.class.path"), Killed.class.getName(), dir.toString(), Integer.toString(1 + random.nextInt(2)), Integer.toString(random.nextInt(5))).redirectErrorStream(true).redirectOutput(dir.resolve("out").toFile()).start();
      if (killed < kills) {
        long before = runs();
        while (runs() == before && process.isAlive()) {
          process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        process.waitFor(10 + random.nextInt(2_400 / kills), TimeUnit.MILLISECONDS);
        killed += process.isAlive() ? 1 : 0;
        process.destroyForcibly();
      } else {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      }
      int exit = process.waitFor();
      assertThat(exit == 0 || killed > 0 && exit != 1).as("exit %d: %s", exit, Files.readString(dir.resolve("out"))).isTrue();
      ended = exit == 0;
    }
    assertThat(killed).isEqualTo(kills);
    List<String> seen = Files.readAllLines(dir.resolve("told"), StandardCharsets.UTF_8);
    assertThat(new LinkedHashSet<>(seen)).as("after %d kills", killed).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(AlertJournal.read(dir.resolve("journal"))).hasSize(expected.size()).extracting(e -> e.id() + "/" + e.number()).doesNotHaveDuplicates();
  }

  private long runs() throws IOException {
    return Files.exists(dir.resolve("runs")) ? Files.size(dir.resolve("runs")) : 0;
  }

  /** So that a kill finds it at work. */
  static void pause() {
    LockSupport.parkNanos(2_000_000);
  }
}
