/** Alerts in a database: {@link io.logstream.jdbc.JdbcAlerts} is a notifier that writes them into a table, each once. */
package io.logstream.jdbc;
