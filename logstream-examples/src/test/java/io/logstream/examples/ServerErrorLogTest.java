package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.alert.FiredAlert;
import io.logstream.file.FileTail;
import io.logstream.parse.Multiline;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class ServerErrorLogTest {
  private static final List<String> LINES = List.of(
      "2023.11.23 00:41:41.234843 [ 1 ] {} <Warning> Access(local directory): Recovering lists in directory /var/lib/proton/access/",
      "2023.11.23 00:41:41.300000 [ 7 ] {b2a9} <Error> executeQuery: Code: 60. DB::Exception: Table does not exist, in query that quotes 2023.11.23 00:41:40.000000 [ 1 ] {}",
      "0. DB::Exception::Exception() @ 0x1a2b in /usr/bin/proton",
      "1. DB::InterpreterSelectQuery @ 0x3c4d in /usr/bin/proton",
      "2023.11.23 00:41:41.356154 [ 1 ] {} <Information> TelemetryCollector: Please note that telemetry is enabled");

  private final List<FiredAlert> alerts = new ArrayList<>();
  private final RecordingSink subscriber = new RecordingSink();

  static Stream<Multiline> joinings() {
    return Stream.of(ServerErrorLog.asFilebeat(), ServerErrorLog.asVector(), ServerErrorLog.asExternalStream());
  }

  private PipelineTester tester(Multiline joining) {
    return PipelineTester.of(ServerErrorLog.pipeline(FileTail.of(Path.of("proton-server.err.log")), joining, subscriber, alerts::add));
  }

  @ParameterizedTest @MethodSource("joinings")
  void makesARecordOfALineAndItsTrace(Multiline joining) {
    try (PipelineTester server = tester(joining).feed(LINES).advance(Duration.ofMinutes(2))) {
      assertThat(server.ledger().stage("Grok").passed()).isEqualTo(3);
      LogEvent warning = subscriber.events().get(0);
      assertThat(warning.fields()).containsEntry("thread", 1L).containsEntry("level", "Warning").containsEntry("logger", "Access(local directory)")
          .doesNotContainKey("query");
      assertThat(warning.message()).isEqualTo("Recovering lists in directory /var/lib/proton/access/");
      assertThat(warning.time()).isEqualTo(Instant.parse("2023-11-23T00:41:41.234Z"));
      assertThat(alerts).hasSize(1);
      assertThat(alerts.get(0).cause().message()).startsWith("Code: 60").endsWith("/usr/bin/proton").contains("\n1. DB::");
    }
  }

  @Test void showsTheSubscriberALineBeforeTheNextIsWritten() {
    try (PipelineTester server = tester(ServerErrorLog.asVector())) {
      server.feed(LINES.get(0)).advance(Duration.ofMillis(999));
      assertThat(subscriber.events()).isEmpty();
      server.advance(Duration.ofMillis(1));
      assertThat(subscriber.messages()).hasSize(1);
      server.feed(LINES.get(4));
    }
  }

  @Test void countsByComponentInTheMinuteThatTheLinesTell() {
    try (PipelineTester server = tester(ServerErrorLog.asFilebeat()).feed(LINES).end()) {
      assertThat(subscriber.events().stream().filter(event -> event.has("count")).map(row -> row.text("logger") + " " + row.number("count", -1)))
          .containsExactlyInAnyOrder("Access(local directory) 1", "executeQuery 1", "TelemetryCollector 1");
      assertThat(server.ledger().balances()).isTrue();
    }
  }

  @Test void reportsAPatternThatMatchesNoLine() {
    String printed = "^(\\d{4}\\.\\d{2}\\.\\d{2}\\d{2}:\\d{2}:\\d{2}\\.\\d+)"; // the blank between date and time is missing
    ListAppender<ILoggingEvent> reports = new ListAppender<>();
    reports.start();
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
    logger.addAppender(reports);
    try (PipelineTester server = tester(Multiline.haltBefore(printed, printed)).feed(LINES).advance(Duration.ofMinutes(2)).feed(LINES)) {
      assertThat(reports.list).extracting(ILoggingEvent::getFormattedMessage).filteredOn(text -> text.contains("has matched none of the first")).singleElement()
          .asString().contains("haltBefore ^(\\d{4}", "Recovering lists");
      assertThat(server.metrics()).containsEntry("Multiline.unstarted", 2L * LINES.size());
      assertThat(server.ledger().stage("Grok").failed()).isEqualTo(4);
    } finally {
      logger.detachAppender(reports);
    }
  }

  @Test void makesABodyForAnIngestCallOfAnEvent() {
    RecordingSink bodies = new RecordingSink();
    try (PipelineTester server = PipelineTester.of(LogStream.named("ingest").from(FileTail.of(Path.of("x.log"))).then("body", ServerErrorLog.asIngestBody()).to(bodies).build())) {
      server.feed("log message", "a \"quoted\" one");
      assertThat(bodies.messages()).containsExactly("{\"columns\":[\"raw\"],\"data\":[[\"log message\"]]}", "{\"columns\":[\"raw\"],\"data\":[[\"a \\\"quoted\\\" one\"]]}");
    }
  }
}
