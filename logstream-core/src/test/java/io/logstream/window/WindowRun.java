package io.logstream.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a window over lines, in the ways there are, and keeps its rows. */
final class WindowRun {
  final List<LogEvent> rows = Collections.synchronizedList(new ArrayList<>());
  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final InstantSource clock = () -> now;
  Ledger ledger;
  Map<String, Long> metrics;

  Pipeline pipeline(TimedLines lines, At at, Stage... then) {
    var chain = LogStream.named("windows").from(lines).then(at);
    for (Stage stage : then) {
      chain.then(stage);
    }
    return chain.to(Sink.each(row -> rows.add(row.copy()))).build();
  }

  static TimedLines lines(Collection<Came> events, int perBatch) {
    TimedLines lines = new TimedLines(perBatch);
    events.forEach(event -> lines.add("a", event.line()));
    return lines;
  }

  WindowRun over(TimedLines lines, At at, Stage... then) {
    InlineRun run = pipeline(lines, at, then).inline(clock);
    run.work();
    return closed(run);
  }

  WindowRun onRing(TimedLines lines, int lanes, At at, Stage... then) throws InterruptedException {
    try (RunningPipeline run = pipeline(lines, at, then).lanes(lanes).start()) {
      run.await();
      ledger = run.ledger();
    }
    assertThat(ledger.imbalances()).isEmpty();
    return this;
  }

  /** Saves and restores between any two events. */
  WindowRun restoredAtEvery(TimedLines lines, At at, Stage... then) {
    Pipeline pipeline = pipeline(lines, at, then);
    lines.upTo(0);
    InlineRun run = pipeline.inline(clock);
    for (int i = 0; i <= lines.size(); i++) {
      byte[] saved = run.save();
      assertThat(run.ledger().imbalances()).isEmpty();
      run = pipeline.inline(clock, saved);
      lines.upTo(i);
      if (i < lines.size()) {
        run.work();
      }
    }
    run.work();
    return closed(run);
  }

  private WindowRun closed(InlineRun run) {
    run.close();
    ledger = run.ledger();
    metrics = run.metrics();
    assertThat(ledger.imbalances()).isEmpty();
    return this;
  }

  /** All that is in the rows. */
  List<String> text() {
    return rows.stream().map(row -> row + " " + row.id() + " " + row.keys()).toList();
  }

  /** Start, end, key and these fields of all rows, and their flags. */
  List<String> shortly(String... fields) {
    return rows.stream().map(row -> shortly(row, fields)).toList();
  }

  private static String shortly(LogEvent row, String... fields) {
    StringBuilder text = new StringBuilder(row.text("window.start") + ".." + row.text("window.end") + " " + row.text("k"));
    for (String field : fields) {
      text.append(' ').append(row.text(field));
    }
    text.append(" r").append(row.text("revision"));
    for (String flag : List.of("early", "partial", "overflow", "withdrawn")) {
      text.append(row.has(flag) ? " " + flag : "");
    }
    return text.toString();
  }

  /** What a sink has in the end that keeps the last row of each window and key, without revisions. */
  Map<String, String> upserted(String... fields) {
    Map<String, String> kept = new LinkedHashMap<>();
    for (LogEvent row : rows) {
      String same = row.id().substring(0, row.id().lastIndexOf('|'));
      kept.remove(same);
      if (!row.has("withdrawn")) {
        kept.put(same, shortly(row, fields).replaceAll(" r\\d+", ""));
      }
    }
    return new java.util.TreeMap<>(kept);
  }
}
