package io.logstream.kafka;

import static io.logstream.kafka.Books.assertBalanced;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.RecordingSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several runs share the partitions of a group. */
class KafkaGroupTest extends OnKafka {
  private static final int PARTITIONS = 4;

  @TempDir
  private Path dir;

  /** Writes numbered records, evenly over the partitions, until told to stop; knows what it wrote. */
  private static final class Writer extends Thread {
    private final String topic;
    private final int perSecond;
    final AtomicInteger written = new AtomicInteger();
    private volatile boolean stopped;

    Writer(String topic, int perSecond) {
      this.topic = topic;
      this.perSecond = perSecond;
    }

    @Override
    public void run() {
      try (KafkaProducer<byte[], byte[]> producer = producer(servers())) {
        while (!stopped) {
          for (int i = 0; i < perSecond / 100; i++) {
            int n = written.getAndIncrement();
            producer.send(new ProducerRecord<>(topic, n % PARTITIONS, null, bytes("line " + n)));
          }
          LockSupport.parkNanos(10_000_000);
        }
      }
    }

    int end() throws InterruptedException {
      stopped = true;
      join();
      return written.get();
    }
  }

  private static List<String> expected(int count) {
    return List.of(numbered(0, count));
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void deliversEachRecordOnceWhileRunsComeAndGo(String protocol) throws Exception {
    String topic = newTopic(PARTITIONS);
    KafkaSource source = KafkaSource.topic(topic).servers(servers()).group(topic).setting("group.protocol", protocol);
    RecordingSink seen = new RecordingSink();
    Pipeline pipeline = LogStream.named("p").from(source).to(seen).build().ring(4);
    Writer writer = new Writer(topic, 2_000);
    List<RunningPipeline> all = new ArrayList<>();
    RunningPipeline first = pipeline.start();
    all.add(first);
    writer.start();
    assertThat(seen.await(1_000, LONG)).isTrue();
    RunningPipeline second = pipeline.start();
    all.add(second);
    awaitTrue("the second has its share", () -> second.ledger().stage(topic).in() > 500);
    RunningPipeline third = pipeline.start();
    all.add(third);
    awaitTrue("the third has its share", () -> third.ledger().stage(topic).in() > 500);
    first.close();
    int before = seen.size();
    awaitTrue("the others go on", () -> seen.size() > before + 2_000);
    second.close();
    int written = writer.end();
    awaitTrue("all " + written + " are seen, " + seen.size() + " are", () -> seen.size() >= written);
    third.close();
    all.forEach(run -> assertBalanced(run.ledger()));
    assertThat(seen.messages()).containsExactlyInAnyOrderElementsOf(expected(written));
    assertThat(seen.events().stream().filter(e -> e.number("partition", -1) == 1).map(LogEvent::message).toList())
        .containsExactlyElementsOf(expected(written).stream().filter(m -> Integer.parseInt(m.substring(5)) % PARTITIONS == 1).toList());
    Map<Integer, Long> ends = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      ends.put(p, (long) ((written - p + PARTITIONS - 1) / PARTITIONS));
    }
    assertThat(committed(topic)).isEqualTo(ends);
  }

