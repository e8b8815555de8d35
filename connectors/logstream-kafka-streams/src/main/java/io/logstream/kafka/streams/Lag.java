package io.logstream.kafka.streams;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Tells whether there is nothing to read, which Kafka Streams does not tell its processors: makes its clients for it, and asks the consumer of
 * the thread that a processor runs on.
 */
interface Lag {
  /** For runs without consumers, which process all that they are given at once. */
  Lag NONE = partition -> true;

  /** Whether all that is there has been fetched. On the thread of a task that reads the partition. */
  boolean isNone(TopicPartition of);

  /** The clients of a run. */
  final class Clients implements KafkaClientSupplier, Lag {
    private static final String OF_THREAD = "-consumer";
    private final Map<String, Consumer<byte[], byte[]>> byThread = new ConcurrentHashMap<>();
    private final Map<String, Producer<byte[], byte[]>> producers = new ConcurrentHashMap<>();

    @Override
    public boolean isNone(TopicPartition of) {
      Consumer<byte[], byte[]> consumer = byThread.get(Thread.currentThread().getName());
      if (consumer == null) {
        return false;
      }
      try {
        OptionalLong lag = consumer.currentLag(of);
        return lag.isPresent() && lag.getAsLong() == 0;
      } catch (IllegalStateException e) {
        return false; // not this consumer's, or not any more
      }
    }

    /** Whether no consumer has a connection to any broker; on any thread. */
    boolean areCutOff() {
      return !byThread.isEmpty() && byThread.values().stream().flatMap(consumer -> consumer.metrics().entrySet().stream())
          .filter(metric -> metric.getKey().name().equals("connection-count")).allMatch(metric -> metric.getValue().metricValue() instanceof Number count && count.doubleValue() == 0);
    }

    /** Ends the waiting of threads for brokers to take what they send, without which they would wait for ever. */
    void giveUp() {
      producers.values().forEach(producer -> producer.close(Duration.ZERO));
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
      return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
      Producer<byte[], byte[]> producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
      producers.put(String.valueOf(config.get("client.id")), producer);
      return producer;
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
      Consumer<byte[], byte[]> consumer = new Binding(config);
      String id = String.valueOf(config.get("client.id"));
      if (id.endsWith(OF_THREAD)) {
        byThread.put(id.substring(0, id.length() - OF_THREAD.length()), consumer);
      }
      return consumer;
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
      return consumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
      return consumer(config);
    }

    /** Gives what it has polled in bunches. */
    private static final class Binding extends KafkaConsumer<byte[], byte[]> {
      Binding(Map<String, Object> config) {
        super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      }

      @Override
      public ConsumerRecords<byte[], byte[]> poll(Duration atMost) {
        return Bunch.bind(super.poll(atMost));
      }
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
      return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
  }
}
