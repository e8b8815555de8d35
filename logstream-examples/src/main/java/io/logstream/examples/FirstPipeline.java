package io.logstream.examples;

// tag::program[]
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.file.FileTail;
import io.logstream.match.Condition;
import io.logstream.match.Keep;
import io.logstream.parse.Multiline;
import io.logstream.sink.Print;
import java.nio.file.Path;

/** Prints the errors of a log while it is written, each with its stack trace. */
public final class FirstPipeline {
  private FirstPipeline() {}

  static Pipeline errors(Path log) {
    return LogStream.named("errors")
        .from(FileTail.of(log))
        .then(Multiline.traces().afterLine())
        .then(Keep.when(Condition.parse("error OR exception OR failed")))
        .to(Print.toStdout())
        .build();
  }

  /** Follows the log until the process is stopped, and goes on there at the next start. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 1 || args[0].startsWith("--")) {
      System.err.println("usage: FirstPipeline LOG");
      System.exit(2);
    }
    try (RunningPipeline running = errors(Path.of(args[0])).checkpointIn(Path.of("state")).start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      running.await();
    }
  }
}
// end::program[]
