package io.logstream.testing;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.PipelineBuilder;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertKey;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.AlertWatch;
import io.logstream.alert.FiredAlert;
import io.logstream.file.FileTail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * What an alert would have told over logs that are there already, and what it would have told with other settings: the very evaluator, on a virtual clock, in one pass over the
 * files however many settings are tried.
 *
 * <pre>{@code
 * BackTest.Report report = BackTest.of(slow()).parsing(NginxLogs.parsing()).over(files).between(from, to)
 *     .trying("lasting", ZERO, ofMinutes(2), ofMinutes(5), ofMinutes(10)).run();
 * }</pre>
 *
 * <p>It reads from the beginning of the files, so that windows are full when the time begins that is asked about; what is told before is left out. Nobody is told
 * anything. Immutable; every word returns a new one.
 */
public final class BackTest {
  private final Alert alert;
  private final List<Stage> parsing;
  private final Source source;
  private final Instant from;
  private final Instant to;
  private final Map<String, Alert> variants;
  private final LongConsumer progress;
  private final boolean explaining;

  private BackTest(Alert alert, List<Stage> parsing, Source source, Instant from, Instant to, Map<String, Alert> variants, LongConsumer progress, boolean explaining) {
    this.alert = alert;
    this.parsing = parsing;
    this.source = source;
    this.from = from;
    this.to = to;
    this.variants = variants;
    this.progress = progress;
    this.explaining = explaining;
  }

  /** A back-test of this alert, which need not name a notifier. */
  public static BackTest of(Alert alert) {
    return new BackTest(Objects.requireNonNull(alert, "alert"), List.of(), null, Instant.MIN, Instant.MAX, Map.of(), null, false);
  }

  /** The stages that lines go through before they come to the alert. */
  public BackTest parsing(Stage... stages) {
    Objects.requireNonNull(stages, "stages of BackTest.parsing");
    List<Stage> more = new ArrayList<>(parsing);
    more.addAll(Arrays.asList(stages));
    return new BackTest(alert, List.copyOf(more), source, from, to, variants, progress, explaining);
  }

  /** The files to read. */
  public BackTest over(Path... files) {
    Objects.requireNonNull(files, "files of BackTest.over");
    return over(FileTail.once(files));
  }

  /** The files to read. */
  public BackTest over(List<Path> files) {
    Objects.requireNonNull(files, "files of BackTest.over");
    return over(files.toArray(Path[]::new));
  }

  /** What to read: a source that ends. */
  public BackTest over(Source read) {
    return new BackTest(alert, parsing, Objects.requireNonNull(read, "source"), from, to, variants, progress, explaining);
  }

  /** Reports only what is told from the one time, included, to the other, excluded. */
  public BackTest between(Instant first, Instant last) {
    Objects.requireNonNull(first, "first of BackTest.between");
    Objects.requireNonNull(last, "last of BackTest.between");
    if (!first.isBefore(last)) {
      throw new IllegalArgumentException("between(from, to) takes the earlier time first, was " + first + " and " + last);
    }
    return new BackTest(alert, parsing, source, first, last, variants, progress, explaining);
  }

  /**
   * Tries several values of one setting, {@code lasting}, {@code clearAfter}, {@code atMostEvery} or {@code backingOffTo}, instead of what the alert says of it. Zero
   * leaves it out.
   */
  public BackTest trying(String setting, Duration... values) {
    Objects.requireNonNull(setting, "setting of BackTest.trying");
    Objects.requireNonNull(values, "values of BackTest.trying");
    BackTest tried = this;
    for (Duration value : values) {
      tried = tried.trying(setting + " " + value, alert.changing(setting, value));
    }
    return tried;
  }

  /** Tries another alert as well, under a label. */
  public BackTest trying(String label, Alert other) {
    Map<String, Alert> more = new LinkedHashMap<>(variants);
    if (more.put(label, other) != null) {
      throw new IllegalArgumentException("the back-test tries '" + label + "' twice");
    }
    return new BackTest(alert, parsing, source, from, to, more, progress, explaining);
  }

