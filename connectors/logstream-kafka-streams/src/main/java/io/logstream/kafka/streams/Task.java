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
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
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
 *  record ─► {@link Fed} ─► stages ─┬► sinks of the user
 *                                  ├► to a part: the event, its log, how far the log had come ─► topic in between
 *  every so often ─► clock ────────┴► to all partitions of a part: how far each log has come
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
      for (Fed source : sources) {
        while (source.hasNews()) {
          run.step(source.name());
        }
      }
    }
  }

  // ---------------------------------------------------------------- records and time

  @Override
  public void process(Record<byte[], Outgoing> record) {
    heard = true;
    begin();
    byte[] value = record.value() == null ? null : record.value().bytes();
    if (plan.isFirst()) {
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      Origin origin = byTopic.get(metadata.topic());
      Fed source = sources.get(origin.source());
      source.bring(origin.id(), value, metadata.offset(), record.timestamp());
      current = origin;
      run.step(source.name());
    } else {
      Told told = Told.of(value);
      if (told == null) {
        LOG.warn("pipeline '{}': a record in {} was not written by this pipeline and is left out", plan.part().pipeline().name(), plan.input());
      } else {
        Fed source = sources.get(plan.sourceOf(told.origin()));
        source.bring(told);
        run.step(source.name());
      }
    }
    throwIfBroken();
  }

  private void tick() {
    begin();
    if (!heard && inputs.stream().allMatch(lag::isNone)) {
      run.work();
    } else {
      run.tick();
    }
    heard = false;
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
      byte[] told = Told.time(origin, watermark, idle);
      for (PartPlan.Gift gift : plan.gives().values()) {
        forward(new Outgoing(gift.number(), 0, true, told), Giving.NO_KEY, watermark, null);
      }
    }
  }

  // ---------------------------------------------------------------- what is given away

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
