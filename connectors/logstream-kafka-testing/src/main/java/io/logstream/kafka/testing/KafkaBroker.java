package io.logstream.kafka.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A Kafka broker in a process of its own, listening on 127.0.0.1 only, with its data in a temporary directory that {@link #close} deletes. The first
 * broker of a cluster is its controller too. The process ends when this one does, and after an hour at the latest.
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.start()) {
 *   KafkaSource.topic("logs").servers(broker.servers())
 * }</pre>
 *
 * <p>It has two addresses: one for everybody, one that asks for a name and a password ({@code SASL_PLAINTEXT}, {@code PLAIN}). One thread.
 */
public final class KafkaBroker implements AutoCloseable {
  /** The name that {@link #guardedServers} knows. */
  public static final String USER = "logstream";

  /** The password of {@link #USER}. */
  public static final String PASSWORD = "only-for-tests";

  private static final int START_SECONDS = 120;
  private static final int TRIES = 3;
  private static final int STOP_SECONDS = 20;

  private final int id;
  private final Path dir;
  private final String cluster;
  private final int brokers;
  private final int port;
  private final int guardedPort;
  private Process process;

  private KafkaBroker(int id, String cluster, int brokers, int controllerPort) throws IOException {
    this.id = id;
    this.cluster = cluster;
    this.brokers = brokers;
    this.dir = Files.createTempDirectory("logstream-kafka-" + id + "-");
    this.port = freePort();
    this.guardedPort = freePort();
    Map<String, String> settings = settings(controllerPort);
    Files.write(dir.resolve("server.properties"), settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }

  /** Starts a broker and returns when it answers. */
  public static KafkaBroker start() {
    return start(1).get(0);
  }

  /** Starts a cluster of so many brokers and returns when all of them answer. Its topics want two replicas in step. */
  public static List<KafkaBroker> start(int count) {
    for (int tries = 1; ; tries++) {
      try {
        return startOnce(count);
      } catch (UncheckedIOException e) {
        // another process may have taken a port that was free
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  private static List<KafkaBroker> startOnce(int count) {
    List<KafkaBroker> all = new ArrayList<>();
    try {
      UUID uuid = UUID.randomUUID();
      String cluster = Base64.getUrlEncoder().withoutPadding().encodeToString(
          ByteBuffer.allocate(16).putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array());
      int controllerPort = freePort();
      for (int id = 1; id <= count; id++) {
        all.add(new KafkaBroker(id, cluster, count, controllerPort));
      }
      for (KafkaBroker broker : all) {
        broker.launch();
      }
      for (KafkaBroker broker : all) {
        broker.awaitReady();
      }
      return all;
    } catch (IOException e) {
      all.forEach(KafkaBroker::close);
      throw new UncheckedIOException("a Kafka broker cannot be started: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      all.forEach(KafkaBroker::close);
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private Map<String, String> settings(int controllerPort) {
    String replicas = Integer.toString(Math.min(3, brokers));
    String inStep = brokers > 1 ? "2" : "1";
    Map<String, String> s = new LinkedHashMap<>();
    s.put("process.roles", id == 1 ? "broker,controller" : "broker");
    s.put("node.id", Integer.toString(id));
    s.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    String open = "PLAINTEXT://127.0.0.1:" + port;
    String guarded = "GUARDED://127.0.0.1:" + guardedPort;
    s.put("listeners", open + "," + guarded + (id == 1 ? ",CONTROLLER://127.0.0.1:" + controllerPort : ""));
    s.put("advertised.listeners", open + "," + guarded);
    s.put("controller.listener.names", "CONTROLLER");
    s.put("inter.broker.listener.name", "PLAINTEXT");
    s.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT");
    s.put("sasl.enabled.mechanisms", "PLAIN");
    s.put("listener.name.guarded.plain.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_" + USER + "=\"" + PASSWORD + "\";");
    s.put("log.dirs", dir.resolve("data").toString());
    s.put("auto.create.topics.enable", "false");
    s.put("default.replication.factor", replicas);
    s.put("min.insync.replicas", inStep);
    s.put("offsets.topic.replication.factor", replicas);
    s.put("offsets.topic.num.partitions", "4");
    s.put("transaction.state.log.replication.factor", replicas);
    s.put("transaction.state.log.min.isr", inStep);
    s.put("transaction.state.log.num.partitions", "4");
    s.put("share.coordinator.state.topic.replication.factor", replicas);
    s.put("share.coordinator.state.topic.min.isr", inStep);
    s.put("share.coordinator.state.topic.num.partitions", "4");
    s.put("group.initial.rebalance.delay.ms", "0");
    s.put("group.min.session.timeout.ms", "1000");
    s.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    s.put("num.network.threads", "2");
    s.put("num.io.threads", "2");
    s.put("log.cleaner.dedupe.buffer.size", "2097152");
    s.put("controlled.shutdown.enable", "true");
    return s;
  }

  // ---------------------------------------------------------------- its process

  private void launch() throws IOException {
    List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", classPath(), BrokerMain.class.getName(), dir.resolve("server.properties").toString(), cluster,
        "127.0.0.1:" + port, Integer.toString(brokers));
    process = new ProcessBuilder(command).directory(dir.toFile()).redirectError(ProcessBuilder.Redirect.appendTo(errors().toFile())).start();
  }

  private static String classPath() throws IOException {
    Path own;
    try {
      own = Path.of(KafkaBroker.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    try (InputStream libraries = KafkaBroker.class.getResourceAsStream("classpath")) {
      if (libraries == null) {
        throw new IOException("the list of the broker's libraries is missing; build this module with Maven");
      }
      return own + System.getProperty("path.separator") + new String(libraries.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private Path errors() {
    return dir.resolve("errors.txt");
  }

  private void awaitReady() throws IOException {
    Process started = process;
    CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(() -> saysReady(started));
    try {
      if (!ready.get(START_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("broker " + id + " has ended: " + output());
      }
    } catch (TimeoutException e) {
      throw new IOException("broker " + id + " was not ready after " + START_SECONDS + " s: " + output(), e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static boolean saysReady(Process of) {
    BufferedReader out = new BufferedReader(new InputStreamReader(of.getInputStream(), StandardCharsets.UTF_8));
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals(BrokerMain.READY)) {
          return true;
        }
      }
    } catch (IOException e) {
      // it has ended
    }
    return false;
  }

  private String output() throws IOException {
    String all = Files.exists(errors()) ? Files.readString(errors()) : "";
    return all.substring(Math.max(0, all.length() - 4000));
  }

  // ---------------------------------------------------------------- for tests

  /** Where clients find it. */
  public String servers() {
    return "127.0.0.1:" + port;
  }

  /** Where clients find it that give {@link #USER} and {@link #PASSWORD}. */
  public String guardedServers() {
    return "127.0.0.1:" + guardedPort;
  }

  /** Where its data lies: one directory for each partition of a topic. */
  public Path data() {
    return dir.resolve("data");
  }

  /** Ends it in order, as an operator does, and returns when it has ended. */
  public void stop() {
    if (process != null) {
      process.destroy();
      awaitEnd();
    }
  }

  /** Kills it, and returns when it has ended. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      awaitEnd();
    }
  }

  /** Starts it again at the same addresses, with the same data, and returns when it answers. */
  public void startAgain() {
    try {
      launch();
      awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException("broker " + id + " cannot be started again: " + e.getMessage(), e);
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Kafka broker " + id + " at " + servers();
  }
}
