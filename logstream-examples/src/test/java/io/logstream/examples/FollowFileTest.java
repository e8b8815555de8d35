package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.RunningPipeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowFileTest {
  @TempDir Path dir;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private void await(String text) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!printed().equals(text) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(printed()).isEqualTo(text);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void refusesAPatternForTheDirectory() {
    for (String wrong : List.of("*/app.log", dir + "/lo?s/*.log", "", dir + "/")) {
      assertThatThrownBy(() -> FollowFile.pipeline(wrong, dir.resolve("state"), printed)).as(wrong).isInstanceOf(Program.WrongUsage.class).hasMessageContaining("only the name of the file");
    }
  }

  @Test
  void printsEveryLineOnceAcrossRotationAndRestart() throws IOException {
    Path log = Files.writeString(dir.resolve("app.log"), "one\n");
    Path state = dir.resolve("state");
    try (RunningPipeline running = FollowFile.pipeline(log.toString(), state, printed).start()) {
      await("one\n");
      Files.writeString(log, "two\nthr", StandardOpenOption.APPEND);
      await("one\ntwo\n");
      assertThat(running.ledger().balances()).isTrue();
    }
    Files.writeString(log, "ee\n", StandardOpenOption.APPEND);
    Files.move(log, dir.resolve("app.log.1"));
    Files.writeString(log, "four\n");
    try (RunningPipeline running = FollowFile.pipeline(dir + "/app.l?g", state.resolveSibling("other"), printed).start()) {
      await("one\ntwo\none\ntwo\nthree\nfour\n");
      assertThat(running.ledger().balances()).isTrue();
    }
    printed.reset();
    try (RunningPipeline running = FollowFile.pipeline(log.toString(), state, printed).start()) {
      await("three\nfour\n");
      assertThat(running.ledger().balances()).isTrue();
    }
  }
}
