package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What stages made of given lines: a pipeline of them, run to its end on the test's thread, its ledger checked. */
public final class Ran {
  private final List<LogEvent> passed = new ArrayList<>();
  private final List<LogEvent> failed = new ArrayList<>();
  private final Ledger ledger;

  private Ran(List<String> lines, int perBatch, Instant readAt, Stage... stages) {
    Pipeline pipeline = LogStream.named("test")
        .from(new TestLines("lines", lines, perBatch))
        .then(Stages.of(stages))
        .to(Sink.each(event -> passed.add(event.copy())))
        .build()
        .failuresTo(Sink.each(event -> failed.add(event.copy())));
    InlineRun run = pipeline.inline(() -> readAt);
    try (run) {
      while (run.work()) {
        // until all lines are read
      }
    }
    ledger = run.ledger();
    assertThat(ledger.imbalances()).isEmpty();
  }

  /** Runs stages over lines, all read on 2026-01-01. */
  public static Ran over(List<String> lines, Stage... stages) {
    return new Ran(lines, 3, Instant.parse("2026-01-01T00:00:00Z"), stages);
  }

  /** Runs stages over lines, so many in a batch. */
  public static Ran inBatchesOf(int perBatch, List<String> lines, Stage... stages) {
    return new Ran(lines, perBatch, Instant.parse("2026-01-01T00:00:00Z"), stages);
  }

  /** Runs stages over lines read at this time. */
  public static Ran readAt(Instant time, List<String> lines, Stage... stages) {
    return new Ran(lines, 3, time, stages);
  }

  /** The events that passed all stages. */
  public List<LogEvent> passed() {
    return passed;
  }

  /** The messages of the events that passed all stages. */
  public List<String> messages() {
    return passed.stream().map(LogEvent::message).toList();
  }

  /** What the failure sink got. */
  public List<LogEvent> failed() {
    return failed;
  }

  /** What became of every line. */
  public Ledger ledger() {
    return ledger;
  }
}
