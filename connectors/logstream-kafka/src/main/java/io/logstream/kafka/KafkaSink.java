package io.logstream.kafka;

import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The sink that writes to a Kafka topic. Each event becomes a record: its value a JSON object as {@code JsonLines} writes it, unless {@link
 * #messages} or {@link #ecs}; its timestamp the event's time; without a key unless {@link #keyedBy}.
 *
 * <p><b>Delivery.</b> Records are written by an idempotent producer that all replicas in step must answer: in order, none twice while the run
 * lives. An event counts as absorbed when the brokers have answered, and a checkpoint is written only then. Brokers that cannot be
 * reached are tried again until they can, unless {@link #givingUpAfter}; the outbox fills up meanwhile. Events after the last checkpoint
 * are written again when a run was killed; {@link #identified} lets readers tell. An event whose record Kafka does not take fails with {@code refused
 * by Kafka}, one for which there was no time left with {@code not delivered}, one without a topic, or with one that does not exist, with {@code no topic}.
 *
 * <p><b>Transactions.</b> With {@link #transactional} all that came between two checkpoints is seen at once by readers of committed records, or never, and
 * another run with the same id ends this one's writing: what comes then fails with {@code transactional id lost}, and nothing is acknowledged. A transaction is committed before the checkpoint is written, after 10 seconds, and when it has 10,000 events.
 *
 * <p>A start fails with a reason, within {@link #connectWithin}, when no broker answers, the login is refused, or the topic does not exist.
 * Counters: {@code retries}, {@code transactions}, {@code aborted}. Blocks, so it has an outbox. Immutable; every word returns a new one.
 */
public final class KafkaSink implements Sink {
  private static final Map<String, String> OWN = Map.of(
      ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "servers(..)",
      ProducerConfig.COMPRESSION_TYPE_CONFIG, "compressed(..)",
      ProducerConfig.LINGER_MS_CONFIG, "batching(..)",
      ProducerConfig.BATCH_SIZE_CONFIG, "batching(..)",
      ProducerConfig.TRANSACTIONAL_ID_CONFIG, "transactional(..)",
      ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "givingUpAfter(..)",
      ProducerConfig.ACKS_CONFIG, "what is safe: all replicas in step answer",
      ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "what is safe: no record is written twice",
      ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, "keyedBy(..)",
      ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, "messages() or ecs()");
  private static final Set<String> COMPRESSIONS = new TreeSet<>(Set.of("gzip", "lz4", "snappy", "zstd"));

  enum Form { JSON, ECS, MESSAGE }

  final String topic;
  final String topicField;
  final String servers;
  final String keyField;
  final Form form;
  final boolean identified;
  final String compression;
  final Duration linger;
  final int batchBytes;
  final String transactionalId;
  final Duration patience;
  final Duration connectWithin;
  final Map<String, String> settings;

  private KafkaSink(Words words) {
    topic = words.topic;
    topicField = words.topicField;
    servers = words.servers;
    keyField = words.keyField;
    form = words.form;
    identified = words.identified;
    compression = words.compression;
    linger = words.linger;
    batchBytes = words.batchBytes;
    transactionalId = words.transactionalId;
    patience = words.patience;
    connectWithin = words.connectWithin;
    settings = words.settings;
  }

  /** What can be said of it. */
  private static final class Words {
    String topic;
    String topicField;
    String servers = "localhost:9092";
    String keyField;
    Form form = Form.JSON;
    boolean identified;
    String compression = "none";
    Duration linger = Duration.ofMillis(5);
    int batchBytes = 64 * 1024;
    String transactionalId;
    Duration patience;
    Duration connectWithin = Duration.ofSeconds(10);
    Map<String, String> settings = Map.of();
  }

  private KafkaSink with(Consumer<Words> change) {
    Words words = new Words();
    words.topic = topic;
    words.topicField = topicField;
    words.servers = servers;
    words.keyField = keyField;
    words.form = form;
    words.identified = identified;
    words.compression = compression;
    words.linger = linger;
    words.batchBytes = batchBytes;
    words.transactionalId = transactionalId;
    words.patience = patience;
    words.connectWithin = connectWithin;
    words.settings = settings;
    change.accept(words);
    return new KafkaSink(words);
  }

  // ---------------------------------------------------------------- where to

  /** A sink that writes to this topic, which must exist when the run starts. */
  public static KafkaSink topic(String name) {
    Objects.requireNonNull(name, "name of KafkaSink.topic");
    Words words = new Words();
    words.topic = Topics.check(name);
    return new KafkaSink(words);
  }

  /** A sink that writes each event to the topic that this field of it names. Topics are not made. */
  public static KafkaSink topicBy(String field) {
    Words words = new Words();
    words.topicField = Objects.requireNonNull(field, "field");
    return new KafkaSink(words);
  }

  /** Where the brokers are: one or several of them, {@code host:port}, with commas between; {@code localhost:9092} unless said. */
  public KafkaSink servers(String hostsAndPorts) {
    Objects.requireNonNull(hostsAndPorts, "hostsAndPorts of KafkaSink.servers");
    String checked = Brokers.servers(hostsAndPorts);
    return with(w -> w.servers = checked);
  }

  /** The value of this field, as text, is the record's key, which decides about the partition; an event without it has none. */
  public KafkaSink keyedBy(String field) {
    Objects.requireNonNull(field, "field");
    return with(w -> w.keyField = field);
  }

  // ---------------------------------------------------------------- what

  /** The value is the message alone, byte for byte. */
  public KafkaSink messages() {
    return with(w -> w.form = Form.MESSAGE);
  }

  /** The value is a JSON object with the names of the Elastic Common Schema, as Filebeat sends it. */
  public KafkaSink ecs() {
    return with(w -> w.form = Form.ECS);
  }

  /** Gives each record the header {@code logstream.id}, {@link io.logstream.LogEvent#id}, by which a reader knows what was written again. */
  public KafkaSink identified() {
    return with(w -> w.identified = true);
  }

  // ---------------------------------------------------------------- how

  /** Compresses records: {@code gzip}, {@code lz4}, {@code snappy} or {@code zstd}. Not compressed unless said. */
  public KafkaSink compressed(String how) {
    Objects.requireNonNull(how, "how of KafkaSink.compressed");
    String kind = how.toLowerCase(Locale.ROOT);
    if (!COMPRESSIONS.contains(kind)) {
      throw new IllegalArgumentException("compressed(..) takes one of " + COMPRESSIONS + ", was '" + how + "'");
    }
    return with(w -> w.compression = kind);
  }

  /** Sends records of one partition together: up to so many bytes, waiting so long for more; 64 KiB and 5 ms unless said. */
  public KafkaSink batching(int bytes, Duration waitingAtMost) {
    Objects.requireNonNull(waitingAtMost, "waitingAtMost of KafkaSink.batching");
    if (bytes < 1 || waitingAtMost.isNegative()) {
      throw new IllegalArgumentException("batching(..) takes a number of bytes from 1 and a time from 0, was " + bytes + ", " + waitingAtMost);
    }
    return with(w -> {
      w.batchBytes = bytes;
      w.linger = waitingAtMost;
    });
  }

  /** Writes in transactions under this id. Only one run at a time may have it. */
  public KafkaSink transactional(String id) {
    Objects.requireNonNull(id, "id of KafkaSink.transactional");
    if (id.isBlank()) {
      throw new IllegalArgumentException("a transactional id must hold something, was '" + id + "'");
    }
    return with(w -> w.transactionalId = id);
  }

  /** Events that could not be delivered for so long fail with {@code not delivered}; never unless said. A second at least. */
  public KafkaSink givingUpAfter(Duration time) {
    Objects.requireNonNull(time, "time of KafkaSink.givingUpAfter");
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofDays(20)) > 0) {
      throw new IllegalArgumentException("givingUpAfter takes a second at least and 20 days at most, was " + time);
    }
    return with(w -> w.patience = time);
  }

  /** How long a start waits for an answer of the brokers; 10 seconds unless said. */
  public KafkaSink connectWithin(Duration limit) {
    Objects.requireNonNull(limit, "limit of KafkaSink.connectWithin");
    Duration checked = ClientSettings.connectWithin(limit);
    return with(w -> w.connectWithin = checked);
  }

  /**
   * A setting of Kafka's producer, such as {@code security.protocol}, passed on as it is.
   *
   * @throws IllegalArgumentException for one that this sink decides by a word of its own
   */
  public KafkaSink setting(String key, String value) {
    Objects.requireNonNull(key, "key of KafkaSink.setting");
    Objects.requireNonNull(value, "value of KafkaSink.setting");
    return settings(Map.of(key, value));
  }

  /** As {@link #setting}, several. */
  public KafkaSink settings(Map<String, String> more) {
    Objects.requireNonNull(more, "more of KafkaSink.settings");
    Map<String, String> all = ClientSettings.plus("KafkaSink", OWN, settings, more);
    return with(w -> w.settings = all);
  }

  // ---------------------------------------------------------------- Sink

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public String name() {
    return topic == null ? "kafka by " + topicField : topic;
  }

  @Override
  public Processor open(StageContext context) {
    return new KafkaWriter(this, context);
  }

  @Override
  public String toString() {
    return "Kafka topic " + (topic == null ? "by " + topicField : topic) + " at " + servers + (transactionalId == null ? "" : ", transactional as " + transactionalId);
  }
}
