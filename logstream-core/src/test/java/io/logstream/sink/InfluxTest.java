package io.logstream.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.testing.PipelineTester;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InfluxTest {
  private HttpServer server;
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<String> headers = Collections.synchronizedList(new ArrayList<>());
  /** What came in requests that were answered with 204. */
  private final Set<String> stored = Collections.synchronizedSet(new LinkedHashSet<>());
  /** Status codes to answer with before all is well again. */
  private final ConcurrentLinkedDeque<Integer> troubles = new ConcurrentLinkedDeque<>();

  @BeforeEach
  void start() throws IOException {
    server = listening(0);
  }

  private HttpServer listening(int port) throws IOException {
    HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    started.createContext("/", this::answer);
    started.start();
    return started;
  }

  /** As InfluxDB does: of a request with a bad line the good ones are stored, and the answer is 400. */
  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    requests.add(exchange.getRequestURI().toString());
    headers.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    Integer trouble = troubles.poll();
    int status = trouble != null ? trouble : body.contains("poison") ? 400 : 204;
    if (trouble == null) {
      Arrays.stream(body.split("\n")).filter(line -> !line.contains("poison")).forEach(stored::add);
    }
    byte[] said = "{\"error\":\"partial write\"}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, status == 204 ? -1 : said.length);
    if (status != 204) {
      exchange.getResponseBody().write(said);
    }
    exchange.close();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static byte[][] messages(int n) {
    return SinksOver.utf8(IntStream.range(0, n).mapToObj(i -> "m" + i).toArray(String[]::new));
  }

  private static InlineRun run(Sink sink, Consumer<LogEvent> step, int events) {
    return SinksOver.run(sink, step, messages(events));
  }

  @Test
  void writesThePointsOfAWindowsRows() {
    Sink influx = Influx.to(uri()).database("logs").measurement("latency");
    Window window = Window.tumbling(Duration.ofMinutes(1)).by("path", "host name").aggregate(Aggregations.count(), Aggregations.mean("ms"));
    String[] paths = {"/a b,c=d", "/a b,c=d", "/e"};
    int[] at = {0};
    Sink rows = window.to(influx);
    run(rows, e -> e.time(Instant.ofEpochMilli(at[0] * 1000L)).put("path", paths[at[0]]).put("host name", "").put("ms", 10L * ++at[0]), 3);

    assertThat(stored).containsExactly(
        "latency,path=/a\\ b\\,c\\=d,host\\ name=\"\" count=2i,ms.mean=15.0 59999",
        "latency,path=/e,host\\ name=\"\" count=1i,ms.mean=30.0 59999");
    assertThat(requests).containsExactly("/write?db=logs&precision=ms");
  }

  @Test
  void keepsTheTypesAndEscapesOfTheLineProtocol() {
    run(Influx.to(uri()).database("d").measurement("a,b c").tags("t a=g", "end"), e -> e.time(Instant.ofEpochMilli(7)).put("t a=g", "x\ny").put("end", "back\\")
        .put("text", "say \"hi\" \\o/").put("yes", true).put("whole", 5).put("part", 0.5).put("nan", Double.NaN).put("k,e y=", 1), 1);

    assertThat(stored).containsExactly("a\\,b\\ c,t\\ a\\=g=\"x\\ny\",end=\"back\\\\\" text=\"say \\\"hi\\\" \\\\o/\",yes=true,whole=5i,part=0.5,k\\,e\\ y\\==1i 7");
  }

  @Test
  void rowsOfDifferentKeysAreDifferentPoints() {
    String[] keys = {null, "", "\"\"", "x", "x\\", "x\n", "x ", "\"x\""};
    int[] at = {0};
    run(Window.tumbling(Duration.ofMinutes(1)).by("key").aggregate(Aggregations.count()).to(Influx.to(uri()).database("d")), e -> {
      e.time(Instant.ofEpochMilli(at[0]));
      if (keys[at[0]] != null) {
        e.put("key", keys[at[0]]);
      }
      at[0]++;
    }, keys.length);
    assertThat(stored).hasSize(keys.length);
  }

  @Test
  void refusesWhatNoServerTakes() {
    assertThatThrownBy(() -> Influx.to(uri()).database("d").bucket("o", "b")).hasMessageContaining("version 1").hasMessageContaining("'d'").hasMessageContaining("'b'");
    assertThatThrownBy(() -> Influx.to(uri()).token("two\nlines")).hasMessageContaining("ASCII");
  }

  @Test
  void chosesDestinationAndMeasurementByFieldAndFailsWhatHasNone() {
    String[] apps = {"shop", "bank", ""};
    int[] at = {0};
    InlineRun run = run(Influx.to(uri()).bucketBy("my org", "app").token("secret").measurementBy("kind").tags("app"),
        e -> e.put("app", apps[at[0]]).put("n", 1).put("kind", at[0]++ == 0 ? "first" : ""), 3);

    assertThat(requests).containsExactly("/api/v2/write?org=my+org&bucket=shop&precision=ms", "/api/v2/write?org=my+org&bucket=bank&precision=ms");
    assertThat(headers).containsOnly("Token secret");
    assertThat(stored).anyMatch(line -> line.startsWith("first,app=shop ")).anyMatch(line -> line.startsWith("p,app=bank ")).hasSize(2);
    assertThat(run.ledger().stage("out").failed("no destination")).isEqualTo(1);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(2);
  }

  @Test
  void failsOnlyTheLinesThatTheServerRefuses() {
    int[] at = {0};
    InlineRun run = run(Influx.to(uri()).database("d").user("me", "pw"), e -> e.put("n", at[0]).put("text", at[0] == 17 || at[0] == 63 ? "poison" : "fine").time(Instant.ofEpochMilli(at[0]++)), 100);

    assertThat(stored).hasSize(98);
    assertThat(run.ledger().stage("out").failed("refused by InfluxDB")).isEqualTo(2);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(98);
    assertThat(requests).hasSizeLessThan(40);
    assertThat(headers).containsOnly("Basic bWU6cHc=");
  }

  @Test
  void triesAgainWhenTheServerIsOverloadedOrRefusesTheCredentials() {
    troubles.addAll(List.of(503, 429, 401));
    InlineRun run = run(Influx.to(uri()).database("d"), e -> e.put("n", 1), 3);

    assertThat(requests).hasSize(4);
    assertThat(run.metrics()).containsEntry("out.retries", 3L).containsEntry("out.requests", 4L);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(3);
  }

  @Test
  void failsWhatCannotBeDeliveredForAsLongAsItWasTold() {
    server.stop(0);
    InlineRun run = run(Influx.to(uri()).database("d").givingUpAfter(Duration.ofMillis(250)), e -> e.put("n", 1), 3);

    assertThat(run.ledger().stage("out").failed("not delivered")).isEqualTo(3);
  }

  @Test
  void sendsAtMostSoManyPointsAtOnce() {
    run(Influx.to(uri()).database("d").atMost(10), e -> e.put("n", 1), 35);
    assertThat(requests).hasSize(4);
  }

  @Test
  void losesNothingWhenTheServerIsGoneForAWhile() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    int[] at = {0};
    RunningPipeline run = SinksOver.pipeline(Influx.to(URI.create("http://127.0.0.1:" + port)).database("d").atMost(7), e -> e.put("n", at[0]).time(Instant.ofEpochMilli(at[0]++)), messages(50))
        .start();
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (run.metrics().getOrDefault("out.retries", 0L) < 2 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(run.ledger().stage("out").held()).isPositive();
    assertThat(run.ledger().balances()).isTrue();
    HttpServer back = listening(port);
    try {
      assertThat(run.await(Duration.ofSeconds(30))).isTrue();
    } finally {
      back.stop(0);
    }
    assertThat(stored).hasSize(50);
    assertThat(run.ledger().stage("out").absorbed()).isEqualTo(50);
    assertThat(run.ledger().balances()).isTrue();
  }

  @Test
  void countsEventsWithoutFields() {
    InlineRun run = run(Influx.to(uri()).database("d"), e -> { }, 2);
    assertThat(run.ledger().stage("out").failed("no fields")).isEqualTo(2);
    assertThat(requests).isEmpty();
  }

  @Test
  void refusesWhatCannotWork() {
    assertThatThrownBy(() -> Influx.to(URI.create("localhost:8086"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("http://localhost:8086");
    assertThatThrownBy(() -> SinksOver.pipeline(Influx.to(uri()), e -> { })).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".database(name)").hasMessageContaining(".bucket(organisation, name)");
    assertThat(PipelineTester.of(SinksOver.pipeline(Influx.to(URI.create("http://localhost/api/write")), e -> { }))).isNotNull();
  }
}
