package io.logstream.file;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.sum;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Processor;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.State;
import io.logstream.match.Drop;
import io.logstream.parse.EventTime;
import io.logstream.parse.Multiline;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * What is killed: follows the logs of all directories in one, a pipeline with windows for each, and writes into a journal beside the logs
 * what it does, at once, so that the operating system has it when the process dies.
 *
 * <pre>
 * R count              restored: so many records were behind the checkpoint
 * S count              saves: so many are
 * L position entry     a record
 * W id entry           a row of a window
 * </pre>
 *
 * Ends in order when its input is closed.
 */
final class KilledProgram {
  /** A line of this number closes all windows. */
  static final int LAST = 99_999_999;
  private static final Duration NEVER = Duration.ofDays(300);

  private KilledProgram() {}

  /** What is followed, and how. */
  enum Kind {
    LINES, MANY_FILES, INTERLEAVED;

    Source source(Path logs) {
      return this == MANY_FILES ? FileTail.matching(logs, "*.log") : FileTail.of(logs.resolve("app.log"));
    }
  }

  /** Two records at a time, in turns: even numbers and odd ones, each begins with every tenth. */
  private static final Multiline TWO_STREAMS = Multiline.startingWith("^\\d{7}[01] ").by("stream").timeout(NEVER);

  static Pipeline pipeline(Kind kind, Source source, Consumer<String> journal) {
    PipelineBuilder builder = LogStream.named(kind.name().toLowerCase(Locale.ROOT)).from(source).then("parse", Stage.each(KilledProgram::parse));
    if (kind == Kind.MANY_FILES) {
      return builder.then("journal", new Journal(journal)).build();
    }
    builder.then(EventTime.from("at", "UNIX_MS").outOfOrder(Duration.ofSeconds(1)).idleAfter(NEVER));
    if (kind == Kind.INTERLEAVED) {
      builder.then(TWO_STREAMS).then("lines", Stage.each(e -> e.put("lines", e.message().lines().count())));
    }
    return builder.then("journal", new Journal(journal))
        .branch("windows", all -> all.then(Drop.when(field("key").is("none")))
            .then(Window.tumbling(Duration.ofSeconds(1)).by("key").aggregate(count(), sum("n"), max("n")))
            .to("rows", Sink.each(row -> journal.accept("W " + row.id().replace(' ', '_') + ' ' + new TreeMap<>(row.fields())))))
        .build();
  }

  private static void parse(LogEvent event) {
    String message = event.message();
    long n = message.length() > 8 && message.charAt(8) == ' ' && Character.isDigit(message.charAt(0)) ? Long.parseLong(message.substring(0, 8)) : -1;
    event.put("n", n).put("at", 1_700_000_000_000L + Math.max(0, n) * 10).put("stream", n % 2).put("key", n < 0 ? "none" : "key" + n % 3);
  }

  /** A line as the journal shows it. */
  static String entry(String message) {
    CRC32 crc = new CRC32();
    crc.update(message.getBytes(StandardCharsets.UTF_8));
    return message.substring(0, Math.min(8, message.length())) + '-' + Long.toHexString(crc.getValue());
  }

  /** Counts records, and goes on counting after a restart. */
  private record Journal(Consumer<String> journal) implements Stage {
    @Override
    public Processor open(io.logstream.StageContext context) {
      journal.accept("R 0");
      return new Processor() {
        private long seen;

        @Override
        public void process(LogEvent event, Emitter out) {
          seen++;
          journal.accept("L " + event.position().toString().replace(' ', '_') + ' ' + entry(event.message()));
          out.emit(event);
        }

        @Override
        public void save(State state) {
          journal.accept("S " + seen);
          state.put("seen", ByteBuffer.allocate(Long.BYTES).putLong(seen).array());
        }

        @Override
        public void restore(State state, Emitter out) {
          seen = ByteBuffer.wrap(state.get("seen")).getLong();
          journal.accept("R " + seen);
        }
      };
    }
  }

  /**
   * Appends lines, each by one call of the operating system. One that crosses a page may be torn by a kill while the disk is slow: then it has
   * not come, and is taken away.
   */
  private static Consumer<String> appending(Path file) throws IOException {
    if (Files.exists(file)) {
      byte[] before = Files.readAllBytes(file);
      int end = before.length;
      while (end > 0 && before[end - 1] != '\n') {
        end--;
      }
      try (FileChannel torn = FileChannel.open(file, StandardOpenOption.WRITE)) {
        torn.truncate(end);
      }
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return line -> {
      try {
        channel.write(ByteBuffer.wrap((line + '\n').getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Arguments: the directory, in which each subdirectory has the name of a kind, a dash and more. */
  public static void main(String[] args) throws IOException {
    List<Path> dirs;
    try (Stream<Path> all = Files.list(Path.of(args[0]))) {
      dirs = all.filter(Files::isDirectory).sorted().toList();
    }
    List<RunningPipeline> runs = new ArrayList<>();
    for (Path dir : dirs) {
      String name = dir.getFileName().toString();
      Kind kind = Kind.valueOf(name.substring(0, name.indexOf('-')));
      runs.add(pipeline(kind, kind.source(dir.resolve("logs")), appending(dir.resolve("journal"))).ring(8).checkpointIn(dir.resolve("state"))
          .checkpointEvery(Duration.ofMillis(50)).start());
    }
    while (System.in.read() >= 0) {
      // until the input is closed
    }
    boolean balanced = true;
    for (RunningPipeline run : runs) {
      run.close();
      balanced &= run.ledger().balances();
    }
    System.exit(balanced ? 0 : 3);
  }
}
