package io.logstream.jdbc;

import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import io.logstream.alert.Retry;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * A table of a database in which every alert is written down: {@code JdbcAlerts.in(dataSource).table("alerts")}. Each beginning and each end of a firing is
 * a row, known by {@code id} and {@code number}. What stands there already is left as it is, so a restart, a replay or a second process that tells the same again
 * adds nothing.
 *
 * <p>Columns: {@code id}, {@code number}, {@code name}, {@code severity} and {@code state} (in small letters), {@code alert_key} (the values of the key with a comma
 * between them), {@code at_time} and {@code since_time} (event times, UTC, to the millisecond), {@code reason}, {@code held_back} (firings that a limit has held
 * back), {@code message}, and {@code document}, all of it as {@link FiredAlert#json}. In H2, PostgreSQL, MariaDB and MySQL the table is made when it is missing and
 * the user may; in any other database it must be there. A character that no database takes (U+0000, half a surrogate pair) is written as U+FFFD; a name, key or
 * reason is cut to 500 characters, the document has it whole.
 *
 * <p>One connection is kept while the run lasts, and made anew when it breaks. A database that cannot be reached is asked again as {@link #retrying} says; a row
 * that it refuses (no such table or column, a value too long) is a failure at once, with what it says and its SQL state. User and password stay in the data source:
 * they are never asked for. Immutable; every word returns a new one, with a connection of its own. It may be given to several alerts,
 * which take turns.
 */
public final class JdbcAlerts implements AlertNotifier {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?");
  private static final int MOST_CHARACTERS = 500;
  /** A quarter of an hour. */
  private static final Retry PATIENT = new Retry(21, Duration.ofSeconds(1), Duration.ofMinutes(1));

  private final DataSource database;
  private final String table;
  private final Duration within;
  private final Retry retry;
  private final Object turn = new Object();
  private Connection connection;
  private boolean tableSeen;

  private JdbcAlerts(DataSource database, String table, Duration within, Retry retry) {
    this.database = database;
    this.table = table;
    this.within = within;
    this.retry = retry;
  }

  /** The table {@code alerts} of this database. */
  public static JdbcAlerts in(DataSource database) {
    return new JdbcAlerts(Objects.requireNonNull(database, "data source"), "alerts", Duration.ofSeconds(10), PATIENT);
  }

  /**
   * Another table, or one of another schema.
   *
   * @throws IllegalArgumentException if it is no plain name, such as {@code alerts} or {@code ops.alerts}
   */
  public JdbcAlerts table(String name) {
    Objects.requireNonNull(name, "name of JdbcAlerts.table");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("a table for alerts has a name of letters, digits and underscores, such as alerts or ops.alerts, was '" + name + "'");
    }
    return new JdbcAlerts(database, name, within, retry);
  }

  /** How long the database may take for one statement, as far as its driver knows of such limits; 10 seconds unless said. */
  public JdbcAlerts within(Duration time) {
    Objects.requireNonNull(time, "time of JdbcAlerts.within");
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("a statement may take from a second to an hour, was " + time);
    }
    return new JdbcAlerts(database, table, time, retry);
  }

  /** How often it tries; for about a quarter of an hour unless said. */
  @Override
  public JdbcAlerts retrying(Retry how) {
    return new JdbcAlerts(database, table, within, Objects.requireNonNull(how, "retry"));
  }

  @Override
  public Retry retry() {
    return retry;
  }

  /** Whether the database has refused the row, rather than not been there. */
  @Override
  public boolean isFinal(Exception failure) {
    return failure instanceof SQLException refused && isRefusal(refused);
  }

  private static boolean isRefusal(SQLException e) {
    String state = e.getSQLState();
    return state != null && (state.startsWith("22") || state.startsWith("23") || state.startsWith("42"));
  }

  private static boolean isDuplicate(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().startsWith("23");
  }

  @Override
  public void fired(FiredAlert alert) throws SQLException {
    write(alert);
  }

  @Override
  public void resolved(FiredAlert alert) throws SQLException {
    write(alert);
  }

  private void write(FiredAlert alert) throws SQLException {
    synchronized (turn) {
      boolean used = connection != null;
      try {
        try {
          insert(alert);
        } catch (SQLException e) {
          if (!used || isRefusal(e)) {
            throw e;
          }
          close();
          insert(alert); // the server may have ended a connection that stood idle
        }
      } catch (SQLException e) {
        if (!isRefusal(e)) {
          close();
        }
        throw new SQLException("cannot write to " + this + ", SQL state " + e.getSQLState() + ": " + e.getMessage(), e.getSQLState(), e.getErrorCode(), e);
      }
    }
  }

  private void insert(FiredAlert alert) throws SQLException {
    open();
    try (PreparedStatement row = connection.prepareStatement("INSERT INTO " + table
        + " (id, number, name, severity, state, alert_key, at_time, since_time, reason, held_back, message, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      row.setQueryTimeout((int) within.toSeconds());
      row.setString(1, alert.id());
      row.setInt(2, alert.number());
      row.setString(3, cut(alert.name()));
      row.setString(4, alert.severity().name().toLowerCase(Locale.ROOT));
      row.setString(5, alert.state().name().toLowerCase(Locale.ROOT));
      row.setString(6, cut(String.join(", ", alert.key().values())));
      row.setObject(7, utc(alert.at()));
      row.setObject(8, utc(alert.since()));
      row.setString(9, cut(alert.reason()));
      row.setInt(10, alert.more());
      row.setString(11, whole(alert.cause().message()));
      row.setString(12, whole(alert.json()));
      row.executeUpdate();
    } catch (SQLException e) {
      if (!isDuplicate(e) || !stands(alert)) {
        throw e;
      }
    }
  }

  private boolean stands(FiredAlert alert) throws SQLException {
    try (PreparedStatement look = connection.prepareStatement("SELECT 1 FROM " + table + " WHERE id = ? AND number = ?")) {
      look.setQueryTimeout((int) within.toSeconds());
      look.setString(1, alert.id());
      look.setInt(2, alert.number());
      try (ResultSet found = look.executeQuery()) {
        return found.next();
      }
    }
  }

  private void open() throws SQLException {
    if (connection != null) {
      return;
    }
    Connection fresh = database.getConnection();
    try {
      fresh.setAutoCommit(true);
      try {
        fresh.setNetworkTimeout(Runnable::run, (int) within.plusSeconds(5).toMillis());
      } catch (SQLFeatureNotSupportedException e) {
        // then the driver's own limits hold
      }
      if (!tableSeen) {
        makeTable(fresh);
        tableSeen = true;
      }
      connection = fresh;
    } finally {
      if (connection == null) {
        quietly(fresh);
      }
    }
  }

  /** Makes the table if it is missing. One that is there is never touched: its owner may have given it further columns. */
  private void makeTable(Connection to) throws SQLException {
    try (Statement statement = to.createStatement()) {
      statement.setQueryTimeout((int) within.toSeconds());
      if (hasTable(statement)) {
        return;
      }
      try {
        for (String line : definition(to.getMetaData())) {
          statement.execute(line);
        }
      } catch (SQLException e) {
        if (!hasTable(statement)) { // another process may have made it in this moment
          throw e;
        }
      }
    }
  }

  private boolean hasTable(Statement statement) throws SQLException {
    try (ResultSet none = statement.executeQuery("SELECT id FROM " + table + " WHERE 1 = 0")) {
      return true;
    } catch (SQLException e) {
      if (!isRefusal(e)) {
        throw e;
      }
      return false;
    }
  }

  private List<String> definition(DatabaseMetaData about) throws SQLException {
    String product = about.getDatabaseProductName().toLowerCase(Locale.ROOT);
    boolean mySql = product.contains("mysql") || product.contains("mariadb");
    if (!mySql && !product.contains("postgresql") && !product.contains("h2")) {
      return List.of(); // the first row says that there is no table
    }
    String time = mySql ? "DATETIME(3)" : "TIMESTAMP(3)";
    String text = mySql ? "LONGTEXT" : "TEXT";
    String brief = "VARCHAR(" + MOST_CHARACTERS + ") NOT NULL";
    String index = table.substring(table.indexOf('.') + 1) + "_at";
    String columns = "id VARCHAR(64) NOT NULL, number INT NOT NULL, name " + brief + ", severity VARCHAR(16) NOT NULL, state VARCHAR(16) NOT NULL, alert_key " + brief + ", at_time " + time
        + " NOT NULL, since_time " + time + " NOT NULL, reason " + brief + ", held_back INT NOT NULL, message " + text + " NOT NULL, document " + text + " NOT NULL, PRIMARY KEY (id, number)";
    return mySql ? List.of("CREATE TABLE IF NOT EXISTS " + table + " (" + columns + ", INDEX " + index + " (at_time)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        : List.of("CREATE TABLE IF NOT EXISTS " + table + " (" + columns + ")", "CREATE INDEX IF NOT EXISTS " + index + " ON " + table + " (at_time)");
  }

  private static LocalDateTime utc(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC);
  }

  private static String cut(String text) {
    int end = Math.min(MOST_CHARACTERS, text.length());
    end -= end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
    return whole(text.substring(0, end));
  }

  /** Without what cannot be written down. */
  private static String whole(String text) {
    return text.codePoints().noneMatch(JdbcAlerts::isUnwritable) ? text
        : text.codePoints().map(c -> isUnwritable(c) ? 0xFFFD : c).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
  }

  private static boolean isUnwritable(int character) {
    return character == 0 || character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
  }

  /** Ends the connection; the next alert makes a new one. */
  @Override
  public void close() {
    synchronized (turn) {
      Connection open = connection;
      connection = null;
      if (open != null) {
        quietly(open);
      }
    }
  }

  private static void quietly(Connection open) {
    try {
      open.close();
    } catch (SQLException e) {
      // it is gone all the same
    }
  }

  @Override
  public String toString() {
    return "table " + table;
  }
}
