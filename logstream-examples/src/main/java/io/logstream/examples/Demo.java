package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.ratio;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogHit;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import io.logstream.match.Condition;
import io.logstream.match.Drop;
import io.logstream.parse.EventTime;
import io.logstream.testing.AccessLog;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The main job in a terminal: an access log becomes windows, an alert, and a searchable index, while it is written.
 *
 * <pre>Demo             writes a live log itself, with an incident and a rotation, and follows it
 * Demo FILE...     does the same over your own access logs, to their end</pre>
 */
public final class Demo {
  private static final int MINUTES = 12;
  private static final int INCIDENT_FROM = 5;
  private static final int INCIDENT_TO = 8;
  private static final int ROTATION_AT = 6;
  private static final double PER_SECOND = 60;
  private static final Duration MINUTE_TAKES = ofSeconds(1);

  private final Screen screen;
  private final LogIndex index = LogIndex.number("response").inMemory(ofHours(24 * 365));
  private volatile FiredAlert firing;

  private Demo(Screen screen) {
    this.screen = screen;
  }

  /** Runs the demo; exit code 1 if the ledger does not balance. */
  public static void main(String[] args) {
    Program.of("Demo [ACCESS_LOG...]").run(args, 0, Integer.MAX_VALUE, given -> {
      Ledger ledger = given.isEmpty()
          ? new Demo(new Screen("HH:mm")).overLiveLog()
          : new Demo(new Screen("yyyy-MM-dd HH:mm")).over(given.stream().map(Path::of).toArray(Path[]::new));
      System.out.println();
      System.out.println("the ledger: what became of every line");
      System.out.println(ledger);
      Program.checkBalance(ledger);
    });
  }

  private Pipeline pipeline(Source log, Duration window, AlertNotifier onCall) {
    return LogStream.named("demo")
        .from(log)
        .then(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:seconds:double}").orElse("%{COMBINEDAPACHELOG}").orElse("%{COMMONAPACHELOG}"))
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(5)))
        .then("path", new PathOfRequest())
        .then("health checks", Drop.when(field("path").is("/health")))
        .branch("endpoints", requests -> requests
            .then(Window.tumbling(window).by("path").aggregate(count(), percentiles("seconds", 50, 99)))
            .to("table", screen.rows()))
        .branch("failures", requests -> requests
            .then(Window.tumbling(window).aggregate(count(), ratio("5xx", field("response").atLeast(500))))
            .to("5xx", Alert.named("5xx above 5 %").when(field("5xx").above(0.05).and(field("count").atLeast(20))).notify(onCall)))
        .to(index)
        .build();
  }

  // ---------------------------------------------------------------- a log written while it is followed

  private Ledger overLiveLog() throws IOException, InterruptedException {
    Path dir = Files.createTempDirectory("logstream-demo");
    Path log = Files.createFile(dir.resolve("access.log"));
    Instant start = Instant.parse("2026-01-01T10:00:00Z");
    screen.say(String.format(Locale.ROOT, "a web server writes %s: %d minutes of traffic in %d seconds. This process follows it.", log.getFileName(), MINUTES,
        MINUTES * MINUTE_TAKES.toSeconds()));
    screen.head();
    Ledger ledger;
    try (index; RunningPipeline running = pipeline(FileTail.of(log), ofMinutes(1), onCall()).start()) {
      Iterator<String> lines = AccessLog.seed(42).from(start).perSecond(PER_SECOND)
          .failing(start.plus(INCIDENT_FROM, ChronoUnit.MINUTES), start.plus(INCIDENT_TO, ChronoUnit.MINUTES), 0.2).stream().iterator();
      boolean searched = false;
      for (int minute = 0; minute < MINUTES; minute++) {
        if (minute == ROTATION_AT) {
          Files.move(log, dir.resolve("access.log.1"));
          screen.say("       (access.log is rotated)");
        }
        write(log, lines);
        if (firing != null && !searched) {
          searched = true;
          search(start.plus(INCIDENT_FROM, ChronoUnit.MINUTES));
        }
      }
      awaitRead(running, MINUTES * (long) (60 * PER_SECOND));
      running.close();
      ledger = running.ledger();
    } finally {
      delete(dir);
    }
    return ledger;
  }

  /** Writes a minute of the log, at the pace of the demo. */
  private static void write(Path log, Iterator<String> lines) throws IOException, InterruptedException {
    int steps = 20;
    for (int step = 0; step < steps; step++) {
      try (Writer out = Files.newBufferedWriter(log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        for (int i = 0; i < 60 * PER_SECOND / steps; i++) {
          out.write(lines.next());
          out.write('\n');
        }
      }
      Thread.sleep(MINUTE_TAKES.toMillis() / steps);
    }
  }

  private static void awaitRead(RunningPipeline running, long lines) throws InterruptedException {
    for (int i = 0; i < 500 && running.ledger().read() < lines; i++) {
      Thread.sleep(20);
    }
  }

  private void search(Instant since) {
    index.refresh();
    LogQuery failed = LogQuery.of(field("response").atLeast(500)).since(since);
    screen.say(String.format(Locale.ROOT, "       search 'response>=500' since %s, while the log is written: %,d hits, the newest:", screen.time(since), index.count(failed)));
    for (LogHit hit : index.search(failed.limit(1)).hits()) {
      screen.say("       " + screen.cut(hit.message()));
    }
  }

  private AlertNotifier onCall() {
    return new AlertNotifier() {
      @Override
      public void fired(FiredAlert alert) {
        firing = alert;
        screen.say(String.format(Locale.ROOT, "%s  ALERT FIRING    %s: %.1f %% of %,d requests", screen.time(alert.at()), alert.name(),
            100 * alert.cause().decimal("5xx", 0), alert.cause().number("count", 0)));
      }

      @Override
      public void resolved(FiredAlert alert) {
        screen.say(String.format(Locale.ROOT, "%s  ALERT RESOLVED  %s", screen.time(alert.at()), alert.name()));
      }
    };
  }

  // ---------------------------------------------------------------- the user's own logs

  private Ledger over(Path[] files) throws InterruptedException {
    screen.head();
    try (index; RunningPipeline running = pipeline(FileTail.once(files), ofHours(1), onCall()).start()) {
      Progress progress = Progress.onTerminal(List.of(files));
      while (!running.await(Duration.ofMillis(250))) {
        progress.show(running.ledger().read());
      }
      progress.clear();
      screen.showWindow();
      index.refresh();
      LogQuery failed = LogQuery.of(field("response").atLeast(500));
      List<LogHit> newest = index.search(failed.limit(3)).hits();
      screen.say(String.format(Locale.ROOT, "search 'response>=500': %,d hits%s", index.count(failed), newest.isEmpty() ? "" : ", the newest:"));
      newest.forEach(hit -> screen.say("  " + screen.cut(hit.message())));
      return running.ledger();
    }
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }
}
