package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.match.Keep;
import io.logstream.parse.EventTime;
import io.logstream.parse.Multiline;
import io.logstream.sink.Print;
import io.logstream.window.Window;
import java.nio.file.Path;

/**
 * A database server's error log, where Filebeat or Vector, Kafka and streaming SQL were: lines joined to records by the expressions that
 * those were told, what the push query selected shown as it is written, errors by component in a window, and somebody told at once.
 *
 * <pre>ServerErrorLog ERROR_LOG STATE_DIR</pre>
 */
public final class ServerErrorLog {
  private ServerErrorLog() {}

  // tag::joining[]
  /** Filebeat: {@code multiline.pattern}, {@code negate: true}, {@code match: after}. */
  static Multiline asFilebeat() {
    return Multiline.startingWith("^(\\d{4}\\.\\d{2}\\.\\d{2} \\d{2}:\\d{2}:\\d{2}\\.\\d+)");
  }

  /** Vector: {@code start_pattern}, {@code mode: halt_before}, {@code condition_pattern}, {@code timeout_ms: 1000}. */
  static Multiline asVector() {
    String stamp = "^(\\d{4}\\.\\d{2}\\.\\d{2} \\d{2}:\\d{2}:\\d{2}\\.\\d+)";
    return Multiline.haltBefore(stamp, stamp).timeout(ofMillis(1000));
  }

  /** An external stream of files: {@code row_delimiter}, tied to the line's beginning, so that a message which quotes a line is not torn. */
  static Multiline asExternalStream() {
    return Multiline.startingWith("^(\\d{4}\\.\\d{2}\\.\\d{2} \\d{2}:\\d{2}:\\d{2}\\.\\d+) \\[ \\d+ \\] \\{");
  }
  // end::joining[]

  // tag::pipeline[]
  static Pipeline pipeline(Source log, Multiline joining, Sink subscriber, AlertNotifier onCall) {
    return LogStream.named("server-errors")
        .from(log)
        .then(joining)
        .then(Grok.pattern("%{PROTONLOG}"))
        .then(EventTime.from("timestamp", "uuuu.MM.dd HH:mm:ss.SSSSSS"))
        .branch("query", logs -> logs.then(Keep.when(field("level").isOneOf("Warning", "Error", "Fatal"))).to(subscriber))
        .branch("by component", logs -> logs.then(errorsByComponent()).to(subscriber))
        .to(Alert.named("server error").when(field("level").isOneOf("Error", "Fatal")).notify(onCall))
        .build();
  }

  static Stage errorsByComponent() {
    return Window.tumbling(ofMinutes(1)).by("logger", "level").aggregate(count());
  }
  // end::pipeline[]

  // tag::payload[]
  /** The event's text as a body that such a server's ingest call takes, where a hook in Lua made it. */
  static Stage asIngestBody() {
    return Stage.each(event -> event.message("{\"columns\":[\"raw\"],\"data\":[[\"" + quoted(event.message()) + "\"]]}"));
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }
  // end::payload[]

  /** Runs it until the process is stopped. */
  public static void main(String[] args) {
    Program.of("ServerErrorLog ERROR_LOG STATE_DIR").run(args, 2, 2, given -> {
      AlertNotifier pager = alert -> System.out.println("ALERT " + alert.name() + ": " + alert.cause().message());
      Pipeline pipeline = pipeline(FileTail.of(Path.of(given.get(0))), asFilebeat(), Print.toStdout(), pager).checkpointIn(Path.of(given.get(1)));
      try (RunningPipeline running = pipeline.start()) {
        Runtime.getRuntime().addShutdownHook(new Thread(running::close));
        running.await();
      }
    });
  }
}
