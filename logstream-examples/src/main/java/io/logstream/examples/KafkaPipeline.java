package io.logstream.examples;

import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.grok.Grok;
import io.logstream.kafka.KafkaSink;
import io.logstream.kafka.KafkaSource;
import io.logstream.parse.EventTime;
import io.logstream.parse.Filebeat;
import io.logstream.window.Window;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What Filebeat has put into a topic of Kafka, analysed: the envelope opened, the line read with grok, its time taken from it, lines
 * counted by logger and level, and the counts written to another topic.
 *
 * <pre>KafkaPipeline SERVERS TOPIC ROWS_TOPIC STATE_DIR [SINCE UNTIL]</pre>
 *
 * With two times it counts again what was read between them, and leaves everybody's positions alone.
 */
public final class KafkaPipeline {
  private KafkaPipeline() {}

  // tag::pipeline[]
  static Pipeline pipeline(String servers, String topic, String rows) {
    return LogStream.named("server-errors")
        .from(lines(KafkaSource.topic(topic).servers(servers)))
        .then(Grok.pattern("%{CLICKHOUSE_SERVERLOG}"))
        .then(EventTime.from("timestamp", "uuuu.MM.dd HH:mm:ss.SSSSSS").outOfOrder(ofSeconds(30)))
        .then(byLogger())
        .to("rows", KafkaSink.topic(rows).servers(servers).keyedBy("logger").identified())
        .build();
  }

  static Source lines(KafkaSource topic) {
    return topic.then(Filebeat.envelope());
  }

  static Stage byLogger() {
    return Window.tumbling(ofMinutes(1)).by("logger", "level").aggregate(count());
  }
  // end::pipeline[]

  // tag::replay[]
  static Pipeline replay(String servers, String topic, String rows, Instant since, Instant until) {
    return pipeline(servers, topic, rows)
        .reading(KafkaSource.topic(topic).servers(servers).since(since).once())
        .since(since).until(until);
  }
  // end::replay[]

  /** Runs it until the process is stopped; a replay until its end. */
  public static void main(String[] args) {
    Program.of("KafkaPipeline SERVERS TOPIC ROWS_TOPIC STATE_DIR [SINCE UNTIL]").run(args, 4, 6, given -> {
      if (given.size() == 5) {
        throw new Program.WrongUsage("UNTIL is missing");
      }
      Pipeline pipeline = given.size() == 4
          ? pipeline(given.get(0), given.get(1), given.get(2)).checkpointIn(Path.of(given.get(3)))
          : replay(given.get(0), given.get(1), given.get(2), Program.time("SINCE", given.get(4)), Program.time("UNTIL", given.get(5)));
      try (RunningPipeline running = pipeline.start()) {
        Runtime.getRuntime().addShutdownHook(new Thread(running::close));
        running.await();
      }
    });
  }
}
