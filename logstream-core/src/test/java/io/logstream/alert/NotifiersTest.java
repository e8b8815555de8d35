package io.logstream.alert;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.testing.TestClock;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ways of telling, and what becomes of alerts that could not be told. */
class NotifiersTest {
  private static final FiredAlert ALERT = new FiredAlert("disk \"full\"", Severity.PAGE, FiredAlert.State.FIRING, Map.of("host", "web-1"), Instant.parse("2026-11-19T10:00:00Z"),
      Instant.parse("2026-11-19T09:59:00Z"), "abc", LogEvent.of("no space\nleft").put("free", 3).put("path", "/\u00e4"));

  private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
  private final List<Map<String, List<String>>> headers = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> answers = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;

  private URI web() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
  }

  private void answer(HttpExchange exchange) throws IOException {
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    headers.add(Map.copyOf(exchange.getRequestHeaders()));
    exchange.sendResponseHeaders(answers.isEmpty() ? 204 : answers.remove(0), -1);
    exchange.close();
  }

  @AfterEach void stops() {
    if (server != null) {
      server.stop(0);
    }
  }

  @Test void postsAlertsAsJsonAndSignsThem() throws Exception {
    AlertWebhook.to(web()).header("X-Team", "ops").signedWith("secret").fired(ALERT);

    assertThat(bodies).containsExactly("{\"id\":\"abc\",\"number\":1,\"name\":\"disk \\\"full\\\"\",\"severity\":\"page\",\"state\":\"firing\",\"key\":{\"host\":\"web-1\"},"
        + "\"at\":\"2026-11-19T10:00:00Z\",\"since\":\"2026-11-19T09:59:00Z\",\"message\":\"no space\\nleft\",\"fields\":{\"free\":3,\"path\":\"/\u00e4\"}}");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    assertThat(headers.get(0).get("X-signature")).containsExactly("sha256=" + HexFormat.of().formatHex(mac.doFinal(bodies.get(0).getBytes(StandardCharsets.UTF_8))));
    assertThat(headers.get(0).get("X-team")).containsExactly("ops");
    assertThat(headers.get(0).get("X-alert-id")).containsExactly("abc/1");
  }

  @Test void fillsATemplateAndEscapesWhatStandsInIt() throws Exception {
    AlertWebhook.to(web()).template("{\"text\":\"{{name}} on {{ key.host }}: {{message}}, {{fields.free}} of {{fields.none}}\"}").fired(ALERT);
    assertThat(bodies).containsExactly("{\"text\":\"disk \\\"full\\\" on web-1: no space\\u000aleft, 3 of \"}");
  }

  @Test void leavesAnAddressAloneThatFailsAgainAndAgain() throws Exception {
    AlertWebhook hook = AlertWebhook.to(web());
    for (int i = 0; i < 5; i++) {
      answers.add(500);
      assertThatThrownBy(() -> hook.fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("answers 500");
    }
    assertThatThrownBy(() -> hook.fired(ALERT)).hasMessageContaining("left alone after 5 failures");
    assertThat(bodies).hasSize(5);
    AlertWebhook other = AlertWebhook.to(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"));
    answers.add(404);
    assertThatThrownBy(() -> other.fired(ALERT)).satisfies(e -> assertThat(other.isFinal((Exception) e)).isTrue());
  }

  @Test void doesNotWaitForAnAnswerThatNeverComes() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      AlertWebhook hook = AlertWebhook.to(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/")).within(Duration.ofMillis(300));
      assertThatThrownBy(() -> hook.fired(ALERT)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> AlertWebhook.to(URI.create("ftp://x/"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("https://host/path");
  }

  @Test void triesAgainInOrderUntilTheOtherEndIsThere() {
    Told told = new Told();
    int[] broken = {3};
    AlertNotifier flaky = new AlertNotifier() {
      @Override
      public void fired(FiredAlert alert) throws Exception {
        if (broken[0]-- > 0) {
          throw new IOException("away");
        }
        told.fired(alert);
      }

      @Override
      public void resolved(FiredAlert alert) {
        told.resolved(alert);
      }
    };
    Alert alert = Alert.named("a").when(field("q").above(5)).notify(flaky.retrying(new Retry(6, Duration.ofSeconds(1), Duration.ofSeconds(4))));
    try (Rules r = Rules.of(new MadeRows(), Duration.ZERO, alert, told, TestClock.at(MadeRows.START))) {
      r.at(0, "q", 9).at(1, "q", 1).at(2, "q", 9);
      assertThat(r.words()).isEmpty();
      assertThat(r.run().ledger().stage("a/notify").held()).isEqualTo(3);
      r.advance(Duration.ofSeconds(1)).advance(Duration.ofSeconds(2));
      assertThat(r.words()).isEmpty();
      r.advance(Duration.ofSeconds(4));
      assertThat(r.words()).containsExactly("fired 0", "resolved 1", "fired 2");
      assertThat(r.metrics()).containsEntry("a/notify.retries", 3L);
    }
  }

  @Test void givesUpInTheEndAndTellsNoEndOfWhatWasNotTold() {
    Told told = new Told();
    AlertNotifier broken = new AlertNotifier() {
      @Override
      public void fired(FiredAlert alert) throws Exception {
        throw new IOException("away");
      }

      @Override
      public void resolved(FiredAlert alert) {
        told.resolved(alert);
      }
    };
    Alert alert = Alert.named("a").when(field("q").above(5)).notify(broken.retrying(new Retry(2, Duration.ofSeconds(1), Duration.ofSeconds(1))));
    try (Rules r = Rules.of(new MadeRows(), Duration.ZERO, alert, told, TestClock.at(MadeRows.START))) {
      r.at(0, "q", 9).at(1, "q", 1).advance(Duration.ofSeconds(2));
      assertThat(told.all).isEmpty();
      assertThat(r.run().ledger().stage("a/notify").failed()).isEqualTo(1);
      assertThat(r.run().ledger().stage("a/notify").dropped()).isEqualTo(1);
    }
  }

  @Test void oneThatHangsOrSpeaksInThePipelinesOwnLogSlowsNobodyAndLosesNothingFromTheJournal(@TempDir Path dir) throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    MadeRows rows = MadeRows.records().ends();
    for (int i = 0; i < 500; i++) {
      rows.row(i, "q", 9);
    }
    Path file = dir.resolve("alerts.jsonl");
    try (AlertJournal journal = AlertJournal.in(file)) {
      Alert alert = Alert.named("a").when(field("q").above(5)).journal(journal).notify(a -> assertThat(hang.await(30, TimeUnit.SECONDS)).isTrue())
          .notify(a -> org.slf4j.LoggerFactory.getLogger("io.logstream").debug("told {}", a));
      CountDownLatch through = new CountDownLatch(500);
      try (RunningPipeline run = LogStream.named("p").from(rows).to(alert).to(io.logstream.Sink.each(e -> through.countDown())).build().start()) {
        assertThat(through.await(30, TimeUnit.SECONDS)).as("all events go through while a notifier hangs").isTrue();
        hang.countDown();
        assertThat(run.await(Duration.ofSeconds(30))).isTrue();
        run.close();
        assertThat(run.ledger().imbalances()).isEmpty();
      }
    }
    assertThat(AlertJournal.read(file)).hasSize(500);
  }

  @Test void theJournalHasAnAlertBeforeAnybodyIsTold(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("alerts.jsonl");
    List<String> read = new ArrayList<>();
    try (AlertJournal journal = AlertJournal.in(file)) {
      AlertNotifier reader = alert -> AlertJournal.read(file).forEach(entry -> read.add(alert.number() + " " + entry.name()));
      Alert alert = Alert.named("a").when(field("q").above(5)).journal(journal).notify(reader);
      try (Rules r = Rules.of(new MadeRows(), Duration.ZERO, alert, new Told(), TestClock.at(MadeRows.START))) {
        r.at(0, "q", 9);
      }
    }
    assertThat(read).containsExactly("1 a");
  }

  @Test void writesEverythingDownOnceAndCutsOffWhatACrashHasLeft(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("deep/alerts.jsonl");
    try (AlertJournal journal = AlertJournal.in(file)) {
      journal.append(ALERT);
      journal.append(ALERT);
    }
    Files.writeString(file, "{\"id\":\"half", java.nio.file.StandardOpenOption.APPEND);
    try (AlertJournal journal = AlertJournal.in(file)) {
      journal.append(ALERT);
      journal.append(new FiredAlert(ALERT.name(), Severity.PAGE, FiredAlert.State.RESOLVED, ALERT.key(), ALERT.at(), ALERT.since(), "abc", 2, "replaced", 0, ALERT.cause()));
    }
    List<AlertJournal.Entry> entries = AlertJournal.read(file);
    assertThat(entries).extracting(AlertJournal.Entry::number).containsExactly(1, 2);
    assertThat(entries.get(1).reason()).isEqualTo("replaced");
    assertThat(entries.get(0).key()).containsEntry("host", "web-1");
    assertThat(entries.get(0).name()).isEqualTo("disk \"full\"");
    Files.writeString(file, "not a journal\n");
    assertThatThrownBy(() -> AlertJournal.in(file)).isInstanceOf(java.io.UncheckedIOException.class);
  }

  @Test @EnabledOnOs({OS.LINUX, OS.MAC}) void runsAProgramWithoutAShell(@TempDir Path dir) throws Exception {
    Path out = dir.resolve("out");
    AlertCommand.running("/bin/sh", "-c", "cat > \"$0\"; echo \"$1 $ALERT_STATE $ALERT_KEY\" >> \"$0\"", out.toString(), "{{name}} `id` $(id) {{message}}").fired(ALERT);

    assertThat(Files.readString(out)).startsWith("{\"id\":\"abc\"").endsWith("disk \"full\" `id` $(id) no space\nleft firing web-1\n");
    assertThatThrownBy(() -> AlertCommand.running("/bin/sh", "-c", "exit 3").fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("ends with 3");
    assertThatThrownBy(() -> AlertCommand.running("/bin/sh", "-c", "sleep 60").within(Duration.ofMillis(200)).fired(ALERT)).hasMessageContaining("still runs after PT0.2S");
    assertThatThrownBy(() -> AlertCommand.running("/no/such/program").fired(ALERT)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> AlertCommand.running()).isInstanceOf(IllegalArgumentException.class);
  }

  /** A server that answers so once, and what it was sent. */
  private static String zabbix(String answer, java.util.function.IntConsumer client) throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String[] body = new String[1];
      Thread server = new Thread(() -> {
        try (Socket socket = listening.accept()) {
          DataInputStream in = new DataInputStream(socket.getInputStream());
          byte[] header = in.readNBytes(13);
          assertThat(new String(header, 0, 5, StandardCharsets.ISO_8859_1)).isEqualTo("ZBXD\u0001");
          body[0] = new String(in.readNBytes((int) ByteBuffer.wrap(header, 5, 8).order(ByteOrder.LITTLE_ENDIAN).getLong()), StandardCharsets.UTF_8);
          byte[] text = answer.getBytes(StandardCharsets.UTF_8);
          OutputStream out = socket.getOutputStream();
          out.write(ByteBuffer.allocate(13 + text.length).order(ByteOrder.LITTLE_ENDIAN).put(header, 0, 5).putLong(text.length).put(text).array());
        } catch (IOException e) {
          body[0] = e.toString();
        }
      });
      server.start();
      client.accept(listening.getLocalPort());
      server.join(10_000);
      return body[0];
    }
  }

  @Test void sendsAValueToZabbixAndBelievesItsAnswer() throws Exception {
    String sent = zabbix("{\"response\":\"success\",\"info\":\"processed: 1; failed: 0; total: 1; seconds spent: 0.000041\"}", port -> {
      try {
        Zabbix.server("127.0.0.1", port).host("{{key.host}}").item("app.alert").fired(ALERT);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    });
    assertThat(sent).isEqualTo("{\"request\":\"sender data\",\"data\":[{\"host\":\"web-1\",\"key\":\"app.alert\",\"value\":\"page: disk \\\"full\\\" web-1 no space\\nleft\","
        + "\"clock\":1795082400,\"ns\":597700}]}");
    zabbix("{\"response\":\"success\",\"info\":\"processed: 0; failed: 1; total: 1; seconds spent: 0.000041\"}", port -> {
      Zabbix unknown = Zabbix.server("127.0.0.1", port).host("nobody");
      assertThatThrownBy(() -> unknown.fired(ALERT)).isInstanceOf(IOException.class).hasMessageContaining("may not know host or item")
          .satisfies(e -> assertThat(unknown.isFinal((Exception) e)).isTrue());
    });
    zabbix("no JSON", port -> assertThatThrownBy(() -> Zabbix.server("127.0.0.1", port).fired(ALERT)).isInstanceOf(IOException.class));
  }
}
