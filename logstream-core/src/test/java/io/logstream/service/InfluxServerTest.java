package io.logstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import io.logstream.match.Drop;
import io.logstream.match.Field;
import io.logstream.parse.Dissect;
import io.logstream.parse.EventTime;
import io.logstream.sink.Influx;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("service")
class InfluxServerTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  @TempDir Path dir;
  private final int port = RealProgram.freePort();
  private final String address = "http://127.0.0.1:" + port;

  private RealProgram influxd() throws IOException {
    String program = RealProgram.needs("influxd", "influxdb");
    Path config = dir.resolve("influxdb.conf");
    Files.writeString(config, """
        reporting-disabled = true
        bind-address = "127.0.0.1:%d"
        [meta]
          dir = "%s/meta"
        [data]
          dir = "%s/data"
          wal-dir = "%s/wal"
        [http]
          bind-address = "127.0.0.1:%d"
        """.formatted(RealProgram.freePort(), dir, dir, dir, port));
    RealProgram influxd = RealProgram.start(dir, program, "-config", config.toString());
    influxd.await("an answer", () -> RealProgram.get(address + "/ping") != null);
    return influxd;
  }

  private String query(String statement, String database) throws Exception {
    return RealProgram.get(address + "/query?epoch=ms&db=" + database + "&q=" + URLEncoder.encode(statement, StandardCharsets.UTF_8));
  }

  private Path log(int lines) throws IOException {
    List<String> text = new ArrayList<>();
    for (int i = 0; i < lines; i++) {
      text.add(START.plusSeconds(i) + " app" + i % 2 + " /a, b=" + i % 3 + " " + i);
    }
    return Files.write(dir.resolve("app.log"), text);
  }

  private RunningPipeline start(Path log, Sink sink) {
    return LogStream.named("latency of apps").from(FileTail.once(log)).then(Dissect.pattern("%{at} %{app} %{path} b=%{b} %{ms}"))
        .then(EventTime.from("at", "ISO8601")).then(Drop.when(Field.field("app").is("nobody")))
        .then(Window.tumbling(Duration.ofMinutes(1)).by("app", "path").aggregate(Aggregations.count(), Aggregations.max("ms"))).to("influx", sink).build().start();
  }

  @Test
  void rowsSentTwiceAreThereOnceInTheDatabaseOfTheirApplication() throws Exception {
    try (RealProgram influxd = influxd()) {
      query("CREATE DATABASE app0", "");
      query("CREATE DATABASE app1", "");
      Path log = log(240);
      for (int time = 0; time < 2; time++) {
        RunningPipeline run = start(log, Influx.to(URI.create(address)).databaseBy("app").measurement("latency, all"));
        run.await();
        assertThat(run.ledger().stage("influx").absorbed()).isEqualTo(8);
        assertThat(run.ledger().balances()).isTrue();
      }
      assertThat(query("SELECT sum(\"count\") FROM \"latency, all\"", "app0")).contains("\"values\":[[0,120]]");
      assertThat(query("SELECT count(\"count\") FROM \"latency, all\" WHERE path='/a,'", "app1")).contains("\"values\":[[0,4]]");
      assertThat(query("SELECT max(\"ms.max\") FROM \"latency, all\"", "app1")).contains(",239]]");
    }
  }

  @Test
  void onlyLinesThatTheServerRefusesFail() throws Exception {
    try (RealProgram influxd = influxd()) {
      query("CREATE DATABASE d", "");
      int[] n = {0};
      RunningPipeline run = LogStream.named("p").from(FileTail.once(log(100))).then(io.logstream.Stage.inOrder(e -> {
        e.time(START.plusMillis(n[0])).put("number", n[0]);
        if (n[0]++ % 40 == 39) {
          e.put("number", "of another type than before");
        }
      })).to("influx", Influx.to(URI.create(address)).database("d")).build().start();
      run.await();
      assertThat(run.ledger().stage("influx").failed("refused by InfluxDB")).isEqualTo(2);
      assertThat(run.ledger().stage("influx").absorbed()).isEqualTo(98);
      assertThat(run.ledger().balances()).isTrue();
      assertThat(query("SELECT count(\"number\") FROM p", "d")).contains("\"values\":[[0,98]]");
    }
  }

  @Test
  void nothingIsLostWhenTheServerComesLateAndIsStoppedInBetween() throws Exception {
    RealProgram.needs("influxd", "influxdb");
    Path log = log(3_000);
    int[] n = {0};
    RunningPipeline run = LogStream.named("p").from(FileTail.once(log)).then(io.logstream.Stage.inOrder(e -> e.time(START.plusMillis(n[0])).put("n", n[0]++)))
        .to("influx", Influx.to(URI.create(address)).database("d").atMost(10)).build().start();
    try (RealProgram late = influxd()) {
      late.await("tries before there is a database", () -> run.metrics().getOrDefault("influx.retries", 0L) > 1);
      query("CREATE DATABASE d", "");
      late.await("the first points", () -> run.ledger().stage("influx").absorbed() > 100);
    }
    try (RealProgram again = influxd()) {
      assertThat(run.await(Duration.ofSeconds(90))).isTrue();
      assertThat(run.ledger().stage("influx").absorbed()).isEqualTo(3_000);
      assertThat(run.ledger().balances()).isTrue();
      assertThat(query("SELECT count(n) FROM p", "d")).contains("\"values\":[[0,3000]]");
    }
  }
}
