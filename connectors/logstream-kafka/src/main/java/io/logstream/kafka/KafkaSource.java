package io.logstream.kafka;

import io.logstream.FieldUse;
import io.logstream.Reader;
import io.logstream.Source;
import io.logstream.SourceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The source that reads Kafka topics. Each partition is one log, in its own order; a record's value is the message, as it stands. What is in it
 * is for stages to find: {@code KafkaSource.topic("logs").then(Json.fields())}, or {@code .then(Filebeat.envelope())} for what Filebeat sends.
 *
 * <p>Events have the fields {@code topic}, {@code partition} and {@code offset}, and their {@link io.logstream.LogEvent#position position} is partition
 * and offset. Their time is when they were read, until {@code EventTime} finds it in them, unless {@link #recordTimes}. A record without a
 * value is dropped, {@code no value}; one that the broker's disk has damaged, {@code unreadable}. Records of aborted transactions are not seen.
 *
 * <p><b>Who reads what.</b> Without a group this run reads all partitions, or those named with {@link #partitions}, and only a checkpoint remembers how
 * far. With {@link #group} several runs share the partitions, and Kafka remembers: an offset is committed when a checkpoint, or without one every
 * sink, has taken all records before it, as often as {@link io.logstream.Pipeline#checkpointEvery} says, before a partition goes to another run, and at
 * close. So nothing is lost when a run dies; what was not committed is read again. Shared partitions come and go, so a pipeline with a
 * stage that keeps state is refused with {@link #group} unless {@link #partitions} are named.
 *
 * <p><b>Where it begins.</b> Where an earlier run has stopped, by the checkpoint or the group's committed offset; where there is neither, at the
 * partition's beginning, or as {@link #fromEnd} or {@link #since} say. Partitions that are added later are read from their beginning.
 *
 * <p><b>Trouble.</b> A start fails with a reason, within {@link #connectWithin}, when no broker answers, the login is refused, or a topic does not exist.
 * While it runs, a broker that cannot be reached degrades the run and is tried again for ever. Records that were deleted before they
 * could be read are counted, {@code lost}. When the ring is full, partitions are paused and the membership of the group is kept. Other counters:
 * {@code rebalances}, {@code commits}, {@code commitErrors}, {@code unsettled} (partitions given up before their records were delivered, which are read
 * again elsewhere); {@code lag}, by partition, is the number of records that are still to be read.
 *
 * <p>Immutable; every word returns a new one. One thread reads all partitions.
 */
public final class KafkaSource implements Source {
  private static final Map<String, String> OWN = Map.of(
      ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "servers(..)",
      ConsumerConfig.GROUP_ID_CONFIG, "group(..)",
      ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "fromEnd() or since(..)",
      ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "group(..), which commits what is delivered",
      ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, "keyInto(..)",
      ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, "a stage behind the source");

  enum Start { BEGINNING, END, TIME }

  final List<String> topics;
  final Pattern pattern;
  final String servers;
  final String group;
  final int[] partitions;
  final Start start;
  final Instant time;
  final boolean once;
  final boolean recordTimes;
  final String keyField;
  final Duration connectWithin;
  final Map<String, String> settings;

  private KafkaSource(Words words) {
    topics = words.topics;
    pattern = words.pattern;
    servers = words.servers;
    group = words.group;
    partitions = words.partitions;
    start = words.start;
    time = words.time;
    once = words.once;
    recordTimes = words.recordTimes;
    keyField = words.keyField;
    connectWithin = words.connectWithin;
    settings = words.settings;
  }

  /** What can be said of it. */
  private static final class Words {
    List<String> topics = List.of();
    Pattern pattern;
    String servers = "localhost:9092";
    String group;
    int[] partitions;
    Start start = Start.BEGINNING;
    Instant time;
    boolean once;
    boolean recordTimes;
    String keyField;
    Duration connectWithin = Duration.ofSeconds(10);
    Map<String, String> settings = Map.of();
  }

  private KafkaSource with(Consumer<Words> change) {
    Words words = new Words();
    words.topics = topics;
    words.pattern = pattern;
    words.servers = servers;
    words.group = group;
    words.partitions = partitions;
    words.start = start;
    words.time = time;
    words.once = once;
    words.recordTimes = recordTimes;
    words.keyField = keyField;
    words.connectWithin = connectWithin;
    words.settings = settings;
    change.accept(words);
    KafkaSource changed = new KafkaSource(words);
    if (changed.once && changed.isShared()) {
      throw new IllegalArgumentException("once() reads all partitions to their end, and a group(..) shares them with other runs; leave one out, or name partitions(..)");
    }
    return changed;
  }

  // ---------------------------------------------------------------- what to read

  /** Reads these topics. They must exist when the run starts. */
  public static KafkaSource topic(String... names) {
    Objects.requireNonNull(names, "names of KafkaSource.topic");
    if (names.length == 0) {
      throw new IllegalArgumentException("KafkaSource.topic(..) needs at least one topic");
    }
    for (String name : names) {
      Topics.check(name);
    }
    Words words = new Words();
    words.topics = List.of(names);
    return new KafkaSource(words);
  }

  /**
   * Reads all topics whose names match this regular expression, as a whole, also those that are made later.
   *
   * @throws IllegalArgumentException if it cannot be compiled
   */
  public static KafkaSource matching(String regex) {
    Objects.requireNonNull(regex, "regex of KafkaSource.matching");
    Words words = new Words();
    words.pattern = Pattern.compile(regex);
    return new KafkaSource(words);
  }

  /** Where the brokers are: one or several of them, {@code host:port}, with commas between; {@code localhost:9092} unless said. */
  public KafkaSource servers(String hostsAndPorts) {
    Objects.requireNonNull(hostsAndPorts, "hostsAndPorts of KafkaSource.servers");
    String checked = Brokers.servers(hostsAndPorts);
    return with(w -> w.servers = checked);
  }

  /** Reads as a member of this consumer group. */
  public KafkaSource group(String id) {
    Objects.requireNonNull(id, "id of KafkaSource.group");
    if (id.isBlank()) {
      throw new IllegalArgumentException("a group's name must hold something, was '" + id + "'");
    }
    return with(w -> w.group = id);
  }

  /** Reads these partitions, of each topic, and no others, whoever else reads them. */
  public KafkaSource partitions(int... numbers) {
    Objects.requireNonNull(numbers, "numbers of KafkaSource.partitions");
    if (numbers.length == 0 || Arrays.stream(numbers).anyMatch(n -> n < 0) || Arrays.stream(numbers).distinct().count() < numbers.length) {
      throw new IllegalArgumentException("partitions(..) takes different numbers from 0, was " + Arrays.toString(numbers));
    }
    int[] own = numbers.clone();
    return with(w -> w.partitions = own);
  }

  // ---------------------------------------------------------------- where to begin and end

  /** Where no earlier run has stopped, begins with what comes from now on. */
  public KafkaSource fromEnd() {
    return starting("fromEnd()", Start.END, null);
  }

  /** Where no earlier run has stopped, begins with the first record that has this timestamp or a later one. */
  public KafkaSource since(Instant time) {
    return starting("since(..)", Start.TIME, Objects.requireNonNull(time, "time"));
  }

  private KafkaSource starting(String word, Start at, Instant from) {
    if (start != Start.BEGINNING && start != at) {
      throw new IllegalArgumentException(word + " contradicts " + (start == Start.END ? "fromEnd()" : "since(..)") + ", said before");
    }
    return with(w -> {
      w.start = at;
      w.time = from;
    });
  }

  /** Reads what is there when the run starts, and ends: for replays. */
  public KafkaSource once() {
    return with(w -> w.once = true);
  }

  // ---------------------------------------------------------------- how

  /** Gives each event the timestamp of its record as its time. Such events are not joined by a stage that joins lines while they are read. */
  public KafkaSource recordTimes() {
    return with(w -> w.recordTimes = true);
  }

  /** Puts each record's key into this field, as UTF-8; a record without one has no such field. As with {@link #recordTimes}, events are not joined while read. */
  public KafkaSource keyInto(String field) {
    Objects.requireNonNull(field, "field");
    return with(w -> w.keyField = field);
  }

  /** How long a start waits for an answer of the brokers; 10 seconds unless said. */
  public KafkaSource connectWithin(Duration limit) {
    Objects.requireNonNull(limit, "limit of KafkaSource.connectWithin");
    Duration checked = ClientSettings.connectWithin(limit);
    return with(w -> w.connectWithin = checked);
  }

  /**
   * A setting of Kafka's consumer, such as {@code security.protocol}, passed on as it is.
   *
   * @throws IllegalArgumentException for one that this source decides by a word of its own
   */
  public KafkaSource setting(String key, String value) {
    Objects.requireNonNull(key, "key of KafkaSource.setting");
    Objects.requireNonNull(value, "value of KafkaSource.setting");
    return settings(Map.of(key, value));
  }

  /** As {@link #setting}, several. */
  public KafkaSource settings(Map<String, String> more) {
    Objects.requireNonNull(more, "more of KafkaSource.settings");
    Map<String, String> all = ClientSettings.plus("KafkaSource", OWN, settings, more);
    return with(w -> w.settings = all);
  }

  // ---------------------------------------------------------------- Source

  /** Whether partitions are shared with other runs, and so come and go. */
  boolean isShared() {
    return group != null && partitions == null;
  }

  @Override
  public boolean acknowledges() {
    return group != null;
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.none().yields("topic", FieldUse.Type.TEXT).yields("partition", FieldUse.Type.WHOLE);
    return keyField == null ? use : use.yields(keyField, FieldUse.Type.TEXT);
  }

  @Override
  public String name() {
    return pattern == null ? String.join("+", topics) : pattern.pattern();
  }

  @Override
  public Reader open(SourceContext context) {
    return new KafkaReader(this, context);
  }

  @Override
  public String toString() {
    return "Kafka " + (pattern == null ? "topic " + String.join(", ", topics) : "topics " + pattern) + " at " + servers + (group == null ? "" : ", group " + group);
  }
}
