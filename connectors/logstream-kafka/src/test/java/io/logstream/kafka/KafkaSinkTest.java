package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Stage;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.RecordingSink;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSinkTest extends OnKafka {
  private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");

  private static KafkaSource lines(String... lines) {
    String topic = newTopic(1);
    send(topic, 0, lines);
    return KafkaSource.topic(topic).servers(servers()).once();
  }

  private static RunningPipeline ran(Pipeline pipeline) {
    RunningPipeline run = pipeline.start();
    assertThat(run.await(LONG)).isTrue();
    run.close();
    assertBalanced(run.ledger());
    return run;
  }

  @Test
  void writesAnEventAsJsonWithItsTimeAndKey() {
    String into = newTopic(2);
    ran(LogStream.named("p").from(lines("GET /cart"))
        .then("fields", Stage.each(e -> e.put("endpoint", "/cart").put("count", 3).time(TIME)))
        .to("out", KafkaSink.topic(into).servers(servers()).keyedBy("endpoint").identified()).build());
    ConsumerRecord<String, String> record = read(servers(), into, 1).get(0);
    assertThat(record.key()).isEqualTo("/cart");
    assertThat(record.timestamp()).isEqualTo(TIME.toEpochMilli());
    assertThat(record.value()).startsWith("{\"time\":\"2026-03-01T10:00:00Z\",\"message\":\"GET /cart\"").contains("\"endpoint\":\"/cart\",\"count\":3");
    assertThat(new String(record.headers().lastHeader("logstream.id").value(), java.nio.charset.StandardCharsets.UTF_8)).endsWith("-0@0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "lz4", "snappy", "zstd"})
  void writesMessagesInOrderCompressedOrNot(String how) {
    String into = newTopic(1);
    RunningPipeline run = ran(LogStream.named("p").from(lines(numbered(0, 25_000)))
        .to("out", KafkaSink.topic(into).servers(servers()).messages().compressed(how).batching(16_384, Duration.ofMillis(2))).build());
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(25_000);
    assertThat(read(servers(), into, 25_000)).extracting(ConsumerRecord::value).containsExactly(numbered(0, 25_000));
  }

  @Test
  void writesToTheTopicThatAFieldNamesAndFailsWhatHasNone() {
    String a = newTopic(1);
    String b = newTopic(1);
    RecordingSink failures = new RecordingSink();
    RunningPipeline run = ran(LogStream.named("p").from(lines(a, b, "", "no topic at all", "missing", a))
        .then("to", Stage.each(e -> e.put("to", e.message())))
        .to("out", KafkaSink.topicBy("to").servers(servers()).messages().setting("max.block.ms", "1000")).build().failuresTo(failures));
    assertThat(run.ledger().stage("out").failedBy()).containsEntry("no topic", 3L);
    assertThat(failures.messages()).containsExactlyInAnyOrder("", "no topic at all", "missing");
    assertThat(read(servers(), a, 2)).extracting(ConsumerRecord::value).containsExactly(a, a);
    assertThat(read(servers(), b, 1)).extracting(ConsumerRecord::value).containsExactly(b);
  }

  @Test
  void failsWhatKafkaDoesNotTakeAndWritesTheRest() {
    String into = newTopic(1);
    String large = "x".repeat(900_000);
    RecordingSink failures = new RecordingSink();
    RunningPipeline run = ran(LogStream.named("p").from(lines("before", large, "behind"))
        .to("out", KafkaSink.topic(into).servers(servers()).messages().setting("max.request.size", "500000")).build().failuresTo(failures));
    assertThat(run.ledger().stage("out").failedBy()).containsExactly(java.util.Map.entry("refused by Kafka", 1L));
    assertThat(failures.messages()).containsExactly(large);
    assertThat(read(servers(), into, 2)).extracting(ConsumerRecord::value).containsExactly("before", "behind");
  }

  // ---------------------------------------------------------------- transactions

  @Test
  void showsATransactionWholeOnceABarrierHasPassed() throws Exception {
    String from = newTopic(1);
    String into = newTopic(2);
    send(from, 0, numbered(0, 100));
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.topic(from).servers(servers()).group(from)).to(seen)
        .to("out", KafkaSink.topic(into).servers(servers()).messages().transactional(into)).build().checkpointEvery(Duration.ofSeconds(1)).start()) {
      assertThat(seen.await(100, LONG)).isTrue();
      assertThat(read(servers(), into, 100)).extracting(ConsumerRecord::value).containsExactlyInAnyOrder(numbered(0, 100));
      run.close();
      assertThat(run.metrics().get("out.transactions")).isPositive();
      assertBalanced(run.ledger());
    }
  }

  @Test
  void leavesOutOfATransactionWhatKafkaDoesNotTake() {
    String into = newTopic(1);
    String large = "x".repeat(900_000);
    RunningPipeline run = ran(LogStream.named("p").from(lines("before", large, "behind"))
        .to("out", KafkaSink.topic(into).servers(servers()).messages().transactional(into).setting("max.request.size", "500000")).build());
    assertThat(run.ledger().stage("out").failedBy()).containsEntry("refused by Kafka", 1L);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(2);
    assertThat(read(servers(), into, 2)).extracting(ConsumerRecord::value).containsExactly("before", "behind");
  }

  @Test
  void stopsWritingWhenAnotherRunHasTakenItsId() throws Exception {
    String from = newTopic(1);
    String into = newTopic(1);
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic(from).servers(servers()).group(from).partitions(0))
        .to("out", KafkaSink.topic(into).servers(servers()).messages().transactional(into)).build().checkpointEvery(Duration.ofMillis(100))
        .closeWithin(Duration.ofSeconds(5));
    RunningPipeline old = pipeline.start();
    send(from, 0, "of the old");
    awaitTrue("the first is committed", () -> committed(from).getOrDefault(0, 0L) == 1);
    RunningPipeline young = pipeline.reading(KafkaSource.topic(newTopic(1)).servers(servers())).start();
    send(from, 0, "too late");
    awaitTrue("it is told", () -> old.metrics().getOrDefault("out.errors", 0L) > 0);
    assertThat(committed(from)).containsEntry(0, 1L);
    old.close();
    young.close();
    assertThat(committed(from)).containsEntry(0, 1L);
    assertThat(read(servers(), into, 1)).extracting(ConsumerRecord::value).containsExactly("of the old");
  }
}
