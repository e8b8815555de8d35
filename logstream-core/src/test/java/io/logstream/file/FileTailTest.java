package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class FileTailTest {
  @TempDir Path dir;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  private Follower follow(String name) {
    return new Follower(FileTail.of(dir.resolve(name)));
  }

  @Test
  void knowsFileLineHostAndReadTimeOfEachLineAndTheOffsetAtWhichItStands() throws IOException {
    Path log = write("app.log", "one\r\ntwo é\n\nthree\n");
    Instant now = Instant.parse("2026-11-20T10:00:00.123Z");
    List<String> known = new ArrayList<>();
    try (InlineRun run = LogStream.named("p").from(FileTail.of(log)).to(Sink.each(e -> {
      assertThat(e.time()).isEqualTo(now);
      assertThat(e.text("file")).isEqualTo(log.toString());
      assertThat(e.text("host")).isNotEmpty();
      assertThat(lineAt(log, e.number("offset", -1))).isEqualTo(e.message());
      known.add(e.number("line", -1) + " " + e.message());
    })).build().inline(InstantSource.fixed(now))) {
      run.work();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    assertThat(known).containsExactly("1 one", "2 two é", "3 ", "4 three");
  }

  private static String lineAt(Path file, long offset) {
    try {
      byte[] all = Files.readAllBytes(file);
      return new String(all, (int) offset, all.length - (int) offset, StandardCharsets.UTF_8).lines().findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void givesLinesWithTheirPositionsAndHoldsAnUnfinishedOne() throws IOException {
    write("app.log", "one\r\ntwo\n\nthr");
    try (Follower follower = follow("app.log")) {
      follower.work().advance(Duration.ofMinutes(10)).work();
      assertThat(follower.lines).containsExactly("one", "two", "");
      append("app.log", "ee\n");
      follower.work();
      assertThat(follower.lines).containsExactly("one", "two", "", "three");
      assertThat(follower.positions).allMatch(p -> p.startsWith(dir.resolve("app.log").toString()));
      assertThat(follower.positions).extracting(p -> p.substring(p.indexOf('@'))).containsExactly("@0", "@5", "@9", "@10");
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
  }

  @Test
  void saysOnceThatADirectoryStandsWhereTheFileShouldAndFollowsTheFileThatComesInItsPlace() throws IOException {
    Path wrong = Files.createDirectory(dir.resolve("app"));
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try (Follower follower = follow("app")) {
      follower.work().advance(Duration.ofMinutes(1)).work();
      assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly(
          "pipeline 'follow', source 'app': " + wrong + " is a directory, not a file; FileTail.matching(dir, glob) follows the files in it; it is looked at again");
      Files.delete(wrong);
      append("app", "came\n");
      follower.advance(Duration.ofMinutes(1)).work();
      assertThat(follower.lines).containsExactly("came");
      assertThat(follower.ledger().imbalances()).isEmpty();
    } finally {
      logger.detachAppender(said);
    }
  }

  @Test
  void saysOnceThatItWaitsForAFile() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try (Follower one = follow("app.log"); Follower several = new Follower(FileTail.matching(dir.resolve("later"), "*.log"))) {
      one.work().advance(Duration.ofMinutes(1)).work();
      several.work().advance(Duration.ofMinutes(1)).work();
      assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly(
          "pipeline 'follow', source 'app.log': " + dir.resolve("app.log") + " is not there yet; it is waited for",
          "pipeline 'follow', source '*.log': no file in " + dir.resolve("later") + ", which is not there yet, matches *.log; one is waited for");
      append("app.log", "came\n");
      one.work();
      assertThat(one.lines).containsExactly("came");
      assertThat(one.ledger().imbalances()).isEmpty();
    } finally {
      logger.detachAppender(said);
    }
  }

  @Test
  void waitsForAMissingFileAndDirectory() throws IOException {
    Path late = dir.resolve("late/app.log");
    try (Follower follower = new Follower(FileTail.of(late))) {
      follower.work();
      Files.createDirectory(late.getParent());
      follower.work();
      Files.writeString(late, "here\n");
      follower.work();
      assertThat(follower.lines).containsExactly("here");
    }
  }

  @Test
  void goesOnWithOtherFilesWhileOneCannotBeRead() throws IOException {
    Files.createSymbolicLink(dir.resolve("a.log"), dir.resolve("a.log"));
    write("b.log", "b\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log"))) {
      follower.work();
      assertThat(follower.lines).containsExactly("b");
      Files.delete(dir.resolve("a.log"));
      write("a.log", "a\n");
      follower.work();
      assertThat(follower.lines).containsExactly("b", "a");
    }
  }

  @Test
  void followsASymbolicLinkThatIsSwitched() throws IOException {
    Path first = Files.writeString(Files.createDirectory(dir.resolve("elsewhere")).resolve("1"), "one\n");
    Path second = Files.writeString(first.resolveSibling("2"), "three\n");
    Files.createSymbolicLink(dir.resolve("app.log"), first);
    try (Follower follower = follow("app.log")) {
      follower.work();
      Files.createSymbolicLink(dir.resolve("new"), second);
      Files.move(dir.resolve("new"), dir.resolve("app.log"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      Files.writeString(first, "two\n", StandardOpenOption.APPEND);
      follower.work();
      assertThat(follower.lines).containsExactly("one", "two", "three");
    }
  }

  @Test
  void truncatesALineOverTheCapAndGoesOnBehindIt() throws IOException {
    String megabytes = "x".repeat(10_000_000);
    write("app.log", "before\n" + megabytes + "\nafter\n");
    try (Follower follower = follow("app.log")) {
      follower.work();
      assertThat(follower.lines).hasSize(3).startsWith("before").endsWith("after");
      assertThat(follower.lines.get(1)).hasSize(1024 * 1024);
      assertThat(follower.metric("truncatedLines")).isEqualTo(1);
      assertThat(follower.metric("truncatedBytes")).isEqualTo(10_000_000 - 1024 * 1024);
    }
  }

  @Test
  void takesLinesUpToTheCapWhole() throws IOException {
    String text = "";
    List<String> expected = new ArrayList<>();
    for (int length = 95; length < 110; length++) {
      text += "y".repeat(length) + "\r\n" + "z".repeat(length) + "\n";
      expected.add("y".repeat(Math.min(100, length)));
      expected.add("z".repeat(Math.min(100, length)));
    }
    write("app.log", text);
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).maxRecord(100))) {
      follower.work();
      assertThat(follower.lines).isEqualTo(expected);
      assertThat(follower.metric("truncatedLines")).isEqualTo(18);
    }
  }

  @Test
  void goesOnWithinAnOverlongLineAfterARestart() throws IOException {
    write("app.log", "a".repeat(3_000_000));
    try (Follower follower = follow("app.log")) {
      follower.work();
      follower.stop();
      append("app.log", "a".repeat(1_000_000) + "\nnext\n");
      follower.work();
      assertThat(follower.lines).hasSize(2).endsWith("next");
    }
  }

  @Test
  void keepsNulsThatAreNotAHole() throws IOException {
    write("app.log", "a\0b\n");
    try (Follower follower = follow("app.log")) {
      follower.work();
      append("app.log", "\0\0c\n");
      follower.work();
      assertThat(follower.lines).containsExactly("a\0b", "\0\0c");
    }
  }

  @Test
  void givesTheSameLinesHoweverTheBytesAreWritten() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        String line = random.nextInt(4) == 0 ? "" : "ä€" + "abc\t".repeat(random.nextInt(random.nextInt(200) == 0 ? 40_000 : 60));
        expected.add(line);
        text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      String name = "app" + seed + ".log";
      try (Follower follower = follow(name)) {
        for (int at = 0; at < bytes.length; ) {
          int to = Math.min(bytes.length, at + 1 + random.nextInt(1 << (1 + random.nextInt(17))));
          Files.write(dir.resolve(name), Arrays.copyOfRange(bytes, at, to), StandardOpenOption.APPEND, StandardOpenOption.CREATE);
          at = to;
          if (random.nextInt(3) > 0) {
            follower.work();
          }
          if (random.nextInt(20) == 0) {
            follower.stop();
          }
        }
        follower.work();
        assertThat(follower.lines).isEqualTo(expected);
      }
    }
  }

  @Test
  void doesNotReadWhatWasThereBeforeWhenToldSo() throws IOException {
    write("app.log.1", "older\n");
    write("app.log", "old\nhal");
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).fromEnd())) {
      follower.work();
      append("app.log", "f\nnew\n");
      follower.work();
      follower.stop();
      append("app.log", "while stopped\n");
      follower.work();
      assertThat(follower.lines).containsExactly("new", "while stopped");
    }
  }

  @Test
  void followsWhatMatchesEachWithItsGenerations() throws IOException {
    List<String> names = IntStream.range(0, 40).mapToObj(i -> "app" + i + ".log").toList();
    for (String name : names) {
      write(name, name + " 1\n");
    }
    write("app0.log.gz", "not read");
    write("debug.log", "left out\n");
    write("other.txt", "left out\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log").excluding("debug*"))) {
      follower.work();
      for (int round = 2; round < 4; round++) {
        for (String name : names) {
          if (round == 3) {
            Files.move(dir.resolve(name + ".1"), dir.resolve(name + ".2"));
          }
          append(name, name + " late " + round + "\n");
          Files.move(dir.resolve(name), dir.resolve(name + ".1"));
          write(name, name + " " + round + "\n");
        }
        follower.work();
      }
      for (String name : names) {
        assertThat(follower.lines.stream().filter(l -> l.startsWith(name + " "))).containsExactly(name + " 1", name + " late 2", name + " 2", name + " late 3",
            name + " 3");
      }
      assertThat(follower.lines).hasSize(5 * names.size());
      assertThat(follower.positions).allMatch(p -> names.stream().anyMatch(n -> p.startsWith(dir.resolve(n) + "[")));
    }
  }

  @Test
  void followsGenerationsWithADateBeforeTheirEndingAndThoseThatAreNamed() throws IOException {
    write("app.2025-12-31.1.log", "1\n");
    write("app-2026-01-01.log", "2\n");
    write("archived-app.log", "3\n");
    write("app.log", "4\n");
    write("app-other.log", "left out\n");
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).generations("archived-*.log"))) {
      follower.work();
      assertThat(follower.lines).containsExactlyInAnyOrder("1", "2", "3", "4").endsWith("4");
      append("app.log", "5\n");
      Files.move(dir.resolve("app.log"), dir.resolve("app.2026-01-02.log"));
      write("app.log", "6\n");
      follower.work();
      assertThat(follower.lines).hasSize(6).endsWith("4", "5", "6");
    }
    try (Follower follower = new Follower(FileTail.matching(dir, "app*.log"))) {
      follower.work();
      assertThat(follower.positions.stream().map(p -> p.substring(0, p.indexOf('['))).distinct()).hasSize(2);
      assertThat(follower.lines).hasSize(6);
    }
    assertThatThrownBy(() -> FileTail.matching(dir, "*.log").generations("a*")).isInstanceOf(IllegalStateException.class).hasMessageContaining("FileTail.of");
  }

  @Test
  void givesOutTheLastLineOfADeletedFileWhenItIsQuiet() throws IOException {
    write("app.log", "whole\nhalf");
    try (Follower follower = follow("app.log")) {
      follower.work();
      Files.delete(dir.resolve("app.log"));
      write("app.log", "next\n");
      follower.work();
      assertThat(follower.lines).containsExactly("whole", "next");
      follower.advance(Duration.ofSeconds(4)).work();
      assertThat(follower.lines).containsExactly("whole", "next", "half");
    }
  }

  @Test
  void startsAnewInAFileThatWasReplacedUnderTheSameInodeWhileStopped() throws IOException {
    String header = "#".repeat(300) + "\n";
    for (String replacement : List.of("new 1\n", "new ".repeat(500) + "\n", header + "other\n" + "more\n".repeat(300), header + "short\n")) {
      Files.deleteIfExists(dir.resolve("app.log"));
      write("app.log", header + "line\n".repeat(100));
      try (Follower follower = follow("app.log")) {
        follower.work().stop();
        Object inode = Files.getAttribute(dir.resolve("app.log"), "unix:ino");
        follower.lines.clear();
        write("app.log", replacement);
        assertThat(Files.getAttribute(dir.resolve("app.log"), "unix:ino")).isEqualTo(inode);
        follower.work();
        assertThat(String.join("\n", follower.lines) + "\n").isEqualTo(replacement);
      }
    }
  }

  @Test
  void startsAnewInAFileThatGotTheInodeOfADeletedOneWhileStopped() throws IOException {
    String header = "#".repeat(300) + "\n";
    for (String next : List.of("new 1\n", "new ".repeat(500) + "\n", header + "other\n" + "more\n".repeat(300), header + "short\n")) {
      Files.deleteIfExists(dir.resolve("app.log"));
      write("app.log", header + "line\n".repeat(100));
      try (Follower follower = follow("app.log")) {
        follower.work().stop();
        Object inode = Files.getAttribute(dir.resolve("app.log"), "unix:ino");
        Files.delete(dir.resolve("app.log"));
        assumeTrue(getsTheInode(inode), "the file system does not give an inode again soon");
        follower.lines.clear();
        write("app.log", next);
        assertThat(Files.getAttribute(dir.resolve("app.log"), "unix:ino")).isEqualTo(inode);
        follower.work();
        assertThat(String.join("\n", follower.lines) + "\n").isEqualTo(next);
      }
    }
  }

  /** Makes files until one of them has the inode: that becomes the live one. */
  private boolean getsTheInode(Object inode) throws IOException {
    for (int i = 0; i < 200; i++) {
      Path made = Files.createFile(dir.resolve("made" + i));
      if (Files.getAttribute(made, "unix:ino").equals(inode)) {
        Files.move(made, dir.resolve("app.log"));
        return true;
      }
    }
    return false;
  }

  @Test
  void reportsBytesThatWereDestroyedBeforeTheyCouldBeRead() throws IOException {
    write("app.log", "line\nhalf a line");
    try (Follower follower = follow("app.log")) {
      follower.work();
      write("app.log", "new\n");
      follower.work();
      assertThat(follower.lines).containsExactly("line", "new");
      assertThat(follower.unread()).isEqualTo("half a line".length());
      assertThat(follower.ledger().unread().keySet()).allMatch(k -> k.contains("app.log") && k.contains("truncated"));
    }
  }

  @Test
  void readsInOrderWhatWasCopiedAndTruncatedBeforeAnythingOfItWasRead() throws IOException {
    String old = "old line of the generation before\n".repeat(5_000);
    for (String header : List.of("", "#".repeat(300) + "\n")) {
      Files.deleteIfExists(dir.resolve("app.log.2"));
      write("app.log.1", header + old);
      write("app.log", header + "copied\n".repeat(20));
      String after = header + "new\n".repeat(50);
      List<String> came = new ArrayList<>();
      Pipeline pipeline = LogStream.named("order").from(FileTail.of(dir.resolve("app.log"))).to(Sink.each(e -> {
        if (came.isEmpty()) {
          rotateByCopy("", after);
        }
        came.add(e.message());
      })).build();
      try (InlineRun run = pipeline.inline(() -> Instant.EPOCH)) {
        run.work();
        assertThat(came.subList(0, came.indexOf("copied") + 1)).filteredOn(line -> line.startsWith("old")).hasSize(5_000);
        assertThat(came).filteredOn(line -> !line.startsWith("old")).isEqualTo((header + header + "copied\n".repeat(20) + after).lines().toList());
        assertThat(run.ledger().unread()).isEmpty();
        assertThat(run.ledger().imbalances()).isEmpty();
      }
    }
  }

  @Test
  void readsInOrderWhatWasCopiedFromAFileThatWasEmptyWhenItWasSeenLast() throws IOException {
    write("app.log.1", "old\n".repeat(5_000));
    write("app.log", "");
    List<String> came = new ArrayList<>();
    Pipeline pipeline = LogStream.named("order").from(FileTail.of(dir.resolve("app.log"))).to(Sink.each(e -> {
      if (came.isEmpty()) {
        rotateByCopy("copied\n".repeat(20), "new\n".repeat(10));
      }
      came.add(e.message());
    })).build();
    try (InlineRun run = pipeline.inline(() -> Instant.EPOCH)) {
      run.work();
      assertThat(came).isEqualTo(("old\n".repeat(5_000) + "copied\n".repeat(20) + "new\n".repeat(10)).lines().toList());
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }

  @Test
  void readsInOrderWhatWasCopiedFromAFileThatWasEmptyWhenItStopped() throws IOException {
    write("app.log", "");
    try (Follower follower = follow("app.log")) {
      follower.work().stop();
      append("app.log", "copied\n".repeat(20));
      Files.copy(dir.resolve("app.log"), dir.resolve("app.log.1"));
      write("app.log", "renamed\n");
      Files.move(dir.resolve("app.log.1"), dir.resolve("app.log.2"));
      Files.move(dir.resolve("app.log"), dir.resolve("app.log.1"));
      write("app.log", "live\n");
      Files.setLastModifiedTime(dir.resolve("app.log.2"), FileTime.from(Instant.EPOCH));
      follower.work();
      assertThat(follower.lines.stream().distinct()).containsExactly("copied", "renamed", "live");
    }
  }

  private void rotateByCopy(String appended, String after) {
    try {
      append("app.log", appended);
      Files.move(dir.resolve("app.log.1"), dir.resolve("app.log.2"));
      Files.copy(dir.resolve("app.log"), dir.resolve("app.log.1"));
      write("app.log", after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void doesNotReadACopyOfTheLiveFile() throws IOException {
    String text = "some line\n".repeat(200);
    write("app.log", text);
    try (Follower follower = follow("app.log")) {
      follower.work();
      Files.copy(dir.resolve("app.log"), dir.resolve("app.log.bak"));
      follower.work().advance(Duration.ofSeconds(10)).work().stop();
      follower.work().advance(Duration.ofSeconds(10)).work();
      assertThat(follower.lines).hasSize(200);
    }
  }

  @Test
  void forgetsALogThatIsGoneForGood() throws IOException {
    write("a.log", "a\n");
    write("b.log", "b\n");
    try (Follower follower = new Follower(FileTail.matching(dir, "*.log"))) {
      follower.work();
      Files.delete(dir.resolve("a.log"));
      follower.work().advance(Duration.ofMinutes(1)).work();
      assertThat(follower.saved()).contains("a.log", "b.log");
      follower.advance(Duration.ofMinutes(5)).work().advance(Duration.ofMinutes(5)).work();
      assertThat(follower.saved()).contains("b.log").doesNotContain("a.log");
      follower.stop();
      write("a.log", "a again\n");
      follower.work();
      assertThat(follower.saved()).contains("a.log");
      assertThat(follower.lines).containsExactlyInAnyOrder("a", "b", "a again");
      Files.delete(dir.resolve("a.log"));
      follower.stop();
      follower.work();
      for (int minute = 0; minute < 12; minute++) {
        follower.advance(Duration.ofMinutes(1)).work();
      }
      assertThat(follower.saved()).contains("b.log").doesNotContain("a.log");
    }
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatThrownBy(() -> FileTail.of(Path.of("a")).asOneLog()).isInstanceOf(IllegalStateException.class).hasMessageContaining("asOneLog");
    assertThatThrownBy(() -> FileTail.once(Path.of("a")).fromEnd()).isInstanceOf(IllegalStateException.class).hasMessageContaining("fromEnd");
    assertThatThrownBy(() -> FileTail.of(Path.of("a")).maxRecord(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 0");
    assertThatThrownBy(() -> FileTail.matching(Path.of("."), "a/*.log")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a/*.log");
    assertThatThrownBy(() -> FileTail.matching(Path.of("."), "[")).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("'[' is no glob such as *.log: ");
    assertThatThrownBy(() -> FileTail.of(Path.of("a")).rescanEvery(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> FileTail.once(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
