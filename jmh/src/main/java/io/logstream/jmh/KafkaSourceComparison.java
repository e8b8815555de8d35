package io.logstream.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.testing.AccessLog;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What does a pipeline that reads a topic cost beside a bare loop over {@code KafkaConsumer} that looks at as many bytes? CPU time of this process,
 * alternating rounds, medians; the broker is a process of its own. Both count the records and their bytes, and must agree.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.KafkaSourceComparison [records, 1000000] [rounds, 9]</pre>
 *
 * Two cores.
 */
public final class KafkaSourceComparison {
  private static final int PARTITIONS = 4;
  private static final int WARM_UPS = 4;
  private static final String TOPIC = "lines";
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private KafkaSourceComparison() {}

  private record Read(long records, long bytes) {}

  @FunctionalInterface
  private interface Contender {
    Read read(String servers, int records);
  }

  public static void main(String[] args) throws Exception {
    int records = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    try (KafkaBroker broker = KafkaBroker.start()) {
      fill(broker.servers(), records);
      Map<String, Contender> contenders = Map.of("bare", KafkaSourceComparison::bare, "source", KafkaSourceComparison::source);
      Map<String, List<Double>> nanos = Map.of("bare", new ArrayList<>(), "source", new ArrayList<>());
      Read expected = null;
      for (int round = -WARM_UPS; round < rounds; round++) {
        for (String name : List.of("bare", "source")) {
          long before = SYSTEM.getProcessCpuTime();
          Read read = contenders.get(name).read(broker.servers(), records);
          double perRecord = (SYSTEM.getProcessCpuTime() - before) / (double) records;
          if (expected == null) {
            expected = read;
          } else if (!expected.equals(read)) {
            throw new IllegalStateException(name + " read " + read + ", not " + expected);
          }
          if (round >= 0) {
            nanos.get(name).add(perRecord);
          }
          System.out.printf(Locale.ROOT, "%s %-6s %.0f ns a record%n", round < 0 ? "warm-up" : "round " + round, name, perRecord);
        }
      }
      double bare = median(nanos.get("bare"));
      double source = median(nanos.get("source"));
      System.out.printf(Locale.ROOT, "medians: bare %.0f, source %.0f ns CPU a record: %.2f times%n", bare, source, source / bare);
    }
  }

  private static double median(List<Double> of) {
    double[] sorted = of.stream().mapToDouble(d -> d).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void fill(String servers, int records) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get(60, TimeUnit.SECONDS);
    }
    byte[][] lines = AccessLog.requests(1_000, "/cart", 200).stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    for (int i = 0; i < lines.length; i++) {
      lines[i] = Arrays.copyOf(lines[i], 240);
      Arrays.fill(lines[i], lines[i].length - 40 + i % 30, 240, (byte) 'x');
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(Map.of("bootstrap.servers", servers, "batch.size", 1 << 18, "linger.ms", 20, "max.in.flight.requests.per.connection", 1), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < records; i++) {
        producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, lines[i % lines.length]));
      }
    }
  }

  private static Read bare(String servers, int records) {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest", "isolation.level", "read_committed", "max.poll.records", 2_000);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all = new ArrayList<>();
      for (int p = 0; p < PARTITIONS; p++) {
        all.add(new TopicPartition(TOPIC, p));
      }
      consumer.assign(all);
      long count = 0;
      long bytes = 0;
      while (count < records) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          count++;
          bytes += record.value().length;
        }
      }
      return new Read(count, bytes);
    }
  }

  private static Read source(String servers, int records) {
    long[] sums = new long[2];
    Sink counting = Sink.each(event -> {
      sums[0]++;
      sums[1] += event.to() - event.from();
    });
    try (RunningPipeline run = LogStream.named("read").from(KafkaSource.topic(TOPIC).servers(servers).once()).to(counting).build().start()) {
      if (!run.await(Duration.ofMinutes(10))) {
        throw new IllegalStateException("not at its end after ten minutes");
      }
    }
    return new Read(sums[0], sums[1]);
  }
}
