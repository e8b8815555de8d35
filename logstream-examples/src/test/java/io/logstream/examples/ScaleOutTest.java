package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.Sink;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.streams.KafkaStreamsRun;
import io.logstream.kafka.streams.KafkaStreamsRunner;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.sink.EventJson;
import io.logstream.testing.AccessLog;
import io.logstream.testing.PipelineTester;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ScaleOutTest {
  private static final int PARTITIONS = 4;

  @Test void takingsAreCountedByShop() {
    try (PipelineTester tester = PipelineTester.of(ScaleOut.pipeline("localhost:9092"))) {
      for (int i = 0; i < 100; i++) {
        tester.feed("{\"time\":" + (1_700_000_000_000L + i * 100) + ",\"shop\":\"shop-" + i % 2 + "\",\"cents\":10}");
      }
      List<LogEvent> rows = tester.sent("takings");
      assertThat(rows).hasSize(8);
      assertThat(rows).allSatisfy(row -> assertThat(row.number("cents.sum", 0)).isEqualTo(row.number("count", 0) * 10));
    }
  }

  @Test @Tag("stress") void showsThatNoWindowIsWrongWhenAProcessIsKilled() throws Exception {
    Process example = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), ScaleOut.class.getName(), "8").redirectErrorStream(true).start();
    String said = new String(example.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(example.waitFor()).as(said).isZero();
    assertThat(said).contains("count and sum of all are what was sent");
  }

  @Test void theAccessLogReportGivesTheSameRowsOnKafkaStreams() throws Exception {
    List<String> lines = new ArrayList<>(AccessLog.seed(7).perSecond(10).endpoints(20).micros().lines(12_000));
    String later = lines.get(lines.size() - 1).replaceFirst("/(20\\d\\d):", "/2199:").replaceFirst("\"\\w+ \\S+ ", "\"GET /health ");
    for (int i = 0; i < 2 * PARTITIONS; i++) {
      lines.add(later);
    }
    List<String> inline = new ArrayList<>();
    try (PipelineTester tester = PipelineTester.of(AccessLogReport.pipeline(KafkaSource.topic("lines"), Sink.each(row -> { }))).recording("each")) {
      EventJson json = new EventJson();
      tester.feed(lines);
      for (LogEvent row : tester.sent("each")) {
        inline.add(new String(json.bytes(row), StandardCharsets.UTF_8));
      }
    }
    assertThat(inline).hasSizeGreaterThanOrEqualTo(80);
    assertThat(onStreams(lines, inline.size())).containsExactlyInAnyOrderElementsOf(inline);
  }

  private static List<String> onStreams(List<String> lines, int count) throws Exception {
    try (KafkaBroker broker = KafkaBroker.start()) {
      String servers = broker.servers();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
        admin.createTopics(List.of(new NewTopic("lines", Optional.of(PARTITIONS), Optional.empty()), new NewTopic("rows", Optional.of(1), Optional.empty()))).all().get(60, TimeUnit.SECONDS);
      }
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(Map.of("bootstrap.servers", servers, "max.in.flight.requests.per.connection", 1), new ByteArraySerializer(), new ByteArraySerializer())) {
        for (int i = 0; i < lines.size(); i++) {
          producer.send(new ProducerRecord<>("lines", i % PARTITIONS, null, lines.get(i).getBytes(StandardCharsets.UTF_8)));
        }
      }
      try (KafkaStreamsRun run = KafkaStreamsRunner.of(AccessLogReport.pipeline(KafkaSource.topic("lines"), Sink.each(row -> { })))
          .reading("lines").writing("each", "rows").servers(servers).threads(2).start()) {
        List<String> rows = read(servers, count);
        assertThat(run.ledgers().values()).allSatisfy(ledger -> assertThat(ledger.imbalances()).as(ledger.toString()).isEmpty());
        return rows;
      }
    }
  }

  private static List<String> read(String servers, int count) {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    List<String> rows = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      Set<TopicPartition> partitions = new HashSet<>(List.of(new TopicPartition("rows", 0)));
      consumer.assign(partitions);
      long until = System.nanoTime() + Duration.ofSeconds(120).toNanos();
      while (rows.size() < count && System.nanoTime() < until) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> rows.add(record.value()));
      }
    }
    return rows;
  }
}
