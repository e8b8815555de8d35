package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import io.logstream.LogEvent;
import io.logstream.RunningPipeline;
import io.logstream.file.FileTail;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyToInfluxTest {
  @TempDir Path dir;

  private static String nginx(int second, String path, String took) {
    return "10.0.0.1 - - [20/Nov/2026:10:%02d:%02d +0000] \"GET %s HTTP/1.1\" 200 512 \"-\" \"curl\" %s".formatted(second / 60, second % 60, path, took);
  }

  private static String tomcat(int second, String path, int millis) {
    return "10.0.0.2 - bob [20/Nov/2026:10:%02d:%02d +0000] \"POST %s HTTP/1.1\" 201 - %d".formatted(second / 60, second % 60, path, millis);
  }

  private static List<String> shop() {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      lines.add(nginx(i, "/orders/" + i + "/items/9", "%d.%03d".formatted(i / 1000, i)));
    }
    lines.add(nginx(110, "/health", "0.001"));
    return lines;
  }

  @Test void makesOneRowForEachEndpointAndWindowFromTwoFormats() {
    RecordingSink influx = new RecordingSink();
    try (PipelineTester latency = PipelineTester.of(LatencyToInflux.pipeline(influx, LatencyToInflux.nginx(FileTail.of(Path.of("nginx.log"))),
        LatencyToInflux.tomcat(FileTail.of(Path.of("tomcat.log")))))) {
      latency.feed("nginx.log", shop()).feed("tomcat.log", List.of(tomcat(5, "/invoices/7", 250), tomcat(6, "/invoices/8", 750))).end();
      assertThat(influx.events()).extracting(row -> row.text("app") + " " + row.text("endpoint") + " " + row.number("count", -1))
          .containsExactlyInAnyOrder("shop /orders/{id}/items/{id} 100", "billing /invoices/{id} 2");
      LogEvent shop = influx.events().stream().filter(row -> row.text("app").equals("shop")).findFirst().orElseThrow();
      assertThat(shop.decimal("seconds.mean", -1)).isCloseTo(0.0505, within(1e-9));
      for (int p : new int[] {50, 75, 90, 95, 99}) {
        assertThat(shop.decimal("seconds.p" + p, -1)).isCloseTo(p / 1000.0, within(p / 100_000.0 * 1.001));
      }
      assertThat(latency.ledger().stage("health checks").dropped()).isEqualTo(1);
    }
  }

  @Test void sendsTheSamePointsAgainWhenAStretchOfTimeIsWorkedOutOnceMore() throws Exception {
    Path log = Files.write(dir.resolve("nginx.log"), shop());
    List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    List<String> queries = Collections.synchronizedList(new ArrayList<>());
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      queries.add(exchange.getRequestURI().getQuery());
      bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      var pipeline = LatencyToInflux.pipeline(LatencyToInflux.influx(uri), LatencyToInflux.nginx(FileTail.once(log)));
      end(pipeline.start());
      String first = String.join("", bodies);
      bodies.clear();
      end(LatencyToInflux.again(pipeline, Instant.parse("2026-11-20T10:00:00Z"), Instant.parse("2026-11-20T10:05:00Z"), LatencyToInflux.nginx(FileTail.once(log))).start());
      assertThat(first).startsWith("latency,app=shop,endpoint=/orders/{id}/items/{id} count=100i,").contains("seconds.p99=").endsWith(" 1795169099999\n");
      assertThat(String.join("", bodies)).isEqualTo(first);
      assertThat(new TreeSet<>(queries)).hasSize(1).first().asString().contains("db=shop");
    } finally {
      server.stop(0);
    }
  }

  private static void end(RunningPipeline running) throws InterruptedException {
    running.await();
    running.close();
    assertThat(running.ledger().imbalances()).isEmpty();
  }
}