  /** Told now and then how many events have come to the alert. */
  public BackTest reportingTo(LongConsumer events) {
    return new BackTest(alert, parsing, source, from, to, variants, Objects.requireNonNull(events, "progress"), explaining);
  }

  /** Keeps what {@link Result#explain} needs, which makes it slower. */
  public BackTest explaining() {
    return new BackTest(alert, parsing, source, from, to, variants, progress, true);
  }

  /**
   * Reads everything.
   *
   * @throws IllegalStateException if it was not said what to read
   */
  public Report run() {
    if (source == null) {
      throw new IllegalStateException("a back-test needs logs to read; say over(files)");
    }
    Map<String, Alert> all = variants.isEmpty() ? Map.of("as it is", alert) : variants;
    List<Trial> trials = new ArrayList<>();
    PipelineBuilder chain = LogStream.named("back-test").from(source);
    parsing.forEach(chain::then);
    long[] events = new long[1];
    chain.to("events", Sink.each(event -> count(events)));
    int n = 0;
    for (Map.Entry<String, Alert> one : all.entrySet()) {
      Trial trial = new Trial(one.getKey(), one.getValue());
      trials.add(trial);
      chain.to("trial-" + n++, one.getValue().watchedBy(trial).notify(trial));
    }
    long[] failed = new long[1];
    Map<String, Long> causes = new LinkedHashMap<>();
    Sink failures = Sink.each(event -> failed(event, failed, causes));
    try (InlineRun run = chain.build().failuresTo(failures).inline(TestClock.at(Instant.EPOCH))) {
      while (run.work()) {
        // until all is read
      }
      run.close();
    }
    return new Report(trials.stream().map(Trial::result).toList(), events[0], failed[0], causes);
  }

  private void count(long[] events) {
    if ((++events[0] & 0xFFFF) == 0 && progress != null) {
      progress.accept(events[0]);
    }
  }

  private static void failed(LogEvent event, long[] failed, Map<String, Long> causes) {
    failed[0]++;
    if (causes.size() < 50) {
      causes.merge(event.text("failure.stage") + ": " + event.text("failure.cause"), 1L, Long::sum);
    }
  }

  // ---------------------------------------------------------------- what comes of it

  /** One setting at work. */
  private final class Trial implements AlertNotifier, AlertWatch {
    private final String label;
    private final Alert of;
    private final List<FiredAlert> told = new ArrayList<>();
    private final RuleHistory history = new RuleHistory();
    private final Map<AlertKey, Instant> firingSince = new HashMap<>();
    private final Map<AlertKey, Instant> lastEnd = new HashMap<>();
    private long firings;
    private long flaps;
    private long nearMisses;
    private long millisFiring;

    Trial(String label, Alert of) {
      this.label = label;
      this.of = of;
    }

    private boolean counts(Instant at) {
      return !at.isBefore(from) && at.isBefore(to);
    }

    @Override
    public void fired(FiredAlert one) {
      if (counts(one.at())) {
        told.add(one);
      }
    }

    @Override
    public void resolved(FiredAlert one) {
      fired(one);
    }

    @Override
    public boolean wantsVerdicts() {
      return explaining;
    }

    @Override
    public void judged(String name, AlertKey key, Instant at, Map<String, Object> values, Boolean holds) {
      history.judged(name, key, at, values, holds);
    }

    @Override
    public void moved(String name, AlertKey key, String before, String after, Instant at, String why) {
      if (explaining) {
        history.moved(name, key, before, after, at, why);
      }
      if (after.equals("FIRED") && counts(at)) {
        firings++;
      }
      boolean was = before.equals("FIRING") || before.equals("RECOVERING");
      boolean is = after.equals("FIRING") || after.equals("RECOVERING");
      if (!was && is) {
        firingSince.put(key, at);
        if (counts(at)) {
          firings++;
          Instant end = lastEnd.get(key);
          flaps += end != null && Duration.between(end, at).compareTo(Duration.ofMinutes(10)) < 0 ? 1 : 0;
        }
      } else if (was && !is) {
        ended(key, at);
      } else if (before.equals("PENDING") && after.equals("OK") && counts(at)) {
        nearMisses++;
      }
    }

