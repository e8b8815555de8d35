package io.logstream.jmh;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.logstream.Sink;
import io.logstream.examples.AccessLogReport;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.streams.KafkaStreamsRunner;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.testing.AccessLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;

/**
 * What does the report of percentiles by endpoint cost on Kafka Streams, on one instance, beside a topology written by hand with Java Grok? Lines in a
 * topic of four partitions, rows into another one, exactly once, one thread; CPU time of this process, alternating rounds, medians. The broker is a process
 * of its own. The rows of both must agree.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.KafkaStreamsComparison [lines, 1000000] [rounds, 3]</pre>
 *
 * <p>The topology by hand has its windows in memory and the same commit interval. It writes each row again whenever it has changed, as its time runs ahead with
 * the fastest partition: closing windows by it would lose lines. Two cores.
 */
public final class KafkaStreamsComparison {
  private static final int PARTITIONS = 4;
  private static final String LINES = "lines";
  private static final int[] PERCENTILES = {50, 75, 90, 95, 99};
  private static final Duration GRACE = Duration.ofDays(90);
  private static final int WARM_UPS = 2;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private KafkaStreamsComparison() {}

  public static void main(String[] args) throws Exception {
    int lines = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    try (KafkaBroker broker = KafkaBroker.start()) {
      topic(broker.servers(), LINES, PARTITIONS);
      Expected expected = fill(broker.servers(), lines);
      Map<String, List<Double>> seconds = new LinkedHashMap<>();
      Map<String, double[]> first = null;
      for (int round = -WARM_UPS; round < rounds; round++) {
        for (String contender : List.of("logstream", "by-hand")) {
          String rows = "rows-" + contender + "-" + (round + WARM_UPS);
          topic(broker.servers(), rows, 1);
          long before = SYSTEM.getProcessCpuTime();
          Map<String, double[]> came;
          try (AutoCloseable running = contender.equals("logstream") ? ours(broker.servers(), rows) : byHand(broker.servers(), rows)) {
            came = read(broker.servers(), rows, expected, contender.equals("logstream"));
          }
          double cpu = (SYSTEM.getProcessCpuTime() - before) / 1e9;
          if (round >= 0) {
            seconds.computeIfAbsent(contender, c -> new ArrayList<>()).add(cpu);
          }
          first = first == null ? came : first;
          check(contender, came, first);
          System.out.printf(Locale.ROOT, "%s %-9s %.2f s, %.0f ns a line%n", round < 0 ? "warm-up" : "round " + round, contender, cpu, cpu * 1e9 / lines);
        }
      }
      double ours = median(seconds.get("logstream"));
      double hand = median(seconds.get("by-hand"));
      System.out.printf(Locale.ROOT, "%d rows, all agree; medians: logstream %.2f s, by hand %.2f s CPU: %.3f%n", expected.rows(), ours, hand, ours / hand);
    }
  }

