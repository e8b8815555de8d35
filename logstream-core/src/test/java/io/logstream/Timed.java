package io.logstream;

import java.time.Duration;

/** Gives an event the time that its message begins with, in seconds since 1970; 'x' has none. */
record Timed(Duration outOfOrder, Duration idleAfter, boolean stateless) implements TimeGiver {
  static Timed outOfOrder(int seconds) {
    return new Timed(Duration.ofSeconds(seconds), Duration.ofSeconds(10), true);
  }

  Timed onTrunk() {
    return new Timed(outOfOrder, idleAfter, false);
  }

  static long seconds(LogEvent event) {
    String message = event.message();
    return Long.parseLong(message.indexOf(' ') < 0 ? message : message.substring(0, message.indexOf(' ')));
  }

  @Override
  public Processor open(StageContext context) {
    return (event, out) -> {
      if (event.message().startsWith("x")) {
        out.fail(event, "no time");
      } else {
        out.emit(event.epochMillis(1000 * seconds(event)));
      }
    };
  }

  @Override
  public String name() {
    return "Timed";
  }
}
