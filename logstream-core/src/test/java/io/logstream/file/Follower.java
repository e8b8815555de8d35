package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Runs a source inline, with a clock moved by hand, stops and starts it again, and keeps the lines that came. */
final class Follower implements AutoCloseable {
  final List<String> lines = new ArrayList<>();
  final List<String> positions = new ArrayList<>();
  private final Pipeline pipeline;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private InlineRun run;
  private byte[] saved;
  /** Then an unfinished record is given out, which goes on in the next run. */
  private boolean closing;

  Follower(Source source) {
    pipeline = LogStream.named("follow").from(source).to(Sink.each(e -> {
      if (!closing) {
        lines.add(e.message());
        positions.add(e.position().toString());
      }
    })).build();
  }

  Follower work() {
    if (run == null) {
      run = saved == null ? pipeline.inline(clock) : pipeline.inline(clock, saved);
    }
    run.work();
    return this;
  }

  Follower advance(Duration by) {
    now = now.plus(by);
    return this;
  }

  boolean runs() {
    return run != null;
  }

  void save() {
    saved = run.save();
  }

  /** What a checkpoint would hold, as far as it is text. */
  String saved() {
    return new String(run.save(), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Stops in order: the next start goes on where this one stopped. */
  void stop() {
    if (run != null) {
      save();
      kill();
    }
  }

  /** Stops so that the next start goes on from what was saved last. */
  void kill() {
    if (run != null) {
      assertThat(run.ledger().imbalances()).isEmpty();
      closing = true;
      run.close();
      closing = false;
      run = null;
    }
  }

  long metric(String name) {
    return run.metrics().entrySet().stream().filter(e -> e.getKey().endsWith("." + name)).mapToLong(java.util.Map.Entry::getValue).sum();
  }

  Ledger ledger() {
    return run.ledger();
  }

  long unread() {
    return run.ledger().unread().values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    kill();
  }
}
