package io.logstream.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Ledger;
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
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Tests against a real broker: one for all of them, which ends with the tests' process. */
abstract class OnKafka {
  static final Duration LONG = Duration.ofSeconds(120);
  private static KafkaBroker shared;

  /** The broker that all tests share; each uses topics of its own. */
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
    return newTopic(servers(), partitions);
  }

  static String newTopic(String servers, int partitions) {
    String name = "t-" + UUID.randomUUID();
    makeTopic(servers, name, partitions);
    return name;
  }

  static void makeTopic(String servers, String name, int partitions) {
    admin(servers, admin -> admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty()))).all().get(30, TimeUnit.SECONDS));
  }

  @FunctionalInterface
  interface Asking<T> {
    T ask(Admin admin) throws Exception;
  }

  static <T> T admin(String servers, Asking<T> asking) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      return asking.ask(admin);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static KafkaProducer<byte[], byte[]> producer(String servers) {
    return new KafkaProducer<>(Map.of("bootstrap.servers", servers, "max.in.flight.requests.per.connection", 1, "linger.ms", 5), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  static void send(String topic, int partition, String... values) {
    send(servers(), topic, partition, values);
  }

  static void send(String servers, String topic, int partition, String... values) {
    try (KafkaProducer<byte[], byte[]> producer = producer(servers)) {
      List<Future<?>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, partition, null, bytes(value))));
      }
      for (Future<?> one : sent) {
        one.get(60, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static String[] numbered(int from, int to) {
    String[] values = new String[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = "line " + i;
    }
    return values;
  }

  /** What the group has committed, by partition. */
  static Map<Integer, Long> committed(String group) {
    Map<TopicPartition, OffsetAndMetadata> offsets = admin(servers(), admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(30, TimeUnit.SECONDS));
    Map<Integer, Long> committed = new HashMap<>();
    offsets.forEach((of, offset) -> committed.put(of.partition(), offset.offset()));
    return committed;
  }

  /** So many records of a topic, of committed transactions only. */
  static List<ConsumerRecord<String, String>> read(String servers, String topic, int count) {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      Set<TopicPartition> partitions = new HashSet<>();
      consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      consumer.assign(partitions);
      long deadline = System.nanoTime() + LONG.toNanos();
      while (all.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
    }
    return all;
  }

  static void awaitTrue(String what, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    try {
      while (!condition.call()) {
        assertThat(System.nanoTime()).as("waited too long for: " + what).isLessThan(deadline);
        LockSupport.parkNanos(5_000_000);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static void assertBalanced(Ledger ledger) {
    assertThat(ledger.imbalances()).as(ledger.toString()).isEmpty();
  }
}
