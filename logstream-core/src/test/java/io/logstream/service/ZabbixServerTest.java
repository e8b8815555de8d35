package io.logstream.service;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.alert.Alert;
import io.logstream.alert.Zabbix;
import io.logstream.file.FileTail;
import io.logstream.parse.Dissect;
import io.logstream.parse.EventTime;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts in the history of a Zabbix server's item. */
@Tag("service")
class ZabbixServerTest {
  private static final Path SCRIPTS = Path.of("/usr/share/zabbix-server-pgsql");
  private static final Instant START = Instant.parse("2026-11-19T10:00:00Z");
  private static final int PORT = lowPort();

  private static PostgreSql database;
  private static RealProgram zabbix;
  private static Path dir;

  @TempDir Path logs;

  /** Zabbix takes no port above 32767. */
  private static int lowPort() {
    for (int port = 20_051; ; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // taken
      }
    }
  }

  @BeforeAll static void starts(@TempDir Path near) throws Exception {
    String program = RealProgram.needs("zabbix_server", "zabbix-server-pgsql");
    database = PostgreSql.in(near);
    database.sql("postgres", "CREATE DATABASE zabbix");
    for (String script : List.of("schema.sql", "images.sql", "data.sql")) {
      try (InputStream packed = new GZIPInputStream(Files.newInputStream(SCRIPTS.resolve(script + ".gz")))) {
        Files.copy(packed, near.resolve(script));
      }
      database.script("zabbix", near.resolve(script));
    }
    database.sql("zabbix", """
        INSERT INTO hosts (hostid, host, name, status) VALUES (90001, 'web-1', 'web-1', 0), (90002, 'web-2', 'web-2', 0);
        INSERT INTO items (itemid, type, hostid, name, key_, value_type) VALUES (90011, 2, 90001, 'alert', 'app.alert', 4), (90012, 2, 90002, 'alert', 'app.alert', 4);
        INSERT INTO item_rtdata (itemid) VALUES (90011), (90012);
        """);
    dir = RealProgram.directoryOf("zabbix", near);
    Path config = Files.writeString(dir.resolve("zabbix.conf"), """
        ListenIP=127.0.0.1
        ListenPort=%d
        DBHost=127.0.0.1
        DBPort=%d
        DBName=zabbix
        DBUser=postgres
        LogType=console
        PidFile=%s/pid
        SocketDir=%s
        CacheUpdateFrequency=1
        StartDiscoverers=0
        StartHTTPPollers=0
        StartPingers=0
        StartTrappers=1
        """.formatted(PORT, database.port(), dir, dir));
    List<String> command = new ArrayList<>(RealProgram.asUser("zabbix"));
    command.addAll(List.of(program, "-f", "-c", config.toString()));
    zabbix = RealProgram.start(dir, command.toArray(String[]::new));
    zabbix.await("takes values", () -> {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), PORT)) {
        return zabbix.output().contains("trapper #1] started") || zabbix.output().contains("[trapper #1]");
      }
    });
  }

  @AfterAll static void stops() {
    if (zabbix != null) {
      zabbix.close();
      RealProgram.delete(dir);
    }
    if (database != null) {
      database.close();
    }
  }

  private RunningPipeline run(Zabbix server) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      lines.add(START.plusMillis(1_500 * (i / 2)) + " web-1 " + (i / 4 % 2 == 0 ? 503 : 200) + " a\"b" + i);
    }
    Path log = Files.write(logs.resolve("app.log"), lines);
    return LogStream.named("p").from(FileTail.once(log)).then(Dissect.pattern("%{at} %{server} %{status} %{what}")).then(EventTime.from("at", "ISO8601"))
        .to(Alert.named("bad").when(field("status").is(503)).notify(server)).build().start();
  }

  private static String history(String host) throws IOException, InterruptedException {
    return database.sql("zabbix", "SELECT clock, ns / 1000000, value FROM history_text WHERE itemid = (SELECT itemid FROM items JOIN hosts USING (hostid) WHERE host = '" + host + "') ORDER BY value");
  }

  @Test
  void everyAlertIsAValueOfTheItemAndARepeatedOneIsNotASecond() throws Exception {
    Zabbix server = Zabbix.server("127.0.0.1", PORT).host("{{fields.server}}").item("app.alert").value("{{severity}} {{fields.what}}");
    String expected = "";
    for (int i : new int[] {0, 1, 10, 11, 2, 3, 8, 9}) {
      Instant at = START.plusMillis(1_500 * (i / 2));
      expected += at.getEpochSecond() + "|" + at.getNano() / 1_000_000 + "|warning a\"b" + i + "\n";
    }
    for (int time = 0; time < 2; time++) {
      RunningPipeline run = run(server);
      assertThat(run.await(Duration.ofSeconds(60))).isTrue();
      run.close();
      assertThat(run.ledger().stage("bad/notify").absorbed()).isEqualTo(8);
      assertThat(run.ledger().balances()).isTrue();
      zabbix.await("eight values", () -> history("web-1").lines().count() >= 8);
    }
    assertThat(history("web-1")).isEqualTo(expected);
  }

  @Test
  void whatTheServerDoesNotKnowIsAFailure() throws Exception {
    RunningPipeline run = run(Zabbix.server("127.0.0.1", PORT).host("web-2").item("no.such.item"));
    assertThat(run.await(Duration.ofSeconds(60))).isTrue();
    run.close();
    assertThat(run.ledger().stage("bad/notify").failed()).isEqualTo(8);
    assertThat(run.metrics().getOrDefault("bad/notify.retries", 0L)).isZero();
    assertThat(run.ledger().balances()).isTrue();
    assertThat(history("web-2")).isEmpty();
  }
}
