package io.logstream.logging.testing;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** A pipeline that reads a configured appender leaves the framework alone until the application logs. In a process of its own: this one logs already. */
public abstract class QuietStartContract {
  private final List<String> arguments;

  /**
   * With the program that is run.
   *
   * @param program whose main calls {@link #startAndClose}
   * @param options for its JVM
   */
  protected QuietStartContract(Class<?> program, String... options) {
    arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-cp", OwnProcess.classPath(), program.getName()));
  }

  @Test
  void startsAndClosesWithoutInitialisingTheFramework() throws Exception {
    OwnProcess.run(arguments);
  }

  /** Runs a pipeline and ends this process, well if its ledger balances and the framework is still quiet then. */
  protected static void startAndClose(Source source, Callable<Boolean> quiet) throws Exception {
    RunningPipeline run = LogStream.named("p").from(source).to(Sink.each(e -> { })).build().start();
    run.close();
    System.exit(!run.ledger().balances() ? 3 : quiet.call() ? 0 : 4);
  }
}
