package io.logstream.kafka.streams;

import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.PipelinePart;
import io.logstream.Source;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of one part of a pipeline: the part's stages in a run of their own, whose state is a store of the task.
 *
 * <pre>
 *  {@link Bunch} ─► {@link Fed} ─► stages ─┬► sinks of the user
 *                                 ├► to a part: the event, its log, how far the log had come ─► {@link Packing} ─► topic in between
 *  every so often ─► clock ───────┴► to all partitions of a part: how far each log has come
 *  before a commit ─► sinks flushed, what has changed put into the store
 * </pre>
 */
final class Task implements Processor<byte[], Outgoing, byte[], Outgoing>, Giving.Task {
  private static final Duration TICK = Duration.ofMillis(200);
  private static final String ID = "logstream.id";

  private static final Logger LOG = LoggerFactory.getLogger(Task.class);

  private final PartPlan plan;
  private final Lag lag;
  private final Map<String, Ledger> ledgers;

  private ProcessorContext<byte[], Outgoing> context;
  /** What is on its way to other parts, by number of the part and of its task. */
  private final Map<Integer, List<Packing>> packings = new HashMap<>();
  private PartStore store;
  private InlineRun run;
  private String name;
  private final List<Fed> sources = new ArrayList<>();
  private final List<TopicPartition> inputs = new ArrayList<>();
  private final Map<String, Origin> byKey = new HashMap<>();
  private final Map<String, Origin> byTopic = new HashMap<>();
  private Origin current;
  private RuntimeException broken;
  private boolean announced;
  private boolean heard;

  /** What was last told of each log. */
  private record LastTold(long watermark, boolean idle) {}

  private final Map<Integer, LastTold> lastTold = new HashMap<>();

  Task(PartPlan plan, Lag lag, Map<String, Ledger> ledgers) {
    this.plan = plan;
    this.lag = lag;
    this.ledgers = ledgers;
  }

  @Override
  public void init(ProcessorContext<byte[], Outgoing> initial) {
    context = initial;
    store = context.getStateStore(plan.store());
    plan.gives().values().forEach(gift -> packings.put(gift.number(), Stream.generate(Packing::new).limit(gift.tasks()).toList()));
    int partition = context.taskId().partition();
    PipelinePart part = plan.part();
    name = part.name() + "/" + partition;
    List<Origin> origins = plan.isFirst() ? plan.origins().stream().filter(origin -> origin.partition() == partition).toList() : plan.origins();
    List<String> names = part.pipeline().sources();
    for (int i = 0; i < names.size(); i++) {
      int number = i;
      sources.add(new Fed(names.get(i), origins.stream().filter(origin -> origin.source() == number).toList(), part.from()));
    }
    if (plan.isFirst()) {
      for (Origin origin : origins) {
        current = origin;
        byTopic.put(origin.topic(), origin);
        byKey.put(origin.key(null), origin);
        inputs.add(new TopicPartition(origin.topic(), partition));
      }
    } else {
      inputs.add(new TopicPartition(plan.input(), partition));
    }
    InstantSource clock = this::now;
    run = part.pipeline().reading(sources.toArray(Source[]::new)).exchangingSinks((sink, otherwise) -> plan.sinkFor(sink, otherwise, this)).inline(clock, store);
    store.beforeCommit(this::keep);
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
  }

  /** Kafka Streams' clock, which tests move; it does not go before there is something to do. */
  private Instant now() {
    long now = context.currentSystemTimeMs();
    return Instant.ofEpochMilli(now > 0 ? now : Time.SYSTEM.milliseconds());
  }

  /** Something is to be done: its run is told of the logs that there are, if it has not been yet. */
  private void begin() {
    store.isBehind();
    if (!announced) {
      announced = true;
      work();
    }
  }

  /** Takes all that was handed to the sources through the stages, and sends what that has given to other parts. */
  private void work() {
    for (Fed source : sources) {
      while (broken == null && source.hasNews()) {
        run.step(source.name());
      }
    }
    send();
  }

  // ---------------------------------------------------------------- records and time

  @Override
  public void process(Record<byte[], Outgoing> record) {
    heard = true;
    begin();
    List<ConsumerRecord<byte[], byte[]>> bunch = Bunch.in(record.headers());
    List<ConsumerRecord<byte[], byte[]>> all = bunch == null ? List.of(single(record)) : bunch;
    if (plan.isFirst()) {
      current = byTopic.get(all.get(0).topic());
      sources.get(current.source()).bring(current.id(), all);
    } else {
      all.forEach(this::hear);
    }
    work();
    throwIfBroken();
  }

