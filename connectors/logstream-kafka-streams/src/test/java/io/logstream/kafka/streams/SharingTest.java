package io.logstream.kafka.streams;

import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;

/** Several runs share a pipeline, on a real broker. */
class SharingTest extends OnKafka {
  private static final long START = 1_700_000_000_000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Pipeline byKey(Duration idleAfter) {
    return LogStream.named("p").from(KafkaSource.topic("lines")).then(Json.fields()).then(EventTime.from("at", "UNIX_MS").outOfOrder(ofSeconds(1)).idleAfter(idleAfter))
        .then(Window.tumbling(ofSeconds(10)).by("key").aggregate(count())).to("rows", new RecordingSink()).build();
  }

  private static String line(long at, String key) {
    return "{\"at\":" + (START + at) + ",\"key\":\"" + key + "\"}";
  }

  private static void assertBalanced(KafkaStreamsRun run) {
    for (Ledger ledger : run.ledgers().values()) {
      assertThat(ledger.imbalances()).as(ledger.toString()).isEmpty();
    }
  }

  private static Map<String, Long> counts(List<ConsumerRecord<String, String>> rows) throws Exception {
    Map<String, Long> counts = new HashMap<>();
    for (ConsumerRecord<String, String> record : rows) {
      JsonNode row = JSON.readTree(record.value());
      assertThat(record.key()).isEqualTo(row.get("key").asText());
      assertThat(new String(record.headers().lastHeader("logstream.id").value(), java.nio.charset.StandardCharsets.UTF_8)).startsWith("Window|").endsWith("|" + record.key() + "|0");
      assertThat(counts.put(record.key() + "@" + row.get("window.start").asLong(), row.get("count").asLong())).as("row is the only one: " + record.value()).isNull();
    }
    return counts;
  }

  @Test
  void windowsCloseAlthoughOnePartitionIsEmptyAndInTheEndAllAreSilent() throws Exception {
    String lines = newTopic(3);
    String rows = newTopic(1);
    try (KafkaProducer<byte[], byte[]> producer = producer();
        KafkaStreamsRun run = KafkaStreamsRunner.of(byKey(ofSeconds(3))).reading(lines).writing("rows", rows).servers(servers()).named("app-" + lines)
            .setting("commit.interval.ms", "100").start()) {
      for (int i = 0; i < 100; i++) {
        send(producer, lines, i % 2, line(i * 1_000L, "k" + i % 5));
      }
      producer.flush();
      assertThat(counts(read(servers(), rows, 50, LONG))).hasSize(50).allSatisfy((cell, count) -> assertThat(count).isEqualTo(2));
      awaitTrue("the ledgers tell", () -> run.ledgers().size() >= 4);
      assertBalanced(run);
    }
  }

  @Test
  void partitionsComeAndGoWhileWindowsAreOpen() throws Exception {
    String lines = newTopic(4);
    String rows = newTopic(1);
    KafkaStreamsRunner runner = KafkaStreamsRunner.of(byKey(ofSeconds(60))).reading(lines).writing("rows", rows).servers(servers()).named("app-" + lines).setting("commit.interval.ms", "100");
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      int at = 0;
      try (KafkaStreamsRun first = runner.start()) {
        at = sendSome(producer, lines, at, 500);
        KafkaStreamsRun second = runner.start();
        at = sendSome(producer, lines, at, 500);
        awaitTrue("the second has a share", () -> !second.ledgers().isEmpty());
        at = sendSome(producer, lines, at, 500);
        second.close();
        at = sendSome(producer, lines, at, 500);
        for (int partition = 0; partition < 4; partition++) {
          send(producer, lines, partition, line(at * 20L + 30_000, "end"));
        }
        producer.flush();
        assertThat(counts(read(servers(), rows, 4 * 10, LONG))).hasSize(40).allSatisfy((cell, count) -> assertThat(count).isEqualTo(50));
        assertBalanced(first);
      }
    }
    assertThat(read(servers(), rows, 41, ofMillis(1_000))).hasSize(40);
  }

  @Test
  void aRecordWhoseLinesAreReadBeforeAndAfterAHandoverIsJoined() throws Exception {
    String lines = newTopic(1);
    String rows = newTopic(1);
    Pipeline traces = LogStream.named("traces").from(KafkaSource.topic("lines")).then(Multiline.startingWith("^\\S").timeout(ofSeconds(60))).to("rows", new RecordingSink()).build();
    KafkaStreamsRunner runner = KafkaStreamsRunner.of(traces).reading(lines).writing("rows", rows).servers(servers()).named("app-" + lines).setting("commit.interval.ms", "100");
    try (KafkaStreamsRun first = runner.start()) {
      send(lines, 0, "one", " of one");
      awaitTrue("both lines are read", () -> first.ledgers().values().stream().mapToLong(Ledger::read).sum() == 2);
    }
    try (KafkaStreamsRun second = runner.start()) {
      send(lines, 0, " of one, too", "two");
      assertThat(read(servers(), rows, 1)).hasSize(1).first().satisfies(row -> assertThat(JSON.readTree(row.value()).get("message").asText()).isEqualTo("one\n of one\n of one, too"));
      assertBalanced(second);
    }
  }

  private static int sendSome(KafkaProducer<byte[], byte[]> producer, String topic, int from, int count) {
    for (int i = from; i < from + count; i++) {
      send(producer, topic, i % 4, line(i * 20L, "k" + i % 10));
    }
    producer.flush();
    return from + count;
  }
}