    private void ended(AlertKey key, Instant at) {
      Instant since = firingSince.remove(key);
      lastEnd.put(key, at);
      if (since != null) {
        Instant first = since.isBefore(from) ? from : since;
        Instant last = at.isAfter(to) ? to : at;
        millisFiring += first.isBefore(last) ? Duration.between(first, last).toMillis() : 0;
      }
    }

    Result result() {
      long begun = told.stream().filter(one -> one.state() == FiredAlert.State.FIRING).count();
      return new Result(label, of, firings, flaps, nearMisses, Duration.ofMillis(millisFiring), begun, List.copyOf(told), explaining ? history : null);
    }
  }

  /** What one setting would have come to. */
  public static final class Result {
    private final String label;
    private final Alert alert;
    private final long firings;
    private final long flaps;
    private final long nearMisses;
    private final Duration firing;
    private final long mails;
    private final List<FiredAlert> told;
    private final RuleHistory history;

    private Result(String label, Alert alert, long firings, long flaps, long nearMisses, Duration firing, long mails, List<FiredAlert> told, RuleHistory history) {
      this.label = label;
      this.alert = alert;
      this.firings = firings;
      this.flaps = flaps;
      this.nearMisses = nearMisses;
      this.firing = firing;
      this.mails = mails;
      this.told = told;
      this.history = history;
    }

    /** The setting, such as {@code lasting PT5M}. */
    public String label() {
      return label;
    }

    /** How often it would have begun to fire, told or not. */
    public long firings() {
      return firings;
    }

    /** How many of these began within ten minutes after the key's last one had ended. */
    public long flaps() {
      return flaps;
    }

    /** How often the condition held, but not for long enough. */
    public long nearMisses() {
      return nearMisses;
    }

    /** How long keys would have been firing, added up, as far as their firings have ended. */
    public Duration firing() {
      return firing;
    }

    /** How many firings would have been told, after limits. */
    public long mails() {
      return mails;
    }

    /** What would have been told, in order. */
    public List<FiredAlert> told() {
      return told;
    }

    /**
     * Why it would have fired or not for a key at a moment; of each key the last 2,000 verdicts are known.
     *
     * @throws IllegalStateException unless the back-test was {@link BackTest#explaining}
     */
    public String explain(AlertKey key, Instant at) {
      if (history == null) {
        throw new IllegalStateException("this back-test has kept nothing to explain; say explaining()");
      }
      return alert + "\n" + history.explain(key, at);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%-24s %8d firings %8d flaps %8d near misses %8d minutes firing %8d mails", label, firings, flaps, nearMisses, firing.toMinutes(), mails);
    }
  }

  /**
   * What all settings would have come to.
   *
   * @param results in the order in which they were to be tried
   * @param events how many events came to the alert
   * @param failed how many events failed before they came there, such as lines that did not parse
   * @param causes how many by stage and cause
   */
  public record Report(List<Result> results, long events, long failed, Map<String, Long> causes) {
    /** What the setting of this label came to; without settings to try, that of the alert as it is. */
    public Result result(String label) {
      return results.stream().filter(one -> one.label.equals(label)).findFirst()
          .orElseThrow(() -> new IllegalArgumentException("nothing was tried as '" + label + "'; there are " + results.stream().map(Result::label).toList()));
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      results.forEach(one -> text.append(one).append('\n'));
      text.append(events).append(" events; ").append(failed).append(" failed before");
      causes.forEach((cause, n) -> text.append("\n  ").append(n).append(' ').append(cause));
      return text.toString();
    }
  }
}
