package io.logstream.testing;

import io.logstream.InlineRun;
import io.logstream.Joiner;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineBuilder;
import io.logstream.Sink;
import io.logstream.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * The rules that every stage keeps, as a check: {@code StageContract.check(stage, lines)}. Give it some twenty lines that show all that
 * the stage does; {@code StageContract.of(stage).behind(Grok.pattern(..)).on(lines)} where it needs fields.
 *
 * <ol>
 *   <li>Opened twice it gives the same answer: state lives in the processor, not in the stage.
 *   <li>It says exactly one verb about every event, and one about every event that it holds.
 *   <li>It keeps no event that was only lent to it.
 *   <li>Its answer does not depend on the borders of batches.
 *   <li>Saved and restored between any two events it gives the same answer.
 *   <li>If it says that it is stateless, each event's answer is the same whatever other events come, in whatever order.
 *   <li>If it joins lines, it gives the same records in a reader and in the chain.
 *   <li>Timers and the end of input do not throw, and the ledger balances.
 * </ol>
 *
 * <p>Answers are what comes out, what fails and why, and how much is dropped for which reason. The clock stands still while lines
 * come, then goes on for a day, then the input ends.
 */
public final class StageContract {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String CHECKED = "checked";

  private final Stage stage;
  private final List<Stage> before;

  private StageContract(Stage stage, List<Stage> before) {
    this.stage = stage;
    this.before = before;
  }

  /**
   * Checks a stage with these lines.
   *
   * @throws AssertionError if it breaks a rule; the message names the rule and shows where
   */
  public static void check(Stage stage, String... lines) {
    Objects.requireNonNull(lines, "lines of StageContract.check");
    of(stage).on(lines);
  }

  /** Checks a stage with these lines, as {@link #check(Stage, String...)}. */
  public static void check(Stage stage, List<String> lines) {
    Objects.requireNonNull(lines, "lines of StageContract.check");
    of(stage).on(lines);
  }

  /** The rules for this stage. Not for {@code Stages.of(..)}: its parts are checked one by one. */
  public static StageContract of(Stage stage) {
    return new StageContract(stage, List.of());
  }

  /** The same, with stages in front of it that give it the events it wants. These must keep the rules themselves. */
  public StageContract behind(Stage... stages) {
    Objects.requireNonNull(stages, "stages of StageContract.behind");
    return new StageContract(stage, List.of(stages));
  }

  /** Checks the stage with these lines, as {@link #check(Stage, String...)}. */
  public void on(String... lines) {
    on(Arrays.asList(lines));
  }

