package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunState;
import io.logstream.RunningPipeline;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.RecordingSink;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A broker goes and comes back while pipelines run. */
class KafkaOutageTest extends OnKafka {
  private static final KafkaBroker own = KafkaBroker.start();

  @AfterAll
  static void end() {
    own.close();
  }

  @Test
  void goesOnWhenABrokerThatWasStoppedIsThereAgain() throws Exception {
    String from = newTopic(own.servers(), 2);
    String into = newTopic(own.servers(), 1);
    RecordingSink seen = new RecordingSink();
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic(from).servers(own.servers()).group(from)).to(seen)
        .to(KafkaSink.topic(into).servers(own.servers()).messages()).build().checkpointEvery(Duration.ofMillis(100));
    send(own.servers(), from, 0, numbered(0, 500));
    try (RunningPipeline run = pipeline.start()) {
      assertThat(seen.await(500, LONG)).isTrue();
      own.stop();
      awaitTrue("it says that it is degraded", () -> run.state().phase() == RunState.Phase.DEGRADED);
      assertThat(run.state().reason()).contains("no connection to any Kafka broker at " + own.servers());
      assertThat(run.metrics().get(from + ".errors")).isPositive();
      own.startAgain();
      send(own.servers(), from, 1, numbered(500, 1_000));
      assertThat(seen.await(1_000, LONG)).isTrue();
      awaitTrue("it is well again", () -> run.state().phase() == RunState.Phase.RUNNING);
      run.close();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactlyInAnyOrder(numbered(0, 1_000));
    assertThat(read(own.servers(), into, 1_000)).extracting(ConsumerRecord::value).containsExactlyInAnyOrder(numbered(0, 1_000));
  }

  @Test
  void holdsEventsWhileTheBrokerOfASinkIsAway() throws Exception {
    String from = newTopic(1);
    String into = newTopic(own.servers(), 1);
    send(from, 0, numbered(0, 1_000));
    RecordingSink seen = new RecordingSink();
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic(from).servers(servers()).group(from)).to(seen)
        .to("out", KafkaSink.topic(into).servers(own.servers()).messages()).build().checkpointEvery(Duration.ofMillis(100));
    RunningPipeline run = pipeline.start();
    assertThat(seen.await(1_000, LONG)).isTrue();
    awaitTrue("the first are committed", () -> committed(from).getOrDefault(0, 0L) == 1_000);
    own.stop();
    send(from, 0, numbered(1_000, 2_000));
    assertThat(seen.await(2_000, LONG)).isTrue();
    assertThat(committed(from)).containsEntry(0, 1_000L);
    assertThat(run.ledger().stage("out").held()).isPositive();
    own.startAgain();
    awaitTrue("all are committed", () -> committed(from).getOrDefault(0, 0L) == 2_000);
    run.close();
    assertBalanced(run.ledger());
    assertThat(read(own.servers(), into, 2_000)).extracting(ConsumerRecord::value).containsExactly(numbered(0, 2_000));
  }

  @Test
  @Tag("stress")
  void givesUpAnEventAfterItsTime() {
    String from = newTopic(1);
    String into = newTopic(own.servers(), 1);
    RecordingSink failures = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.topic(from).servers(servers()))
        .to("out", KafkaSink.topic(into).servers(own.servers()).messages().givingUpAfter(Duration.ofSeconds(5))).build().failuresTo(failures).start()) {
      send(from, 0, "there");
      awaitTrue("the first is delivered", () -> run.ledger().stage("out").absorbed() == 1);
      own.kill();
      send(from, 0, "lost");
      awaitTrue("the second has failed", () -> run.ledger().stage("out").failedBy().getOrDefault("not delivered", 0L) == 1);
      run.close();
      assertBalanced(run.ledger());
    } finally {
      own.kill();
      own.startAgain();
    }
    assertThat(failures.messages()).containsExactly("lost");
  }

  @Test
  void goesPastRecordsThatAreDamagedOnTheBrokersDisk() throws Exception {
    String topic = newTopic(own.servers(), 1);
    for (int i = 0; i < 10; i++) {
      send(own.servers(), topic, 0, "line " + i);
    }
    damage(topic, "line 4");
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.topic(topic).servers(own.servers())).to(seen).build().start()) {
      assertThat(seen.await(9, LONG)).isTrue();
      run.close();
      assertBalanced(run.ledger());
      assertThat(run.ledger().stage(topic).droppedBy()).containsEntry("unreadable", 1L);
    }
    assertThat(seen.messages()).containsExactly("line 0", "line 1", "line 2", "line 3", "line 5", "line 6", "line 7", "line 8", "line 9");
  }

  private static void damage(String topic, String record) throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.list(own.data().resolve(topic + "-0"))) {
      segments = files.filter(f -> f.toString().endsWith(".log")).toList();
    }
    try (RandomAccessFile file = new RandomAccessFile(segments.get(0).toFile(), "rw")) {
      byte[] all = new byte[(int) file.length()];
      file.readFully(all);
      int at = new String(all, StandardCharsets.ISO_8859_1).indexOf(record);
      file.seek(at);
      file.write('X');
    }
  }
}
