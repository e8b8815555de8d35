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
import java.util.ArrayDeque;
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
  /** What was saved beside that, the newest last. */
  private final ArrayDeque<Checkpoint> checkpoints = new ArrayDeque<>();
  /** Then an unfinished record is given out, which goes on in the next run. */
  private boolean closing;

  /** A state, and how many lines had come by then. */
  private record Checkpoint(byte[] state, int lines) {}

  /** Thrown by whatever a run asks, where its process dies. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

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

  /** Keeps what a checkpoint would hold at this moment, which may be in the middle of {@link #work}. */
  void checkpoint() {
    if (run != null) {
      checkpoints.add(new Checkpoint(run.save(), lines.size()));
      if (checkpoints.size() > 2) {
        checkpoints.poll();
      }
    }
  }

  /**
   * Dies, as from {@code kill -9}: the next start goes on from the last checkpoint, or the one before. What came after that has not come.
   *
   * @return how many lines that is
   */
  int die(boolean lastCheckpointIsDamaged) {
    if (run != null) {
      run.abandon();
      run = null;
    }
    if (lastCheckpointIsDamaged && checkpoints.size() > 1) {
      checkpoints.pollLast();
    }
    Checkpoint from = checkpoints.peekLast();
    saved = from == null ? null : from.state;
    int left = from == null ? 0 : from.lines;
    int repeated = lines.size() - left;
    lines.subList(left, lines.size()).clear();
    positions.subList(left, positions.size()).clear();
    return repeated;
  }

  Follower advance(Duration by) {
    now = now.plus(by);
    return this;
  }

  boolean runs() {
    return run != null;
  }

  void save() {
    checkpoint();
    saved = checkpoints.peekLast().state;
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
