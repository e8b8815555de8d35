package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofMinutes;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.log4j2.Log4j2Source;
import io.logstream.logback.LogbackSource;
import io.logstream.match.Keep;
import io.logstream.window.Window;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that watches its own log: tells somebody when one of its loggers logs ten errors within a minute. The same for Logback and for
 * Log4j 2.
 *
 * <pre>OwnLog</pre>
 *
 * <p>Plays such a service: it logs errors, and prints of what somebody would have been told.
 */
public final class OwnLog {
  private OwnLog() {}

  // tag::pipeline[]
  static Pipeline pipeline(Source ownLog, AlertNotifier pager) {
    return LogStream.named("checkout")
        .from(ownLog)
        .then(Keep.when(field("level").is("ERROR")))
        .then(Window.tumbling(ofMinutes(1)).by("logger").aggregate(count()))
        .to(Alert.named("error burst").when(field("count").atLeast(10)).atMostEvery(ofMinutes(15)).notify(pager))
        .build();
  }
  // end::pipeline[]

  // tag::logback[]
  static RunningPipeline watchLogback(AlertNotifier pager) {
    RunningPipeline running = pipeline(LogbackSource.rootLogger(), pager).start();
    Runtime.getRuntime().addShutdownHook(new Thread(running::close));
    return running;
  }
  // end::logback[]

  // tag::log4j2[]
  static RunningPipeline watchLog4j2(AlertNotifier pager) {
    RunningPipeline running = pipeline(Log4j2Source.rootLogger(), pager).start();
    Runtime.getRuntime().addShutdownHook(new Thread(running::close));
    return running;
  }
  // end::log4j2[]

  /** Plays the service. */
  public static void main(String[] args) {
    Program.of("OwnLog").run(args, 0, 0, given -> play());
  }

  private static void play() {
    try (RunningPipeline running = watchLogback(alert -> System.out.println("told: " + alert.name() + " " + alert.cause().fields()))) {
      Logger log = LoggerFactory.getLogger("com.shop.Checkout");
      for (int order = 1; order <= 12; order++) {
        log.info("order {} accepted", order);
        log.error("order {} could not be saved", order, new IllegalStateException("no connection"));
      }
    }
  }
}
