package io.logstream.kafka;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import io.logstream.sink.EventJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The running half of {@link KafkaSink}. It holds every event until the brokers have answered for its record, or the transaction is
 * committed, and settles events in order on the sink's own thread.
 */
final class KafkaWriter implements Processor {
  private static final String ID = "logstream.id";
  private static final String REFUSED = "refused by Kafka";
  private static final String NOT_DELIVERED = "not delivered";
  private static final String ENDED = "transactional id lost";
  private static final String NO_TOPIC = "no topic";

  /** Events that may wait for an answer, or for the end of their transaction. */
  private static final int MOST_WAITING = 10_000;

  private static final Duration LONGEST_TRANSACTION = Duration.ofSeconds(10);
  private static final int TRIES = 5;
  private static final long PAUSE_NANOS = 100_000_000L;
  private static final long UNKNOWN_FOR_NANOS = 30_000_000_000L;
  private static final int MOST_UNKNOWN = 1_000;
  private static final Duration CLOSE = Duration.ofSeconds(2);

  /** An event on its way. */
  private static final class Sent {
    final LogEvent event;
    final ProducerRecord<byte[], byte[]> record;
    volatile boolean answered;
    volatile Exception trouble;
    /** Whether the producer did not even take it, for its own sake. */
    boolean refusedAtOnce;

    Sent(LogEvent event, ProducerRecord<byte[], byte[]> record) {
      this.event = event;
      this.record = record;
    }

    void answer(Exception exception) {
      trouble = exception;
      answered = true;
    }
  }

  private final KafkaSink sink;
  private final StageContext context;
  private final EventJson json;
  private final Producer<byte[], byte[]> producer;
  private final Metric connections;
  private final Counter retries;
  private final Counter transactions;
  private final Counter aborted;
  private final ArrayDeque<Sent> waiting = new ArrayDeque<>();
  private final Map<String, Long> unknownTopics = new LinkedHashMap<>();
  private Emitter out;
  private boolean inTransaction;
  /** Why nothing can be written any more; null while it can. */
  private String ended;
  private Instant transactionEnds;

  KafkaWriter(KafkaSink sink, StageContext context) {
    this.sink = sink;
    this.context = context;
    this.json = sink.form == KafkaSink.Form.ECS ? EventJson.ecs() : new EventJson();
    retries = context.counter("retries");
    transactions = context.counter("transactions");
    aborted = context.counter("aborted");
    Brokers.partitions(sink.servers, sink.settings, sink.connectWithin, sink.topic == null ? List.of() : List.of(sink.topic));
    try {
      producer = new KafkaProducer<>(settings());
    } catch (KafkaException e) {
      throw Topics.unreachable(sink.servers, sink.connectWithin.toString(), e);
    }
    if (sink.transactionalId != null) {
      try {
        producer.initTransactions();
      } catch (KafkaException e) {
        producer.close(Duration.ZERO);
        throw Topics.unreachable(sink.servers, sink.connectWithin.toString(), e);
      }
    }
    connections = producer.metrics().entrySet().stream().filter(m -> m.getKey().name().equals("connection-count")).map(Map.Entry::getValue).findFirst().orElse(null);
    context.gauge("waiting", waiting::size);
  }

