package io.logstream.file;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.TooLong;
import io.logstream.parse.Multiline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What is run with little memory or few handles, see {@link BoundsTest}. Exits with 0 when all came as it should; else it says what was
 * wrong and exits with another value.
 */
final class BoundedProgram {
  static final String END = "the end";
  static final int MOST = 1 << 20;

  private BoundedProgram() {}

  /** Arguments: what to do, and a directory. */
  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[1]);
    switch (args[0]) {
      case "endless" -> endless(dir);
      case "slow" -> slow(dir);
      default -> idle(dir, Integer.parseInt(args[2]));
    }
    System.exit(0);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      System.err.println(otherwise);
      System.exit(2);
    }
  }

  private static RunningPipeline start(String name, Source source, Consumer<LogEvent> each) {
    return LogStream.named(name).from(source).to(Sink.each(each)).build().start();
  }

  private static void close(RunningPipeline run) {
    run.close();
    require(run.ledger().balances(), run.ledger().toString());
  }

  private static void endless(Path dir) throws InterruptedException, IOException {
    CountDownLatch ends = new CountDownLatch(5);
    AtomicLong inParts = new AtomicLong();
    AtomicLong before = new AtomicLong();
    Consumer<LogEvent> each = event -> {
      require(event.to() - event.from() <= MOST + 1000, "a record of " + (event.to() - event.from()) + " bytes");
      if (event.message().endsWith(END)) {
        ends.countDown();
      }
    };
    RunningPipeline line = start("line", FileTail.of(dir.resolve("line.log")), each);
    RunningPipeline many = start("many", FileTail.of(dir.resolve("many.log")), each);
    RunningPipeline split = start("split", FileTail.of(dir.resolve("line.log")).tooLong(TooLong.SPLIT), each.andThen(event -> {
      require(event.message().equals(END) || event.number("part", 0) == before.incrementAndGet(), "part " + before + " is missing");
      inParts.addAndGet(event.to() - event.from());
    }));
    RunningPipeline failing = start("failing", FileTail.of(dir.resolve("line.log")).tooLong(TooLong.FAIL), each);
    RunningPipeline record = start("record", FileTail.of(dir.resolve("record.log")).then(Multiline.startingWith("^\\d{4}-").maxLines(Integer.MAX_VALUE)), each);
    ends.await();
    for (RunningPipeline run : List.of(line, many, split, failing, record)) {
      close(run);
    }
    require(inParts.get() == Files.size(dir.resolve("line.log")) - 2, inParts + " bytes in parts");
    require(failing.ledger().stage("line.log/tooLong").failed("too long") == 1, failing.ledger().toString());
  }

  /** A sink that takes nothing until there is a file named go, then checks that the numbers of the lines have no gap. */
  private static void slow(Path dir) throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    AtomicLong next = new AtomicLong();
    Pipeline pipeline = LogStream.named("slow").from(FileTail.of(dir.resolve("app.log"))).to(Sink.each(event -> {
      while (!Files.exists(dir.resolve("go"))) {
        LockSupport.parkNanos(1_000_000);
      }
      if (event.message().equals(END)) {
        end.countDown();
      } else {
        long number = Long.parseLong(event.message().substring(0, 8));
        require(number == next.getAndIncrement(), "line " + number + " came, wanted " + (next.get() - 1));
      }
    })).build();
    RunningPipeline running = pipeline.start();
    end.await();
    close(running);
    require(running.ledger().unread().isEmpty(), running.ledger().toString());
  }

  /** Follows so many files, tells when each has given a line, and then waits for the end in any of them. */
  private static void idle(Path dir, int files) throws InterruptedException, IOException {
    CountDownLatch first = new CountDownLatch(files);
    CountDownLatch more = new CountDownLatch(files / 100);
    RunningPipeline running = start("idle", FileTail.matching(dir.resolve("logs"), "*.log").rescanEvery(Duration.ofMillis(250)), event -> {
      if (event.message().equals(END)) {
        more.countDown();
      } else {
        first.countDown();
      }
    });
    first.await();
    Files.createFile(dir.resolve("all-read"));
    more.await();
    require(running.ledger().read() == files + files / 100, running.ledger().toString());
    close(running);
  }
}
