package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.logstream.Ledger;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import io.logstream.parse.KeyValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookTest {
  @TempDir Path dir;
  private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
  private final List<Map<String, List<String>>> headers = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> answers = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private Map<String, Long> metrics;

  @BeforeEach void starts() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      headers.add(Map.copyOf(exchange.getRequestHeaders()));
      exchange.sendResponseHeaders(answers.isEmpty() ? 204 : answers.remove(0), -1);
      exchange.close();
    });
    server.start();
  }

  @AfterEach void stops() {
    server.stop(0);
  }

  private Webhook hook() {
    return Webhook.to(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/in"));
  }

  private Ledger.Entry run(Webhook hook, String... lines) throws Exception {
    Path log = Files.write(dir.resolve("app.log"), List.of(lines));
    try (RunningPipeline run = LogStream.named("p").from(FileTail.once(log)).then(KeyValue.fields()).to("hook", hook).build().start()) {
      assertThat(run.await(Duration.ofSeconds(60))).isTrue();
      run.close();
      metrics = run.metrics();
      assertThat(run.ledger().imbalances()).isEmpty();
      return run.ledger().stage("hook");
    }
  }

  @Test void postsEachEventAsAnObjectAndSignsIt() throws Exception {
    Ledger.Entry counts = run(hook().header("X-Team", "ops").signedWith("secret"), "q=1 name=a", "q=2 name=\"b \\\" c\"");
    assertThat(counts.absorbed()).isEqualTo(2);
    assertThat(bodies).hasSize(2);
    assertThat(bodies.get(0)).startsWith("{\"time\":\"").contains("\"q\":\"1\",\"name\":\"a\"").endsWith("}");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    assertThat(headers.get(0).get("X-signature")).containsExactly("sha256=" + HexFormat.of().formatHex(mac.doFinal(bodies.get(0).getBytes(StandardCharsets.UTF_8))));
    assertThat(headers.get(0).get("X-team")).containsExactly("ops");
    assertThat(headers.get(0).get("Content-type")).containsExactly("application/json");
  }

  @Test void putsSeveralIntoAnArray() throws Exception {
    assertThat(run(hook().atMost(2), "q=1", "q=2", "q=3").absorbed()).isEqualTo(3);
    assertThat(bodies).hasSize(2);
    assertThat(bodies.get(0)).startsWith("[{").contains("\"q\":\"1\"", "},{", "\"q\":\"2\"").endsWith("}]");
    assertThat(bodies.get(1)).startsWith("[{").contains("\"q\":\"3\"").endsWith("}]");
  }

  @Test void triesAgainUntilTheOtherEndIsWellAndLosesNothing() throws Exception {
    answers.addAll(List.of(500, 429, 204, 503));
    assertThat(run(hook().atMost(10), "q=1", "q=2").absorbed()).isEqualTo(2);
    assertThat(bodies).hasSize(3).containsOnly(bodies.get(0));
    assertThat(metrics).containsEntry("hook.requests", 3L).containsEntry("hook.retries", 2L);
  }

  @Test void eventsThatAreRefusedFail() throws Exception {
    answers.addAll(List.of(204, 400, 204));
    Ledger.Entry counts = run(hook(), "q=1", "q=2", "q=3");
    assertThat(counts.failed("refused")).isEqualTo(1);
    assertThat(counts.absorbed()).isEqualTo(2);
  }

  @Test void saysOfARefusedEventWhoRefusedItAndHow() throws Exception {
    answers.add(400);
    List<String> details = new ArrayList<>();
    Path log = Files.writeString(dir.resolve("app.log"), "q=1\n");
    assertThat(LogStream.named("p").from(FileTail.once(log)).to(hook()).build().failuresTo(Sink.each(e -> details.add(e.text("failure.detail")))).run().balances()).isTrue();
    assertThat(details).singleElement().asString().startsWith("http://127.0.0.1:").endsWith(" answers 400");
  }

  @Test void givesUpWhenItWasToldTo() throws Exception {
    answers.addAll(Collections.nCopies(50, 500));
    Ledger.Entry counts = run(hook().givingUpAfter(Duration.ofMillis(250)), "q=1");
    assertThat(counts.failed("not delivered")).isEqualTo(1);
  }

  @Test void refusesWhatCannotWork() {
    assertThatThrownBy(() -> Webhook.to(URI.create("ftp://x/"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("https://host/path");
    assertThatThrownBy(() -> hook().atMost(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 0");
    assertThatThrownBy(() -> hook().signedWith("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> hook().within(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> hook().header("X-Team ops", "c")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot send this header").hasMessageContaining("X-Team ops");
    assertThatThrownBy(() -> hook().header("Host", "c")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("Host");
    assertThatThrownBy(() -> hook().header("X-Team", "a\nb")).isInstanceOf(IllegalArgumentException.class);
  }
}
