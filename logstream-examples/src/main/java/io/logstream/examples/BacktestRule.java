package io.logstream.examples;

import static java.time.Duration.ofSeconds;

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
import java.util.Arrays;
import java.util.List;

/**
 * Tries an alert on the access logs of other days: what it would have told, and what it would have told had it waited for a longer or a shorter time.
 *
 * <pre>BacktestRule [--from TIME] [--to TIME] [--lasting PT0S,PT2M,PT10M] RULE FILE...</pre>
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
    Program.of("BacktestRule [--from TIME] [--to TIME] [--lasting PT0S,PT2M,PT10M] RULE FILE...").run(args, BacktestRule::test);
  }

  private static void test(List<String> args) {
    Program.Given given = Program.Given.of(args, "--from", "--to", "--lasting");
    if (given.rest().size() < 2) {
      throw new Program.WrongUsage(given.rest().isEmpty() ? "say which rule to try, and on which logs" : "say on which access logs to try the rule");
    }
    Instant from = given.time("--from");
    Instant to = given.time("--to");
    List<Duration> lasting = durations(given.options().get("--lasting"));
    List<Path> files = given.rest().subList(1, given.rest().size()).stream().map(Path::of).toList();
    Progress progress = Progress.onTerminal(files);
    try {
      BackTest.Report report = report(given.rest().get(0), files, from == null ? Instant.MIN : from, to == null ? Instant.MAX : to, lasting, progress);
      progress.clear();
      System.out.println(report);
    } finally {
      progress.clear();
    }
  }

  private static List<Duration> durations(String text) {
    try {
      return text == null ? List.of() : Arrays.stream(text.split(",")).map(Duration::parse).toList();
    } catch (DateTimeParseException e) {
      throw new Program.WrongUsage("--lasting takes durations such as PT0S,PT2M,PT10M, was " + text);
    }
  }

  // tag::report[]
  static BackTest.Report report(String rule, List<Path> files, Instant from, Instant to, List<Duration> lasting, Progress progress) {
    BackTest test = BackTest.of(Alert.parse(rule)).parsing(parsing()).over(files).between(from, to).reportingTo(progress::show);
    return (lasting.isEmpty() ? test : test.trying("lasting", lasting.toArray(Duration[]::new))).run();
  }
  // end::report[]
}
