package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.RecordingSink;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a wrong description, or a missing or unwilling broker, says at the start. */
class KafkaStartTest extends OnKafka {
  private static Map<String, String> login(String password) {
    return Map.of("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + KafkaBroker.USER + "\" password=\"" + password + "\";");
  }

  private static Pipeline from(Source source) {
    return LogStream.named("p").from(source).to(new RecordingSink()).build();
  }

  private static Pipeline to(Sink sink) {
    return LogStream.named("p").from(KafkaSource.topic(newTopic(1)).servers(servers()).once()).to(sink).build();
  }

  private static String closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  @Test
  void saysWithinItsTimeThatNoBrokerAnswers() throws Exception {
    String nobody = closedPort();
    assertThatThrownBy(() -> from(KafkaSource.topic("logs").servers(nobody).connectWithin(Duration.ofMillis(500))).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("pipeline 'p', source 'logs'", "no Kafka broker answers at " + nobody, "PT0.5S");
    assertThatThrownBy(() -> to(KafkaSink.topic("rows").servers(nobody).connectWithin(Duration.ofMillis(500))).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("sink 'rows'", "no Kafka broker answers at " + nobody, "PT0.5S");
  }

  @Test
  void saysThatATopicDoesNotExistAndWhichOnesDo() {
    String near = newTopic(1);
    String wrong = near.substring(0, near.length() - 1) + "x";
    assertThatThrownBy(() -> from(KafkaSource.topic(wrong).servers(servers())).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("topic '" + wrong + "' does not exist at " + servers(), "there are: " + near);
    assertThatThrownBy(() -> to(KafkaSink.topic(wrong).servers(servers())).start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("topic '" + wrong + "' does not exist at " + servers());
  }

  @Test
  void saysThatAPartitionDoesNotExist() {
    String topic = newTopic(2);
    assertThatThrownBy(() -> from(KafkaSource.topic(topic).servers(servers()).partitions(1, 2)).start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("topic '" + topic + "' has 2 partitions, numbered from 0, so there is no partition 2");
  }

  @Test
  void saysThatTheLoginIsRefused() {
    String topic = newTopic(1);
    String guarded = broker().guardedServers();
    assertThatThrownBy(() -> from(KafkaSource.topic(topic).servers(guarded).settings(login("wrong"))).start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("refuses the login");
    assertThatThrownBy(() -> to(KafkaSink.topic(topic).servers(guarded).settings(login("wrong"))).start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("refuses the login");
  }

  @Test
  void readsAndWritesWithALogin() throws Exception {
    String from = newTopic(1);
    String into = newTopic(1);
    send(from, 0, "secret");
    Map<String, String> login = login(KafkaBroker.PASSWORD);
    String guarded = broker().guardedServers();
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic(from).servers(guarded).settings(login).group(from).partitions(0).once())
        .to(KafkaSink.topic(into).servers(guarded).settings(login).messages()).build();
    try (RunningPipeline run = pipeline.start()) {
      assertThat(run.await(LONG)).isTrue();
      assertBalanced(run.ledger());
    }
    assertThat(read(servers(), into, 1)).extracting(r -> r.value()).containsExactly("secret");
    assertThat(pipeline.describe()).doesNotContain(KafkaBroker.PASSWORD);
  }

  @Test
  void refusesToShareThePartitionsOfAPipelineWithState() {
    String topic = newTopic(1);
    KafkaSource shared = KafkaSource.topic(topic).servers(servers()).group("g");
    assertThatThrownBy(() -> LogStream.named("p").from(shared).then("numbers", Stage.inOrder(e -> { })).to(new RecordingSink()).build().start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("group 'g'", "stage 'numbers' keeps state", "partitions(..)");
    LogStream.named("p").from(shared.partitions(0)).then("numbers", Stage.inOrder(e -> { })).to(new RecordingSink()).build().start().close();
    LogStream.named("p").from(shared).then("plain", Stage.each(e -> { })).to(new RecordingSink()).build().start().close();
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatThrownBy(() -> KafkaSource.topic("my topic")).hasMessageContaining("was 'my topic'");
    assertThatThrownBy(KafkaSource::topic).hasMessageContaining("at least one topic");
    assertThatThrownBy(() -> KafkaSource.topic("t").servers("broker")).hasMessageContaining("host:port");
    assertThatThrownBy(() -> KafkaSource.topic("t").fromEnd().since(Instant.EPOCH)).hasMessageContaining("contradicts fromEnd()");
    assertThatThrownBy(() -> KafkaSource.topic("t").group("g").once()).hasMessageContaining("partitions(..)");
    assertThatThrownBy(() -> KafkaSource.topic("t").once().group("g")).hasMessageContaining("partitions(..)");
    assertThatThrownBy(() -> KafkaSource.topic("t").partitions(1, 1)).hasMessageContaining("[1, 1]");
    assertThatThrownBy(() -> KafkaSource.topic("t").setting("enable.auto.commit", "true")).hasMessageContaining("group(..)");
    assertThatThrownBy(() -> KafkaSink.topic("t").setting("acks", "0")).hasMessageContaining("all replicas");
    assertThatThrownBy(() -> KafkaSink.topic("t").compressed("zip")).hasMessageContaining("[gzip, lz4, snappy, zstd]");
    assertThatThrownBy(() -> KafkaSink.topic("t").transactional(" ")).hasMessageContaining("must hold something");
  }
}
