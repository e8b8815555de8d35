package io.logstream.alert;

import static io.logstream.match.Field.field;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Sink;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The alert of the guide's first program, over rows as its window makes them. */
class FivePercentTest {
  private final List<FiredAlert> alerts = new ArrayList<>();

  private static Sink fivePercent(AlertNotifier onCall) {
    return Alert.named("5xx above 5%").when(field("5xx").above(0.05).and(field("count").atLeast(20)))
        .atMostEvery(ofMinutes(10)).notify(onCall);
  }

  @Test void tellsOnCallOnceWhileTooManyRequestsFail() {
    MadeRows rows = new MadeRows().row(59, "count", 10, "5xx", 0.5).row(119, "count", 100, "5xx", 0.05).row(179, "count", 100, "5xx", 0.1)
        .row(239, "count", 200, "5xx", 0.2).row(299, "count", 100, "5xx", 0.01);

    try (InlineRun run = LogStream.named("nginx").from(rows).branch("failures", b -> b.to(fivePercent(alerts::add))).build()
        .inline(InstantSource.fixed(MadeRows.at(300)))) {
      run.work();
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
    }

    assertThat(alerts).extracting(FiredAlert::name).containsExactly("5xx above 5%");
    assertThat(alerts.get(0).cause().fields()).containsAllEntriesOf(Map.of("count", 100L, "5xx", 0.1));
    assertThat(alerts.get(0).severity()).isEqualTo(Severity.WARNING);
  }
}
