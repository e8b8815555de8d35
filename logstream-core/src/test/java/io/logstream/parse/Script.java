package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Mark;
import io.logstream.Pipeline;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lines given one by one to stages, on a clock moved by hand, of as many logs as one likes. */
final class Script implements AutoCloseable {
  /** The time at which every script begins. */
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private record Given(String log, byte[] line, Map<String, ?> fields) {}

  private final Deque<Given> waiting = new ArrayDeque<>();
  private final Map<String, long[]> offsets = new HashMap<>();
  private final Pipeline pipeline;
  private boolean ended;
  private Instant now = BEGIN;
  private InlineRun run;
  final List<LogEvent> events = new ArrayList<>();
  final List<LogEvent> failed = new ArrayList<>();

  Script(Stage... stages) {
    this(List.of(stages));
  }

  Script(List<Stage> stages) {
    Source source = this::open;
    var builder = LogStream.named("script").from(source);
    stages.forEach(builder::then);
    pipeline = builder.to(Sink.each((LogEvent event) -> events.add(event.copy()))).build().failuresTo(Sink.each(event -> failed.add(event.copy())));
    run = pipeline.inline(() -> now);
  }

  private Reader open(SourceContext context) {
    Map<String, Log> logs = new HashMap<>();
    return batch -> {
      Given given = waiting.poll();
      if (given == null) {
        return ended ? Reader.Found.END : Reader.Found.NOTHING;
      }
      Log log = logs.computeIfAbsent(given.log, key -> context.log(key, Map.of("file", key)));
      batch.begin(log, "");
      if (given.line == null) {
        batch.ends();
        return Reader.Found.SOMETHING;
      }
      long[] at = offsets.computeIfAbsent(given.log, key -> new long[2]);
      if (given.fields.isEmpty()) {
        int from = batch.used();
        byte[] buffer = batch.room(given.line.length);
        System.arraycopy(given.line, 0, buffer, from, given.line.length);
        batch.filled(given.line.length);
        batch.line(from, from + given.line.length, at[0], ++at[1]);
      } else {
        LogEvent event = batch.event(given.line, 0, given.line.length, at[0]);
        given.fields.forEach(event::put);
      }
      at[0] += given.line.length + 1;
      Mark mark = () -> Long.toString(at[0]).getBytes(StandardCharsets.US_ASCII);
      batch.mark(mark);
      return Reader.Found.SOMETHING;
    };
  }

  Script line(String log, String text, Map<String, ?> fields) {
    waiting.add(new Given(log, text.getBytes(StandardCharsets.UTF_8), fields));
    return work();
  }

  Script lines(String... texts) {
    for (String text : texts) {
      line("log", text, Map.of());
    }
    return this;
  }

  Script lines(List<String> texts) {
    return lines(texts.toArray(String[]::new));
  }

  Script bytes(byte[] line) {
    waiting.add(new Given("log", line, Map.of()));
    return work();
  }

  /** The file of a log ends. */
  Script endOfFile(String log) {
    waiting.add(new Given(log, null, Map.of()));
    return work();
  }

  Script pass(Duration time) {
    now = now.plus(time);
    return work();
  }

  Script work() {
    run.work();
    assertThat(run.ledger().imbalances()).isEmpty();
    return this;
  }

  /** Stops as with a checkpoint and goes on from it. */
  Script restart() {
    byte[] saved = run.save();
    run = pipeline.inline(() -> now, saved);
    return this;
  }

  /** The source comes to its end. */
  Script end() {
    ended = true;
    work();
    close();
    return this;
  }

  List<String> messages() {
    return events.stream().map(LogEvent::message).toList();
  }

  Map<String, Long> metrics() {
    return run.metrics();
  }

  InlineRun run() {
    return run;
  }

  @Override
  public void close() {
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
  }
}
