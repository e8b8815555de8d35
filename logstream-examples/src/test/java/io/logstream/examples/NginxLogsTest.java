package io.logstream.examples;

import static io.logstream.testing.AccessLog.requests;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.alert.FiredAlert;
import io.logstream.testing.PipelineTester;
import io.logstream.testing.RecordingSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

// tag::test[]
class NginxLogsTest {
  private static final Path ANY_PATH = Path.of("access.log");
  private final List<FiredAlert> alerts = new ArrayList<>();
  private final RecordingSink index = new RecordingSink();
  @AutoClose private final PipelineTester nginx = PipelineTester.of(NginxLogs.pipeline(ANY_PATH, index, alerts::add));

  @Test void tellsOnCallOnceWhenOneRequestInTenFails() {
    nginx.feed(requests(90, "/cart", 200)).feed(requests(10, "/cart", 503)).advance(ofMinutes(2));
    assertThat(alerts).extracting(FiredAlert::name).containsExactly("5xx above 5%");
  }
}
// end::test[]
