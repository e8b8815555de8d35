package io.logstream.kafka.testing;

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

/** For tests against a real broker to extend: one broker for all of them, which ends with the tests' process; each uses topics of its own. */
public abstract class OnKafka {
  /** Longer than anything should take. */
  protected static final Duration LONG = Duration.ofSeconds(180);
  private static KafkaBroker shared;

  /** For classes of tests. */
  protected OnKafka() {}

  /** The broker that all tests share. */
  protected static synchronized KafkaBroker broker() {
    if (shared == null) {
      shared = KafkaBroker.start();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  /** Where it is. */
  protected static String servers() {
    return broker().servers();
  }

  // ---------------------------------------------------------------- topics

  /** Makes a topic of a name that nothing else has. */
  protected static String newTopic(int partitions) {
    return newTopic(servers(), partitions);
  }

  /** The same elsewhere. */
  protected static String newTopic(String servers, int partitions) {
    String name = "t-" + UUID.randomUUID();
    makeTopic(servers, name, partitions);
    return name;
  }

  /** Makes a topic. */
  protected static void makeTopic(String servers, String name, int partitions) {
    admin(servers, admin -> admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty()))).all().get(30, TimeUnit.SECONDS));
  }

  /** A question to brokers. */
  @FunctionalInterface
  protected interface Asking<T> {
    /** Asks it. */
    T ask(Admin admin) throws Exception;
  }

  /** The answer of brokers. */
  protected static <T> T admin(String servers, Asking<T> asking) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      return asking.ask(admin);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the group has committed, by partition. */
  protected static Map<Integer, Long> committed(String group) {
    Map<TopicPartition, OffsetAndMetadata> offsets = admin(servers(), admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(30, TimeUnit.SECONDS));
    Map<Integer, Long> committed = new HashMap<>();
    offsets.forEach((of, offset) -> committed.put(of.partition(), offset.offset()));
    return committed;
  }

  // ---------------------------------------------------------------- records

  /** A producer of the shared broker. */
  protected static KafkaProducer<byte[], byte[]> producer() {
    return producer(servers());
  }

  /** The same elsewhere. */
  protected static KafkaProducer<byte[], byte[]> producer(String servers) {
    return new KafkaProducer<>(Map.of("bootstrap.servers", servers, "max.in.flight.requests.per.connection", 1, "linger.ms", 5), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** As UTF-8; null of null. */
  protected static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sends a record, and does not wait for it. */
  protected static Future<?> send(KafkaProducer<byte[], byte[]> to, String topic, int partition, String value) {
    return to.send(new ProducerRecord<>(topic, partition, null, bytes(value)));
  }

  /** Sends records, and returns when they are there. */
  protected static void send(String topic, int partition, String... values) {
    send(servers(), topic, partition, values);
  }

  /** The same elsewhere. */
  protected static void send(String servers, String topic, int partition, String... values) {
    try (KafkaProducer<byte[], byte[]> producer = producer(servers)) {
      List<Future<?>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(send(producer, topic, partition, value));
      }
      for (Future<?> one : sent) {
        one.get(60, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The values {@code line 7}, {@code line 8} and so on. */
  protected static String[] numbered(int from, int to) {
    String[] values = new String[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = "line " + i;
    }
    return values;
  }

  /** So many records of a topic, of committed transactions only. */
  protected static List<ConsumerRecord<String, String>> read(String servers, String topic, int count) {
    return read(servers, topic, count, LONG);
  }

  /** The same, until none has come for so long. */
  protected static List<ConsumerRecord<String, String>> read(String servers, String topic, int count, Duration patience) {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "auto.offset.reset", "earliest");
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

  // ---------------------------------------------------------------- waiting

  /** Waits until something is so. */
  protected static void awaitTrue(String what, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("waited too long for: " + what);
        }
        LockSupport.parkNanos(5_000_000);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
