package io.logstream.window;

import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.TimeGiver;
import java.time.Duration;

/** Reads {@code t=<epoch ms> name=value ..}: the time, and the rest as text fields. A line without a time fails. */
record At(Duration outOfOrder, Duration idleAfter) implements Stage, TimeGiver {
  At() {
    this(Duration.ZERO, Duration.ofSeconds(10));
  }

  At outOfOrder(long millis) {
    return new At(Duration.ofMillis(millis), idleAfter);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return (event, out) -> {
      String line = event.message();
      if (!line.startsWith("t=")) {
        out.fail(event, "no time");
        return;
      }
      String[] parts = line.split(" ", -1);
      event.epochMillis(Long.parseLong(parts[0].substring(2)));
      for (int i = 1; i < parts.length; i++) {
        put(event, parts[i]);
      }
      out.emit(event);
    };
  }

  private static void put(LogEvent event, String part) {
    int is = part.indexOf('=');
    event.put(part.substring(0, is), part.substring(is + 1));
  }
}
