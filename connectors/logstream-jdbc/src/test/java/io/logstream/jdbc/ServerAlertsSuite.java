package io.logstream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.RunningPipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every database that is a server. */
abstract class ServerAlertsSuite extends JdbcAlertsSuite {
  abstract void stopServer();

  abstract void startServer() throws Exception;

  @Test void nothingIsLostAndNothingTwiceWhenTheServerIsStoppedInBetween(@TempDir Path dir) throws Exception {
    var database = database();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      lines.add(Instant.parse("2026-11-19T10:00:00Z").plusSeconds(i) + " " + i % 3 + " " + i / 9 % 10);
    }
    Path log = Files.write(dir.resolve("app.log"), lines);
    JdbcAlerts alerts = JdbcAlerts.in(database);
    alerts.fired(ALERT); // so that the connection breaks while it stands idle
    stopServer();
    try (RunningPipeline run = pipeline(log, alerts).start()) {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (run.metrics().getOrDefault("high/notify.retries", 0L) < 2 && System.nanoTime() < deadline) {
        LockSupport.parkNanos(20_000_000);
      }
      assertThat(run.metrics().get("high/notify.retries")).isGreaterThanOrEqualTo(2);
      startServer();
      assertThat(run.await(Duration.ofSeconds(90))).isTrue();
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
      assertThat(run.ledger().stage("high/notify").failed()).isZero();
      assertThat(query(database, "SELECT COUNT(*) FROM alerts").get(0)).isEqualTo(Long.toString(run.ledger().stage("high/notify").absorbed() + 1));
    }
  }
}
