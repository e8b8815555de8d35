package io.logstream.testing;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertKey;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An alert in a test: the very evaluator, on the test's thread, over lines that the test feeds, with a clock that it moves.
 *
 * <pre>{@code
 * AlertTester.of(slow()).parsing(NginxLogs.parsing()).feed(Path.of("access-2026-11-19.log"))
 *     .fired("/search", at("10:15:00")).resolved("/search", at("10:40:00")).andNothingElse();
 * }</pre>
 *
 * <p>Each {@link #fired} and {@link #resolved} stands for the next thing told, in order. The alert's own notifiers, if it has any, are told as well. The clock starts at
 * 2026-01-01T00:00:00Z and stands still unless moved. One thread; changes itself and returns itself.
 */
public final class AlertTester {
  private static final int AT_ONCE = 10_000;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Alert alert;
  private final List<Stage> parsing = new ArrayList<>();
  private final FedLines lines = new FedLines("lines");
  private final TestClock clock = TestClock.at(START);
  private final List<FiredAlert> told = new ArrayList<>();
  private final RuleHistory history = new RuleHistory();
  private InlineRun run;
  private int next;

  private AlertTester(Alert alert) {
    this.alert = alert;
  }

  /** A tester of this alert, which need not name a notifier. */
  public static AlertTester of(Alert alert) {
    return new AlertTester(Objects.requireNonNull(alert, "alert"));
  }

  /** A key of several fields, for {@link #fired(AlertKey, Instant)}. */
  public static AlertKey key(String... values) {
    Objects.requireNonNull(values, "values of AlertTester.key");
    return AlertKey.key(values);
  }

  /** The stages that lines go through before they come to the alert. Before the first feed. */
  public AlertTester parsing(Stage... stages) {
    Objects.requireNonNull(stages, "stages of AlertTester.parsing");
    if (run != null) {
      throw new IllegalStateException("parsing(..) comes before the first feed");
    }
    parsing.addAll(Arrays.asList(stages));
    return this;
  }

  // ---------------------------------------------------------------- driving it

  /** Feeds lines. */
  public AlertTester feed(String... fed) {
    Objects.requireNonNull(fed, "fed of AlertTester.feed");
    return feed(Arrays.asList(fed));
  }

  /** Feeds lines. */
  public AlertTester feed(List<String> fed) {
    InlineRun open = run();
    fed.forEach(lines::feed);
    open.work();
    return this;
  }

  /** Feeds the lines of a file. */
  public AlertTester feed(Path file) {
    Objects.requireNonNull(file, "file of AlertTester.feed");
    try (Stream<String> all = Files.lines(file)) {
      InlineRun open = run();
      int[] fed = new int[1];
      all.forEach(line -> {
        lines.feed(line);
        if (++fed[0] % AT_ONCE == 0) {
          open.work();
        }
      });
      open.work();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Moves the clock on, as when nothing comes. */
  public AlertTester advance(Duration by) {
    InlineRun open = run();
    clock.advance(by);
    open.work();
    return this;
  }

  private InlineRun run() {
    if (run == null) {
      PipelineBuilder chain = LogStream.named("alert-test").from(lines);
      parsing.forEach(chain::then);
      Pipeline pipeline = chain.to(alert.watchedBy(history).notify(new AlertNotifier() {
        @Override
        public void fired(FiredAlert one) {
          told.add(one);
        }

        @Override
        public void resolved(FiredAlert one) {
          told.add(one);
        }
      })).build();
      run = pipeline.inline(clock);
    }
    return run;
  }

  // ---------------------------------------------------------------- looking at it

  /** What comes next is that it fires, at this time. */
  public AlertTester fired(Instant at) {
    return next(FiredAlert.State.FIRING, null, at);
  }

  /** What comes next is that it fires for this value of its one key field, at this time. */
  public AlertTester fired(String key, Instant at) {
    return fired(AlertKey.key(key), at);
  }

  /** What comes next is that it fires for this key, at this time. */
  public AlertTester fired(AlertKey key, Instant at) {
    return next(FiredAlert.State.FIRING, key, at);
  }

  /** What comes next is an end, at this time. */
  public AlertTester resolved(Instant at) {
    return next(FiredAlert.State.RESOLVED, null, at);
  }

  /** What comes next is an end for this value of its one key field, at this time. */
  public AlertTester resolved(String key, Instant at) {
    return resolved(AlertKey.key(key), at);
  }

  /** What comes next is an end for this key, at this time. */
  public AlertTester resolved(AlertKey key, Instant at) {
    return next(FiredAlert.State.RESOLVED, key, at);
  }

  private AlertTester next(FiredAlert.State state, AlertKey key, Instant at) {
    run();
    String wanted = (state == FiredAlert.State.FIRING ? "fired" : "resolved") + (key == null ? "" : " for " + key) + " at " + at;
    FiredAlert found = next < told.size() ? told.get(next) : null;
    boolean right = found != null && found.state() == state && found.at().equals(at) && (key == null || key.equals(keyOf(found)));
    if (!right) {
      throw new AssertionError(alert + "\nwas to have " + wanted + (found == null ? ", and told nothing more" : ", and told: " + found) + "\nall that it told:" + list()
          + explained(key != null ? key : found != null ? keyOf(found) : null, at));
    }
    next++;
    return this;
  }

  private static AlertKey keyOf(FiredAlert alert) {
    return new AlertKey(List.copyOf(alert.key().values()));
  }

  private String explained(AlertKey key, Instant at) {
    return key == null ? "" : "\n" + history.explain(key, at);
  }

  /** Nothing was told beside what was asked for. */
  public AlertTester andNothingElse() {
    run();
    if (next < told.size()) {
      throw new AssertionError(alert + "\nwas to have told nothing else, and told: " + told.get(next) + "\nall that it told:" + list());
    }
    return this;
  }

  private String list() {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < told.size(); i++) {
      list.append("\n  ").append(i < next ? "" : "? ").append(told.get(i));
    }
    return told.isEmpty() ? " nothing" : list.toString();
  }

  /** All that was told so far. */
  public List<FiredAlert> told() {
    run();
    return List.copyOf(told);
  }

  /** Why it fired or did not for a key at a moment: the values it was judged by, the condition, and the states it went through. */
  public String explain(AlertKey key, Instant at) {
    run();
    return alert + "\n" + history.explain(key, at);
  }
}
