package io.logstream.examples;

import static io.logstream.testing.AccessLog.requests;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.alert.FiredAlert;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class NginxRowsTest {
  private final List<FiredAlert> alerts = new ArrayList<>();
  private final RecordingSink index = new RecordingSink();
  @AutoClose private final PipelineTester nginx = PipelineTester.of(NginxLogs.pipeline(Path.of("access.log"), index, alerts::add));


  @Test void tellsNobodyWhenOneRequestInFiftyFails() {
    nginx.feed(requests(98, "/cart", 200)).feed(requests(2, "/cart", 503)).advance(ofMinutes(2));
    assertThat(alerts).isEmpty();
  }

  @Test void leavesHealthChecksOutOfTheIndex() {
    nginx.feed(requests(3, "/health", 200)).feed(requests(2, "/cart", 200)).end();
    assertThat(index.events()).filteredOn(e -> !e.has("window.start")).extracting(e -> e.text("request")).containsExactly("/cart", "/cart");
  }

  @Test void givesPercentilesByEndpointInFiveMinutes() {
    nginx.feed(requests(100, "/cart", 200)).end();
    LogEvent row = index.events().stream().filter(e -> e.has("window.start")).findFirst().orElseThrow();
    assertThat(row.text("request")).isEqualTo("/cart");
    assertThat(row.number("count", 0)).isEqualTo(100);
    assertThat(row.decimal("seconds.p99", 0)).isBetween(0.1, 0.5);
  }
}
