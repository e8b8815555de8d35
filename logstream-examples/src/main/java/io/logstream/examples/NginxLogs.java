package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.ratio;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.index.LogIndex;
import io.logstream.match.Drop;
import io.logstream.parse.EventTime;
import io.logstream.window.Window;
import java.nio.file.Path;

/**
 * nginx: tail, grok, no health checks, five-minute percentiles by endpoint, an alert on the rate of 5xx, and everything searchable.
 *
 * <pre>NginxLogs ACCESS_LOG STATE_DIR</pre>
 */
public final class NginxLogs {
  private NginxLogs() {}

  // tag::pipeline[]
  static Pipeline pipeline(Path log, Sink index, AlertNotifier onCall) {
    return LogStream.named("nginx")
        .from(FileTail.of(log))
        .then(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:seconds:double}"))
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(30)))
        .then(Drop.when(field("request").startsWith("/health")))
        .branch("latency", requests -> requests.then(latencyByEndpoint()).to(index))
        .branch("failures", requests -> requests.then(failureRate()).to(fivePercent(onCall)))
        .to(index)
        .build();
  }
  // end::pipeline[]

  // tag::parts[]
  static Stage latencyByEndpoint() {
    return Window.tumbling(ofMinutes(5)).by("request")
        .aggregate(count(), mean("seconds"), percentiles("seconds", 50, 75, 90, 95, 99));
  }

  static Stage failureRate() {
    return Window.tumbling(ofMinutes(1)).aggregate(count(), ratio("5xx", field("response").atLeast(500)));
  }

  static Sink fivePercent(AlertNotifier onCall) {
    return Alert.named("5xx above 5%").when(field("5xx").above(0.05).and(field("count").atLeast(20)))
        .atMostEvery(ofMinutes(10)).notify(onCall);
  }
  // end::parts[]

  /** Runs it until the process is stopped. */
  public static void main(String[] args) {
    Program.of("NginxLogs ACCESS_LOG STATE_DIR").run(args, 2, 2, given ->
        follow(Path.of(given.get(0)), Path.of(given.get(1)), alert -> System.out.println("ALERT " + alert.name() + " " + alert.cause().fields())));
  }

  private static void follow(Path path, Path state, AlertNotifier pager) throws InterruptedException {
    // tag::run[]
    try (LogIndex index = LogIndex.inMemory(ofHours(6));
        RunningPipeline nginx = pipeline(path, index, pager).checkpointIn(state).start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(nginx::close));
      nginx.await();
    }
    // end::run[]
  }
}
