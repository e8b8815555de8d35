package io.logstream.kafka;

import io.logstream.Batch;
import io.logstream.Counter;
import io.logstream.FieldKey;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.Mark;
import io.logstream.Reader;
import io.logstream.SourceContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * The running half of {@link KafkaSource}. A partition goes through these steps, each on the reader's thread:
 *
 * <pre>
 *  assigned ─► placed: told where to begin ─► announced: an empty batch ─► read .. ─► at its end (once)
 *     └──────────── taken away: what was fetched is forgotten, what was brought is settled and committed ◄──┘
 * </pre>
 *
 * <p>A partition is paused until it is placed, because Kafka's calls that find a place must not be made, or may fail, while partitions are handed over.
 */
final class KafkaReader implements Reader, ConsumerRebalanceListener {
  /** How long the records of partitions that are taken away may take to be delivered. */
  private static final Duration SETTLE = Duration.ofSeconds(30);

  /** How long a question to the brokers may take while the run goes on. */
  private static final Duration ASK = Duration.ofSeconds(5);

  /** Records come by the thousand: larger batches than those of a file that grows are handed over less often. */
  private static final int FILL_BYTES = 2 * Batch.BYTES;

  private static final long UNREACHABLE_NANOS = 3_000_000_000L;
  private static final long LOOK_NANOS = 250_000_000L;
  private static final long REFRESH_NANOS = 30_000_000_000L;
  private static final long LONGEST_WAIT_NANOS = 100_000_000L;

  /** A partition that is this run's. */
  private static final class Part {
    final TopicPartition of;
    final Log log;
    /** Tells apart the times that a partition was this run's, and what was read before it was made anew. */
    long turn;
    volatile double lag = Double.NaN;
    boolean placed;
    boolean taken;
    boolean ended;
    /** Records that cannot be read and of which the ledger does not know yet. */
    long unreadable;
    /** The offset of the record to be brought next. */
    long next;
    /** In a run that reads once, the offset behind the last record to be read. */
    long end = Long.MAX_VALUE;
    /** The offset up to which all is delivered, and that up to which Kafka knows it. */
    long delivered = -1;
    long committed = -1;

    Part(TopicPartition of, Log log, long turn) {
      this.of = of;
      this.log = log;
      this.turn = turn;
    }

    PartitionMark mark() {
      return new PartitionMark(next, turn);
    }
  }

  /** Records of one partition that wait to be brought. */
  private static final class Fetched {
    final Part part;
    final List<ConsumerRecord<ByteBuffer, ByteBuffer>> records;
    int at;

    Fetched(Part part, List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
      this.part = part;
      this.records = records;
    }
  }

  private final KafkaSource source;
  private final SourceContext context;
  private final Consumer<ByteBuffer, ByteBuffer> consumer;
  private final Metric connections;
  private final FieldKey key;
  private final Counter rebalances;
  private final Counter commits;
  private final Counter commitErrors;
  private final Counter unsettled;

  private final Map<TopicPartition, Part> parts = new LinkedHashMap<>();
  private final Map<String, Part> byLog = new HashMap<>();
  private final ArrayDeque<Part> toAnnounce = new ArrayDeque<>();
  private final ArrayDeque<Fetched> fetched = new ArrayDeque<>();
  /** What there was at the start: a partition that turns up later is read from its beginning. */
  private final Set<TopicPartition> atStart = new HashSet<>();

  private long turns;
  private boolean toPlace;
  private boolean paused;
  private boolean unreachable;
  private boolean handingOver;
  private boolean closing;
  private boolean committing;
  private boolean commitAgain;
  private long connectedAt = System.nanoTime();
  private long lookedAt = System.nanoTime();
  private long refreshedAt = System.nanoTime();

  KafkaReader(KafkaSource source, SourceContext context) {
    this.source = source;
    this.context = context;
    if (source.isShared() && !context.stagesWithState().isEmpty()) {
      throw new IllegalStateException("the members of group '" + source.group + "' share its partitions, which come and go, but stage '"
          + context.stagesWithState().get(0) + "' keeps state of its events; name partitions(..), or leave group(..) out to read them all");
    }
    key = source.keyField == null ? null : context.key(source.keyField);
    rebalances = context.counter("rebalances");
    commits = context.counter("commits");
    commitErrors = context.counter("commitErrors");
    unsettled = context.counter("unsettled");
    try {
      consumer = new KafkaConsumer<>(settings());
    } catch (KafkaException e) {
      throw Topics.unreachable(source.servers, source.connectWithin.toString(), e);
    }
    try {
      begin();
    } catch (KafkaException e) {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
      throw Topics.unreachable(source.servers, source.connectWithin.toString(), e);
    } catch (RuntimeException e) {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
      throw e;
    }
    connections = consumer.metrics().entrySet().stream().filter(m -> m.getKey().name().equals("connection-count")).map(Map.Entry::getValue).findFirst().orElse(null);
  }

