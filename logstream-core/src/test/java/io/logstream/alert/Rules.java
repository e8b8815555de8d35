package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Sink;
import io.logstream.testing.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An alert over records that a test makes, run inline, with a clock moved by hand. The ledger must balance in the end. */
final class Rules implements AutoCloseable {
  final Told told;
  final MadeRows rows;
  private final TestClock clock;
  private final Pipeline pipeline;
  private InlineRun run;

  private Rules(MadeRows rows, Duration outOfOrder, Sink sink, Told told, TestClock clock) {
    this.rows = rows;
    this.told = told;
    this.clock = clock;
    pipeline = LogStream.named("p").from(rows).then(new GivenTime(outOfOrder)).to(sink).build();
  }

  static Rules of(Alert alert) {
    return of(alert, Duration.ZERO);
  }

  static Rules of(Alert alert, Duration outOfOrder) {
    Told told = new Told();
    return new Rules(MadeRows.records(), outOfOrder, alert.notify(told), told, TestClock.at(MadeRows.START));
  }

  static Rules of(MadeRows rows, Duration outOfOrder, Sink sink, Told told, TestClock clock) {
    return new Rules(rows, outOfOrder, sink, told, clock);
  }

  /** Each alert as {@code fired|resolved <seconds after the start> [key]}. */
  List<String> words() {
    return words(told.all);
  }

  static List<String> words(List<FiredAlert> alerts) {
    return alerts.stream().map(Rules::word).toList();
  }

  static String word(FiredAlert alert) {
    double seconds = Duration.between(MadeRows.START, alert.at()).toMillis() / 1000.0;
    String key = alert.key().isEmpty() ? "" : " " + String.join(",", alert.key().values());
    return (alert.state() == FiredAlert.State.FIRING ? "fired " : "resolved ")
        + (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : String.format(Locale.ROOT, "%.3f", seconds)) + key;
  }

  InlineRun run() {
    if (run == null) {
      run = pipeline.inline(clock);
    }
    return run;
  }

  Rules goingOn(byte[] saved) {
    run = pipeline.inline(clock, saved);
    return this;
  }

  Rules at(double seconds, Object... fields) {
    rows.atMillis(Math.round(seconds * 1000), fields);
    run().work();
    return this;
  }

  Rules work() {
    run().work();
    return this;
  }

  Rules advance(Duration by) {
    run();
    clock.advance(by);
    run.work();
    return this;
  }

  Map<String, Long> metrics() {
    return run().metrics();
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }
}
