package io.logstream.jdbc;

import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.alert.Alert;
import io.logstream.alert.FiredAlert;
import io.logstream.alert.Severity;
import io.logstream.file.FileTail;
import io.logstream.parse.Dissect;
import io.logstream.parse.EventTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every database. */
abstract class JdbcAlertsSuite {
  private static final Instant AT = Instant.parse("2026-03-29T01:30:00.123Z"); // an hour that Berlin's clocks leave out
  static final FiredAlert ALERT = new FiredAlert("disk \"full\"; DROP TABLE alerts", Severity.PAGE, FiredAlert.State.FIRING, Map.of("host", "web-1"), AT, AT.minusSeconds(60), "abc", 1,
      "", 7, LogEvent.of("no space\nleft \u0000 \ud83d\udca5 \u00e4").put("free", 3));

  /** An empty database. */
  abstract DataSource database() throws Exception;

  static List<String> query(DataSource database, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection(); Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(result.getString(i));
        }
        rows.add(String.join("|", row));
      }
    }
    return rows;
  }

  private static FiredAlert numbered(String id, int number, String name, Map<String, String> key) {
    return new FiredAlert(name, Severity.INFO, number == 1 ? FiredAlert.State.FIRING : FiredAlert.State.RESOLVED, key, AT, AT, id, number, "", 0, LogEvent.of("m"));
  }

  @Test void writesWhatIsToldIntoATableThatItMakes() throws Exception {
    DataSource database = database();
    JdbcAlerts alerts = JdbcAlerts.in(database);
    alerts.fired(ALERT);
    assertThat(query(database, "SELECT id, number, name, severity, state, alert_key, reason, held_back, message FROM alerts"))
        .containsExactly("abc|1|disk \"full\"; DROP TABLE alerts|page|firing|web-1||7|no space\nleft \ufffd \ud83d\udca5 \u00e4");
    assertThat(query(database, "SELECT at_time, since_time FROM alerts").get(0)).startsWith("2026-03-29 01:30:00.123").contains("|2026-03-29 01:29:00.123");
    assertThat(query(database, "SELECT document FROM alerts").get(0)).contains("\"key\":{\"host\":\"web-1\"}", "\"free\":3", "\"since\":\"2026-03-29T01:29:00.123Z\"");
    alerts.close();
  }

  @Test void writesEachOnceWhoeverTellsItAndHoweverOften() throws Exception {
    DataSource database = database();
    for (int restart = 0; restart < 3; restart++) {
      JdbcAlerts alerts = JdbcAlerts.in(database).table("told");
      alerts.fired(numbered("a", 1, "x", Map.of()));
      alerts.resolved(numbered("a", 2, "x", Map.of()));
      alerts.fired(numbered("b", 1, "x", Map.of()));
      alerts.close();
    }
    assertThat(query(database, "SELECT id, number, state FROM told ORDER BY id, number")).containsExactly("a|1|firing", "a|2|resolved", "b|1|firing");
  }

  @Test void twoAtTheSameTimeMakeOneTableAndOneRow() throws Exception {
    DataSource database = database();
    List<Throwable> failed = java.util.Collections.synchronizedList(new ArrayList<>());
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      JdbcAlerts alerts = JdbcAlerts.in(database);
      Thread thread = new Thread(() -> {
        try {
          go.await();
          for (int i = 0; i < 20; i++) {
            alerts.fired(numbered("id" + i, 1, "x", Map.of()));
          }
          alerts.close();
        } catch (SQLException | InterruptedException e) {
          failed.add(e);
        }
      });
      thread.start();
      threads.add(thread);
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).isEmpty();
    assertThat(query(database, "SELECT COUNT(*), COUNT(DISTINCT id) FROM alerts")).containsExactly("20|20");
  }

  @Test void cutsWhatIsTooLongForItsColumnAndKeepsItInTheDocument() throws Exception {
    DataSource database = database();
    String wide = "x" + "\ud83d\udca5".repeat(700);
    JdbcAlerts.in(database).fired(new FiredAlert("n".repeat(700), Severity.INFO, FiredAlert.State.FIRING, Map.of("k", wide), AT, AT, "a", 1, "", 0, LogEvent.of("m".repeat(200_000))));
    String[] row = query(database, "SELECT name, alert_key, message, document FROM alerts").get(0).split("\\|");
    assertThat(row[0]).isEqualTo("n".repeat(500));
    assertThat(row[1]).isEqualTo("x" + "\ud83d\udca5".repeat(249));
    assertThat(row[2]).hasSize(200_000);
    assertThat(row[3].contains("n".repeat(700)) && row[3].contains("m".repeat(200_000)) && row[3].contains("\\uD83D\\uDCA5".repeat(700))).isTrue();
  }

  @Test void leavesATableAloneThatIsThereAndSaysWhatIsWrongWithIt() throws Exception {
    DataSource database = database();
    try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE alerts (id VARCHAR(64) PRIMARY KEY)");
    }
    JdbcAlerts alerts = JdbcAlerts.in(database);
    assertThatThrownBy(() -> alerts.fired(ALERT)).isInstanceOf(SQLException.class).hasMessageStartingWith("cannot write to table alerts, SQL state 42")
        .satisfies(e -> assertThat(alerts.isFinal((Exception) e)).isTrue());
    assertThat(query(database, "SELECT * FROM alerts")).isEmpty();
    alerts.close();
  }

  @Test void goesOnAfterItsConnectionWasEnded() throws Exception {
    DataSource database = database();
    List<Connection> given = new ArrayList<>();
    DataSource watched = new Watched(database, given);
    JdbcAlerts alerts = JdbcAlerts.in(watched);
    alerts.fired(numbered("a", 1, "x", Map.of()));
    given.get(0).close();
    alerts.fired(numbered("b", 1, "x", Map.of()));
    assertThat(given).hasSize(2);
    alerts.close();
    assertThat(given.get(1).isClosed()).isTrue();
    assertThat(query(database, "SELECT id FROM alerts ORDER BY id")).containsExactly("a", "b");
  }

  @Test void aReplayOfYesterdaysLinesAddsNothing(@TempDir Path dir) throws Exception {
    DataSource database = database();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      lines.add(Instant.parse("2026-11-19T10:00:00Z").plusSeconds(i) + " " + i % 3 + " " + i / 7 % 10);
    }
    Path log = Files.write(dir.resolve("app.log"), lines);
    Map<String, List<String>> seen = new LinkedHashMap<>();
    for (String round : List.of("first", "again")) {
      try (RunningPipeline run = pipeline(log, JdbcAlerts.in(database)).start()) {
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        run.close();
        assertThat(run.ledger().imbalances()).isEmpty();
        assertThat(run.ledger().stage("high/notify").failed()).isZero();
      }
      seen.put(round, query(database, "SELECT id, number, state, alert_key, at_time FROM alerts ORDER BY id, number"));
    }
    assertThat(seen.get("first")).hasSizeGreaterThan(20);
    assertThat(seen.get("again")).isEqualTo(seen.get("first"));
    assertThat(query(database, "SELECT id FROM alerts GROUP BY id HAVING COUNT(*) > 2")).isEmpty();
  }

  static Pipeline pipeline(Path log, JdbcAlerts alerts) {
    return LogStream.named("p").from(FileTail.once(log)).then(Dissect.pattern("%{at} %{host} %{q}")).then(EventTime.from("at", "ISO8601"))
        .to(Alert.named("high").by("host").when(field("q").above(5)).lasting(Duration.ofSeconds(2)).notify(alerts)).build();
  }
}