  private Map<String, Object> settings() {
    Map<String, Object> all = new HashMap<>();
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    if (source.isShared() && !"consumer".equals(source.settings.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG))) {
      all.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
    }
    all.putAll(source.settings);
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, source.servers);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    if (source.group != null) {
      all.put(ConsumerConfig.GROUP_ID_CONFIG, source.group);
    }
    return all;
  }

  // ---------------------------------------------------------------- which partitions

  private void begin() {
    long until = System.nanoTime() + Topics.LOOKS_AGAIN_NANOS;
    atStart.addAll(find(source.connectWithin));
    while (missing() != null && System.nanoTime() < until) {
      LockSupport.parkNanos(Topics.PAUSE_NANOS);
      atStart.addAll(find(source.connectWithin));
    }
    if (missing() != null) {
      throw Topics.missing(missing(), source.servers, consumer.listTopics(source.connectWithin).keySet());
    }
    if (source.pattern != null && atStart.isEmpty()) {
      String none = "no topic matches " + source.pattern + " at " + source.servers;
      if (source.once) {
        throw new IllegalStateException(none);
      }
      context.warn(none + " yet");
    }
    if (!source.isShared()) {
      take(atStart);
    } else if (source.pattern == null) {
      consumer.subscribe(source.topics, this);
    } else {
      consumer.subscribe(source.pattern, this);
    }
  }

  /** A topic that is not there; null for none. */
  private String missing() {
    for (String topic : source.topics) {
      if (atStart.stream().noneMatch(of -> of.topic().equals(topic))) {
        return topic;
      }
    }
    return null;
  }

  /** The partitions that there are to be read. */
  private Set<TopicPartition> find(Duration within) {
    Set<TopicPartition> found = new HashSet<>();
    if (source.pattern == null) {
      for (String topic : source.topics) {
        add(consumer.partitionsFor(topic, within), found);
      }
    } else {
      consumer.listTopics(within).forEach((topic, all) -> {
        if (source.pattern.matcher(topic).matches()) {
          add(all, found);
        }
      });
    }
    return found;
  }

  private void add(List<PartitionInfo> all, Set<TopicPartition> found) {
    if (all == null || all.isEmpty()) {
      return;
    }
    if (source.partitions == null) {
      all.forEach(info -> found.add(new TopicPartition(info.topic(), info.partition())));
    } else {
      for (int number : source.partitions) {
        if (all.stream().noneMatch(info -> info.partition() == number)) {
          throw new IllegalStateException("topic '" + all.get(0).topic() + "' has " + all.size() + " partitions, numbered from 0, so there is no partition " + number);
        }
        found.add(new TopicPartition(all.get(0).topic(), number));
      }
    }
  }

  /** Makes these partitions this run's, without a group's saying so. */
  private void take(Collection<TopicPartition> found) {
    List<TopicPartition> all = new ArrayList<>(parts.keySet());
    found.stream().filter(of -> !parts.containsKey(of)).forEach(all::add);
    if (all.size() > parts.size()) {
      consumer.assign(all);
      onPartitionsAssigned(all.stream().filter(of -> !parts.containsKey(of)).toList());
    }
  }

  private void refresh() {
    long now = System.nanoTime();
    if (!source.isShared() && !source.once && source.partitions == null && now - refreshedAt > REFRESH_NANOS) {
      refreshedAt = now;
      take(find(ASK));
    }
  }

  // ---------------------------------------------------------------- partitions come and go

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
    for (TopicPartition of : assigned) {
      Log log = context.log(of.toString(), Map.of("topic", of.topic(), "partition", of.partition()));
      Part part = new Part(of, log, ++turns);
      log.gauge("lag", () -> part.lag);
      parts.put(of, part);
      byLog.put(log.key(), part);
      // a place, so that nobody looks for one: nothing is read before the right one is found
      consumer.seek(of, 0);
    }
    consumer.pause(assigned);
    toPlace = true;
    if (source.isShared()) {
      rebalances.increment();
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    List<Part> going = going(revoked);
    if (going.isEmpty()) {
      return;
    }
    handingOver = true;
    try {
      if (!closing && !context.settle(SETTLE)) {
        unsettled.add(going.size());
        context.warn("partitions " + revoked + " are given up before all their records are delivered; what is not will be read again");
      }
      commitNow(going, ASK);
    } finally {
      handingOver = false;
      letGo(going);
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> gone) {
    List<Part> going = going(gone);
    if (!going.isEmpty()) {
      unsettled.add(going.size());
      context.warn("partitions " + gone + " went to another member of group '" + source.group + "' without notice; what is not committed will be read again");
      letGo(going);
    }
  }

  private List<Part> going(Collection<TopicPartition> of) {
    List<Part> going = new ArrayList<>();
    for (TopicPartition partition : of) {
      Part part = parts.get(partition);
      if (part != null) {
        part.taken = true;
        going.add(part);
      }
    }
    fetched.removeIf(waiting -> waiting.part.taken);
    toAnnounce.removeIf(waiting -> waiting.taken);
    return going;
  }

  private void letGo(List<Part> going) {
    for (Part part : going) {
      part.lag = Double.NaN;
      parts.remove(part.of, part);
      byLog.remove(part.log.key(), part);
    }
  }

  /** Finds where to begin in partitions that are new to this run. */
  private void place() {
    List<Part> waiting = parts.values().stream().filter(part -> !part.placed).toList();
    Map<TopicPartition, Long> places = new HashMap<>();
    Map<String, byte[]> saved = context.saved();
    Set<TopicPartition> unknown = new HashSet<>();
    for (Part part : waiting) {
      long mark = PartitionMark.next(saved.get(part.log.key()));
      if (mark >= 0) {
        places.put(part.of, mark);
      }
      if (mark < 0 || source.isShared()) {
        unknown.add(part.of);
      }
    }
    if (source.group != null && !unknown.isEmpty()) {
      consumer.committed(unknown, ASK).forEach((of, committed) -> {
        if (committed != null) {
          places.put(of, committed.offset());
          parts.get(of).committed = committed.offset();
        }
      });
    }
    unknown.removeAll(places.keySet());
    places.putAll(starts(unknown));
    Map<TopicPartition, Long> ends = source.once ? consumer.endOffsets(places.keySet(), ASK) : Map.of();
    places.forEach((of, offset) -> {
      Part part = parts.get(of);
      part.next = offset;
      part.end = ends.getOrDefault(of, Long.MAX_VALUE);
      part.placed = true;
      consumer.seek(of, offset);
      toAnnounce.add(part);
    });
    if (!paused) {
      consumer.resume(places.keySet());
    }
    toPlace = false;
  }

  private Map<TopicPartition, Long> starts(Set<TopicPartition> of) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Set<TopicPartition> first = new HashSet<>();
    Set<TopicPartition> last = new HashSet<>();
    if (source.start == KafkaSource.Start.TIME && !of.isEmpty()) {
      Map<TopicPartition, Long> times = new HashMap<>();
      of.forEach(partition -> times.put(partition, Math.max(0, source.time.toEpochMilli())));
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, ASK);
      for (TopicPartition partition : of) {
        OffsetAndTimestamp at = found.get(partition);
        if (at == null) {
          last.add(partition);
        } else {
          starts.put(partition, at.offset());
        }
      }
    } else {
      for (TopicPartition partition : of) {
        (source.start == KafkaSource.Start.END && atStart.contains(partition) ? last : first).add(partition);
      }
    }
    if (!first.isEmpty()) {
      starts.putAll(consumer.beginningOffsets(first, ASK));
    }
    if (!last.isEmpty()) {
      starts.putAll(consumer.endOffsets(last, ASK));
    }
    return starts;
  }

  // ---------------------------------------------------------------- reading

  @Override
  public Found poll(Batch batch) throws IOException {
    if (fetched.isEmpty() && toAnnounce.isEmpty()) {
      fetch(Duration.ZERO);
    }
    Part announced = toAnnounce.poll();
    if (announced != null) {
      batch.begin(announced.log, "");
      if (announced.unreadable > 0) {
        batch.dropped(announced.unreadable, "unreadable");
        announced.unreadable = 0;
      }
      batch.mark(announced.mark());
      return Found.SOMETHING;
    }
    Fetched waiting = fetched.peek();
    if (waiting != null) {
      bring(waiting, batch);
      if (waiting.at == waiting.records.size()) {
        fetched.poll();
      }
      return Found.SOMETHING;
    }
    return source.once ? ending(batch) : Found.NOTHING;
  }

  private Found ending(Batch batch) {
    boolean all = !toPlace;
    for (Part part : parts.values()) {
      if (!part.ended && part.placed && consumer.position(part.of) >= part.end) {
        part.ended = true;
        consumer.pause(List.of(part.of));
        batch.begin(part.log, "");
        batch.mark(part.mark());
        batch.finished();
        return Found.SOMETHING;
      }
      all &= part.ended;
    }
    return all ? Found.END : Found.NOTHING;
  }

  private void bring(Fetched waiting, Batch batch) {
    Part part = waiting.part;
    batch.begin(part.log, "");
    long withoutValue = 0;
    List<ConsumerRecord<ByteBuffer, ByteBuffer>> records = waiting.records;
    int size = records.size();
    while (waiting.at < size && !batch.full() && batch.used() < FILL_BYTES) {
      ConsumerRecord<ByteBuffer, ByteBuffer> record = records.get(waiting.at++);
      if (record.offset() >= part.end) {
        part.next = part.end;
        waiting.at = size;
        break;
      }
      part.next = record.offset() + 1;
      ByteBuffer value = record.value();
      if (value == null) {
        withoutValue++;
      } else if (key == null && !source.recordTimes) {
        int length = value.remaining();
        byte[] room = batch.room(length);
        int from = batch.used();
        value.get(value.position(), room, from, length);
        batch.filled(length);
        batch.line(from, from + length, record.offset(), 0);
      } else {
        event(record, batch);
      }
    }
    if (withoutValue > 0) {
      batch.dropped(withoutValue, "no value");
    }
    batch.mark(part.mark());
  }

  private void event(ConsumerRecord<ByteBuffer, ByteBuffer> record, Batch batch) {
    byte[] value = bytes(record.value());
    LogEvent event = batch.event(value, 0, value.length, record.offset());
    if (source.recordTimes && record.timestampType() != TimestampType.NO_TIMESTAMP_TYPE) {
      event.epochMillis(record.timestamp());
    }
    if (key != null && record.key() != null) {
      event.put(key, new String(bytes(record.key()), StandardCharsets.UTF_8));
    }
  }

  private static byte[] bytes(ByteBuffer of) {
    byte[] bytes = new byte[of.remaining()];
    of.get(of.position(), bytes);
    return bytes;
  }

  private void fetch(Duration wait) throws IOException {
    if (paused) {
      paused = false;
      consumer.resume(parts.values().stream().filter(part -> part.placed && !part.ended).map(part -> part.of).toList());
    }
    try {
      refresh();
      keep(consumer.poll(wait));
      if (toPlace) {
        place();
      }
    } catch (InvalidOffsetException e) {
      replace(e.partitions());
    } catch (ApiException e) {
      throw new IOException("Kafka at " + source.servers + ": " + e.getMessage(), e);
    } catch (KafkaException e) {
      skipUnreadable(e);
    }
    look();
    if (unreachable) {
      throw new IOException("there is no connection to any Kafka broker at " + source.servers);
    }
  }

  private void keep(ConsumerRecords<ByteBuffer, ByteBuffer> records) {
    if (records.isEmpty()) {
      return;
    }
    connectedAt = System.nanoTime();
    for (TopicPartition of : records.partitions()) {
      Part part = parts.get(of);
      if (part != null && part.placed) {
        fetched.add(new Fetched(part, records.records(of)));
      }
    }
  }

  /** What is to be seen now and then: how far behind it is, which partitions are silent, whether anybody is there. */
  private void look() {
    long now = System.nanoTime();
    if (now - lookedAt < LOOK_NANOS) {
      return;
    }
    lookedAt = now;
    if (commitAgain && !committing) {
      commitAgain = false;
      commitSoon();
    }
    for (Part part : parts.values()) {
      if (part.placed) {
        consumer.currentLag(part.of).ifPresent(lag -> part.lag = lag);
        if (part.lag == 0 && fetched.stream().noneMatch(waiting -> waiting.part == part)) {
          part.log.quiet();
        }
      }
    }
    if (connections == null || !(connections.metricValue() instanceof Number count) || count.doubleValue() > 0) {
      connectedAt = now;
    }
    unreachable = now - connectedAt > UNREACHABLE_NANOS;
  }

  @Override
  public void await(long nanos) throws IOException {
    if (fetched.isEmpty() && toAnnounce.isEmpty()) {
      fetch(Duration.ofNanos(Math.min(nanos, LONGEST_WAIT_NANOS)));
    }
  }

  @Override
  public boolean notices() {
    return true;
  }

  @Override
  public void tend() throws IOException {
    try {
      paused = true;
      consumer.pause(consumer.assignment());
      keep(consumer.poll(Duration.ZERO));
    } catch (InvalidOffsetException e) {
      // comes again when the partition is read on
    } catch (KafkaException e) {
      throw new IOException("Kafka at " + source.servers + ": " + e.getMessage(), e);
    }
  }

  // ---------------------------------------------------------------- what cannot be read

  /** Finds another place in partitions that have no record at the present one. */
  private void replace(Set<TopicPartition> of) {
    consumer.beginningOffsets(of, ASK).forEach((partition, beginning) -> {
      Part part = parts.get(partition);
      if (part == null) {
        return;
      }
      if (part.next < beginning) {
        part.log.counter("lost").add(beginning - part.next);
        context.warn("records of " + partition + " were deleted before they could be read: offsets " + part.next + " to " + (beginning - 1));
      } else {
        context.warn(partition + " does not reach offset " + part.next + " any more, it was made anew; it is read from its beginning");
      }
      part.next = beginning;
      part.committed = -1;
      part.delivered = -1;
      part.turn = ++turns;
      consumer.seek(partition, beginning);
      toAnnounce.add(part);
    });
  }

  /** Goes past a record that is damaged on the broker's disk. */
  private void skipUnreadable(KafkaException e) throws IOException {
    String text = String.valueOf(e.getMessage());
    Part damaged = null;
    for (Part part : parts.values()) {
      if (text.contains("from " + part.of + ".") || text.contains("partition " + part.of + " ")) {
        damaged = part;
      }
    }
    if (damaged == null) {
      throw new IOException("Kafka at " + source.servers + ": " + text, e);
    }
    context.warn("a record of " + damaged.of + " cannot be read and is left out: " + text);
    damaged.next = consumer.position(damaged.of) + 1;
    damaged.unreadable++;
    consumer.seek(damaged.of, damaged.next);
    toAnnounce.add(damaged);
  }

  // ---------------------------------------------------------------- committing

  @Override
  public void saved(Map<Log, Mark> upTo) {
    upTo.forEach((log, mark) -> {
      Part part = byLog.get(log.key());
      if (part != null && mark instanceof PartitionMark at && at.turn() == part.turn) {
        part.delivered = at.next();
      }
    });
    if (source.group != null && !handingOver && !committing) {
      commitSoon();
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> toCommit(Collection<Part> of) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Part part : of) {
      if (part.delivered >= 0 && part.delivered != part.committed) {
        offsets.put(part.of, new OffsetAndMetadata(part.delivered));
      }
    }
    return offsets;
  }

  private void commitSoon() {
    Map<TopicPartition, OffsetAndMetadata> offsets = toCommit(parts.values());
    if (offsets.isEmpty()) {
      return;
    }
    committing = true;
    consumer.commitAsync(offsets, (done, trouble) -> {
      committing = false;
      if (trouble == null) {
        committed(offsets);
      } else {
        notCommitted(trouble);
      }
    });
  }

  private void commitNow(Collection<Part> of, Duration within) {
    Map<TopicPartition, OffsetAndMetadata> offsets = toCommit(of);
    if (source.group == null || offsets.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(offsets, within);
      committed(offsets);
    } catch (KafkaException e) {
      notCommitted(e);
    }
  }

  private void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
    commits.increment();
    offsets.forEach((of, offset) -> {
      Part part = parts.get(of);
      if (part != null) {
        part.committed = offset.offset();
      }
    });
  }

  private void notCommitted(Exception trouble) {
    commitErrors.increment();
    commitAgain = true;
    if (!(trouble instanceof RetriableException)) {
      context.warn("offsets could not be committed, it is tried again: " + trouble.getMessage());
    }
  }

  /** While partitions are handed over nothing can be committed, and only polling ends that. */
  private void commitLast() {
    long until = System.nanoTime() + ASK.toNanos();
    commitNow(parts.values(), ASK);
    while (source.group != null && !toCommit(parts.values()).isEmpty() && System.nanoTime() < until) {
      try {
        consumer.pause(consumer.assignment());
        consumer.poll(Duration.ofMillis(50));
      } catch (KafkaException e) {
        break;
      }
      commitNow(parts.values(), ASK);
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      commitLast();
    } finally {
      letGo(List.copyOf(parts.values()));
      consumer.close(CloseOptions.timeout(ASK));
    }
  }
}