  @Test
  void staysAMemberWhileTheRingIsFull() throws Exception {
    String topic = newTopic(PARTITIONS);
    for (int p = 0; p < PARTITIONS; p++) {
      send(topic, p, numbered(p * 5_000, (p + 1) * 5_000));
    }
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch stuck = new CountDownLatch(1);
    RecordingSink seen = new RecordingSink();
    Sink holding = Sink.each(e -> {
      stuck.countDown();
      try {
        release.await();
      } catch (InterruptedException ex) {
        Thread.currentThread().interrupt();
      }
    });
    KafkaSource source = KafkaSource.topic(topic).servers(servers()).group(topic).setting("max.poll.interval.ms", "1500").setting("session.timeout.ms", "1500")
        .setting("heartbeat.interval.ms", "300");
    try (RunningPipeline run = LogStream.named("p").from(source).to("holding", holding).to(seen).build().ring(2).start()) {
      assertThat(stuck.await(60, TimeUnit.SECONDS)).isTrue();
      long until = System.nanoTime() + 4_000_000_000L;
      while (System.nanoTime() < until) {
        LockSupport.parkNanos(100_000_000);
      }
      release.countDown();
      awaitTrue("all are seen", () -> seen.size() >= 20_000);
      run.close();
      assertThat(run.metrics()).containsEntry(topic + ".rebalances", 1L).containsEntry(topic + ".unsettled", 0L);
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactlyInAnyOrderElementsOf(expected(20_000));
  }

  @Test
  void handsAPartitionOverWhileItsRingIsFull() throws Exception {
    String topic = newTopic(PARTITIONS);
    for (int p = 0; p < PARTITIONS; p++) {
      send(topic, p, numbered(p * 2_000, (p + 1) * 2_000));
    }
    RecordingSink seen = new RecordingSink();
    AtomicInteger events = new AtomicInteger();
    AtomicBoolean shared = new AtomicBoolean();
    Sink slow = Sink.each(e -> {
      if (!shared.get() && events.incrementAndGet() % 10 == 0) {
        LockSupport.parkNanos(20_000_000);
      }
    });
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic(topic).servers(servers()).group(topic)).to("slow", slow).to(seen).build().ring(2);
    try (RunningPipeline first = pipeline.start()) {
      assertThat(seen.await(500, LONG)).isTrue();
      try (RunningPipeline second = pipeline.start()) {
        awaitTrue("the second has its share", () -> second.ledger().stage(topic).in() > 0);
        shared.set(true);
        awaitTrue("all are seen", () -> seen.size() >= 8_000);
        assertThat(first.metrics()).containsEntry(topic + ".unsettled", 0L);
      }
    }
    assertThat(seen.messages()).containsExactlyInAnyOrderElementsOf(expected(8_000));
  }

  /** A run in a process of its own: notes what it has processed in a file, and commits only when it is closed, which it never is. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      Path seen = Path.of(args[2]);
      Sink note = Sink.each(e -> {
        try {
          Files.writeString(seen, e.message() + "\n", java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
        } catch (IOException ex) {
          throw new java.io.UncheckedIOException(ex);
        }
      });
      LogStream.named("child").from(KafkaSource.topic(args[1]).servers(args[0]).group(args[1]).setting("session.timeout.ms", "1500")
          .setting("heartbeat.interval.ms", "300")).to("note", note).build()
          .checkpointEvery(Duration.ofHours(1)).start();
      LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(5));
    }
  }

  @Test
  void readsAgainWhatAKilledProcessHadNotCommitted() throws Exception {
    String topic = newTopic(PARTITIONS);
    for (int p = 0; p < PARTITIONS; p++) {
      send(topic, p, numbered(p * 50, (p + 1) * 50));
    }
    Path processed = dir.resolve("processed");
    Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Child.class.getName(), servers(), topic,
        processed.toString()).redirectErrorStream(true).redirectOutput(dir.resolve("output").toFile()).start();
    try {
      awaitTrue("the child has processed all", () -> Files.exists(processed) && Files.readAllLines(processed).size() == 200);
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(committed(topic)).isEmpty();
    RecordingSink seen = new RecordingSink();
    try (RunningPipeline run = LogStream.named("p").from(KafkaSource.topic(topic).servers(servers()).group(topic)).to(seen).build().start()) {
      awaitTrue("all are seen again", () -> seen.size() >= 200);
      run.close();
      assertBalanced(run.ledger());
    }
    assertThat(seen.messages()).containsExactlyInAnyOrderElementsOf(expected(200));
    assertThat(committed(topic)).isEqualTo(Map.of(0, 50L, 1, 50L, 2, 50L, 3, 50L));
  }
}
