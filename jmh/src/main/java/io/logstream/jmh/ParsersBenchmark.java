package io.logstream.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logstream.Stage;
import io.logstream.parse.Dissect;
import io.logstream.parse.Json;
import io.logstream.parse.KeyValue;
import io.logstream.testing.AccessLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to take a line apart without a regular expression? JSON against Jackson's {@code readTree} flattened into a map;
 * dissect and key=value against anchored, precompiled regular expressions for just these lines, whose groups are put into a map or only
 * looked for. Ours are whole pipelines: the line is copied in, parsed, and one field is read by a sink; {@code pipelineAlone} is that
 * without a parser. Contenders are given what is best for them, bytes or strings that are there already. The sum of the response codes
 * is checked.
 *
 * <pre>java -jar jmh/target/benchmarks.jar ParsersBenchmark -prof gc</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class ParsersBenchmark {
  private static final int LINES = 1_000;
  private static final String DISSECT =
      "%{clientip} %{ident} %{auth} [%{timestamp}] \"%{verb} %{request} HTTP/%{version}\" %{response} %{bytes} \"%{referrer}\" \"%{agent}\" %{seconds}";
  private static final Pattern ACCESS = Pattern.compile("^(?<clientip>[^ ]*+) (?<ident>[^ ]*+) (?<auth>[^ ]*+) \\[(?<timestamp>[^\\]]*+)\\] \"(?<verb>[^ ]*+) (?<request>[^ ]*+) "
      + "HTTP/(?<version>[^\"]*+)\" (?<response>[^ ]*+) (?<bytes>[^ ]*+) \"(?<referrer>[^\"]*+)\" \"(?<agent>[^\"]*+)\" (?<seconds>.*+)$");
  /** One pair after the other, whatever its key, each where the one before it ended. */
  private static final Pattern PAIR = Pattern.compile("\\G *+([^= ]++)=(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^ ]*+))");
  private static final String[] FIELDS = {"clientip", "ident", "auth", "timestamp", "verb", "request", "version", "response", "bytes", "referrer", "agent", "seconds"};
  private static final Pattern LOGFMT = Pattern.compile("^clientip=(\\S*+) ident=(\\S*+) auth=(\\S*+) timestamp=\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\" verb=(\\S*+) request=(\\S*+) "
      + "version=(\\S*+) response=(\\S*+) bytes=(\\S*+) referrer=(\\S*+) agent=\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\" seconds=(\\S*+)$");

  private final List<String> access = AccessLog.seed(42).lines(LINES);
  private final List<String[]> parts = access.stream().map(ParsersBenchmark::parts).toList();
  private final long sumOfCodes = parts.stream().mapToLong(p -> Long.parseLong(p[7])).sum();
  private final List<String> logfmt = parts.stream().map(ParsersBenchmark::logfmt).toList();
  private final List<String> json = parts.stream().map(ParsersBenchmark::json).toList();
  private final byte[][] jsonBytes = json.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  private final ObjectMapper mapper = new ObjectMapper();
  private final Matcher accessMatcher = ACCESS.matcher("");
  private final Matcher logfmtMatcher = LOGFMT.matcher("");
  private final Matcher pairMatcher = PAIR.matcher("");
  private final StageRun jsonRun = new StageRun(json, "http.response", Json.fields());
  private final StageRun dissectRun = new StageRun(access, "response", Dissect.pattern(DISSECT));
  private final StageRun keyValueRun = new StageRun(logfmt, "response", KeyValue.fields());
  private final StageRun aloneRun = new StageRun(access, "line", Stage.each(e -> { }));

  private static String[] parts(String line) {
    Matcher matcher = ACCESS.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalStateException(line);
    }
    return IntStream.range(0, FIELDS.length).mapToObj(i -> matcher.group(i + 1)).toArray(String[]::new);
  }

  private static String logfmt(String[] p) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < FIELDS.length; i++) {
      boolean quoted = i == 3 || i == 10;
      text.append(i == 0 ? "" : " ").append(FIELDS[i]).append('=').append(quoted ? "\"" : "").append(p[i]).append(quoted ? "\"" : "");
    }
    return text.toString();
  }

  private static String json(String[] p) {
    return "{\"@timestamp\":\"" + p[3] + "\",\"client\":{\"ip\":\"" + p[0] + "\",\"user\":\"" + p[2] + "\"},\"http\":{\"verb\":\"" + p[4] + "\",\"request\":\"" + p[5]
        + "\",\"version\":\"" + p[6] + "\",\"response\":" + p[7] + ",\"bytes\":" + p[8] + "},\"referrer\":\"" + p[9] + "\",\"agent\":\"" + p[10] + "\",\"seconds\":" + p[11]
        + ",\"cached\":false}";
  }

  /** Ends the runs. */
  @TearDown
  public void close() {
    List.of(jsonRun, dissectRun, keyValueRun, aloneRun).forEach(StageRun::close);
  }

  /** What a pipeline costs that parses nothing. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public long pipelineAlone() {
    return aloneRun.once();
  }

  /** Our JSON stage. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void jsonStage() {
    check(jsonRun.once());
  }

  /** Jackson's tree, flattened. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void jacksonTreeIntoMap() throws IOException {
    long sum = 0;
    for (byte[] line : jsonBytes) {
      Map<String, Object> fields = new HashMap<>();
      flatten("", mapper.readTree(line), fields);
      sum += (Long) fields.get("http.response");
    }
    check(sum);
  }

  private static void flatten(String name, JsonNode node, Map<String, Object> into) {
    if (node.isObject()) {
      node.properties().forEach(field -> flatten(name.isEmpty() ? field.getKey() : name + "." + field.getKey(), field.getValue(), into));
    } else {
      into.put(name, node.isIntegralNumber() ? (Object) node.longValue() : node.isNumber() ? (Object) node.doubleValue() : node.isBoolean() ? (Object) node.booleanValue()
          : node.textValue());
    }
  }

  /** Our dissect stage. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void dissectStage() {
    check(dissectRun.once());
  }

  /** The regular expression, its groups in a map. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void accessRegexIntoMap() {
    check(intoMap(access, accessMatcher));
  }

  /** The regular expression alone; of its groups one is read. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void accessRegexAlone() {
    check(alone(access, accessMatcher));
  }

  /** Our key=value stage. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void keyValueStage() {
    check(keyValueRun.once());
  }

  /** What does the same: the regular expression of one pair, anchored where the last one ended, keys and values in a map. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void pairRegexIntoMap() {
    long sum = 0;
    for (String line : logfmt) {
      pairMatcher.reset(line);
      Map<String, String> fields = new HashMap<>();
      while (pairMatcher.find()) {
        int group = pairMatcher.start(2) >= 0 ? 2 : 3;
        fields.put(pairMatcher.group(1), pairMatcher.group(group));
      }
      if (fields.size() != FIELDS.length) {
        throw new IllegalStateException("wrong fields: " + fields);
      }
      sum += Long.parseLong(fields.get("response"));
    }
    check(sum);
  }

  /** A regular expression that knows all keys and their order, its groups in a map. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void logfmtRegexIntoMap() {
    check(intoMap(logfmt, logfmtMatcher));
  }

  /** The same alone; of its groups one is read. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void logfmtRegexAlone() {
    check(alone(logfmt, logfmtMatcher));
  }

  private static long intoMap(List<String> lines, Matcher matcher) {
    long sum = 0;
    for (String line : lines) {
      matcher.reset(line);
      if (!matcher.matches()) {
        throw new IllegalStateException("no match: " + line);
      }
      Map<String, String> fields = new HashMap<>();
      for (int i = 0; i < FIELDS.length; i++) {
        fields.put(FIELDS[i], matcher.group(i + 1));
      }
      sum += Long.parseLong(fields.get("response"));
    }
    return sum;
  }

  private static long alone(List<String> lines, Matcher matcher) {
    long sum = 0;
    for (String line : lines) {
      matcher.reset(line);
      if (!matcher.matches()) {
        throw new IllegalStateException("no match: " + line);
      }
      sum += Long.parseLong(line, matcher.start(8), matcher.end(8), 10);
    }
    return sum;
  }

  private void check(long sum) {
    if (sum != sumOfCodes) {
      throw new IllegalStateException("wrong sum " + sum + ", wanted " + sumOfCodes);
    }
  }
}
