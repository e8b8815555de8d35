package io.logstream.kafka.streams;

import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunState;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.kafka.KafkaSource;
import io.logstream.kafka.testing.KafkaBroker;
import io.logstream.kafka.testing.OnKafka;
import io.logstream.parse.Dedupe;
import io.logstream.parse.EventTime;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.testing.RecordingSink;
import io.logstream.window.Window;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a pipeline that cannot be spread, a wrong description, or a missing or unwilling broker says at the start. */
class StartTest extends OnKafka {
  private static Pipeline pipeline(Stage... stages) {
    var builder = LogStream.named("p").from(KafkaSource.topic("lines"));
    for (Stage stage : stages) {
      builder.then(stage);
    }
    return builder.to("rows", new RecordingSink()).build();
  }

  private static KafkaStreamsRunner runner(Pipeline pipeline) {
    return KafkaStreamsRunner.of(pipeline).reading("lines");
  }

  @Test
  void saysWithinItsTimeThatNoBrokerAnswers() throws Exception {
    String nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      nobody = "127.0.0.1:" + socket.getLocalPort();
    }
    assertThatThrownBy(() -> runner(pipeline()).servers(nobody).connectWithin(Duration.ofMillis(500)).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("pipeline 'p'", "no Kafka broker answers at " + nobody, "PT0.5S");
  }

