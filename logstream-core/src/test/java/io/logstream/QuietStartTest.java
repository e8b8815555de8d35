package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A pipeline may run inside a logging backend, so starting one initialises none. In a process of its own: this one logs already. */
class QuietStartTest {
  @Test
  void startsRunsAndClosesWithoutInitialisingALoggingBackend() throws Exception {
    Process process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Program.class.getName()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  static final class Program {
    public static void main(String[] args) throws Exception {
      for (int lanes : new int[] {0, 2}) {
        RunningPipeline run = LogStream.named("p").from(TestLines.of("a", "b", "c")).then(Stage.each(e -> e.put("n", 1)))
            .then("trunk", Stage.inOrder(e -> { })).to(EveryWay.blocking(Sink.each(e -> { }))).build().lanes(lanes).start();
        run.await();
        run.close();
        if (!run.ledger().balances()) {
          System.exit(3);
        }
      }
      try (InlineRun run = LogStream.named("p").from(TestLines.of("a")).then(Stage.each(e -> { })).build().inline(java.time.InstantSource.fixed(java.time.Instant.EPOCH))) {
        run.work();
      }
      Field state = LoggerFactory.class.getDeclaredField("INITIALIZATION_STATE");
      state.setAccessible(true);
      System.exit(state.getInt(null) == 0 ? 0 : 4);
    }
  }
}
