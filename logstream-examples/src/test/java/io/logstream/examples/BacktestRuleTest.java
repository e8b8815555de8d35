package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.testing.AccessLog;
import io.logstream.testing.BackTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BacktestRuleTest {
  @Test void saysWhatARuleWouldHaveTold(@TempDir Path dir) throws Exception {
    Instant start = Instant.parse("2026-11-19T10:00:00Z");
    Path log = Files.write(dir.resolve("access.log"), AccessLog.seed(4).from(start).perSecond(20).micros().failing(start.plusSeconds(300), start.plusSeconds(480), 0.5).lines(20_000));

    BackTest.Report report = BacktestRule.report("alert failures: ratio(response >= 500) over 1m > 20%", List.of(log), Instant.MIN, Instant.MAX,
        List.of(Duration.ZERO, Duration.ofMinutes(2), Duration.ofMinutes(5)), Progress.onTerminal(List.of()));

    assertThat(report.events()).isEqualTo(20_000);
    assertThat(report.result("lasting PT0S").firings()).isEqualTo(1);
    assertThat(report.result("lasting PT0S").told().get(0).at()).isBetween(start.plusSeconds(300), start.plusSeconds(360));
    assertThat(report.result("lasting PT2M").firings()).isEqualTo(1);
    assertThat(report.result("lasting PT5M").firings()).isZero();
    assertThat(report.result("lasting PT5M").nearMisses()).isEqualTo(1);
  }
}
