package io.logstream.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.testing.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that share a pipeline are killed; what was sent is counted here, by window and key, and compared with every row. Nothing weaker
 * would do: a count that goes up by one each time does so as well when an event is counted twice.
 */
class ShareKillTest extends OnKafka {
  private static final int PARTITIONS = 4;
  private static final int KEYS = 12;
  private static final long WINDOW = 1_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path dir;
  private final Random random = Seed.random();
  /** What was sent, by window and key. */
  private final Map<String, List<Long>> sent = new HashMap<>();
  private long last;

  private static String cell(long window, String key) {
    return window + "/" + key;
  }

  /** Sends lines for so long, with the time of day as theirs. */
  private void send(KafkaProducer<byte[], byte[]> producer, String topic, Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        long at = System.currentTimeMillis() - random.nextInt(80);
        String key = "k" + random.nextInt(KEYS);
        long v = 1 + random.nextInt(10_000);
        send(producer, topic, partition, "{\"at\":" + at + ",\"key\":\"" + key + "\",\"v\":" + v + "}");
        sent.computeIfAbsent(cell(at - Math.floorMod(at, WINDOW), key), cell -> new ArrayList<>()).add(v);
        last = Math.max(last, at);
      }
      LockSupport.parkNanos(8_000_000);
    }
  }

  @Test
  void everyWindowIsRightWhenOneOfTwoProcessesIsKilled() throws Exception {
    killing(1);
  }

  @Test
  @Tag("stress")
  void everyWindowIsRightWhenProcessesAreKilledTenTimes() throws Exception {
    killing(10);
  }

  private void killing(int times) throws Exception {
    String lines = newTopic(PARTITIONS);
    String rows = newTopic(2);
    String[] args = {servers(), "app-" + lines, lines, rows};
    List<Process> shares = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      shares.add(Share.launch(dir.resolve("out-0"), args));
      shares.add(Share.launch(dir.resolve("out-1"), args));
      send(producer, lines, Duration.ofSeconds(4));
      for (int i = 0; i < times; i++) {
        send(producer, lines, Duration.ofMillis(1_000 + random.nextInt(4_000)));
        int victim = random.nextInt(2);
        shares.get(victim).destroyForcibly().waitFor();
        send(producer, lines, Duration.ofMillis(random.nextInt(2_000)));
        shares.set(victim, Share.launch(dir.resolve("out-" + (i + 2)), args));
      }
      send(producer, lines, Duration.ofSeconds(2));
      for (int partition = 0; partition < PARTITIONS; partition++) {
        send(producer, lines, partition, "{\"at\":" + (last + 60_000) + ",\"key\":\"end\",\"v\":0}");
      }
      producer.flush();
      check(read(rows, sent.size(), Duration.ofSeconds(60)));
      assertThat(read(rows, sent.size() + 1, Duration.ofSeconds(3))).as("rows, each once").hasSize(sent.size());
    } catch (AssertionError e) {
      for (int i = 0; i < times + 2; i++) {
        e.addSuppressed(new AssertionError("share " + i + ": " + Files.readString(dir.resolve("out-" + i))));
      }
      throw e;
    } finally {
      for (Process share : shares) {
        share.destroyForcibly().waitFor();
      }
    }
  }

  private void check(List<ConsumerRecord<String, String>> rows) throws Exception {
    Map<String, Long> seen = new HashMap<>();
    for (ConsumerRecord<String, String> record : rows) {
      JsonNode row = JSON.readTree(record.value());
      String cell = cell(row.get("window.start").asLong(), row.get("key").asText());
      assertThat(sent).as(record.value()).containsKey(cell);
      List<Long> values = sent.get(cell).stream().sorted().toList();
      assertThat(seen.put(cell, record.offset())).as("the row is the only one: %s", record.value()).isNull();
      assertThat(row.get("count").asLong()).as(record.value()).isEqualTo(values.size());
      assertThat(row.get("v.sum").asLong()).as(record.value()).isEqualTo(values.stream().mapToLong(v -> v).sum());
      percentile(row, values, 50);
      percentile(row, values, 99);
    }
    assertThat(seen.keySet()).as("windows").isEqualTo(sent.keySet());
  }

  /** The nearest rank, to the 1 % by which a sketch may be wrong. */
  private static void percentile(JsonNode row, List<Long> sorted, int which) {
    long exact = sorted.get((which * sorted.size() + 99) / 100 - 1);
    assertThat(row.get("v.p" + which).asDouble()).as("p%s of %s in %s", which, sorted, row).isCloseTo(exact, within(exact * 0.0101 + 1e-9));
  }
}
