package io.logstream.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.kafka.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Tests against a real broker: one for all of them, which ends with the tests' process. */
abstract class OnKafka {
  static final Duration LONG = Duration.ofSeconds(180);
  private static KafkaBroker shared;

  static synchronized KafkaBroker broker() {
    if (shared == null) {
      shared = KafkaBroker.start();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  static String servers() {
    return broker().servers();
  }

  static String newTopic(int partitions) {
    String name = "t-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers()))) {
      admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty()))).all().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  static KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(Map.of("bootstrap.servers", servers(), "max.in.flight.requests.per.connection", 1, "linger.ms", 5), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static void send(KafkaProducer<byte[], byte[]> to, String topic, int partition, String line) {
    to.send(new ProducerRecord<>(topic, partition, null, line.getBytes(StandardCharsets.UTF_8)));
  }

  /** Reads committed records of a topic, until there are so many or none came for so long. */
  static List<ConsumerRecord<String, String>> read(String topic, int count, Duration patience) {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", servers(), "isolation.level", "read_committed", "auto.offset.reset", "earliest"));
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      Set<TopicPartition> partitions = new HashSet<>();
      consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      consumer.assign(partitions);
      long until = System.nanoTime() + patience.toNanos();
      while (all.size() < count && System.nanoTime() < until) {
        int before = all.size();
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
        if (all.size() > before) {
          until = System.nanoTime() + patience.toNanos();
        }
      }
    }
    return all;
  }

  static void awaitTrue(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long for: " + what).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
