package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Source;
import io.logstream.RunningPipeline;
import io.logstream.alert.FiredAlert;
import io.logstream.file.FileTail;
import io.logstream.index.LogHit;
import io.logstream.index.LogIndex;
import io.logstream.sink.JsonLines;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantForkTest {
  @TempDir Path dir;
  private final List<FiredAlert> alerts = new ArrayList<>();

  private static List<String> errors(String order, int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add("2026-11-20T10:00:%02dZ ERROR order %s failed".formatted(i, order));
    }
    return lines;
  }

  @Test void everyClientFindsItsOwnEventsOnly() throws IOException, InterruptedException {
    Path acme = Files.write(dir.resolve("acme.log"), errors("4711", 3));
    Path globex = Files.write(dir.resolve("globex.log"), errors("4711", 2));
    Path store = dir.resolve("store.jsonl");
    try (LogIndex index = LogIndex.keyword("tenant", "source", "stream").inMemory(Duration.ofDays(1))) {
      Source[] once = {FileTail.once(acme).field("tenant", "acme").field("source", "web-1").field("stream", "orders"),
        FileTail.once(globex).field("tenant", "globex").field("source", "web-1").field("stream", "orders")};
      RunningPipeline tenants = TenantFork.pipeline(JsonLines.to(store), index, alerts::add, once).start();
      tenants.await();
      tenants.close();
      assertThat(tenants.ledger().imbalances()).isEmpty();
      index.refresh();
      assertThat(TenantFork.search(index, "acme", "4711").hits()).hasSize(3).extracting(hit -> hit.fields().get("tenant")).containsOnly("acme");
      assertThat(TenantFork.search(index, "globex", "4711 OR tenant:acme").hits()).hasSize(2).extracting(LogHit::message).containsOnly("order 4711 failed");
    }
    assertThat(Files.readAllLines(store)).hasSize(5).allMatch(line -> line.contains("\"tenant\":") && line.contains("\"source\":\"web-1\"") && line.contains("ERROR order 4711"));
  }

  @Test void tellsTheClientWhoseStreamHasTheErrors() {
    RecordingSink store = new RecordingSink();
    RecordingSink index = new RecordingSink();
    Path path = Path.of("orders.log");
    try (PipelineTester tenants = PipelineTester.of(TenantFork.pipeline(store, index, alerts::add, TenantFork.labelled("acme", "web-1", "orders", path).field("n", 1),
        TenantFork.labelled("globex", "web-2", "orders", Path.of("others.log"))))) {
      tenants.feed("orders.log", errors("1", 4)).feed("others.log", errors("2", 4));
      assertThat(alerts).isEmpty();
      tenants.feed("others.log", List.of("2026-11-20T10:00:30Z ERROR order 3 failed", "no line of ours"));
      assertThat(alerts).extracting(alert -> alert.key().toString()).containsExactly("{tenant=globex, stream=orders}");
      assertThat(store.events()).hasSize(10);
      assertThat(index.events()).hasSize(9);
      assertThat(tenants.ledger().stage("Grok").failed()).isEqualTo(1);
    }
  }
}