  private static double median(List<Double> of) {
    double[] sorted = of.stream().mapToDouble(d -> d).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void topic(String servers, String name, int partitions) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get(60, TimeUnit.SECONDS);
    }
  }

  private record Expected(int rows, long lines) {}

  /** Returns what must come of the lines. Behind them come some of a time at which all their windows are closed. */
  private static Expected fill(String servers, int lines) {
    Map<String, Long> cells = new TreeMap<>();
    WholeJobComparison.Parser parser = new WholeJobComparison.JavaGrok();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(Map.of("bootstrap.servers", servers, "batch.size", 1 << 18, "linger.ms", 20, "max.in.flight.requests.per.connection", 1), new ByteArraySerializer(), new ByteArraySerializer())) {
      Iterator<String> from = AccessLog.seed(42).perSecond(lines / 7200.0).endpoints(200).micros().stream().iterator();
      String line = null;
      for (int i = 0; i < lines; i++) {
        line = from.next();
        if (parser.parse(line)) {
          cells.merge(parser.time / WholeJobComparison.WINDOW + " " + parser.path, 1L, Long::sum);
        }
        producer.send(new ProducerRecord<>(LINES, i % PARTITIONS, null, line.getBytes(StandardCharsets.UTF_8)));
      }
      // a month later: brokers refuse timestamps from the future
      String month = line.replace("/Jan/2026", "/Feb/2026");
      int path = month.indexOf('"') + 1;
      for (int i = 0; i < 400; i++) {
        String later = month.substring(0, path) + "GET /later/" + i + month.substring(month.indexOf(" HTTP/", path));
        producer.send(new ProducerRecord<>(LINES, i % PARTITIONS, null, later.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return new Expected(cells.size(), cells.values().stream().mapToLong(n -> n).sum());
  }

  // ---------------------------------------------------------------- contenders

  private static AutoCloseable ours(String servers, String rows) {
    return KafkaStreamsRunner.of(AccessLogReport.pipeline(KafkaSource.topic(LINES), Sink.each(row -> { }))).reading(LINES).writing("each", rows).servers(servers).named(rows).start();
  }

  /** Reads rows until they are of all lines; where each comes once, a second one is wrong, else it takes the place of the first. */
  private static Map<String, double[]> read(String servers, String topic, Expected expected, boolean once) {
    Map<String, double[]> all = new TreeMap<>();
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
      long lines = 0;
      while (lines < expected.lines()) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
          JsonNode row = JSON.readTree(record.value());
          String path = row.get("path").asText();
          if (!path.startsWith("/later/")) {
            double[] values = new double[2 + PERCENTILES.length];
            values[0] = row.get("count").asDouble();
            values[1] = row.get("request_time_us.mean").asDouble();
            for (int i = 0; i < PERCENTILES.length; i++) {
              values[2 + i] = row.get("request_time_us.p" + PERCENTILES[i]).asDouble();
            }
            double[] before = all.put(row.get("window.start").asLong() + " " + path, values);
            if (once && before != null) {
              throw new IllegalStateException("a row came twice: " + record.value());
            }
            lines += (long) values[0] - (before == null ? 0 : (long) before[0]);
          }
        }
        if (System.nanoTime() > until) {
          throw new IllegalStateException("only rows of " + lines + " of " + expected.lines() + " lines came");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Keys and counts must be equal, means to a millionth; percentiles are of other ranks. */
  private static void check(String contender, Map<String, double[]> came, Map<String, double[]> expected) {
    if (!came.keySet().equals(expected.keySet())) {
      throw new IllegalStateException(contender + " has " + came.size() + " rows, not the " + expected.size() + " of the first");
    }
    expected.forEach((key, values) -> {
      double[] others = came.get(key);
      for (int i = 0; i < 2; i++) {
        if (Math.abs(others[i] - values[i]) > (i == 0 ? 0 : 1e-6 * values[i])) {
          throw new IllegalStateException(contender + " is wrong at " + key + ": " + Arrays.toString(others) + ", the first has " + Arrays.toString(values));
        }
      }
    });
  }

  // ---------------------------------------------------------------- written by hand

  private static final class Group {
    long count;
    long sum;
    DDSketch sketch = new DDSketch(new LogarithmicMapping(0.01), () -> new CollapsingLowestDenseStore(2048));

    Group add(long value) {
      count++;
      sum += value;
      sketch.accept(value);
      return this;
    }

    private static byte[] write(Group group) {
      try {
        GrowingByteArrayOutput sketch = GrowingByteArrayOutput.withInitialCapacity(256);
        group.sketch.encode(sketch, true);
        return ByteBuffer.allocate(16 + sketch.numWrittenBytes()).putLong(group.count).putLong(group.sum).put(sketch.backingArray(), 0, sketch.numWrittenBytes()).array();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Group read(byte[] bytes) {
      if (bytes == null) {
        return null;
      }
      try {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Group group = new Group();
        group.count = in.getLong();
        group.sum = in.getLong();
        group.sketch = DDSketch.decode(ByteArrayInput.wrap(bytes, 16, bytes.length - 16), () -> new CollapsingLowestDenseStore(2048), new LogarithmicMapping(0.01));
        return group;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static final Serde<Group> SERDE = Serdes.serdeFrom((topic, group) -> group == null ? null : write(group), (topic, bytes) -> read(bytes));
  }

  /** Takes a line apart and gives it the time that it tells. */
  private static final class Parsing extends ContextualProcessor<byte[], String, String, Long> {
    private final WholeJobComparison.Parser parser = new WholeJobComparison.JavaGrok();

    @Override
    public void process(Record<byte[], String> line) {
      if (parser.parse(line.value())) {
        context().forward(new Record<>(parser.path, parser.micros, parser.time));
      }
    }
  }

  private static AutoCloseable byHand(String servers, String rows) {
    StreamsBuilder builder = new StreamsBuilder();
    Duration window = Duration.ofMillis(WholeJobComparison.WINDOW);
    builder.stream(LINES, Consumed.with(Serdes.ByteArray(), Serdes.String()))
        .process(Parsing::new)
        .groupByKey(Grouped.with(Serdes.String(), Serdes.Long()))
        .windowedBy(TimeWindows.ofSizeAndGrace(window, GRACE))
        .aggregate(Group::new, (path, micros, group) -> group.add(micros),
            Materialized.<String, Group>as(Stores.inMemoryWindowStore("windows", window.plus(GRACE), window, false)).withKeySerde(Serdes.String()).withValueSerde(Group.SERDE))
        .toStream((key, group) -> key.key() + "@" + key.window().start())
        .map((key, group) -> org.apache.kafka.streams.KeyValue.pair(key, row(key, group)))
        .to(rows, Produced.with(Serdes.String(), Serdes.String()));
    Topology topology = builder.build();
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, rows);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.start();
    return streams;
  }

  private static String row(String key, Group group) {
    int at = key.lastIndexOf('@');
    ObjectNode row = JSON.createObjectNode().put("window.start", Long.parseLong(key.substring(at + 1))).put("path", key.substring(0, at)).put("count", group.count)
        .put("request_time_us.mean", (double) group.sum / group.count);
    for (int p : PERCENTILES) {
      row.put("request_time_us.p" + p, group.sketch.getValueAtQuantile(p / 100.0));
    }
    return row.toString();
  }
}
