package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A file is truncated and written anew between two reads of it, at every one of them, while it is met or gone on with. */
class MeetTest {
  private static final FileTail TAIL = FileTail.of(Path.of("app.log"));
  private static final String OLD = "a line of the old content\n".repeat(40);
  private static final String NEW = "what was written after the truncation\n".repeat(60);

  /** Bytes that are others from the n-th look at them on. */
  private static final class Changing implements Content {
    private final byte[] before;
    private final byte[] after;
    private int looks;
    private final int changesAt;

    Changing(String before, String after, int changesAt) {
      this.before = before.getBytes(StandardCharsets.UTF_8);
      this.after = after.getBytes(StandardCharsets.UTF_8);
      this.changesAt = changesAt;
    }

    boolean hasChanged() {
      return looks > changesAt;
    }

    private byte[] now() {
      return looks++ < changesAt ? before : after;
    }

    @Override
    public int read(long offset, byte[] into, int at, int n) {
      byte[] bytes = now();
      int got = (int) Math.max(0, Math.min(n, bytes.length - offset));
      System.arraycopy(bytes, (int) Math.min(offset, bytes.length), into, at, got);
      return got;
    }

    @Override
    public long size() {
      return now().length;
    }

    @Override
    public void close() {}
  }

  private static FileLines lines() {
    return new FileLines("1:1", () -> "0", TAIL, null);
  }

  private static Content unchanging(String text) {
    return new Changing(text, text, 0);
  }

  @Test
  void neverKeepsInMindThePartsOfTwoContents() throws IOException {
    for (String after : Arrays.asList("", "short\n", OLD.substring(0, 300), NEW)) {
      for (int at = 0; at < 12; at++) {
        FileLines lines = lines();
        Changing content = new Changing(OLD, after, at);
        lines.meet(content);
        boolean old = !lines.replacedIn(unchanging(OLD));
        assertThat(old || !lines.replacedIn(unchanging(after))).as("changed at look %s to %s bytes", at, after.length()).isTrue();
        if (old && !after.isEmpty() && !OLD.startsWith(after)) {
          assertThat(lines.replacedIn(unchanging(after))).isTrue();
        }
        if (!content.hasChanged()) {
          assertThat(old).isTrue();
        }
      }
    }
  }

  @Test
  void keepsInMindWhatItWasMetWithWhenThatIsReplacedWhileItIsMetAgain() throws IOException {
    for (int at = 0; at < 12; at++) {
      FileLines lines = lines();
      lines.meet(unchanging(OLD.substring(0, 100)));
      lines.meet(new Changing(OLD, NEW, at));
      assertThat(lines.replacedIn(unchanging(OLD))).as("changed at look %s", at).isFalse();
      assertThat(lines.replacedIn(unchanging(NEW))).as("changed at look %s", at).isTrue();
    }
  }

  @Test
  void noticesThatAFileWasEmptiedBeforeAnythingOfItWasRead() throws IOException {
    FileLines lines = lines();
    lines.meet(unchanging(OLD));
    assertThat(lines.read(unchanging(""), null, null, 0, false)).isEqualTo(FileLines.Outcome.REPLACED);
    assertThat(lines().read(unchanging(""), null, null, 0, false)).isEqualTo(FileLines.Outcome.NOTHING);
  }

  @Test
  void doesNotGoOnWithBytesThatCameAfterTheEntryWasCompared() throws IOException {
    FileLines read = lines();
    read.leaveOut(unchanging(OLD));
    FileMark.Entry entry = read.entry(OLD.length(), true, "");
    for (int at = 0; at < 6; at++) {
      Changing content = new Changing(OLD, NEW, at);
      FileLines resumed = entry.fits(content) ? FileLines.resume(entry, "1:1", () -> "0", content, TAIL, null) : null;
      assertThat(resumed == null).as("changed at look %s", at).isEqualTo(content.hasChanged());
      if (resumed != null) {
        assertThat(resumed.entry(OLD.length(), true, "")).isEqualTo(entry);
      }
    }
  }
}
