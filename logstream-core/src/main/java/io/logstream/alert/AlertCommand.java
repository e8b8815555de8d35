package io.logstream.alert;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program for every alert: {@code AlertCommand.running("/usr/local/bin/page", "{{name}}", "{{key.host}}")}. The program is started as it stands, without a shell, so
 * that nothing in a log line is ever taken for a command; {@code {{name}}} and the like in its arguments stand for parts of the alert, as for {@link
 * AlertWebhook#template}. It gets the alert as JSON on its standard input, and its parts in the environment as {@code ALERT_NAME ALERT_STATE ALERT_SEVERITY ALERT_ID
 * ALERT_KEY}. What it writes is thrown away. It succeeds if it ends with 0 within {@link #within}; otherwise it is ended, and run again as {@link
 * #retrying} says. Immutable.
 */
public final class AlertCommand implements AlertNotifier {
  private final List<String> command;
  private final Duration within;
  private final Retry retry;

  private AlertCommand(List<String> command, Duration within, Retry retry) {
    this.command = command;
    this.within = within;
    this.retry = retry;
  }

  /** Runs this program with these arguments. */
  public static AlertCommand running(String... command) {
    Objects.requireNonNull(command, "command of AlertCommand.running");
    if (command.length == 0 || command[0].isBlank()) {
      throw new IllegalArgumentException("AlertCommand.running(..) takes the program to run, and its arguments");
    }
    return new AlertCommand(List.of(command), Duration.ofSeconds(30), Retry.NONE);
  }

  /** How long it may run; 30 seconds unless said. */
  public AlertCommand within(Duration time) {
    Objects.requireNonNull(time, "time of AlertCommand.within");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("a command may run for a positive time, was " + time);
    }
    return new AlertCommand(command, time, retry);
  }

  /** How often it is run when it fails; once unless said. */
  @Override
  public AlertCommand retrying(Retry how) {
    return new AlertCommand(command, within, Objects.requireNonNull(how, "retry"));
  }

  @Override
  public Retry retry() {
    return retry;
  }

  @Override
  public void fired(FiredAlert alert) throws Exception {
    run(alert);
  }

  @Override
  public void resolved(FiredAlert alert) throws Exception {
    run(alert);
  }

  private void run(FiredAlert alert) throws Exception {
    List<String> filled = new ArrayList<>();
    filled.add(command.get(0));
    for (String argument : command.subList(1, command.size())) {
      filled.add(Template.fill(argument, alert, AlertCommand::withoutNul));
    }
    ProcessBuilder program = new ProcessBuilder(filled).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = program.environment();
    environment.put("ALERT_NAME", withoutNul(alert.name()));
    environment.put("ALERT_STATE", alert.state().name().toLowerCase(Locale.ROOT));
    environment.put("ALERT_SEVERITY", alert.severity().name().toLowerCase(Locale.ROOT));
    environment.put("ALERT_ID", alert.id());
    environment.put("ALERT_KEY", withoutNul(String.join(",", alert.key().values())));
    Process process = program.start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(AlertJson.of(alert));
      } catch (IOException e) {
        // a program need not read it
      }
      if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(command.get(0) + " still runs after " + within);
      }
      if (process.exitValue() != 0) {
        throw new IOException(command.get(0) + " ends with " + process.exitValue());
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** No argument of a program can hold a character 0. */
  private static String withoutNul(String text) {
    return text.replace('\0', ' ');
  }

  @Override
  public String toString() {
    return "command " + command.get(0);
  }
}
