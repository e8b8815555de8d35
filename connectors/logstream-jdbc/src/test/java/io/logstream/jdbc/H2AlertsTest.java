package io.logstream.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.alert.Retry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In H2, and what does not depend on the database. */
class H2AlertsTest extends JdbcAlertsSuite {
  @Override
  DataSource database() {
    return h2("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  }

  private static JdbcDataSource h2(String url) {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL(url);
    database.setUser("alice");
    database.setPassword("s3cret");
    return database;
  }

  @Test void namesOfTablesArePlain() throws SQLException {
    assertThatThrownBy(() -> JdbcAlerts.in(database()).table("alerts; DROP TABLE users")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ops.alerts");
    assertThatThrownBy(() -> JdbcAlerts.in(database()).within(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    DataSource database = database();
    JdbcAlerts.in(database).table("PUBLIC.told").fired(ALERT);
    assertThat(query(database, "SELECT id FROM told")).containsExactly("abc");
  }

  @Test void saysThatTheDatabaseIsAwayWithoutAPassword(@TempDir Path dir) {
    JdbcAlerts alerts = JdbcAlerts.in(h2("jdbc:h2:tcp://127.0.0.1:1/" + dir + "/none"));
    assertThatThrownBy(() -> alerts.fired(ALERT)).isInstanceOf(SQLException.class).hasMessageContaining("cannot write to table alerts, SQL state 90067")
        .satisfies(e -> assertThat(alerts.isFinal((Exception) e)).isFalse())
        .satisfies(e -> assertThat(e.toString() + alerts).doesNotContain("s3cret").doesNotContain("alice"));
    assertThat(alerts.retry().attempts()).isGreaterThan(10);
    assertThat(alerts.retrying(Retry.NONE).retry()).isEqualTo(Retry.NONE);
  }

  @Test void keepsWhatItHasInAFileAcrossRestartsOfTheDatabase(@TempDir Path dir) throws Exception {
    for (int restart = 0; restart < 2; restart++) {
      JdbcAlerts alerts = JdbcAlerts.in(h2("jdbc:h2:file:" + dir.resolve("db")));
      alerts.fired(ALERT);
      alerts.close();
    }
    assertThat(query(h2("jdbc:h2:file:" + dir.resolve("db")), "SELECT COUNT(*) FROM alerts")).containsExactly("1");
    assertThat(Files.exists(dir.resolve("db.mv.db"))).isTrue();
  }
}