  private Map<String, Object> settings() {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, sink.connectWithin.toMillis());
    // with more under way, the second may be taken while the first is refused, and the first then never fits in before it
    all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    all.putAll(sink.settings);
    all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, sink.servers);
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, sink.compression);
    all.put(ProducerConfig.LINGER_MS_CONFIG, sink.linger.toMillis());
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, sink.batchBytes);
    int patience = sink.patience == null ? Integer.MAX_VALUE : Math.toIntExact(sink.patience.toMillis());
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, patience);
    if (sink.patience != null) {
      // a delivery lasts a wait for others and one request at least
      all.put(ProducerConfig.LINGER_MS_CONFIG, Math.min(sink.linger.toMillis(), patience / 2));
      all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(patience / 2, 30_000));
    }
    if (sink.transactionalId != null) {
      all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, sink.transactionalId);
    }
    return all;
  }

  // ---------------------------------------------------------------- sending

  @Override
  public void process(LogEvent event, Emitter emitter) throws IOException {
    out = emitter;
    if (ended != null) {
      out.fail(event, ENDED, ended);
      return;
    }
    settleAnswered();
    String topic = sink.topic == null ? event.text(sink.topicField, "") : sink.topic;
    if (sink.topic == null && (!Topics.isLegal(topic) || isUnknown(topic))) {
      out.fail(event, NO_TOPIC, topic.isEmpty() ? "field " + sink.topicField : topic);
      return;
    }
    byte[] value = sink.form == KafkaSink.Form.MESSAGE ? Arrays.copyOfRange(event.bytes(), event.from(), event.to()) : json.bytes(event);
    byte[] key = sink.keyField == null || !event.has(sink.keyField) ? null : event.text(sink.keyField, "").getBytes(StandardCharsets.UTF_8);
    long time = event.epochMillis();
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, time < 0 ? null : (Long) time, key, value);
    if (sink.identified) {
      record.headers().add(ID, event.id().getBytes(StandardCharsets.UTF_8));
    }
    Sent sent = new Sent(out.hold(event), record);
    waiting.add(sent);
    beginTransaction();
    send(sent);
    if (waiting.size() >= MOST_WAITING) {
      if (sink.transactionalId != null) {
        commit();
      } else {
        awaitOne();
      }
    }
  }

  /** Hands a record to the producer, again and again where nobody can be reached. */
  private void send(Sent sent) throws IOException {
    long began = System.nanoTime();
    for (;;) {
      sent.answered = false;
      try {
        producer.send(sent.record, (metadata, exception) -> sent.answer(exception));
      } catch (InterruptException e) {
        throw interrupted(e);
      } catch (KafkaException | IllegalStateException e) {
        sent.answer(e);
      }
      Exception trouble = sent.answered ? sent.trouble : null;
      sent.refusedAtOnce = trouble != null && !isEffect(trouble);
      if (trouble == null || !mayWorkLater(trouble, sent.record.topic()) || sink.patience != null && System.nanoTime() - began > sink.patience.toNanos()) {
        return;
      }
      retries.increment();
      context.warn("does not get through to " + sink.servers + ", trying again: " + trouble.getMessage());
      pause();
    }
  }

  private boolean mayWorkLater(Exception trouble, String topic) {
    if (trouble instanceof AuthenticationException) {
      return true;
    }
    if (trouble instanceof TimeoutException && sink.topic == null && isConnected() && !(trouble instanceof BufferExhaustedException)) {
      if (unknownTopics.size() >= MOST_UNKNOWN) {
        unknownTopics.remove(unknownTopics.keySet().iterator().next());
      }
      unknownTopics.put(topic, System.nanoTime());
      return false;
    }
    return trouble instanceof TimeoutException;
  }

  private boolean isConnected() {
    return connections != null && connections.metricValue() instanceof Number count && count.doubleValue() > 0;
  }

  private boolean isUnknown(String topic) {
    Long since = unknownTopics.get(topic);
    if (since != null && System.nanoTime() - since > UNKNOWN_FOR_NANOS) {
      unknownTopics.remove(topic);
      since = null;
    }
    return since != null;
  }

  private void pause() throws IOException {
    LockSupport.parkNanos(this, PAUSE_NANOS);
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(null);
    }
  }

  private static IOException interrupted(Exception cause) {
    IOException interrupted = new InterruptedIOException("the run was given up while records waited");
    interrupted.initCause(cause);
    return interrupted;
  }

  // ---------------------------------------------------------------- answers

  private void settleAnswered() {
    if (sink.transactionalId == null) {
      while (!waiting.isEmpty() && waiting.peek().answered) {
        settle(waiting.poll());
      }
    }
  }

  private void settle(Sent sent) {
    Exception trouble = sent.trouble;
    if (trouble == null) {
      out.absorb(sent.event);
    } else if (sink.topic == null && (unknownTopics.containsKey(sent.record.topic()) || trouble instanceof UnknownTopicOrPartitionException)) {
      out.fail(sent.event, NO_TOPIC, sent.record.topic());
    } else {
      out.fail(sent.event, trouble instanceof TimeoutException ? NOT_DELIVERED : REFUSED, trouble.getMessage());
    }
  }

  private void awaitOne() throws IOException {
    while (!waiting.peek().answered) {
      LockSupport.parkNanos(this, 1_000_000);
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(null);
      }
    }
    settleAnswered();
  }

  @Override
  public void onQuiet() throws IOException {
    if (sink.transactionalId == null) {
      flush();
    }
  }

  @Override
  public void flush() throws IOException {
    if (sink.transactionalId != null) {
      commit();
      return;
    }
    try {
      producer.flush();
    } catch (InterruptException e) {
      throw interrupted(e);
    }
    settleAnswered();
    if (!waiting.isEmpty()) {
      throw new IOException(waiting.size() + " records have no answer");
    }
  }

  // ---------------------------------------------------------------- transactions

  private void beginTransaction() {
    if (sink.transactionalId != null && !inTransaction) {
      producer.beginTransaction();
      inTransaction = true;
      transactionEnds = context.clock().instant().plus(LONGEST_TRANSACTION);
      out.atClock(transactionEnds);
    }
  }

  @Override
  public void onClock(Instant deadline, Emitter emitter) throws IOException {
    out = emitter;
    if (inTransaction && !deadline.isBefore(transactionEnds)) {
      commit();
    }
  }

  /** Makes all that waits visible, or, where something in it was refused, all the rest. */
  private void commit() throws IOException {
    if (ended != null) {
      throw new IOException(ended);
    }
    for (int tries = 1; inTransaction; tries++) {
      try {
        producer.flush();
        if (waiting.stream().anyMatch(sent -> sent.trouble != null)) {
          tries = settleRefused() ? 0 : tries;
          again("a record was refused", tries);
        } else {
          commitInsisting();
          inTransaction = false;
          transactions.increment();
        }
      } catch (InterruptException e) {
        throw interrupted(e);
      } catch (ProducerFencedException | InvalidProducerEpochException e) {
        throw end(e);
      } catch (KafkaException e) {
        again(e.getMessage(), tries);
      }
    }
    while (!waiting.isEmpty()) {
      settle(waiting.poll());
    }
  }

  /** This producer can write nothing more: what waits is never acknowledged. */
  private IOException end(KafkaException cause) {
    ended = "Kafka takes nothing more of transactional id '" + sink.transactionalId + "', as when another run has it: " + cause.getMessage();
    return new IOException(ended, cause);
  }

  private void commitInsisting() throws IOException {
    for (;;) {
      try {
        producer.commitTransaction();
        return;
      } catch (TimeoutException e) {
        retries.increment();
        context.warn("a transaction is not committed yet at " + sink.servers + ", trying again: " + e.getMessage());
        pause();
      }
    }
  }

  /** Takes out the first record that was refused for its own sake: others may have been given up because of it, for the same reason. */
  private boolean settleRefused() {
    Sent refused = null;
    for (Sent sent : waiting) {
      if (sent.trouble != null && !isEffect(sent.trouble) && (refused == null || sent.refusedAtOnce && !refused.refusedAtOnce)) {
        refused = sent;
      }
    }
    if (refused == null) {
      return false;
    }
    waiting.remove(refused);
    settle(refused);
    return true;
  }

  /** Whether a record was given up only because the transaction was lost to another one's trouble. */
  private static boolean isEffect(Exception trouble) {
    return trouble.getClass() == KafkaException.class || trouble instanceof TransactionAbortedException || trouble instanceof TransactionAbortableException
        || trouble instanceof IllegalStateException || trouble instanceof ProducerFencedException || trouble instanceof InvalidProducerEpochException;
  }

  /** Gives the transaction up and makes it again. */
  private void again(String cause, int tries) throws IOException {
    aborted.increment();
    context.warn("a transaction was given up and is made again: " + cause);
    try {
      producer.abortTransaction();
      producer.beginTransaction();
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException e) {
      throw end(e);
    }
    for (Sent sent : waiting) {
      send(sent);
    }
    if (tries >= TRIES) {
      throw new IOException("a transaction was given up " + tries + " times, the last time because: " + cause);
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE);
  }
}