  /** A record that came by itself, as it does in tests without a broker. */
  private ConsumerRecord<byte[], byte[]> single(Record<byte[], Outgoing> record) {
    RecordMetadata metadata = context.recordMetadata().orElseThrow();
    return new ConsumerRecord<>(metadata.topic(), metadata.partition(), metadata.offset(), record.timestamp(), TimestampType.CREATE_TIME, 0, 0, null,
        record.value() == null ? null : record.value().bytes(), record.headers(), Optional.empty());
  }

  private void hear(ConsumerRecord<byte[], byte[]> record) {
    List<Told> all = Told.all(record.value());
    if (all == null) {
      LOG.warn("pipeline '{}': a record in {} was not written by this pipeline and is left out", plan.part().pipeline().name(), plan.input());
    } else {
      all.forEach(told -> sources.get(plan.sourceOf(told.origin())).bring(told));
    }
  }

  private void tick() {
    begin();
    if (!heard && inputs.stream().allMatch(lag::isNone)) {
      run.work();
    } else {
      run.tick();
    }
    heard = false;
    send();
    if (!plan.gives().isEmpty()) {
      tell();
    }
    throwIfBroken();
  }

  private void tell() {
    if (plan.isFirst()) {
      for (Origin origin : byKey.values()) {
        Log log = sources.get(origin.source()).log(origin.id());
        tell(origin.id(), log.watermarkMillis(), log.isIdle());
      }
    } else {
      Instant watermark = run.watermark();
      tell(context.taskId().partition(), watermark.equals(Instant.MIN) ? Long.MIN_VALUE : watermark.toEpochMilli(), false);
    }
  }

  private void tell(int origin, long watermark, boolean idle) {
    LastTold now = new LastTold(watermark, idle);
    if (!now.equals(lastTold.put(origin, now))) {
      byte[] told = Told.time(origin, watermark, idle).bytes();
      for (PartPlan.Gift gift : plan.gives().values()) {
        forward(new Outgoing(gift.number(), Outgoing.EVERY_TASK, told), Giving.NO_KEY, Long.MAX_VALUE, null);
      }
    }
  }

  // ---------------------------------------------------------------- what is given away

  @Override
  public void give(PartPlan.Gift to, int task, int origin, long watermark, byte[] event) {
    Packing packing = packings.get(to.number()).get(task);
    if (packing.isFull(event.length)) {
      send(to, task, packing);
    }
    packing.add(origin, watermark, event);
  }

  private void send(PartPlan.Gift to, int task, Packing packing) {
    forward(new Outgoing(to.number(), task, packing.take()), Giving.NO_KEY, Long.MAX_VALUE, null);
  }

  /** Sends all that was given to other parts, so that nothing is under way when Kafka Streams commits. */
  private void send() {
    for (PartPlan.Gift gift : plan.gives().values()) {
      List<Packing> each = packings.get(gift.number());
      for (int task = 0; task < each.size(); task++) {
        if (!each.get(task).isEmpty()) {
          send(gift, task, each.get(task));
        }
      }
    }
  }

  /**
   * Hands something to Kafka Streams. What that throws is no event's failure, as which the run would take it, but the task's: it is thrown again
   * when the run has returned, and nothing of what was done since the last commit counts.
   */
  @Override
  public void forward(Outgoing what, byte[] key, long time, String id) {
    if (broken != null) {
      return;
    }
    Headers headers = new RecordHeaders();
    if (id != null) {
      headers.add(ID, id.getBytes(StandardCharsets.UTF_8));
    }
    // brokers refuse records from the future
    long at = Math.max(0, Math.min(time, now().toEpochMilli()));
    try {
      context.forward(new Record<>(key, what, at, headers));
    } catch (RuntimeException e) {
      broken = e;
    }
  }

  private void throwIfBroken() {
    if (broken != null) {
      throw broken;
    }
  }

  @Override
  public int originOf(LogEvent event) {
    if (!plan.isFirst()) {
      return context.taskId().partition();
    }
    return (byKey.size() == 1 ? current : byKey.getOrDefault(event.position().log(), current)).id();
  }

  @Override
  public long watermarkOf(int origin, StageContext at) {
    return plan.isFirst() ? sources.get(plan.sourceOf(origin)).log(origin).watermarkMillis() : at.watermarkMillis();
  }

  // ---------------------------------------------------------------- state

  private void keep() {
    throwIfBroken();
    run.keep();
    ledgers.put(name, run.ledger());
  }

  @Override
  public void close() {
    if (run != null) {
      run.abandon();
    }
    ledgers.remove(name);
  }
}
