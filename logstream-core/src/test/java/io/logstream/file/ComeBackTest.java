package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file loses every name that it is followed under, is given up, and has one again later. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ComeBackTest {
  @TempDir Path dir;
  private final List<String> written = new ArrayList<>();
  private Path logs;
  private Path elsewhere;
  private Follower follower;

  @BeforeEach
  void follow() throws IOException {
    logs = Files.createDirectory(dir.resolve("logs"));
    elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
    follower = new Follower(FileTail.of(logs.resolve("app.log")).excluding("*.leave"));
  }

  @AfterEach
  void stop() {
    follower.close();
  }

  private void append(Path file, int lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      written.add("line " + written.size() + " of those that are written");
      text.append(written.get(written.size() - 1)).append('\n');
    }
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      follower.advance(Duration.ofSeconds(1)).work();
    }
  }

  private void isExact() {
    follower.work();
    pass(8);
    assertThat(follower.lines).isEqualTo(written);
    assertThat(follower.unread()).isZero();
  }

  @Test
  void asAGenerationFromAnotherDirectory() throws IOException {
    append(logs.resolve("app.log"), 100);
    follower.work();
    Files.move(logs.resolve("app.log"), elsewhere.resolve("app.log"));
    append(logs.resolve("app.log"), 100);
    pass(10);
    Files.move(elsewhere.resolve("app.log"), logs.resolve("app.log.1"));
    isExact();
    append(logs.resolve("app.log.1"), 5);
    follower.work();
    append(logs.resolve("app.log"), 5);
    isExact();
  }

  @Test
  void asTheLiveFileWithMoreInIt() throws IOException {
    append(logs.resolve("app.log"), 100);
    follower.work();
    Files.move(logs.resolve("app.log"), elsewhere.resolve("app.log"));
    pass(10);
    append(elsewhere.resolve("app.log"), 5);
    Files.move(elsewhere.resolve("app.log"), logs.resolve("app.log"));
    isExact();
  }

  @Test
  void inARunThatBeganWithoutIt() throws IOException {
    append(logs.resolve("app.log"), 100);
    follower.work().stop();
    Files.move(logs.resolve("app.log"), elsewhere.resolve("app.log"));
    follower.work();
    pass(10);
    Files.move(elsewhere.resolve("app.log"), logs.resolve("app.log"));
    append(logs.resolve("app.log"), 5);
    isExact();
  }

  @Test
  void fromAnExcludedOrATemporaryName() throws IOException {
    for (String name : List.of("app.log.1.leave", "app.log.1.tmp")) {
      append(logs.resolve("app.log"), 100);
      follower.work();
      Files.move(logs.resolve("app.log"), logs.resolve(name));
      append(logs.resolve("app.log"), 100);
      pass(10);
      Files.move(logs.resolve(name), logs.resolve(name + ".1"));
      isExact();
    }
  }

  @Test
  void withItsDirectory() throws IOException {
    append(logs.resolve("app.log"), 100);
    follower.work();
    Files.move(logs, dir.resolve("moved"));
    pass(10);
    Files.move(dir.resolve("moved"), logs);
    append(logs.resolve("app.log"), 5);
    isExact();
  }

  @Test
  void replacedBySomethingElseAndIsReadFromItsBeginning() throws IOException {
    append(logs.resolve("app.log"), 100);
    follower.work();
    Files.move(logs.resolve("app.log"), elsewhere.resolve("app.log"));
    pass(10);
    Files.writeString(elsewhere.resolve("app.log"), "");
    append(elsewhere.resolve("app.log"), 200);
    Files.move(elsewhere.resolve("app.log"), logs.resolve("app.log"));
    isExact();
  }
}
