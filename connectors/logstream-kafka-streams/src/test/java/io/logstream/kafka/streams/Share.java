package io.logstream.kafka.streams;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.sum;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.logstream.LogStream;
import io.logstream.PipelineBuilder;
import io.logstream.alert.Alert;
import io.logstream.alert.FiredAlert;
import io.logstream.kafka.KafkaSource;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A process that has its share of a pipeline; it ends with its parent. */
final class Share {
  /** From how many events of a key on the alert fires. */
  static final int MANY = 300;

  private Share() {}

  private static PipelineBuilder timed() {
    return LogStream.named("share").from(KafkaSource.topic("lines")).then(Json.fields()).then(EventTime.from("at", "UNIX_MS").outOfOrder(ofMillis(100)).idleAfter(ofSeconds(60)));
  }

  /** Rows of windows go to a topic. */
  static KafkaStreamsRunner windows(String rows) {
    return KafkaStreamsRunner.of(timed().then(Window.tumbling(ofSeconds(1)).by("key").aggregate(count(), sum("v"), percentiles("v", 50, 99))).to("rows", new RecordingSink()).build())
        .writing("rows", rows);
  }

  /** Records of several lines go to a topic. */
  static KafkaStreamsRunner traces(String rows) {
    return KafkaStreamsRunner.of(LogStream.named("share").from(KafkaSource.topic("lines")).then(Multiline.startingWith("^\\S").timeout(ofSeconds(60))).to("rows", new RecordingSink()).build())
        .writing("rows", rows);
  }

  /** What an alert tells goes to a file. */
  static KafkaStreamsRunner alerts(String told) {
    Window events = Window.sliding(ofHours(1)).by("key").aggregate(count());
    return KafkaStreamsRunner.of(timed().to(Alert.named("many").over(events).when(field("count").atLeast(MANY)).notify(alert -> tell(Path.of(told), alert))).build());
  }

  private static void tell(Path told, FiredAlert alert) {
    try {
      Files.writeString(told, alert.key().get("key") + " " + alert.state() + " " + alert.cause().number("count", 0) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one; the arguments are which pipeline, the brokers, the application, and where it reads and writes. */
  static Process launch(Path output, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m",
        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Share.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())).start();
  }

  public static void main(String[] args) throws IOException {
    KafkaStreamsRunner runner = switch (args[0]) {
      case "windows" -> windows(args[4]);
      case "traces" -> traces(args[4]);
      default -> alerts(args[4]);
    };
    runner.servers(args[1]).named(args[2]).reading(args[3]).failover(ofSeconds(2)).setting("commit.interval.ms", "200").start();
    while (System.in.read() >= 0) {
      // nobody says anything
    }
    Runtime.getRuntime().halt(0);
  }
}
