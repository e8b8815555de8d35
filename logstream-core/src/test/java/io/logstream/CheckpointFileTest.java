package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CheckpointFileTest {
  @TempDir Path dir;

  private static Map<String, byte[]> state(String text) {
    return Map.of("state", text.getBytes(StandardCharsets.UTF_8));
  }

  private String loaded() throws IOException {
    try (CheckpointFile file = CheckpointFile.open("p", dir)) {
      byte[] state = file.load(new Notices("p")).get("state");
      return state == null ? "" : new String(state, StandardCharsets.UTF_8);
    }
  }

  private void write(String... states) throws IOException {
    try (CheckpointFile file = CheckpointFile.open("p", dir)) {
      file.load(new Notices("p"));
      for (String state : states) {
        file.write(file.number() + 1, state(state));
      }
    }
  }

  @Test
  void whatACrashLeftBetweenTheMovesIsNotWrittenOverByTheNextOne() throws IOException {
    write("a", "b");
    Path temporary = dir.resolve("checkpoint.tmp");
    Files.move(dir.resolve("checkpoint"), temporary);
    assertThat(loaded()).isEqualTo("b");

    Files.write(temporary, new byte[] {1, 2, 3}); // killed while it writes the next one
    assertThat(loaded()).isEqualTo("b");
  }

  @Test
  void saysWhenTheNewestIsOfAnotherPipeline() throws IOException {
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
    logger.addAppender(said);
    try {
      write("a");
      assertThat(loaded()).isEqualTo("a");
      assertThat(said.list).isEmpty();
      for (int start = 0; start < 2; start++) { // one that has written nothing has not taken it over
        try (CheckpointFile other = CheckpointFile.open("another", dir)) {
          other.load(new Notices("another"));
        }
      }
      assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage).hasSize(2)
          .allMatch(text -> text.contains("was written by pipeline 'p'; going on from where that one stopped: give each pipeline a directory of its own"));
      assertThat(loaded()).isEqualTo("a");
      assertThat(said.list).hasSize(2);
    } finally {
      logger.detachAppender(said);
    }
  }

  @Test
  void staysLockedWhenTheThreadThatReadsItIsInterrupted() throws IOException {
    write("a");
    try (CheckpointFile file = CheckpointFile.open("p", dir)) {
      Thread.currentThread().interrupt();
      file.load(new Notices("p"));
      assertThat(Thread.interrupted()).isTrue();
      assertThatThrownBy(() -> CheckpointFile.open("p", dir)).isInstanceOf(PipelineException.class).hasMessageContaining("is in use by another run");
    }
  }

  @Test
  void aCrashBeforeTheFirstMoveKeepsTheOneBefore() throws IOException {
    write("a", "b");
    Path temporary = dir.resolve("checkpoint.tmp");
    byte[] b = Files.readAllBytes(dir.resolve("checkpoint"));
    write("c");
    Files.move(dir.resolve("checkpoint"), temporary);
    Files.write(dir.resolve("checkpoint"), b);
    assertThat(loaded()).isEqualTo("c");

    Files.write(dir.resolve("checkpoint"), Arrays.copyOf(b, b.length / 2));
    assertThat(loaded()).as("the one before").isEqualTo("b");
    write("d");
    assertThat(loaded()).isEqualTo("d");
  }
}
