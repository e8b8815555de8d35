package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Batch;
import io.logstream.FieldUse;
import io.logstream.LogStream;
import io.logstream.Reader;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found of files of which the file system tells nothing, as on a network mount, and what that asks. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SweepTest {
  private static final int FILES = 100;
  private static final Duration RESCAN = Duration.ofMillis(250);
  private static final Duration ROUND = Duration.ofSeconds(5);

  @TempDir Path dir;
  private volatile int looks;
  private volatile int listings;

  /** Counts what is asked, and does not tell by the directory's time that a name has come or gone. */
  private final Disk counted = new Disk() {
    @Override
    public FileTime modified(Path directory) {
      return FileTime.from(Instant.EPOCH);
    }

    @Override
    public DirectoryStream<Path> names(Path directory) throws IOException {
      listings++;
      return Disk.super.names(directory);
    }

    @Override
    public BasicFileAttributes look(Path file) throws IOException {
      looks++;
      return Disk.super.look(file);
    }
  };

  /** Waits once, as a live run does between polls, so that nothing more is asked than the time is for; news are never listened to. */
  private record Waiting(FileTail tail) implements Source {
    @Override
    public FieldUse fieldUse() {
      return tail.fieldUse();
    }

    @Override
    public Reader open(SourceContext context) {
      Reader reader = tail.open(context);
      return new Reader() {
        private boolean waited;

        @Override
        public Found poll(Batch batch) throws IOException {
          Found found = reader.poll(batch);
          if (found == Found.NOTHING && !waited) {
            waited = true;
            reader.await(1);
          }
          return found;
        }

        @Override
        public void close() throws IOException {
          reader.close();
        }
      };
    }
  }

  @BeforeEach
  void writeFiles() throws IOException {
    for (int i = 0; i < FILES; i++) {
      Files.createFile(dir.resolve("app" + i + ".log"));
    }
  }

  private Follower follow() {
    Follower follower = new Follower(new Waiting(FileTail.matching(dir, "*.log").on(counted).rescanEvery(RESCAN)));
    follower.work();
    return during(follower, ROUND.multipliedBy(3));
  }

  private static Follower during(Follower follower, Duration time) {
    for (Duration gone = Duration.ZERO; gone.compareTo(time) < 0; gone = gone.plus(RESCAN)) {
      follower.advance(RESCAN).work();
    }
    return follower;
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void looksAtEachIdleFileOnceARoundAndListsTheDirectoryOnce() {
    try (Follower follower = follow()) {
      looks = 0;
      listings = 0;
      during(follower, ROUND.multipliedBy(10));
      assertThat(looks).isBetween(9 * FILES, 11 * FILES);
      assertThat(listings).isBetween(9, 11);
    }
  }

  @Test
  void looksAtAFewAtATime() {
    try (Follower follower = follow()) {
      looks = 0;
      follower.advance(RESCAN).work();
      assertThat(looks).isLessThanOrEqualTo(2 * FILES / 20);
    }
  }

  @Test
  void findsWhatHasGrown() throws IOException {
    try (Follower follower = follow()) {
      append("app37.log", "line\n");
      assertThat(during(follower, ROUND.plus(RESCAN)).lines).containsExactly("line");
    }
  }

  @Test
  void findsWhatHasGrownAfterTheClockWasSetBack() throws IOException {
    try (Follower follower = follow()) {
      append("app37.log", "line\n");
      append("new.log", "other\n");
      follower.advance(Duration.ofHours(-1));
      assertThat(during(follower, ROUND.multipliedBy(2)).lines).containsExactlyInAnyOrder("line", "other");
    }
  }

  @Test
  void findsAFileThatHoldsAsMuchAsBeforeButSomethingElse() throws IOException {
    append("app37.log", "before\n");
    try (Follower follower = follow()) {
      Path log = dir.resolve("app37.log");
      FileTime written = Files.getLastModifiedTime(log);
      Files.writeString(log, "behind\n");
      Files.setLastModifiedTime(log, FileTime.fromMillis(written.toMillis() + 1000));
      assertThat(during(follower, ROUND.plus(RESCAN)).lines).containsExactly("before", "behind");
      assertThat(follower.metric("truncations")).isEqualTo(1);
    }
  }

  @Test
  void findsAFileThatHasTheNameOfAnother() throws IOException {
    append("app37.log", "before\n");
    try (Follower follower = follow()) {
      Files.move(dir.resolve("app37.log"), dir.resolve("app37.log.1"));
      append("app37.log", "behind\n");
      assertThat(during(follower, ROUND.plus(RESCAN)).lines).containsExactly("before", "behind");
      assertThat(follower.metric("rotations")).isEqualTo(1);
    }
  }

  @Test
  void findsNamesThatHaveComeOrGone() throws IOException {
    try (Follower follower = follow()) {
      append("new.log", "line\n");
      assertThat(during(follower, ROUND.plus(RESCAN)).lines).containsExactly("line");
      assertThat(follower.metric("handles.open")).isEqualTo(FILES + 1);
      Files.delete(dir.resolve("new.log"));
      during(follower, ROUND.multipliedBy(2));
      assertThat(follower.metric("handles.open")).isEqualTo(FILES);
    }
  }

  @Test
  void aFileThatNoPatternNamesIsWrittenWithoutAScan() throws Exception {
    append("app0.log", "line\n");
    append("figures.txt", "1\n");
    CountDownLatch came = new CountDownLatch(2);
    try (RunningPipeline running = LogStream.named("others").from(FileTail.matching(dir, "*.log").on(counted)).to(Sink.each(event -> came.countDown())).build().start()) {
      while (came.getCount() > 1) {
        LockSupport.parkNanos(1_000_000);
      }
      LockSupport.parkNanos(500_000_000);
      listings = 0;
      for (int i = 0; i < 60; i++) {
        append("figures.txt", i + "\n");
        LockSupport.parkNanos(5_000_000);
      }
      append("app0.log", "line\n");
      came.await();
      assertThat(listings).isLessThan(10);
      assertThat(running.ledger().balances()).isTrue();
    }
  }
}
