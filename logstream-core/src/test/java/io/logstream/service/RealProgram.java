package io.logstream.service;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A program of the machine, run for a test that says {@code @Tag("service")}. Where it is missing the test is skipped, or fails if
 * {@code -Dservices.required=true}. What it prints is shown when it does not do what is waited for.
 */
public final class RealProgram implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final Path output;

  private RealProgram(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Where a program is. */
  public static String needs(String name, String debianPackage) {
    for (String dir : (System.getenv("PATH") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin").split(File.pathSeparator)) {
      Path at = Path.of(dir, name);
      if (Files.isExecutable(at)) {
        return at.toString();
      }
    }
    String missing = name + " is not installed (Debian's package " + debianPackage + ")";
    if (Boolean.getBoolean("logstream.services.required")) {
      return fail(missing);
    }
    throw new TestAbortedException(missing);
  }

  /** A port of the loopback address that was free just now. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What stands before a command, so that it runs as this user of the machine: nothing, unless the tests run as root, whom some servers refuse. */
  public static List<String> asUser(String user) {
    return isRoot() ? List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups") : List.of();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** A new directory for a program that {@linkplain #asUser runs as this user}, beside {@code near}, which that user may not be able to enter. */
  public static Path directoryOf(String user, Path near) throws IOException {
    if (!isRoot()) {
      return Files.createTempDirectory(near, user);
    }
    Path dir = Files.createTempDirectory(user);
    Files.setOwner(dir, dir.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
    return dir;
  }

  /** Takes a directory away with all that is in it, as far as it can. */
  public static void delete(Path dir) {
    try (Stream<Path> all = Files.walk(dir)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      dir.toFile().deleteOnExit();
    }
  }

  /** Starts a program in a directory of its own. */
  public static RealProgram start(Path dir, String... command) throws IOException {
    Path output = Files.createTempFile(dir, Path.of(command[0]).getFileName().toString(), ".out");
    Process process = new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    return new RealProgram(process, output);
  }

  /** Runs a program to its end, which must be a good one; what it printed. */
  public static String run(Path dir, String... command) throws IOException, InterruptedException {
    try (RealProgram program = start(dir, command)) {
      if (!program.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || program.process.exitValue() != 0) {
        fail(List.of(command) + " did not end well: " + program.output());
      }
      return program.output();
    }
  }

  /** What is to become true. */
  @FunctionalInterface
  public interface Expectation {
    boolean met() throws Exception;
  }

  /** Waits until something is so; an exception counts as not yet. */
  public void await(String what, Expectation expectation) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Throwable last = null;
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        if (expectation.met()) {
          return;
        }
      } catch (Exception | AssertionError e) {
        last = e;
      }
      LockSupport.parkNanos(50_000_000L);
    }
    fail(what + " was not to be (" + last + "); the program " + (process.isAlive() ? "runs" : "ended") + " and has said: " + output());
  }

  /** What it has printed. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The answer to a GET; an answer other than 200 is an error. */
  public static String get(String uri) throws IOException, InterruptedException {
    HttpResponse<String> response = HTTP.send(HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(uri + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  /** Ends it, by force if it does not listen. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
