package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Stage;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.match.Keep;
import io.logstream.parse.Filebeat;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSourceTest extends OnKafka {
  private static final String ENVELOPE = "{\"@timestamp\":\"2023-11-23T00:41:56.655Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\",\"version\":\"8.11.1\"},"
      + "\"message\":\"2023.11.23 00:41:41.234843 [ 1 ] {} <Warning> Access(local directory): Recovering lists in directory /var/lib/proton/access/\","
      + "\"input\":{\"type\":\"log\"},\"ecs\":{\"version\":\"8.0.0\"},\"host\":{\"name\":\"83c6f2d59442\"},\"agent\":{\"name\":\"83c6f2d59442\",\"type\":\"filebeat\","
      + "\"version\":\"8.11.1\"},\"log\":{\"file\":{\"path\":\"/var/log/proton-server/proton-server.err.log\"},\"offset\":1268}}";

  @TempDir
  private Path dir;
  private final RecordingSink seen = new RecordingSink();

  private static KafkaSource source(String topic) {
    return KafkaSource.topic(topic).servers(servers());
  }

  /** Runs a pipeline over a source that ends, and gives what it saw. */
  private List<LogEvent> ran(Pipeline pipeline) {
    try (RunningPipeline run = pipeline.start()) {
      assertThat(run.await(LONG)).isTrue();
      assertBalanced(run.ledger());
    }
    return seen.events();
  }

  private static List<String> messages(List<LogEvent> events) {
    return events.stream().map(LogEvent::message).toList();
  }

  @Test
  void givesEachRecordAsItStandsWithTopicPartitionAndOffset() {
    String topic = newTopic(1);
    send(topic, 0, "first", "", "two\nlines", "gr\u00fc\u00dfe");
    List<LogEvent> events = ran(LogStream.named("p").from(source(topic).once()).to(seen).build());
    assertThat(messages(events)).containsExactly("first", "", "two\nlines", "gr\u00fc\u00dfe");
    assertThat(events.get(2).fields()).containsEntry("topic", topic).containsEntry("partition", 0L);
    assertThat(events.get(2).value("offset")).isEqualTo(2L);
    assertThat(events.get(2).position()).hasToString(topic + "-0@2");
  }

  @Test
  void readsAllPartitionsEachInItsOrder() {
    String topic = newTopic(3);
    for (int p = 0; p < 3; p++) {
      send(topic, p, numbered(p * 1000, p * 1000 + 1000));
    }
    List<LogEvent> events = ran(LogStream.named("p").from(source(topic).once()).to(seen).build());
    assertThat(events).hasSize(3000);
    for (int p = 0; p < 3; p++) {
      long partition = p;
      assertThat(messages(events.stream().filter(e -> e.number("partition", -1) == partition).toList())).containsExactly(numbered(p * 1000, p * 1000 + 1000));
    }
  }

  @Test
  void opensTheEnvelopeThatFilebeatSends() {
    String topic = newTopic(1);
    send(topic, 0, ENVELOPE);
    LogEvent event = ran(LogStream.named("p").from(source(topic).once().then(Filebeat.envelope())).to(seen).build()).get(0);
    assertThat(event.message()).startsWith("2023.11.23 00:41:41.234843 [ 1 ] {} <Warning> Access(local directory)");
    assertThat(event.time()).isEqualTo("2023-11-23T00:41:56.655Z");
    assertThat(event.text("file")).isEqualTo("/var/log/proton-server/proton-server.err.log");
    assertThat(event.text("host")).isEqualTo("83c6f2d59442");
    assertThat(event.number("offset", -1)).isEqualTo(1268);
    assertThat(event.position().offset()).isZero();
  }

  @Test
  void handsGarbageToTheFailureSinkAndReadsOn() {
    String topic = newTopic(1);
    send(topic, 0, "{\"a\":1}", "{\"a\":", "\u0000\u0001", null, "{\"a\":2}");
    RecordingSink failures = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(source(topic).once()).then(Json.fields()).to(seen).build().failuresTo(failures).start()) {
      assertThat(run.await(LONG)).isTrue();
      assertBalanced(run.ledger());
      assertThat(run.ledger().stage(topic).droppedBy()).containsExactly(Map.entry("no value", 1L));
    }
    assertThat(seen.events()).extracting(e -> e.number("a", -1)).containsExactly(1L, 2L);
    assertThat(failures.messages()).containsExactly("{\"a\":", "\u0000\u0001");
  }

  @Test
  void joinsRecordsThatBelongTogether() {
    String topic = newTopic(1);
    send(topic, 0, "ERROR it broke", "\tat here", "\tat there", "INFO fine");
    List<LogEvent> events = ran(LogStream.named("p").from(source(topic).once()).then(Multiline.startingWith("[A-Z]+ ")).to(seen).build());
    assertThat(messages(events)).containsExactly("ERROR it broke\n\tat here\n\tat there", "INFO fine");
  }

  @Test
  void givesTheRecordsTimesAndKeysWhenAsked() throws Exception {
    String topic = newTopic(1);
    Instant time = Instant.parse("2026-03-01T10:00:00.123Z");
    try (KafkaProducer<byte[], byte[]> producer = producer(servers())) {
      producer.send(new ProducerRecord<>(topic, 0, time.toEpochMilli(), bytes("k"), bytes("with key"))).get();
      producer.send(new ProducerRecord<>(topic, 0, time.toEpochMilli() + 1, null, bytes("without"))).get();
    }
    List<LogEvent> events = ran(LogStream.named("p").from(source(topic).once().recordTimes().keyInto("key")).to(seen).build());
    assertThat(events.get(0).time()).isEqualTo(time);
    assertThat(events.get(0).text("key")).isEqualTo("k");
    assertThat(events.get(1).time()).isEqualTo(time.plusMillis(1));
    assertThat(events.get(1).has("key")).isFalse();
  }

  // ---------------------------------------------------------------- where it begins

  @Test
  void replaysFromATime() throws Exception {
    String topic = newTopic(2);
    long base = Instant.parse("2026-03-01T10:00:00Z").toEpochMilli();
    try (KafkaProducer<byte[], byte[]> producer = producer(servers())) {
      for (int i = 0; i < 100; i++) {
        producer.send(new ProducerRecord<>(topic, 0, base + i * 1000L, null, bytes("line " + i))).get();
      }
    }
    Pipeline pipeline = LogStream.named("p").from(source(topic).recordTimes()).to(seen).build();
    Instant from = Instant.ofEpochMilli(base + 40_500);
    Instant until = Instant.ofEpochMilli(base + 60_000);
    List<LogEvent> events = ran(pipeline.reading(source(topic).recordTimes().since(from).once()).since(from).until(until));
    assertThat(messages(events)).containsExactly(numbered(41, 60));
    seen.clear();
    assertThat(messages(ran(pipeline.reading(source(topic).recordTimes().since(from).once()).since(from).until(until)))).containsExactly(numbered(41, 60));
  }

  @Test
  void beginsAtTheEndWhenAskedAndReadsPartitionsMadeLaterWhole() throws Exception {
    String topic = newTopic(1);
    send(topic, 0, "old");
    try (RunningPipeline run = LogStream.named("p").from(source(topic).fromEnd().group(topic + "-g")).to(seen).build().checkpointEvery(Duration.ofMillis(50)).start()) {
      awaitTrue("the end is committed", () -> committed(topic + "-g").getOrDefault(0, -1L) == 1);
      send(topic, 0, "new");
      assertThat(seen.await(1, LONG)).isTrue();
    }
    assertThat(seen.messages()).containsExactly("new");
  }

  @Test
  void readsTopicsMadeLaterThatMatch() throws Exception {
    String family = "f-" + UUID.randomUUID();
    makeTopic(servers(), family + "-one", 1);
    send(family + "-one", 0, "of one");
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.matching(family + "-.*").servers(servers()).group(family).setting("metadata.max.age.ms", "300"))
        .to(seen).build().start()) {
      assertThat(seen.await(1, LONG)).isTrue();
      makeTopic(servers(), family + "-two", 1);
      send(family + "-two", 0, "of two");
      assertThat(seen.await(2, LONG)).isTrue();
      run.close();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactly("of one", "of two");
  }

  @Test
  void goesOnFromItsCheckpointAlsoWithState() {
    String topic = newTopic(2);
    Pipeline pipeline = LogStream.named("p").from(source(topic)).then("numbers", Stage.inOrder(e -> { })).to(seen).build().checkpointIn(dir);
    for (int round = 0; round < 3; round++) {
      send(topic, 0, "a" + round);
      send(topic, 1, "b" + round);
      int wanted = 2 * round + 2;
      try (RunningPipeline run = pipeline.start()) {
        awaitTrue("records of round " + round, () -> seen.size() >= wanted);
        run.close();
        assertBalanced(run.ledger());
      }
    }
    assertThat(seen.messages()).containsExactlyInAnyOrder("a0", "b0", "a1", "b1", "a2", "b2");
  }

  @Test
  void countsRecordsThatWereDeletedBeforeTheyCouldBeRead() {
    String topic = newTopic(1);
    Pipeline pipeline = LogStream.named("p").from(source(topic)).to(seen).build().checkpointIn(dir);
    send(topic, 0, numbered(0, 5));
    try (RunningPipeline run = pipeline.start()) {
      awaitTrue("the first five", () -> seen.size() == 5);
    }
    send(topic, 0, numbered(5, 20));
    admin(servers(), admin -> admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(12))).all().get(30, TimeUnit.SECONDS));
    try (RunningPipeline run = pipeline.start()) {
      awaitTrue("the rest", () -> seen.size() == 13);
      assertThat(run.metrics()).containsEntry(topic + ".lost", 7L);
      run.close();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).startsWith(numbered(0, 5)).endsWith(numbered(12, 20));
  }

  @Test
  void runsOnTheCallersThreadToo() {
    String topic = newTopic(1);
    send(topic, 0, numbered(0, 1000));
    InlineRun run = LogStream.named("p").from(source(topic).group(topic).partitions(0)).then(Keep.when(field("partition").is(0))).to(seen).build()
        .inline(TestClock.at(Instant.EPOCH));
    awaitTrue("all records", () -> {
      run.work();
      return seen.size() == 1000;
    });
    run.close();
    assertBalanced(run.ledger());
    assertThat(committed(topic)).containsEntry(0, 1000L);
  }

  // ---------------------------------------------------------------- what is committed

  @Test
  void commitsOnlyWhatEverySinkHasTaken() throws Exception {
    String topic = newTopic(1);
    RecordingSink slow = RecordingSink.blocking().hold();
    send(topic, 0, numbered(0, 10));
    try (RunningPipeline run = LogStream.named("p").from(source(topic).group(topic)).to(seen).to("slow", slow).build().checkpointEvery(Duration.ofMillis(50)).start()) {
      assertThat(seen.await(10, LONG)).isTrue();
      assertThat(slow.awaitHeld(LONG)).isTrue();
      assertThat(committed(topic).getOrDefault(0, 0L)).isZero();
      slow.release();
      awaitTrue("the commit", () -> committed(topic).getOrDefault(0, 0L) == 10);
      run.close();
      assertBalanced(run.ledger());
    }
  }

  @Test
  void commitsWhatACheckpointHoldsAndAtClose() {
    String topic = newTopic(1);
    Pipeline pipeline = LogStream.named("p").from(source(topic).group(topic).partitions(0)).then("counting", Stage.inOrder(e -> { })).to(seen).build()
        .checkpointIn(dir).checkpointEvery(Duration.ofHours(1));
    send(topic, 0, numbered(0, 10));
    try (RunningPipeline run = pipeline.start()) {
      awaitTrue("ten", () -> seen.size() == 10);
      assertThat(committed(topic).getOrDefault(0, 0L)).isZero();
    }
    assertThat(committed(topic)).containsEntry(0, 10L);
  }

  @Test
  void readsWhatEveryPartitionHoldsInABatchOfItsOwn() {
    String topic = newTopic(4);
    List<String> all = new ArrayList<>();
    for (int p = 0; p < 4; p++) {
      String long100 = ("p" + p + " ").repeat(5000);
      send(topic, p, long100, "short " + p);
      all.add(long100);
      all.add("short " + p);
    }
    assertThat(messages(ran(LogStream.named("p").from(source(topic).once()).to(seen).build()))).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void takesBytesThatAreNotText() throws Exception {
    String topic = newTopic(1);
    byte[] odd = {(byte) 0xff, 0, (byte) 0xc3, 'a'};
    try (KafkaProducer<byte[], byte[]> producer = producer(servers())) {
      producer.send(new ProducerRecord<>(topic, 0, null, odd)).get();
    }
    LogEvent event = ran(LogStream.named("p").from(source(topic).once()).to(seen).build()).get(0);
    assertThat(event.message().getBytes(StandardCharsets.UTF_8)).endsWith((byte) 'a');
  }
}
