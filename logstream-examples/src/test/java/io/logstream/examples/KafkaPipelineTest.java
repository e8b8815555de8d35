package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.file.FileTail;
import io.logstream.kafka.KafkaSink;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.parse.Json;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaPipelineTest {
  private static final Duration LONG = Duration.ofSeconds(120);

  @TempDir
  private Path dir;

  private static String envelope(String line, long offset) {
    return "{\"@timestamp\":\"2023-11-23T00:41:56.655Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\",\"version\":\"8.11.1\"},\"message\":\"" + line
        + "\",\"input\":{\"type\":\"log\"},\"host\":{\"name\":\"83c6f2d59442\"},\"log\":{\"file\":{\"path\":\"/var/log/proton-server/proton-server.err.log\"},\"offset\":" + offset + "}}";
  }

  private static List<String> envelopes() {
    List<String> all = new ArrayList<>();
    for (int minute = 40; minute < 50; minute++) {
      for (int n = 0; n <= minute - 40; n++) {
        all.add(envelope("2023.11.23 00:" + minute + ":41.234843 [ 1 ] {} <Warning> Access(local directory): Recovering lists", 1268 + all.size()));
      }
    }
    return all;
  }

  @Test void countsByLoggerInTheMinuteThatTheLineTells() {
    try (PipelineTester tester = PipelineTester.of(KafkaPipeline.pipeline("localhost:9092", "logs", "rows"))) {
      tester.feed(envelopes()).advance(Duration.ofMinutes(5));
      List<LogEvent> rows = tester.sent("rows");
      assertThat(rows).hasSize(10);
      assertThat(rows.get(3).text("logger")).isEqualTo("Access(local directory)");
      assertThat(rows.get(3).number("count", -1)).isEqualTo(4);
      assertThat(rows.get(3).fields()).containsEntry("level", "Warning");
    }
  }

  @Test void countsAgainWhatWasReadBetweenTwoTimes() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start()) {
      String servers = broker.servers();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
        admin.createTopics(List.of(new NewTopic("logs", 1, (short) 1), new NewTopic("rows", 1, (short) 1), new NewTopic("again", 1, (short) 1))).all().get(60, TimeUnit.SECONDS);
      }
      Path file = Files.write(dir.resolve("filebeat.json"), envelopes());
      ended(LogStream.named("filebeat").from(FileTail.once(file)).to(KafkaSink.topic("logs").servers(servers).messages()).build().start());
      RunningPipeline live = KafkaPipeline.pipeline(servers, "logs", "rows").checkpointIn(dir.resolve("state")).start();
      assertThat(rows(servers, "rows", 9)).hasSize(9);
      live.close();
      assertThat(live.ledger().imbalances()).isEmpty();
      ended(KafkaPipeline.replay(servers, "logs", "again", Instant.parse("2023-11-23T00:43:00Z"), Instant.parse("2023-11-23T00:46:00Z")).start());
      assertThat(rows(servers, "again", 3)).extracting(row -> row.number("count", -1)).containsExactly(4L, 5L, 6L);
      assertThat(rows(servers, "again", 3)).extracting(LogEvent::message).isSubsetOf(rows(servers, "rows", 9).stream().map(LogEvent::message).toList());
    }
  }

  private static void ended(RunningPipeline run) {
    assertThat(run.await(LONG)).isTrue();
    assertThat(run.ledger().imbalances()).isEmpty();
  }

  private static List<LogEvent> rows(String servers, String topic, int count) throws InterruptedException {
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = LogStream.named("rows").from(KafkaSource.topic(topic).servers(servers)).then(Json.fields()).to(seen).build().start()) {
      assertThat(seen.await(count, LONG)).isTrue();
    }
    return seen.events();
  }
}
