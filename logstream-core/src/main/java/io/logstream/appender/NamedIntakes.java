package io.logstream.appender;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The intakes of the appenders that stand in a framework's configuration, by their names. They outlive the appenders, which are made anew
 * when the configuration is read again, and are there before any pipeline: what is logged early waits in them. One for each framework.
 */
public final class NamedIntakes {
  private final Map<String, BufferedIntake> byName = new ConcurrentHashMap<>();

  /** None yet. */
  public NamedIntakes() {}

  /** The intake for an appender that starts: the one that another of its name had, or a new one. */
  public BufferedIntake started(String appender, Terms terms, Consumer<String> status) {
    boolean[] fresh = {false};
    BufferedIntake intake = byName.computeIfAbsent(appender, k -> {
      fresh[0] = true;
      return new BufferedIntake("appender '" + appender + "'", terms, status);
    });
    if (!fresh[0]) {
      intake.on(terms, status);
    }
    return intake;
  }

  BufferedIntake of(String appender) {
    return byName.get(appender);
  }

  Set<String> names() {
    return new TreeSet<>(byName.keySet());
  }
}
