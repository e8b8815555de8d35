package io.logstream.examples;

import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.sum;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.kafka.KafkaSink;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.streams.KafkaStreamsRun;
import io.logstream.kafka.streams.KafkaStreamsRunner;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.window.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * One pipeline on two processes, of which one is killed: the takings of some shops in windows of two seconds, none of which is wrong for it. Starts
 * everything itself, a Kafka broker included, and compares all windows with what it has sent.
 *
 * <pre>ScaleOut [SECONDS, 12]</pre>
 */
public final class ScaleOut {
  private static final String ORDERS = "orders";
  private static final String TAKINGS = "takings";
  private static final int PARTITIONS = 4;
  private static final int SHOPS = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String servers;
  /** What was sent, by window and shop: orders and cents. */
  private final Map<String, long[]> sent = new TreeMap<>();
  private long last;

  private ScaleOut(String servers) {
    this.servers = servers;
  }

  // tag::pipeline[]
  static Pipeline pipeline(String servers) {
    return LogStream.named("takings")
        .from(KafkaSource.topic("orders").servers(servers))
        .then(Json.fields())
        .then(EventTime.from("time", "UNIX_MS").outOfOrder(ofSeconds(1)))
        .then(Window.tumbling(ofSeconds(2)).by("shop").aggregate(count(), sum("cents")))
        .to("takings", KafkaSink.topic("takings").servers(servers))
        .build();
  }
  // end::pipeline[]

  // tag::share[]
  static KafkaStreamsRun share(String servers) {
    return KafkaStreamsRunner.of(pipeline(servers))
        .reading("orders")
        .writing("takings", "takings")
        .servers(servers)
        .failover(ofSeconds(3))
        .start();
  }
  // end::share[]

  /** Runs it, or with the argument {@code share} one of its processes. Exit code 1 if a window is wrong. */
  public static void main(String[] args) {
    Program.of("ScaleOut [SECONDS]").run(args, 0, 2, given -> {
      if (given.size() == 2 && given.get(0).equals("share")) {
        share(given.get(1));
        awaitEndOfInput();
        Runtime.getRuntime().halt(0);
      }
      if (given.size() == 2 || given.size() == 1 && !given.get(0).matches("[1-9]\\d{0,3}")) {
        throw new Program.WrongUsage("takes a number of seconds, was " + String.join(" ", given));
      }
      System.out.println("starting a broker");
      try (KafkaBroker broker = KafkaBroker.start()) {
        if (!new ScaleOut(broker.servers()).show(ofSeconds(given.isEmpty() ? 12 : Integer.parseInt(given.get(0))))) {
          throw new IllegalStateException("the sums are not what was sent");
        }
      }
    });
  }

  /** A process's share ends with the process that started it. */
  private static void awaitEndOfInput() throws IOException {
    while (System.in.read() >= 0) {
      // nobody says anything
    }
  }

  private boolean show(Duration each) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.createTopics(List.of(new NewTopic(ORDERS, Optional.of(PARTITIONS), Optional.empty()), new NewTopic(TAKINGS, Optional.of(2), Optional.empty())))
          .all().get(60, TimeUnit.SECONDS);
    }
    List<Process> processes = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(Map.of("bootstrap.servers", servers, "max.in.flight.requests.per.connection", 1), new ByteArraySerializer(), new ByteArraySerializer())) {
      processes.add(launch());
      processes.add(launch());
      System.out.println("two processes share the work; orders come");
      send(producer, each);
      System.out.println("killing one of them; orders go on");
      processes.get(0).destroyForcibly().waitFor();
      send(producer, each);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        send(producer, partition, last + 60_000, "closing time", 0);
      }
      producer.flush();
      System.out.println("closing time: all windows are due");
      return compare(read());
    } finally {
      for (Process process : processes) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-cp", System.getProperty("java.class.path"), ScaleOut.class.getName(), "share",
        servers).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private void send(KafkaProducer<byte[], byte[]> producer, Duration time) {
    Random random = new Random(last);
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      long now = System.currentTimeMillis();
      String shop = "shop-" + random.nextInt(SHOPS);
      int cents = 100 + random.nextInt(10_000);
      send(producer, random.nextInt(PARTITIONS), now, shop, cents);
      long[] cell = sent.computeIfAbsent(cell(now - now % 2_000, shop), unused -> new long[2]);
      cell[0]++;
      cell[1] += cents;
      last = now;
      LockSupport.parkNanos(ofMillis(2).toNanos());
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int partition, long time, String shop, int cents) {
    String order = "{\"time\":" + time + ",\"shop\":\"" + shop + "\",\"cents\":" + cents + "}";
    producer.send(new ProducerRecord<>(ORDERS, partition, null, order.getBytes(StandardCharsets.UTF_8)));
  }

  private static String cell(long window, String shop) {
    return Instant.ofEpochMilli(window) + " " + shop;
  }

  /** Reads rows until there are as many as there must be, and a little longer, as there must not be more. */
  private List<JsonNode> read() throws IOException {
    Map<String, Object> settings = Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    List<JsonNode> rows = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      Set<TopicPartition> partitions = new HashSet<>();
      consumer.partitionsFor(TAKINGS).forEach(info -> partitions.add(new TopicPartition(TAKINGS, info.partition())));
      consumer.assign(partitions);
      long until = System.nanoTime() + ofSeconds(60).toNanos();
      boolean all = false;
      while (System.nanoTime() < until) {
        for (ConsumerRecord<String, String> record : consumer.poll(ofMillis(200))) {
          rows.add(JSON.readTree(record.value()));
        }
        if (!all && rows.size() >= sent.size()) {
          all = true;
          until = System.nanoTime() + ofSeconds(2).toNanos();
        }
      }
    }
    return rows;
  }

  private boolean compare(List<JsonNode> rows) {
    Map<String, long[]> missing = new TreeMap<>(sent);
    int wrong = 0;
    long orders = 0;
    for (JsonNode row : rows) {
      String cell = cell(row.get("window.start").asLong(), row.get("shop").asText());
      long[] expected = missing.remove(cell);
      if (expected == null || expected[0] != row.get("count").asLong() || expected[1] != row.get("cents.sum").asLong()) {
        System.out.println("wrong, or there twice: " + row);
        wrong++;
      }
      orders += row.get("count").asLong();
    }
    missing.keySet().forEach(cell -> System.out.println("missing: " + cell));
    boolean right = wrong == 0 && missing.isEmpty();
    System.out.printf(Locale.ROOT, "%,d orders in %,d windows by shop: %s%n", orders, rows.size(), right ? "count and sum of all are what was sent" : "NOT what was sent");
    return right;
  }
}
