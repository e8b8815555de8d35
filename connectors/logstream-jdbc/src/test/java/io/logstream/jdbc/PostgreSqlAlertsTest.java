package io.logstream.jdbc;

import io.logstream.service.PostgreSql;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

@Tag("service")
class PostgreSqlAlertsTest extends ServerAlertsSuite {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static PostgreSql server;

  @BeforeAll static void starts(@TempDir Path dir) throws Exception {
    server = PostgreSql.in(dir);
  }

  @AfterAll static void stops() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  DataSource database() throws Exception {
    String name = "d" + COUNT.incrementAndGet();
    server.sql("postgres", "CREATE DATABASE " + name);
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setURL("jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name);
    database.setUser("postgres");
    return database;
  }

  @Override
  void stopServer() {
    server.stop();
  }

  @Override
  void startServer() throws Exception {
    server.start();
  }
}
