package io.logstream.jdbc;

import io.logstream.service.RealProgram;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.mariadb.jdbc.MariaDbDataSource;

@Tag("service")
class MariaDbAlertsTest extends ServerAlertsSuite {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int PORT = RealProgram.freePort();
  private static Path dir;
  private static RealProgram server;

  @BeforeAll static void installs() throws Exception {
    String install = RealProgram.needs("mariadb-install-db", "mariadb-server");
    dir = RealProgram.directoryOf("mysql", Path.of(System.getProperty("java.io.tmpdir")));
    RealProgram.run(dir, as(install, "--no-defaults", "--datadir=" + dir.resolve("data"), "--auth-root-authentication-method=normal", "--skip-test-db"));
    start();
  }

  private static String[] as(String... command) {
    List<String> whole = new ArrayList<>(RealProgram.asUser("mysql"));
    whole.addAll(List.of(command));
    return whole.toArray(String[]::new);
  }

  private static void start() throws Exception {
    server = RealProgram.start(dir, as(RealProgram.needs("mariadbd", "mariadb-server"), "--no-defaults", "--datadir=" + dir.resolve("data"), "--bind-address=127.0.0.1", "--port=" + PORT,
        "--socket=" + dir.resolve("socket"), "--pid-file=" + dir.resolve("pid"), "--default-time-zone=-7:00", "--character-set-server=latin1"));
    server.await("answers", () -> {
      open("").getConnection().close();
      return true;
    });
  }

  @AfterAll static void stops() {
    if (server != null) {
      server.close();
      RealProgram.delete(dir);
    }
  }

  private static DataSource open(String name) throws SQLException {
    MariaDbDataSource database = new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + PORT + "/" + name);
    database.setUser("root");
    return database;
  }

  @Override
  DataSource database() throws Exception {
    String name = "d" + COUNT.incrementAndGet();
    try (Connection connection = open("").getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return open(name);
  }

  @Override
  void stopServer() {
    server.close();
  }

  @Override
  void startServer() throws Exception {
    start();
  }
}
