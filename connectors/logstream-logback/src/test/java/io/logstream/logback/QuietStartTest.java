package io.logstream.logback;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.io.File;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A pipeline that reads a configured appender leaves Logback alone until the application logs. In a process of its own: this one logs already. */
class QuietStartTest {
  @Test
  void startsAndClosesWithoutInitialisingLogback() throws Exception {
    Process process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Program.class.getName()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  static final class Program {
    public static void main(String[] args) throws Exception {
      RunningPipeline run = LogStream.named("p").from(LogbackSource.appender("LOGSTREAM")).to(Sink.each(e -> { })).build().start();
      run.close();
      Field state = LoggerFactory.class.getDeclaredField("INITIALIZATION_STATE");
      state.setAccessible(true);
      System.exit(!run.ledger().balances() ? 3 : state.getInt(null) == 0 ? 0 : 4);
    }
  }
}
