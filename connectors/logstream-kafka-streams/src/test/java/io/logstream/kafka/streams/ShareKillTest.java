package io.logstream.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.testing.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that share a pipeline are killed; what was sent is counted here, and compared with every row. Nothing weaker would do: a count that
 * goes up by one each time does so as well when an event is counted twice.
 */
class ShareKillTest extends OnKafka {
  private static final int PARTITIONS = 4;
  private static final int KEYS = 12;
  private static final long WINDOW = 1_000;
  /** So many lines for each partition come at once before a process is killed, so that it is not done with them. */
  private static final int HEAP = 20_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path dir;
  private final Random random = Seed.random();
  /** What was sent, by window and key. */
  private final Map<String, List<Long>> sent = new HashMap<>();
  private long last;

  private static String cell(long window, String key) {
    return window + "/" + key;
  }

  private interface Sending {
    /** Sends for so long, and then so many times more at once. */
    void send(KafkaProducer<byte[], byte[]> producer, Duration time, int more);
  }

  /** Sends while one of two processes is killed, so many times, and another one put in its place; then ends and checks. */
  private void killing(int times, String pipeline, String lines, String to, Sending sending, Checking ending) throws Exception {
    String[] args = {pipeline, servers(), "app-" + lines, lines, to};
    List<Process> shares = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      shares.add(Share.launch(dir.resolve("out-0"), args));
      shares.add(Share.launch(dir.resolve("out-1"), args));
      sending.send(producer, Duration.ofSeconds(4), 0);
      for (int i = 0; i < times; i++) {
        if (i % 2 == 0) {
          awaitTrue("both have a share", () -> haveShares(args[2], 2));
        }
        sending.send(producer, Duration.ofMillis(1_000 + random.nextInt(4_000)), HEAP);
        int victim = random.nextInt(2);
        shares.get(victim).destroyForcibly().waitFor();
        sending.send(producer, Duration.ofMillis(random.nextInt(2_000)), 0);
        shares.set(victim, Share.launch(dir.resolve("out-" + (i + 2)), args));
      }
      sending.send(producer, Duration.ofSeconds(2), 0);
      ending.check(producer);
    } catch (AssertionError e) {
      for (int i = 0; Files.exists(dir.resolve("out-" + i)); i++) {
        e.addSuppressed(new AssertionError("share " + i + ": " + Files.readString(dir.resolve("out-" + i))));
      }
      throw e;
    } finally {
      for (Process share : shares) {
        share.destroyForcibly().waitFor();
      }
    }
  }

  private static boolean haveShares(String application, int processes) {
    return admin(servers(), admin -> {
      try {
        Collection<MemberDescription> members = admin.describeConsumerGroups(List.of(application)).all().get().get(application).members();
        return members.size() == processes && members.stream().noneMatch(member -> member.assignment().topicPartitions().isEmpty());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof GroupIdNotFoundException) {
          return false;
        }
        throw e;
      }
    });
  }

  private interface Checking {
    void check(KafkaProducer<byte[], byte[]> producer) throws Exception;
  }

  // ---------------------------------------------------------------- windows

  @Test
  void everyWindowIsRightWhenOneOfTwoProcessesIsKilled() throws Exception {
    killingWindows(1);
  }

  @Test
  @Tag("stress")
  void everyWindowIsRightWhenProcessesAreKilledTenTimes() throws Exception {
    killingWindows(10);
  }

  private void killingWindows(int times) throws Exception {
    String lines = newTopic(PARTITIONS);
    String rows = newTopic(2);
    killing(times, "windows", lines, rows, (producer, time, more) -> sendValues(producer, lines, time, more), producer -> {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        send(producer, lines, partition, "{\"at\":" + (last + 60_000) + ",\"key\":\"end\",\"v\":0}");
      }
      producer.flush();
      check(read(servers(), rows, sent.size(), Duration.ofSeconds(60)));
      assertThat(read(servers(), rows, sent.size() + 1, Duration.ofSeconds(3))).as("rows, each once").hasSize(sent.size());
    });
  }

  /** Sends lines, with the time of day as theirs. */
  private void sendValues(KafkaProducer<byte[], byte[]> producer, String topic, Duration time, int more) {
    long until = System.nanoTime() + time.toNanos();
    for (int sentAtOnce = 0; sentAtOnce < more || !isOver(until); sentAtOnce += isOver(until) ? 1 : 0) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        long at = System.currentTimeMillis() - random.nextInt(80);
        String key = "k" + random.nextInt(KEYS);
        long v = 1 + random.nextInt(10_000);
        send(producer, topic, partition, "{\"at\":" + at + ",\"key\":\"" + key + "\",\"v\":" + v + "}");
        sent.computeIfAbsent(cell(at - Math.floorMod(at, WINDOW), key), cell -> new ArrayList<>()).add(v);
        last = Math.max(last, at);
      }
      pauseBefore(until);
    }
  }

  private static boolean isOver(long until) {
    return System.nanoTime() >= until;
  }

  private static void pauseBefore(long until) {
    if (!isOver(until)) {
      LockSupport.parkNanos(8_000_000);
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

  // ---------------------------------------------------------------- lines joined

  @Test
  void recordsOfSeveralLinesAreWholeAndOnceWhenProcessesAreKilled() throws Exception {
    String lines = newTopic(PARTITIONS);
    String rows = newTopic(2);
    List<StringBuilder> open = new ArrayList<>();
    List<String> whole = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      open.add(new StringBuilder());
    }
    killing(2, "traces", lines, rows, (producer, time, more) -> sendTraces(producer, lines, time, more, open, whole), producer -> {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        send(producer, lines, partition, "end");
        whole.add(open.get(partition).toString());
      }
      producer.flush();
      List<String> joined = new ArrayList<>();
      for (ConsumerRecord<String, String> row : read(servers(), rows, whole.size(), Duration.ofSeconds(60))) {
        joined.add(JSON.readTree(row.value()).get("message").asText());
      }
      assertThat(joined).containsExactlyInAnyOrderElementsOf(whole);
      assertThat(read(servers(), rows, whole.size() + 1, Duration.ofSeconds(3))).as("records, each once").hasSize(whole.size());
    });
  }

  /** Sends lines, most of which belong to the one before. */
  private void sendTraces(KafkaProducer<byte[], byte[]> producer, String topic, Duration time, int more, List<StringBuilder> open, List<String> whole) {
    long until = System.nanoTime() + time.toNanos();
    for (int sentAtOnce = 0; sentAtOnce < more || !isOver(until); sentAtOnce += isOver(until) ? 1 : 0) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        StringBuilder record = open.get(partition);
        String line = (record.length() == 0 || random.nextInt(10) == 0 ? "trace " : "  at ") + last++;
        if (line.startsWith("trace") && record.length() > 0) {
          whole.add(record.toString());
          record.setLength(0);
        }
        record.append(record.length() == 0 ? "" : "\n").append(line);
        send(producer, topic, partition, line);
      }
      pauseBefore(until);
    }
  }

  // ---------------------------------------------------------------- alerts

  @Test
  void anAlertCountsEveryEventOnceWhenProcessesAreKilled() throws Exception {
    String lines = newTopic(PARTITIONS);
    Path told = dir.resolve("told");
    Map<String, Integer> events = new HashMap<>();
    killing(2, "alerts", lines, told.toString(), (producer, time, more) -> sendKeys(producer, lines, time, events), producer -> {
      for (int key = 0; key < KEYS; key++) {
        for (int n = events.getOrDefault("k" + key, 0); n < Share.MANY - KEYS / 2 + key; n++) {
          sendKey(producer, lines, "k" + key, events);
        }
      }
      for (int n = 0; n < Share.MANY; n++) {
        sendKey(producer, lines, "last", events);
      }
      producer.flush();
      Set<String> many = events.entrySet().stream().filter(e -> e.getValue() >= Share.MANY).map(e -> e.getKey() + " FIRING " + Share.MANY).collect(Collectors.toSet());
      assertThat(many).hasSize(KEYS / 2 + 1);
      awaitTrue("the alert is told of " + many, () -> Files.exists(told) && Set.copyOf(Files.readAllLines(told)).containsAll(many));
      LockSupport.parkNanos(2_000_000_000L);
      assertThat(Set.copyOf(Files.readAllLines(told))).as("and of no other").isEqualTo(many);
    });
  }

  /** Sends events of keys for so long, of none as many as make the alert fire. */
  private void sendKeys(KafkaProducer<byte[], byte[]> producer, String topic, Duration time, Map<String, Integer> events) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      String key = "k" + random.nextInt(KEYS);
      if (events.getOrDefault(key, 0) < Share.MANY - KEYS) {
        sendKey(producer, topic, key, events);
      }
      LockSupport.parkNanos(4_000_000);
    }
  }

  private void sendKey(KafkaProducer<byte[], byte[]> producer, String topic, String key, Map<String, Integer> events) {
    send(producer, topic, random.nextInt(PARTITIONS), "{\"at\":" + System.currentTimeMillis() + ",\"key\":\"" + key + "\"}");
    events.merge(key, 1, Integer::sum);
  }
}
