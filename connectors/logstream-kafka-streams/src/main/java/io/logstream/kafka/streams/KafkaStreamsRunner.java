package io.logstream.kafka.streams;

import io.logstream.Ledger;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.PipelinePart;
import io.logstream.kafka.Brokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Runs a pipeline on several machines: its stages inside Kafka Streams, unchanged, on as many processes as there are partitions to share. Each
 * process starts the same program; they divide the work among themselves, and when one dies the others take over what it had.
 *
 * <pre>{@code
 * KafkaStreamsRun run = KafkaStreamsRunner.of(pipeline).reading("logs").writing("rows", "latency").servers("broker:9092").start();
 * }</pre>
 *
 * <p><b>What it does to the pipeline.</b> Topics stand in place of its sources. Stages without state, and those that join lines, run where a partition
 * is read. Before a stage that keeps state by key, such as a window or an alert, events go through a topic in between by the {@linkplain
 * io.logstream.Stage#stateBy fields of its key}, so that all events of a key meet in one task; a stage that looks at all events together, such as a window
 * without {@code by}, has one task. With an event goes the partition that it was read from and how far time had come there: a window closes when
 * the least of all partitions that are not idle has reached its end, and emits its rows then, once. A stage with state that does not say its key
 * is refused, unless {@link #gathering} gives it all events.
 *
 * <p><b>Exactly once.</b> What is read, what the stages keep and what goes to topics is committed together ({@code exactly_once_v2}), so windows
 * count no event twice and none too few when a process is killed. That holds for sinks that {@link #writing} replaces by topics. Others work as in any
 * pipeline, in every task, are flushed before each commit, and may get events again that came after the last one.
 *
 * <p><b>Time.</b> Without a stage that gives events their time, they have the timestamp of their record; records joined from several lines have the
 * time at which they were complete.
 *
 * <p>Start, trouble: {@link #start}. Immutable; every word returns a new one.
 */
public final class KafkaStreamsRunner {
  private static final Map<String, String> OWN = Map.of(
      StreamsConfig.APPLICATION_ID_CONFIG, "named(..)",
      StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "servers(..)",
      StreamsConfig.NUM_STREAM_THREADS_CONFIG, "threads(..)",
      StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "what is safe: exactly once",
      ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "failover(..)",
      ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "failover(..)");

  private static final Duration COMMIT_EVERY = Duration.ofMillis(500);
  private static final int LONGEST_NAME = 150;
  /** So many bunches of a partition wait for those of others at most; one holds up to {@code max.poll.records}. */
  private static final int MOST_BUNCHES = 8;

  private final Pipeline pipeline;
  private final List<String> topics;
  private final Map<String, String> writing;
  private final Set<String> gathered;
  private final String servers;
  private final String application;
  private final int partitions;
  private final int threads;
  private final Duration failover;
  private final Duration connectWithin;
  private final Map<String, String> settings;

  private KafkaStreamsRunner(Words words) {
    pipeline = words.pipeline;
    topics = words.topics;
    writing = words.writing;
    gathered = words.gathered;
    servers = words.servers;
    application = words.application;
    partitions = words.partitions;
    threads = words.threads;
    failover = words.failover;
    connectWithin = words.connectWithin;
    settings = words.settings;
  }

  /** What can be said of it. */
  private static final class Words {
    Pipeline pipeline;
    List<String> topics = List.of();
    Map<String, String> writing = Map.of();
    Set<String> gathered = Set.of();
    String servers = "localhost:9092";
    String application;
    int partitions;
    int threads = 1;
    Duration failover = Duration.ofSeconds(10);
    Duration connectWithin = Duration.ofSeconds(10);
    Map<String, String> settings = Map.of();
  }

  private KafkaStreamsRunner with(Consumer<Words> change) {
    Words words = new Words();
    words.pipeline = pipeline;
    words.topics = topics;
    words.writing = writing;
    words.gathered = gathered;
    words.servers = servers;
    words.application = application;
    words.partitions = partitions;
    words.threads = threads;
    words.failover = failover;
    words.connectWithin = connectWithin;
    words.settings = settings;
    change.accept(words);
    return new KafkaStreamsRunner(words);
  }

  // ---------------------------------------------------------------- what is run

  /** A runner of this pipeline, whose checkpoint directory, lanes and metering are left aside. */
  public static KafkaStreamsRunner of(Pipeline pipeline) {
    Words words = new Words();
    words.pipeline = Objects.requireNonNull(pipeline, "pipeline");
    words.application = "logstream-" + legal(pipeline.name());
    return new KafkaStreamsRunner(words);
  }

  private static String legal(String name) {
    String legal = name.replaceAll("[^a-zA-Z0-9._-]", "-");
    return legal.length() > LONGEST_NAME ? legal.substring(0, LONGEST_NAME) : legal;
  }

  /**
   * The topics that stand in place of the pipeline's source; where it has several, one topic for each, in order. They must exist. Their records are
   * read from the beginning at the first start, and from then on where the last commit was.
   */
  public KafkaStreamsRunner reading(String... names) {
    List<String> all = List.of(names);
    int sources = pipeline.sources().size();
    if (all.isEmpty() || new HashSet<>(all).size() < all.size()) {
      throw new IllegalArgumentException("reading(..) takes different topics, at least one, was " + all);
    }
    if (sources > 1 && all.size() != sources) {
      throw new IllegalArgumentException("pipeline '" + pipeline.name() + "' has " + sources + " sources, " + pipeline.sources() + ", so reading(..) takes as many topics, was " + all);
    }
    return with(w -> w.topics = all);
  }

  /**
   * Puts a topic, which must exist, in place of a sink: each event is written as JSON, as {@code KafkaSink} writes it, under the values of its key fields, with its {@link
   * io.logstream.LogEvent#id id} in the header {@code logstream.id}, and is seen by readers of committed records exactly once.
   *
   * @param sink the sink's name in {@code describe()}; {@code failures} for what {@link Pipeline#failuresTo} gets
   * @throws IllegalArgumentException if the pipeline has no such sink
   */
  public KafkaStreamsRunner writing(String sink, String topic) {
    Set<String> sinks = new TreeSet<>();
    pipeline.exchangingSinks((name, other) -> {
      sinks.add(name);
      return other;
    });
    if (!sinks.contains(sink)) {
      throw new IllegalArgumentException("pipeline '" + pipeline.name() + "' has no sink '" + sink + "'; it has " + sinks);
    }
    Map<String, String> all = new LinkedHashMap<>(writing);
    if (all.put(sink, Objects.requireNonNull(topic, "topic")) != null) {
      throw new IllegalArgumentException("sink '" + sink + "' is written to a topic twice");
    }
    return with(w -> w.writing = Collections.unmodifiableMap(all));
  }

  /** Gives a stage that keeps state, and does not say by which fields, all events, in one task. */
  public KafkaStreamsRunner gathering(String stage) {
    Set<String> all = new LinkedHashSet<>(gathered);
    all.add(Objects.requireNonNull(stage, "stage"));
    return with(w -> w.gathered = Collections.unmodifiableSet(all));
  }

  // ---------------------------------------------------------------- how

  /** Where the brokers are: one or several of them, {@code host:port}, with commas between; {@code localhost:9092} unless said. */
  public KafkaStreamsRunner servers(String hostsAndPorts) {
    String checked = Brokers.servers(hostsAndPorts);
    return with(w -> w.servers = checked);
  }

  /**
   * By what the processes that share the work know each other: Kafka Streams' {@code application.id}, with which its topics begin; {@code logstream-} and the
   * pipeline's name unless said. A pipeline with other stages wants another name, or {@code kafka-streams-application-reset}.
   */
  public KafkaStreamsRunner named(String applicationId) {
    if (!legal(applicationId).equals(applicationId) || applicationId.isEmpty()) {
      throw new IllegalArgumentException("named(..) takes letters, digits, dots, _ and -, " + LONGEST_NAME + " at most, was '" + applicationId + "'");
    }
    return with(w -> w.application = applicationId);
  }

  /** Into how many tasks the work behind a topic in between is divided; as many as the topics read have partitions unless said. Not to be changed later. */
  public KafkaStreamsRunner partitions(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("partitions must be at least 1, was " + count);
    }
    return with(w -> w.partitions = count);
  }

  /** How many threads this process uses; one unless said. */
  public KafkaStreamsRunner threads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads must be at least 1, was " + count);
    }
    return with(w -> w.threads = count);
  }

  /**
   * How long a process may be silent before it is taken for dead and others take over its work; 10 seconds unless said. What it had not committed holds
   * up all readers of committed records for as long, and until the broker has looked ({@code transaction.abort.timed.out.transaction.cleanup.interval.ms},
   * 10 seconds unless changed there). The broker has a least value, {@code group.min.session.timeout.ms}.
   */
  public KafkaStreamsRunner failover(Duration silence) {
    positive("failover", silence);
    return with(w -> w.failover = silence);
  }

  /** How long {@link #start} waits for an answer of the brokers; 10 seconds unless said. */
  public KafkaStreamsRunner connectWithin(Duration limit) {
    positive("connectWithin", limit);
    return with(w -> w.connectWithin = limit);
  }

  private static void positive(String what, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
  }

  /**
   * A setting of Kafka Streams or its clients, such as {@code security.protocol} or {@code commit.interval.ms}, passed on as it is.
   *
   * @throws IllegalArgumentException for one that this runner decides by a word of its own
   */
  public KafkaStreamsRunner setting(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    OWN.forEach((own, word) -> {
      if (key.equals(own) || key.endsWith("." + own)) {
        throw new IllegalArgumentException("KafkaStreamsRunner decides " + key + " itself; use " + word);
      }
    });
    all.put(key, Objects.requireNonNull(value, key));
    return with(w -> w.settings = Collections.unmodifiableMap(all));
  }

  // ---------------------------------------------------------------- running it

  /**
   * Starts this process's share. Returns when it runs, or, where much state has to be read first, after a while, still {@code STARTING}.
   *
   * @throws PipelineException within {@link #connectWithin} if no broker answers, the login is refused, or a topic does not exist; if a stage cannot be opened
   * @throws IllegalArgumentException if the pipeline cannot be spread over machines, with the stage that is in the way
   */
  public KafkaStreamsRun start() {
    refuseWithoutTopics();
    List<PipelinePart> parts = pipeline.parts(gathered);
    Map<String, Integer> found;
    try {
      List<String> all = new ArrayList<>(topics);
      all.addAll(writing.values());
      found = Brokers.partitions(servers, settings, connectWithin, all);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new PipelineException("pipeline '" + pipeline.name() + "' cannot be started: " + e.getMessage(), e);
    }
    Lag.Clients clients = new Lag.Clients();
    Map<String, Ledger> ledgers = new ConcurrentHashMap<>();
    return KafkaStreamsRun.start(pipeline.name(), topology(parts, found, clients, ledgers), properties(), clients, ledgers);
  }

  /**
   * The topology, as for topics of one partition each: to be looked at, and for tests with Kafka's {@code TopologyTestDriver}, with {@link #properties}.
   *
   * @throws IllegalArgumentException if the pipeline cannot be spread over machines, with the stage that is in the way
   */
  public Topology topology() {
    refuseWithoutTopics();
    Map<String, Integer> one = new HashMap<>();
    topics.forEach(topic -> one.put(topic, 1));
    return topology(pipeline.parts(gathered), one, Lag.NONE, new ConcurrentHashMap<>());
  }

  private void refuseWithoutTopics() {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("pipeline '" + pipeline.name() + "' has no topics to read; say reading(..)");
    }
  }

  /** The settings of Kafka Streams. A copy. */
  public Properties properties() {
    Map<String, Object> all = new HashMap<>();
    int millis = Math.toIntExact(Math.min(Integer.MAX_VALUE, failover.toMillis()));
    all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_EVERY.toMillis());
    all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    all.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, MOST_BUNCHES);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Giving.MOST_INSIDE);
    all.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Integer.toString(Giving.MOST_INSIDE));
    all.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), Math.min(3_000, Math.max(1, millis / 3)));
    all.putAll(settings);
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), millis);
    all.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), millis);
    Properties properties = new Properties();
    properties.putAll(all);
    return properties;
  }

  private Topology topology(List<PipelinePart> parts, Map<String, Integer> found, Lag lag, Map<String, Ledger> ledgers) {
    Map<String, PipelinePart> byName = new HashMap<>();
    parts.forEach(part -> byName.put(part.name(), part));
    int read = topics.stream().mapToInt(found::get).max().orElse(1);
    int divided = partitions > 0 ? partitions : read;

    StreamsBuilder builder = new StreamsBuilder();
    Map<String, KStream<byte[], Outgoing>> inputs = new HashMap<>();
    Consumed<byte[], Outgoing> consumed = Consumed.with(Serdes.ByteArray(), Outgoing.SERDE).withTimestampExtractor((record, before) -> Math.max(0, record.timestamp()));
    inputs.put(parts.get(0).name(), builder.stream(topics, consumed.withName("topics")));
    for (int i = 0; i < parts.size(); i++) {
      PipelinePart part = parts.get(i);
      String label = label(i, part);
      Map<String, PartPlan.Gift> gives = new LinkedHashMap<>();
      part.gives().forEach(to -> gives.put(to, new PartPlan.Gift(gives.size(), byName.get(to).by(), byName.get(to).needs(), tasksOf(byName.get(to), divided))));
      PartPlan plan = PartPlan.of(part, application + "-" + label + "-repartition", label + "-state", origins(part, byName, found, divided), gives, writtenBy(part));
      builder.addStateStore(new PartStore.Builder(plan.store(), Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Giving.MOST_INSIDE))));
      KStream<byte[], Outgoing> given = inputs.get(part.name()).process(() -> new Task(plan, lag, ledgers), Named.as(label), plan.store());
      boolean one = gives.size() + plan.writes().size() == 1;
      for (String to : part.gives()) {
        int number = gives.get(to).number();
        PipelinePart target = byName.get(to);
        String targetLabel = label(parts.indexOf(target), target);
        KStream<byte[], Outgoing> own = one ? given : given.filter((key, outgoing) -> outgoing.to() == number, Named.as(label + "-to-" + targetLabel));
        Repartitioned<byte[], Outgoing> between = Repartitioned.<byte[], Outgoing>as(targetLabel).withKeySerde(Serdes.ByteArray()).withValueSerde(Outgoing.SERDE)
            .withNumberOfPartitions(tasksOf(target, divided)).withStreamPartitioner(new ToTask(tasksOf(target, divided)));
        inputs.put(to, own.repartition(between));
      }
      plan.writes().forEach((sink, number) -> {
        KStream<byte[], Outgoing> own = one ? given : given.filter((key, outgoing) -> outgoing.to() == number, Named.as(label + "-writes-" + legal(writing.get(sink)) + number));
        own.to(writing.get(sink), Produced.with(Serdes.ByteArray(), Outgoing.SERDE).withName(label + "-sink-" + number));
      });
    }
    return builder.build();
  }

  private static String label(int number, PipelinePart part) {
    return number + "-" + legal(part.name());
  }

  private static int tasksOf(PipelinePart part, int divided) {
    return part.by().isEmpty() ? 1 : divided;
  }

  private List<Origin> origins(PipelinePart part, Map<String, PipelinePart> byName, Map<String, Integer> found, int divided) {
    List<Origin> origins = new ArrayList<>();
    PipelinePart from = part.from() == null ? null : byName.get(part.from());
    if (from == null || from.from() == null) {
      boolean one = pipeline.sources().size() == 1;
      for (int i = 0; i < topics.size(); i++) {
        for (int partition = 0; partition < found.get(topics.get(i)); partition++) {
          origins.add(Origin.ofTopic(i, one ? 0 : i, topics.get(i), partition));
        }
      }
    } else {
      for (int partition = 0; partition < tasksOf(from, divided); partition++) {
        origins.add(Origin.ofPart(partition));
      }
    }
    return origins;
  }

  /** The names of those sinks of a part that topics stand in place of. */
  private List<String> writtenBy(PipelinePart part) {
    Set<String> own = new TreeSet<>();
    part.pipeline().exchangingSinks((name, sink) -> {
      own.add(name);
      return sink;
    });
    own.removeAll(part.gives());
    own.retainAll(writing.keySet());
    return List.copyOf(own);
  }

  /** Sends what is for one task there, and the rest everywhere. */
  private static final class ToTask implements StreamPartitioner<byte[], Outgoing> {
    private final List<Optional<Set<Integer>>> each = new ArrayList<>();
    private final Optional<Set<Integer>> all;

    ToTask(int tasks) {
      Set<Integer> every = new LinkedHashSet<>();
      for (int i = 0; i < tasks; i++) {
        each.add(Optional.of(Set.of(i)));
        every.add(i);
      }
      all = Optional.of(Collections.unmodifiableSet(every));
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, Outgoing outgoing, int partitions) {
      if (partitions == 1) {
        return each.get(0);
      }
      return outgoing.task() == Outgoing.EVERY_TASK ? all : each.get(outgoing.task());
    }
  }

  @Override
  public String toString() {
    return "pipeline '" + pipeline.name() + "' on Kafka Streams as '" + application + "' at " + servers + ", from " + topics + (writing.isEmpty() ? "" : ", to " + writing);
  }
}
