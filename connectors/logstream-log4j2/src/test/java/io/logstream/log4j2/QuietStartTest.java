package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import java.io.File;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A pipeline that reads a configured appender leaves Log4j alone until the application logs. In a process of its own: this one logs already. */
class QuietStartTest {
  @Test
  void startsAndClosesWithoutInitialisingLog4j() throws Exception {
    Process process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Program.class.getName()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  static final class Program {
    public static void main(String[] args) throws Exception {
      RunningPipeline run = LogStream.named("p").from(Log4j2Source.appender("LOGSTREAM")).to(Sink.each(e -> { })).build().start();
      run.close();
      // Log4j keeps what it has initialised in this class, which is not even loaded before
      Method loaded = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
      loaded.setAccessible(true);
      boolean quiet = loaded.invoke(ClassLoader.getSystemClassLoader(), "org.apache.logging.log4j.LogManager") == null;
      System.exit(!run.ledger().balances() ? 3 : quiet ? 0 : 4);
    }
  }
}