  @Test
  void saysThatATopicDoesNotExistAndWhichOnesDo() {
    String near = newTopic(1);
    String wrong = near.substring(0, near.length() - 1) + "x";
    assertThatThrownBy(() -> KafkaStreamsRunner.of(pipeline()).reading(wrong).servers(servers()).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("topic '" + wrong + "' does not exist at " + servers(), "there are: " + near);
    assertThatThrownBy(() -> KafkaStreamsRunner.of(pipeline()).reading(near).writing("rows", wrong).servers(servers()).start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("topic '" + wrong + "' does not exist");
  }

  @Test
  void saysThatTheLoginIsRefused() {
    String topic = newTopic(1);
    assertThatThrownBy(() -> KafkaStreamsRunner.of(pipeline()).reading(topic).servers(broker().guardedServers()).setting("security.protocol", "SASL_PLAINTEXT").setting("sasl.mechanism", "PLAIN")
        .setting("sasl.jaas.config", "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + KafkaBroker.USER + "\" password=\"wrong\";").start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("refuses the login");
  }

  @Test
  void saysThatASinkCannotBeOpened() {
    String topic = newTopic(1);
    Sink broken = context -> {
      throw new IllegalStateException("the disk is full");
    };
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic("lines")).to("broken", broken).build();
    assertThatThrownBy(() -> KafkaStreamsRunner.of(pipeline).reading(topic).servers(servers()).named("app-" + topic).start())
        .isInstanceOf(PipelineException.class).hasMessageContainingAll("pipeline 'p'", "sink 'broken'", "the disk is full");
  }

  @Test
  void runsAndStopsInOrder() {
    String topic = newTopic(2);
    KafkaStreamsRun run = KafkaStreamsRunner.of(pipeline()).reading(topic).servers(servers()).named("app-" + topic).start();
    assertThat(run.state().phase()).isEqualTo(RunState.Phase.RUNNING);
    assertThat(run.await(Duration.ofMillis(10))).isFalse();
    run.close();
    assertThat(run.state().phase()).isEqualTo(RunState.Phase.STOPPED);
    assertThat(run.await(ofSeconds(10))).isTrue();
    run.close();
  }

  @Test
  void isDegradedWhileTheBrokerIsAway() {
    try (KafkaBroker own = KafkaBroker.start()) {
      String topic = newTopic(own.servers(), 1);
      KafkaStreamsRunner runner = KafkaStreamsRunner.of(pipeline()).reading(topic).servers(own.servers()).named("app-" + topic);
      try (KafkaStreamsRun run = runner.start()) {
        own.stop();
        awaitTrue("it says that it is degraded", () -> run.state().phase() == RunState.Phase.DEGRADED);
        assertThat(run.state().reason()).contains("no connection to any Kafka broker");
        own.startAgain();
        awaitTrue("it is well again", () -> run.state().phase() == RunState.Phase.RUNNING);
      }
    }
  }

  @Test
  @Tag("stress")
  void leavesNoThreadBehindWhenItIsClosedWithoutABroker() {
    try (KafkaBroker own = KafkaBroker.start()) {
      String topic = newTopic(own.servers(), 1);
      KafkaStreamsRun run = KafkaStreamsRunner.of(pipeline()).reading(topic).servers(own.servers()).named("app-" + topic).start();
      send(own.servers(), topic, 0, numbered(0, 100));
      own.stop();
      run.close();
      awaitTrue("its threads end", () -> Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> !thread.isDaemon() && thread.getName().startsWith("app-" + topic)));
    }
  }

  @Test
  void refusesAStageWhoseKeyItDoesNotKnow() {
    Stage secret = Stage.inOrder(e -> { });
    Pipeline pipeline = LogStream.named("p").from(KafkaSource.topic("lines")).then("numbers", secret).to(new RecordingSink()).build();
    assertThatThrownBy(() -> runner(pipeline).topology()).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("pipeline 'p' cannot be spread over machines", "stage 'numbers' keeps state", "Stage.stateBy()", "one machine get all events");
    assertThat(runner(pipeline).gathering("numbers").topology()).isNotNull();
    assertThatThrownBy(() -> runner(pipeline).gathering("nombers").topology()).hasMessageContaining("numbers");
    assertThatThrownBy(() -> runner(pipeline()).gathering("rows").topology()).hasMessageContaining("has no stage called rows");
  }

  @Test
  void refusesWhatStandsBehindAKeyAndNeedsAWholeLog() {
    assertThatThrownBy(() -> runner(pipeline(Dedupe.by("message"), Multiline.startingWith("^\\S"))).topology())
        .hasMessageContainingAll("joins lines of a log", "stage 'Dedupe'", "put it before");
    assertThatThrownBy(() -> runner(pipeline(Json.fields(), Dedupe.by("at"), EventTime.from("at", "UNIX_MS"))).topology())
        .hasMessageContainingAll("stage 'EventTime' gives events their time behind stage 'Dedupe'", "put it first");
    Pipeline own = LogStream.named("p").from(KafkaSource.topic("lines").then(Dedupe.by("message"))).to(new RecordingSink()).build();
    assertThatThrownBy(() -> runner(own).topology()).hasMessageContainingAll("keeps state and belongs to a source", "common chain");
  }

  @Test
  void refusesWhatCannotBeMeant() {
    Pipeline two = LogStream.named("two").from(KafkaSource.topic("a"), FileTail.of(Path.of("b"))).then(Window.tumbling(ofSeconds(1)).aggregate(count())).to("rows", new RecordingSink()).build();
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).reading("a")).hasMessageContainingAll("has 2 sources", "as many topics");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).reading("a", "a")).hasMessageContaining("different topics");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).topology()).hasMessageContaining("say reading(..)");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).writing("raws", "t")).hasMessageContainingAll("no sink 'raws'", "[rows]");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).writing("rows", "t").writing("rows", "u")).hasMessageContaining("twice");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).servers("broker")).hasMessageContainingAll("host:port", "'broker'");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).named("a b")).hasMessageContaining("'a b'");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).partitions(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).threads(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).failover(Duration.ZERO)).hasMessageContaining("positive");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).setting("processing.guarantee", "at_least_once")).hasMessageContaining("exactly once");
    assertThatThrownBy(() -> KafkaStreamsRunner.of(two).setting("main.consumer.session.timeout.ms", "1")).hasMessageContaining("failover(..)");
  }
}
