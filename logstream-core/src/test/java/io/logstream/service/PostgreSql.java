package io.logstream.service;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL server in a directory of its own, on a port of the loopback address; it knows the user {@code postgres}, without a password. */
public final class PostgreSql implements AutoCloseable {
  private final Path dir;
  private final Path programs;
  private final int port = RealProgram.freePort();
  private RealProgram server;

  private PostgreSql(Path dir, Path programs) {
    this.dir = dir;
    this.programs = programs;
  }

  /** Makes and starts one below this directory. */
  public static PostgreSql in(Path parent) throws IOException, InterruptedException {
    RealProgram.needs("pg_ctlcluster", "postgresql");
    PostgreSql made = new PostgreSql(RealProgram.directoryOf("postgres", parent), programs());
    RealProgram.run(made.dir, made.asUser("initdb", "-A", "trust", "-U", "postgres", "-N", "-D", "data"));
    made.start();
    return made;
  }

  /** Debian puts the server's programs where no search path leads. */
  private static Path programs() throws IOException {
    try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of("/usr/lib/postgresql"))) {
      Path newest = null;
      for (Path version : versions) {
        if (Files.isExecutable(version.resolve("bin/postgres")) && (newest == null || number(version) > number(newest))) {
          newest = version;
        }
      }
      return newest.resolve("bin");
    }
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString());
  }

  private String[] asUser(String program, String... arguments) {
    List<String> command = new ArrayList<>(RealProgram.asUser("postgres"));
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  /** Starts it again after {@link #stop}. */
  public void start() throws IOException {
    server = RealProgram.start(dir, asUser("postgres", "-D", "data", "-p", Integer.toString(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"));
    server.await("answers", () -> sql("postgres", "SELECT 1").contains("1"));
  }

  /** Ends it, the connections too; what it has is kept. */
  public void stop() {
    server.close();
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** What these statements answer: rows by lines, values with a bar between them. */
  public String sql(String database, String statements) throws IOException, InterruptedException {
    return RealProgram.run(dir, psql(database, "-c", statements));
  }

  /** Runs the statements of a file. */
  public void script(String database, Path file) throws IOException, InterruptedException {
    RealProgram.run(dir, psql(database, "-f", file.toString()));
  }

  private String[] psql(String database, String... more) {
    List<String> command = new ArrayList<>(List.of(programs.resolve("psql").toString(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Integer.toString(port), "-U",
        "postgres", "-d", database));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  /** What the server itself has said. */
  public String output() {
    return server.output();
  }

  @Override
  public void close() {
    stop();
    RealProgram.delete(dir);
  }
}
