package io.logstream.kafka.streams;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.sum;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.kafka.KafkaSource;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that has its share of a pipeline; it ends with its parent. */
final class Share {
  private Share() {}

  static Pipeline pipeline() {
    return LogStream.named("share").from(KafkaSource.topic("lines")).then(Json.fields())
        .then(EventTime.from("at", "UNIX_MS").outOfOrder(ofMillis(100)).idleAfter(ofSeconds(60)))
        .then(Window.tumbling(ofSeconds(1)).by("key").aggregate(count(), sum("v"), percentiles("v", 50, 99)))
        .to("rows", new RecordingSink())
        .build();
  }

  static KafkaStreamsRunner runner(String servers, String application, String from, String to) {
    return KafkaStreamsRunner.of(pipeline()).reading(from).writing("rows", to).servers(servers).named(application).failover(ofSeconds(2)).setting("commit.interval.ms", "200");
  }

  static Process launch(Path output, String... args) throws IOException {
    List<String> command = new java.util.ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m",
        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Share.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())).start();
  }

  public static void main(String[] args) throws IOException {
    runner(args[0], args[1], args[2], args[3]).start();
    while (System.in.read() >= 0) {
      // nobody says anything
    }
    Runtime.getRuntime().halt(0);
  }
}
