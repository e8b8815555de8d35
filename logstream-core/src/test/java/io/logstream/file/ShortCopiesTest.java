package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rotated files of a few bytes, which may be copies of the live file or begin like it by chance. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShortCopiesTest {
  @TempDir Path dir;

  private void write(String name, String text, int second) {
    try {
      Path file = Files.writeString(dir.resolve(name), text);
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L + second * 1000L));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file system, with one thing more done before each listing. */
  private static Disk atListings(Iterator<Runnable> listings) {
    return new Disk() {
      @Override
      public DirectoryStream<Path> names(Path directory) throws IOException {
        if (listings.hasNext()) {
          listings.next().run();
        }
        return Disk.super.names(directory);
      }
    };
  }

  private FileTail tail() {
    return FileTail.of(dir.resolve("app.log"));
  }

  @Test
  void givesAGenerationThatBeginsLikeTheLiveFileBeforeThatWhereBothAreFoundTogether() throws IOException {
    write("app.log.1", "header\n", 1);
    write("app.log", "header\nsecond\n", 2);
    try (Follower follower = new Follower(tail())) {
      assertThat(follower.work().lines).containsExactly("header", "header", "second");
    }
  }

  @Test
  void givesNothingTwiceOfACopyThatGrowsWhenItIsFoundTogetherWithItsOriginal() throws IOException {
    write("app.log.1", "first\n", 1);
    write("app.log", "first\nsecond\nthird\n", 2);
    Iterator<Runnable> listings = List.<Runnable>of(() -> { }, () -> { }, () -> append("app.log.1", "second\n"), () -> append("app.log.1", "third\n"),
        () -> replace("app.log", ""), () -> replace("app.log", "fourth\n")).iterator();
    try (Follower follower = new Follower(tail().on(atListings(listings)))) {
      for (int i = 0; i < 20; i++) {
        follower.work().advance(Duration.ofMillis(400));
      }
      assertThat(listings.hasNext()).isFalse();
      assertThat(follower.lines).containsExactly("first", "second", "third", "fourth");
    }
  }

  @Test
  void givesNothingTwiceOfACopyThatIsBegunWhileItsOriginalIsEmpty() throws IOException {
    write("app.log.1", "", 1);
    write("app.log", "", 1);
    try (Follower follower = new Follower(tail())) {
      follower.work().advance(Duration.ofMillis(400)).work();
      append("app.log", "first\nsecond\n");
      follower.work();
      for (String line : List.of("first\n", "second\n")) {
        append("app.log.1", line);
        follower.advance(Duration.ofMillis(400)).work();
      }
      replace("app.log", "third\n");
      follower.advance(Duration.ofMillis(400)).work().advance(Duration.ofSeconds(5)).work();
      assertThat(follower.lines).containsExactly("first", "second", "third");
    }
  }

  @Test
  void waitsForACopyThatPausesWhenItIsFoundTogetherWithItsOriginal() throws IOException {
    write("app.log.1", "first\n", 1);
    write("app.log", "first\nsecond\n", 1);
    try (Follower follower = new Follower(tail())) {
      for (int i = 0; i < 4; i++) {
        follower.work().advance(Duration.ofMillis(400));
      }
      append("app.log.1", "second\n");
      follower.work().advance(Duration.ofMillis(400)).work();
      replace("app.log", "third\n");
      follower.advance(Duration.ofMillis(400)).work().advance(Duration.ofSeconds(5)).work();
      assertThat(follower.lines).containsExactly("first", "second", "third");
    }
  }

  @Test
  void givesAGenerationThatBeginsLikeTheLiveFileBeforeThatAlsoWhereBothWereWrittenAtOnce() throws IOException {
    write("app.log.1", "header\n", 1);
    write("app.log", "header\nsecond\n", 1);
    try (Follower follower = new Follower(tail())) {
      for (int i = 0; i < 12; i++) {
        follower.work().advance(Duration.ofMillis(400));
      }
      assertThat(follower.lines).containsExactly("header", "header", "second");
    }
  }

  @Test
  void keepsTheOrderOfAFileThatWasEmptyWhileAnOlderOneWasStillWritten() throws IOException {
    write("app.log.1", "", 2);
    write("app.log.2", "first\n", 3);
    Iterator<Runnable> listings = List.<Runnable>of(() -> { }, () -> { }, () -> {
      write("app.log.1", "second\n", 4);
      write("app.log", "third\n", 5);
    }).iterator();
    try (Follower follower = new Follower(tail().on(atListings(listings)))) {
      for (int i = 0; i < 10; i++) {
        follower.work().advance(Duration.ofMillis(400));
      }
      assertThat(listings.hasNext()).isFalse();
      assertThat(follower.lines).containsExactly("first", "second", "third");
    }
  }

  @Test
  void readsAFileThatWasTruncatedAndWrittenAgainToTheSameSize() throws IOException {
    write("app.log", "first\nsecond\n", 1);
    try (Follower follower = new Follower(tail())) {
      follower.work();
      write("app.log", "third\nfourth\n", 2);
      follower.work();
      assertThat(follower.lines).containsExactly("first", "second", "third", "fourth");
      assertThat(follower.metric("truncations")).isEqualTo(1);
    }
  }

  @Test
  void keepsTheOrderOfCopiesOfAFileThatWasTruncatedTwiceToTheSameSize() throws IOException {
    write("app.log", "1\n2\n", 1);
    try (Follower follower = new Follower(tail())) {
      follower.work();
      write("app.log.2", "1\n2\n3\n", 2);
      write("app.log.1", "4\n5\n", 3);
      write("app.log", "6\n7\n", 4);
      for (int i = 0; i < 20; i++) {
        follower.work().advance(Duration.ofMillis(400));
      }
      assertThat(follower.lines).containsExactly("1", "2", "3", "4", "5", "6", "7");
    }
  }

  /** Renamed while it was empty, and written to before the writer opens the new file: at whatever question it is, it is no copy of that. */
  @Test
  void losesNothingOfAnEmptyGenerationThatIsWrittenToWhileItIsLookedAt() throws IOException {
    String lines = "a line of the generation that is written to late, which is long enough to tell\n".repeat(8);
    int asked = Integer.MAX_VALUE;
    for (int moment = 0; moment < asked; moment++) {
      replace("app.log.1", "");
      replace("app.log", "");
      AtMoments disk = new AtMoments().at(moment, () -> replace("app.log.1", lines));
      try (Follower follower = new Follower(tail().on(disk))) {
        for (int i = 0; i < 30; i++) {
          follower.work().advance(Duration.ofMillis(400));
          if (i == 9) {
            replace("app.log", "the next\n");
            asked = disk.asked;
          }
        }
        assertThat(follower.lines).as("written at question " + moment).hasSize(9);
      }
    }
    assertThat(asked).isGreaterThan(20);
  }

  @Test
  void givesAGenerationThatBeginsAndEndsLikeTheLiveFile() throws IOException {
    String rest = " GET /health 200 " + "-".repeat(300) + "\n";
    write("app.log.1", HEADER + "1" + rest, 1);
    write("app.log", HEADER + "2" + rest + "3" + rest, 2);
    try (Follower follower = new Follower(tail())) {
      follower.work();
      assertThat(follower.lines).extracting(line -> line.substring(0, 1)).containsExactly("#", "1", "#", "2", "3");
    }
  }

  /** Lines of one length that end alike do so at the same offsets in both files. */
  @Test
  void readsAFileThatWasTruncatedAndGrewBeyondItsOldSizeWithLinesThatEndAlike() throws IOException {
    String rest = " GET /health 200 " + "-".repeat(300) + "\n";
    write("app.log", "1" + rest + "2" + rest, 1);
    try (Follower follower = new Follower(tail())) {
      follower.work();
      replace("app.log", "3" + rest + "4" + rest + "5" + rest);
      follower.work();
      write("app.log", "6" + rest + "7" + rest + "8" + rest, 2);
      follower.work();
      assertThat(follower.lines).extracting(line -> line.substring(0, 1)).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
      assertThat(follower.metric("truncations")).isEqualTo(2);
    }
  }

  private static final String HEADER = "#".repeat(300) + "\n";
  private static final String OLD = HEADER + "of the old content\n".repeat(20);
  private static final String ANEW = HEADER + "of the new content, which is longer\n".repeat(30);

  /** All files begin with a header that is longer than what a file is known by, and one is replaced of which nothing was read but that it was met, while nobody looks. */
  @ParameterizedTest
  @ValueSource(strings = {"app.log.1", "app.log.1.gz"})
  void givesACopyWhoseOriginalWasReplacedWhileItWasStopped(String copy) throws IOException {
    atAnyTwoMoments(copy, OLD, (follower, disk, copied, dies) -> {
      disk.each = follower::checkpoint;
      disk.at(copied, () -> replace(copy, OLD)).at(dies, () -> {
        throw new Follower.Killed();
      });
      try {
        follower.work().advance(Duration.ofMillis(400)).work();
      } catch (Follower.Killed e) {
        follower.die(false);
      }
    });
  }

  /** The same while nothing is taken from the source, as behind a sink that is full, when it had given no more than the header. */
  @ParameterizedTest
  @ValueSource(strings = {"app.log.1", "app.log.1.gz"})
  void givesACopyWhoseOriginalWasReplacedWhenNoMoreThanAHeaderWasReadOfIt(String copy) throws IOException {
    atAnyTwoMoments(copy, HEADER, (follower, disk, copied, replaced) -> {
      follower.work();
      disk.asked = 0;
      disk.at(copied, () -> {
        append("app.log", OLD.substring(HEADER.length()));
        replace(copy, OLD);
      }).at(replaced, () -> replace("app.log", ANEW));
      follower.advance(Duration.ofMillis(400)).work().advance(Duration.ofMillis(400)).work();
    });
  }

  private interface Course {
    void run(Follower follower, AtMoments disk, int first, int second);
  }

  /** Whatever comes at which questions, the lines of the copy and those of the file that has been replaced by then are given in the end. */
  private void atAnyTwoMoments(String copy, String before, Course course) throws IOException {
    boolean firstCame = true;
    for (int first = 0; firstCame; first += 3) {
      boolean bothCame = true;
      for (int second = first; bothCame; second += 5) {
        Files.deleteIfExists(dir.resolve(copy));
        replace("app.log", before);
        AtMoments disk = new AtMoments();
        try (Follower follower = new Follower(tail().on(disk))) {
          course.run(follower, disk, first, second);
          firstCame = disk.asked > first;
          bothCame = disk.asked > second;
          disk.ended = true;
          replace(copy, OLD);
          replace("app.log", ANEW);
          for (int i = 0; i < 12; i++) {
            follower.work().advance(Duration.ofMillis(400));
          }
          assertThat(follower.lines).as("at questions " + first + " and " + second).containsExactlyInAnyOrderElementsOf((OLD + ANEW).lines().toList());
        }
      }
    }
  }

  /** The file system, with something done before each answer, and before certain ones. */
  private static final class AtMoments extends AskedDisk {
    private final Map<Integer, Runnable> moments = new HashMap<>();
    private Runnable each = () -> { };
    private int asked;
    private boolean ended;

    AtMoments at(int question, Runnable what) {
      moments.merge(question, what, (first, second) -> () -> {
        first.run();
        second.run();
      });
      return this;
    }

    @Override
    void asked() {
      if (!ended) {
        each.run();
        moments.getOrDefault(asked++, () -> { }).run();
      }
    }
  }

  private void append(String name, String text) {
    try {
      Files.writeString(dir.resolve(name), text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text, compressed if its name says so. */
  private void replace(String name, String text) {
    try (OutputStream plain = Files.newOutputStream(dir.resolve(name)); OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(plain) : plain) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
