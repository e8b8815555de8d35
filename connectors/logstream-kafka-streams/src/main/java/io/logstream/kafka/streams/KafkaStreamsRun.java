package io.logstream.kafka.streams;

import io.logstream.Ledger;
import io.logstream.PipelineException;
import io.logstream.RunState;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process's share of a pipeline that {@link KafkaStreamsRunner} runs. All methods from any thread. */
public final class KafkaStreamsRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaStreamsRun.class);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration CLOSE = Duration.ofSeconds(30);
  /** So often a thread that failed for a reason of its own is started again. */
  private static final int MOST_FAILURES = 3;

  private final String pipeline;
  private final KafkaStreams streams;
  private final Lag.Clients clients;
  private final Map<String, Ledger> ledgers;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger failures = new AtomicInteger();
  private volatile Throwable failure;
  private volatile String trouble = "";

  private KafkaStreamsRun(String pipeline, KafkaStreams streams, Lag.Clients clients, Map<String, Ledger> ledgers) {
    this.pipeline = pipeline;
    this.streams = streams;
    this.clients = clients;
    this.ledgers = ledgers;
    streams.setStateListener((now, before) -> changed(now));
    streams.setUncaughtExceptionHandler(this::threw);
  }

  static KafkaStreamsRun start(String pipeline, Topology topology, Properties properties, Lag.Clients clients, Map<String, Ledger> ledgers) {
    KafkaStreams streams;
    try {
      streams = new KafkaStreams(topology, properties, clients);
    } catch (KafkaException e) {
      throw new PipelineException("pipeline '" + pipeline + "' cannot be started on Kafka Streams: " + e.getMessage(), e);
    }
    KafkaStreamsRun run = new KafkaStreamsRun(pipeline, streams, clients, ledgers);
    streams.start();
    try {
      run.begun.await(START.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (run.failure != null) {
      run.close();
      throw run.failed();
    }
    return run;
  }

  private void changed(KafkaStreams.State now) {
    switch (now) {
      case RUNNING -> {
        trouble = "";
        begun.countDown();
      }
      case ERROR -> {
        if (failure == null) {
          failure = new StreamsException("Kafka Streams has given up");
        }
        begun.countDown();
        ended.countDown();
      }
      case NOT_RUNNING -> {
        begun.countDown();
        ended.countDown();
      }
      default -> { }
    }
  }

  private StreamThreadExceptionResponse threw(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof StreamsException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    boolean passing = cause instanceof RetriableException;
    if (thrown instanceof Error || cause instanceof PipelineException && begun.getCount() > 0 || !passing && failures.incrementAndGet() > MOST_FAILURES) {
      failure = cause;
      LOG.error("pipeline '{}': this process gives up its share of the work", pipeline, thrown);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    trouble = String.valueOf(cause.getMessage());
    LOG.warn("pipeline '{}': a thread of Kafka Streams is started again and goes on from the last commit", pipeline, thrown);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private PipelineException failed() {
    return new PipelineException(failure instanceof PipelineException ? failure.getMessage() : "pipeline '" + pipeline + "' on Kafka Streams: " + failure.getMessage(), failure);
  }

  /** How this process's share is: {@code DEGRADED} after a failure, until its work is taken up again, and while it has no connection to any broker. */
  public RunState state() {
    KafkaStreams.State now = streams.state();
    if (now == KafkaStreams.State.RUNNING && clients.areCutOff()) {
      return new RunState(RunState.Phase.DEGRADED, "there is no connection to any Kafka broker");
    }
    return switch (now) {
      case CREATED -> new RunState(RunState.Phase.STARTING, "");
      case REBALANCING -> new RunState(begun.getCount() > 0 ? RunState.Phase.STARTING : trouble.isEmpty() ? RunState.Phase.RUNNING : RunState.Phase.DEGRADED, trouble);
      case RUNNING -> new RunState(trouble.isEmpty() ? RunState.Phase.RUNNING : RunState.Phase.DEGRADED, trouble);
      case PENDING_SHUTDOWN, PENDING_ERROR -> new RunState(RunState.Phase.STOPPING, trouble);
      case NOT_RUNNING, ERROR -> new RunState(RunState.Phase.STOPPED, failure == null ? "" : String.valueOf(failure.getMessage()));
    };
  }

  /** The ledgers of the tasks that this process has now, by part and partition, each as of the task's last commit; counted from when it got the task. */
  public Map<String, Ledger> ledgers() {
    return new TreeMap<>(ledgers);
  }

  /**
   * Waits until it is closed.
   *
   * @throws PipelineException if an error ended it
   */
  public void await() throws InterruptedException {
    ended.await();
    if (failure != null) {
      throw failed();
    }
  }

  /**
   * As {@link #await()}, but not longer than this.
   *
   * @return whether it has ended
   */
  public boolean await(Duration atMost) {
    boolean over = false;
    try {
      over = ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (over && failure != null) {
      throw failed();
    }
    return over;
  }

  /** Commits what is done and gives this process's share back, so that others take it over at once; waits 30 seconds at most. Open windows go with it. */
  @Override
  public void close() {
    if (!streams.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP).withTimeout(CLOSE))) {
      LOG.warn("pipeline '{}': what was done since the last commit could not be committed within {} and is done again by whoever takes over", pipeline, CLOSE);
      clients.giveUp();
    }
    ended.countDown();
  }
}
