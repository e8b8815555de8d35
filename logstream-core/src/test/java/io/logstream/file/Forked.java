package io.logstream.file;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A main program of the tests in a JVM of its own, which can be killed. What it prints is kept in a file. */
final class Forked implements AutoCloseable {
  private static final long LONG_SECONDS = 120;

  private final Process process;
  private final Path printed;

  private Forked(Process process, Path printed) {
    this.process = process;
    this.printed = printed;
  }

  /** Starts a program that does not need to be compiled well: it runs for seconds. */
  static Forked start(Class<?> program, Path printed, List<String> jvm, String... args) throws IOException {
    return command(command(program, jvm, args), printed);
  }

  /** The same behind {@code ulimit -n}. */
  static Forked startWithFewHandles(int handles, Class<?> program, Path printed, List<String> jvm, String... args) throws IOException {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + handles + " && exec \"$@\"", "sh"));
    shell.addAll(command(program, jvm, args));
    return command(shell, printed);
  }

  private static List<String> command(Class<?> program, List<String> jvm, String... args) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), program.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private static Forked command(List<String> command, Path printed) throws IOException {
    return new Forked(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(printed.toFile())).start(), printed);
  }

  boolean runs() {
    return process.isAlive();
  }

  /** What the operating system knows it by. */
  long id() {
    return process.pid();
  }

  /** Ends it as {@code kill -9} does, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it stand still for this time, as a machine that has too much to do; where there is no such signal, nothing happens. */
  void stall(int millis) throws IOException, InterruptedException {
    signal("STOP");
    LockSupport.parkNanos(millis * 1_000_000L);
    signal("CONT");
    LockSupport.parkNanos(millis * 1_000_000L);
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
  }

  /** Closes its input, which asks it to end; gives its exit value, 0 where all was well. */
  int end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return exit();
  }

  int exit() throws InterruptedException {
    if (!process.waitFor(LONG_SECONDS, TimeUnit.SECONDS)) {
      kill();
      return -1;
    }
    return process.exitValue();
  }

  String printed() throws IOException {
    return Files.readString(printed, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
