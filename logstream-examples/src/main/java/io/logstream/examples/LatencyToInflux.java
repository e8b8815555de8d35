package io.logstream.examples;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.percentiles;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.match.Drop;
import io.logstream.parse.EventTime;
import io.logstream.parse.NormalizePath;
import io.logstream.sink.Influx;
import io.logstream.window.Window;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Latency percentiles of several web servers, by application and endpoint, into InfluxDB, where Filebeat, Logstash, Kafka, Kafka Streams
 * and Telegraf were. The servers' formats become the same fields; ids are taken out of the addresses, so that endpoints stay few; each
 * application has a database of its own.
 *
 * <pre>LatencyToInflux SERVER STATE_DIR NGINX_LOG TOMCAT_LOG</pre>
 */
public final class LatencyToInflux {
  private LatencyToInflux() {}

  // tag::sources[]
  static Source nginx(Source log) {
    return log.field("app", "shop").then(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:seconds:double}"));
  }

  static Source tomcat(Source log) {
    return log.field("app", "billing").then(Grok.pattern("%{COMMONAPACHELOG} %{INT:millis:int}"))
        .then(Stage.each(event -> event.put("seconds", event.number("millis", 0) / 1000.0)));
  }
  // end::sources[]

  // tag::pipeline[]
  static Pipeline pipeline(Sink influx, Source... logs) {
    return LogStream.named("latency")
        .from(logs)
        .then(EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(ofSeconds(30)))
        .then("health checks", Drop.when(field("request").startsWith("/health")))
        .then(NormalizePath.of("request").into("endpoint"))
        .then(percentilesByEndpoint())
        .to("influx", influx)
        .build();
  }

  static Stage percentilesByEndpoint() {
    return Window.tumbling(ofMinutes(5)).by("app", "endpoint")
        .aggregate(count(), mean("seconds"), percentiles("seconds", 50, 75, 90, 95, 99));
  }

  static Sink influx(URI server) {
    return Influx.to(server).databaseBy("app").measurement("latency");
  }
  // end::pipeline[]

  // tag::again[]
  /** Works out a stretch of time once more, from the files: every point takes the place of what was there. */
  static Pipeline again(Pipeline pipeline, Instant since, Instant until, Source... files) {
    return pipeline.reading(files).since(since).until(until);
  }
  // end::again[]

  /** Runs it until the process is stopped. */
  public static void main(String[] args) {
    Program.of("LatencyToInflux SERVER STATE_DIR NGINX_LOG TOMCAT_LOG").run(args, 4, 4, given -> {
      Pipeline pipeline = pipeline(influx(URI.create(given.get(0))), nginx(FileTail.of(Path.of(given.get(2)))), tomcat(FileTail.of(Path.of(given.get(3)))));
      try (RunningPipeline running = pipeline.checkpointIn(Path.of(given.get(1))).start()) {
        Runtime.getRuntime().addShutdownHook(new Thread(running::close));
        running.await();
      }
    });
  }
}
