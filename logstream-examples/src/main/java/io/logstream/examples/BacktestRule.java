package io.logstream.examples;

import static java.time.Duration.ofSeconds;

import io.logstream.PipelineException;
import io.logstream.Stage;
import io.logstream.Stages;
import io.logstream.alert.Alert;
import io.logstream.grok.Grok;
import io.logstream.parse.EventTime;
import io.logstream.testing.BackTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tries an alert on the access logs of other days: what it would have told, and what it would have told had it waited for a longer or a shorter time.
 *
 * <pre>BacktestRule [--from TIME --to TIME] [--lasting PT0S,PT2M,PT10M] RULE FILE...</pre>
 *
 * <p>The rule is a line such as {@code alert slow: p99(request_time_us) by request over 5m > 800ms}, over logs in combined format with the time taken in microseconds
 * behind each line. Says on the terminal how far it is.
 */
public final class BacktestRule {
  private BacktestRule() {}

  /** From a line of an access log to an event with a time. */
  static Stage parsing() {
    return Stages.of(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:request_time_us:int}"), EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(30)));
  }

  /** Runs the back-test and prints its report. */
  public static void main(String[] args) {
    Instant from = Instant.MIN;
    Instant to = Instant.MAX;
    List<Duration> lasting = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--from" -> from = Instant.parse(args[++i]);
          case "--to" -> to = Instant.parse(args[++i]);
          case "--lasting" -> Arrays.stream(args[++i].split(",")).map(Duration::parse).forEach(lasting::add);
          default -> rest.add(args[i]);
        }
      }
    } catch (ArrayIndexOutOfBoundsException | DateTimeParseException e) {
      rest.clear();
    }
    if (rest.size() < 2) {
      System.err.println("usage: BacktestRule [--from TIME --to TIME] [--lasting PT0S,PT2M,PT10M] RULE FILE...");
      System.exit(2);
    }
    List<Path> files = rest.subList(1, rest.size()).stream().map(Path::of).toList();
    Progress progress = Progress.onTerminal(files);
    try {
      BackTest.Report report = report(rest.get(0), files, from, to, lasting, progress);
      progress.clear();
      System.out.println(report);
    } catch (IllegalArgumentException | PipelineException e) {
      progress.clear();
      System.err.println("BacktestRule: " + e.getMessage());
      System.exit(1);
    }
  }

  // tag::report[]
  static BackTest.Report report(String rule, List<Path> files, Instant from, Instant to, List<Duration> lasting, Progress progress) {
    BackTest test = BackTest.of(Alert.parse(rule)).parsing(parsing()).over(files).between(from, to).reportingTo(progress::show);
    return (lasting.isEmpty() ? test : test.trying("lasting", lasting.toArray(Duration[]::new))).run();
  }
  // end::report[]
}
