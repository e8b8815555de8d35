package io.logstream.kafka.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * The process of a broker. Arguments: the file with its settings, the cluster's id, the address at which it answers, and the number of
 * brokers that must be there. Says {@link #READY} on its output when they are. Ends with its parent, when its input ends, or after a time.
 */
final class BrokerMain {
  static final String READY = "READY";
  private static final long LIVES_MINUTES = 60;

  private BrokerMain() {}

  public static void main(String[] args) throws IOException {
    Path settings = Path.of(args[0]);
    daemon("parent", BrokerMain::endWithParent);
    daemon("lifetime", () -> {
      LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(LIVES_MINUTES));
      Runtime.getRuntime().halt(3);
    });
    if (!Files.exists(settings.resolveSibling("data").resolve("meta.properties"))) {
      StorageTool.execute(new String[] {"format", "-t", args[1], "-c", settings.toString()}, System.err);
    }
    daemon("probe", () -> probe(args[2], Integer.parseInt(args[3])));
    Kafka.main(new String[] {settings.toString()});
  }

  private static void daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // nobody says anything
      }
    } catch (IOException e) {
      // the same as its end
    }
    Runtime.getRuntime().halt(2);
  }

  private static void probe(String servers, int brokers) {
    Map<String, Object> quick = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000,
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2_000, AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG, 100,
        AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
    try (Admin admin = Admin.create(quick)) {
      while (!allThere(admin, brokers)) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
    System.out.write((READY + "\n").getBytes(StandardCharsets.US_ASCII), 0, READY.length() + 1);
    System.out.flush();
  }

  private static boolean allThere(Admin admin, int brokers) {
    try {
      return admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).size() >= brokers;
    } catch (Exception e) {
      return false;
    }
  }
}
