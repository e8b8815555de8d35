package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.RecordingSink;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Three brokers, two of which must have every record. */
class KafkaClusterTest extends OnKafka {
  private static final int PARTITIONS = 6;
  private static final List<KafkaBroker> brokers = KafkaBroker.start(3);
  private static final String servers = brokers.stream().map(KafkaBroker::servers).collect(Collectors.joining(","));

  @AfterAll
  static void end() {
    brokers.forEach(KafkaBroker::close);
  }

  @Test
  void readsAndWritesOnWhileOneOfThemIsShutDown() throws Exception {
    String from = newTopic(servers, PARTITIONS);
    String into = newTopic(servers, PARTITIONS);
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.topic(from).servers(servers).group(from)).to(seen)
        .to("out", KafkaSink.topic(into).servers(servers).messages()).build().checkpointEvery(Duration.ofMillis(200)).start();
        KafkaProducer<byte[], byte[]> producer = producer(servers)) {
      for (int i = 0; i < 3_000; i++) {
        producer.send(new ProducerRecord<>(from, i % PARTITIONS, null, bytes("line " + i)));
      }
      assertThat(seen.await(1_000, LONG)).isTrue();
      brokers.get(2).stop();
      for (int i = 3_000; i < 6_000; i++) {
        producer.send(new ProducerRecord<>(from, i % PARTITIONS, null, bytes("line " + i)));
      }
      producer.flush();
      assertThat(seen.await(6_000, LONG)).isTrue();
      run.close();
      assertBalanced(run.ledger());
      assertThat(run.ledger().stage("out").absorbed()).isEqualTo(6_000);
    }
    assertThat(seen.messages()).containsExactlyInAnyOrder(numbered(0, 6_000));
    assertThat(read(servers, into, 6_000)).extracting(ConsumerRecord::value).containsExactlyInAnyOrder(numbered(0, 6_000));
  }
}