  /** Checks the stage with these lines, as {@link #check(Stage, String...)}. */
  public void on(List<String> lines) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("StageContract needs lines to check a stage with");
    }
    List<Line> all = new ArrayList<>();
    long offset = 0;
    for (String line : lines) {
      all.add(new Line(line, offset, all.size() + 1L));
      offset += line.getBytes(StandardCharsets.UTF_8).length + 1L;
    }
    List<String> first = play(stage, all, all.size());
    same("opened twice, it gives the same answer (state lives in the processor, not in the stage)", "the first time", first, "the second time",
        play(stage, all, all.size()));
    verbsAndLentEvents(all);
    for (int perBatch : new int[] {1, 3}) {
      same("its answer does not depend on the borders of batches", "all lines in one batch", first, "batches of " + perBatch, play(stage, all, perBatch));
    }
    openedTwiceAtOnce(first, all);
    if (stage.stateless()) {
      anyOrder(all);
    }
    savedAndRestored(all);
    if (stage instanceof Joiner) {
      joinedAnywhere(all);
    }
  }

  // ---------------------------------------------------------------- rules

  private void openedTwiceAtOnce(List<String> alone, List<Line> lines) {
    Play one = new Play(stage);
    Play other = new Play(stage);
    for (Line line : lines) {
      one.feed(line).work();
      other.feed(line).work();
    }
    String rule = "opened twice at the same time, it gives the same answer (state lives in the processor, not in the stage)";
    same(rule, "alone", alone, "beside another run", one.end());
    same(rule, "alone", alone, "beside another run", other.end());
  }

  private void verbsAndLentEvents(List<Line> lines) {
    WatchedStage kept = new WatchedStage(stage, false);
    List<String> own = play(kept, lines, lines.size());
    if (!kept.wrongs().isEmpty()) {
      throw broken("it says exactly one verb about every event", String.join("\n  ", kept.wrongs()));
    }
    same("it keeps no event that was only lent to it (use hold or copy)", "with events of its own", own, "with events overwritten when process had returned",
        play(new WatchedStage(stage, true), lines, lines.size()));
  }

  private void anyOrder(List<Line> lines) {
    String rule = "it says that it is stateless, so each event's answer is the same whatever other events come, in whatever order";
    List<String> alone = new ArrayList<>();
    for (Line line : lines) {
      alone.addAll(counted(play(stage, List.of(line), 1)));
    }
    Collections.sort(alone);
    List<Line> backwards = new ArrayList<>(lines);
    Collections.reverse(backwards);
    List<Line> shuffled = new ArrayList<>(lines);
    Collections.shuffle(shuffled, new Random(1));
    for (List<Line> order : List.of(lines, backwards, shuffled)) {
      List<String> together = counted(play(stage, order, order.size()));
      Collections.sort(together);
      same(rule, "each event alone, on a fresh processor", alone, order == lines ? "all in order" : order == backwards ? "backwards" : "shuffled", together);
    }
  }

  /** The answers without those that are sums over all events. */
  private static List<String> counted(List<String> answers) {
    return new ArrayList<>(answers.stream().filter(answer -> !answer.startsWith(Play.SUM)).toList());
  }

  private void savedAndRestored(List<Line> lines) {
    List<String> undisturbed = new Play(stage).feedAll(lines, 1).end();
    Play play = new Play(stage);
    for (Line line : lines) {
      play.feed(line).work();
      play.restart();
    }
    same("saved and restored between any two events, it gives the same answer", "undisturbed", undisturbed, "saved and restored after every event", play.end());
  }

  private void joinedAnywhere(List<Line> lines) {
    same("it joins lines, so it gives the same records in a reader and in the chain", "in the reader", messages(new Play(stage).feedAll(lines, 1)),
        "in the chain", messages(new Play(stage, List.of(Stage.inOrder(e -> { }))).feedAll(lines, 1)));
  }

  private static List<String> messages(Play play) {
    play.end();
    return play.messages;
  }

  private List<String> play(Stage as, List<Line> lines, int perBatch) {
    return new Play(as).feedAll(lines, perBatch).end();
  }

  private void same(String rule, String oneName, List<String> one, String otherName, List<String> other) {
    if (one.equals(other)) {
      return;
    }
    int at = 0;
    while (at < one.size() && at < other.size() && one.get(at).equals(other.get(at))) {
      at++;
    }
    throw broken(rule, "answer " + (at + 1) + "\n  " + oneName + ": " + (at < one.size() ? one.get(at) : "(no more)") + "\n  " + otherName + ": "
        + (at < other.size() ? other.get(at) : "(no more)"));
  }

  private AssertionError broken(String rule, String how) {
    return new AssertionError("stage '" + stage.name() + "' breaks the rule: " + rule + ".\n  " + how);
  }

  private record Line(String text, long offset, long number) {}

  // ---------------------------------------------------------------- a run

  /** One way through lines, a day and the end, and what the stage answered. */
  private final class Play {
    static final String SUM = "sum: ";

    private final TestClock clock = TestClock.at(START);
    private final FedLines source = new FedLines("lines");
    private final List<String> answers = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final Map<String, Long> sums = new TreeMap<>();
    private final Pipeline pipeline;
    private InlineRun run;
    private boolean heard = true;

    Play(Stage as) {
      this(as, before);
    }

    Play(Stage as, List<Stage> inFront) {
      PipelineBuilder builder = LogStream.named("contract").from(source);
      inFront.forEach(builder::then);
      pipeline = builder.then(CHECKED, as).to(Sink.each(this::came)).build().failuresTo(Sink.each(this::failed));
      run = pipeline.inline(clock);
      if (run.ledger().entries().stream().anyMatch(e -> e.name().startsWith(CHECKED + "/") && !as.sides().containsKey(e.name().substring(CHECKED.length() + 1)))) {
        run.close();
        throw new IllegalArgumentException("stage '" + as.name() + "' is made of several: check each by itself, behind(..) those before it");
      }
    }

    private void came(LogEvent event) {
      if (heard) {
        messages.add(event.message());
        answers.add(shown(event));
      }
    }

    private void failed(LogEvent event) {
      if (heard && event.text("failure.stage", "").equals(CHECKED)) {
        answers.add("failed: " + shown(event));
      }
    }

    private String shown(LogEvent event) {
      return event.time() + " " + event.id() + " line " + event.number("line", 0) + " " + event.keys() + " " + new TreeMap<>(event.fields()) + " " + event.message();
    }

    Play feed(Line line) {
      source.feedAt(line.text, line.offset, line.number);
      return this;
    }

    Play feedAll(List<Line> lines, int perBatch) {
      source.perBatch(perBatch);
      lines.forEach(this::feed);
      work();
      return this;
    }

    void work() {
      run.work();
    }

    /** Goes on in another run, as after a restart. */
    void restart() {
      byte[] saved = run.save();
      settle();
      heard = false;
      run.close();
      heard = true;
      run = pipeline.inline(clock, saved);
    }

    /** Lets a day go by, ends the input and tells all answers. */
    List<String> end() {
      for (Duration pause : List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1))) {
        clock.advance(pause);
        work();
      }
      source.end();
      work();
      run.close();
      settle();
      sums.forEach((what, n) -> answers.add(SUM + what + " = " + n));
      return answers;
    }

    /** Takes a run's sums, and refuses what no run may have. */
    private void settle() {
      Ledger ledger = run.ledger();
      if (!ledger.balances()) {
        throw broken("its ledger balances", String.join("; ", ledger.imbalances()));
      }
      ledger.entries().stream().filter(e -> e.name().equals(CHECKED)).forEach(e -> {
        if (e.dropped("unstated") > 0) {
          throw broken("it says exactly one verb about every event", "it said nothing about " + e.dropped("unstated") + " of " + e.in() + " events");
        }
        e.droppedBy().forEach((reason, n) -> sums.merge("dropped, " + reason, n, Long::sum));
        e.failedBy().forEach((cause, n) -> sums.merge("failed, " + cause, n, Long::sum));
      });
      long errors = run.metrics().getOrDefault(CHECKED + ".errors", 0L);
      if (errors > 0) {
        throw broken("timers, the end of input and code behind a verb do not throw", errors + " exceptions; the log shows them");
      }
    }
  }
}
