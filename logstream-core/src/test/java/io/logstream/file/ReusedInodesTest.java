package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A copy is compressed and deleted, and the next copy gets its inode, while the names are being looked at. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReusedInodesTest {
  @TempDir Path dir;

  /** A file system in which something happens just before the copy is opened, and at the next listing after that. */
  private static final class Rotating extends AskedDisk {
    private Runnable beforeOpening = () -> { };
    private Runnable afterOpening = () -> { };
    private boolean opened;

    @Override
    void asked() {}

    @Override
    public FileChannel open(Path file) throws IOException {
      if (file.endsWith("app.log.1")) {
        Runnable rotation = beforeOpening;
        beforeOpening = () -> { };
        rotation.run();
        opened = true;
      }
      return super.open(file);
    }

    @Override
    public DirectoryStream<Path> names(Path directory) throws IOException {
      if (opened) {
        Runnable rotation = afterOpening;
        afterOpening = () -> { };
        rotation.run();
      }
      return super.names(directory);
    }
  }

  /** The lines from one number to another. */
  private static String lines(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(line(i)).append('\n');
    }
    return text.toString();
  }

  private static String line(int i) {
    return "line " + i + " " + Integer.toHexString(i * 0x9E3779B9).repeat(8);
  }

  private static List<String> all(int to) {
    return lines(0, to).lines().toList();
  }

  private void write(String name, String text) {
    try {
      Files.writeString(dir.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void move(String from, String to) {
    try {
      Files.move(dir.resolve(from), dir.resolve(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pack(String name, String text) {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dir.resolve(name)))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteCopy() {
    try {
      Files.delete(dir.resolve("app.log.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void packCopy(String text) {
    pack("app.log.1.gz", text);
    deleteCopy();
  }

  private void settle(Follower follower) {
    for (int i = 0; i < 20; i++) {
      follower.work().advance(Duration.ofMillis(300));
    }
  }

  @Test
  void readsACopyThatIsOpenedInPlaceOfTheOneBeforeWhenItIsItsTurn() {
    Rotating disk = new Rotating();
    pack("app.log.2.gz", lines(0, 20));
    write("app.log.1", lines(20, 40));
    write("app.log", lines(60, 70));
    disk.beforeOpening = () -> {
      packCopy(lines(20, 40));
      move("app.log.2.gz", "app.log.3.gz");
      move("app.log.1.gz", "app.log.2.gz");
      write("app.log.1", lines(40, 60));
    };
    disk.afterOpening = () -> packCopy(lines(40, 60));
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).on(disk))) {
      settle(follower);
      assertThat(disk.opened).isTrue();
      assertThat(follower.lines).containsExactlyElementsOf(all(70));
      assertThat(follower.unread()).isZero();
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
  }

  @Test
  void readsTheRestOfATruncatedFileFromACopyThatHasTheInodeOfAnotherAndIsGone() {
    Rotating disk = new Rotating();
    write("app.log.1", lines(0, 20));
    write("app.log", lines(20, 40));
    try (Follower follower = new Follower(FileTail.of(dir.resolve("app.log")).on(disk))) {
      follower.work();
      assertThat(follower.lines).containsExactlyElementsOf(all(40));
      pack("app.log.1.gz", lines(0, 20));
      follower.work().stop();
      disk.opened = false;
      deleteCopy();
      move("app.log.1.gz", "app.log.2.gz");
      write("app.log.1", lines(20, 50));
      write("app.log", lines(20, 50));
      disk.afterOpening = () -> {
        write("app.log", lines(50, 60));
        packCopy(lines(20, 50));
      };
      settle(follower);
      assertThat(disk.opened).isTrue();
      assertThat(follower.lines).containsExactlyElementsOf(all(60));
      assertThat(follower.unread()).isZero();
      assertThat(follower.ledger().imbalances()).isEmpty();
    }
  }
}
