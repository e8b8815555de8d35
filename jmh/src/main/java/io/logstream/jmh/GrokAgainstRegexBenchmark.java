package io.logstream.jmh;

import io.krakens.grok.api.Grok;
import io.krakens.grok.api.GrokCompiler;
import io.logstream.testing.AccessLog;
import java.nio.charset.StandardCharsets;
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
 * What does it cost to take an access-log line apart: by our Grok, by Java Grok, by a hand-written regular expression, each into a
 * map of the named fields; by our Grok in a pipeline and by Java Grok's expression alone, which only find them; and by a hand-written scanner that only finds where they are? And to find out that a line is another one?
 * Every line's response code is checked.
 *
 * <pre>java -jar jmh/target/benchmarks.jar GrokAgainstRegex -prof gc</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class GrokAgainstRegexBenchmark {
  private static final int LINES = 1_000;
  private static final String GROK = "%{COMBINEDAPACHELOG} %{NUMBER:seconds:double}";
  private static final Pattern REGEX = Pattern.compile("^(?<clientip>\\S+) (?<ident>\\S+) (?<auth>\\S+) \\[(?<timestamp>[^\\]]+)\\] "
      + "\"(?<verb>\\w+) (?<request>\\S+)(?: HTTP/(?<httpversion>[0-9.]+))?\" (?<response>\\d+) (?:(?<bytes>\\d+)|-) "
      + "(?<referrer>\"[^\"]*\") (?<agent>\"[^\"]*\") (?<seconds>\\S+)$");

  private final List<String> lines = AccessLog.seed(42).lines(LINES);
  private final int sumOfCodes = lines.stream().mapToInt(GrokAgainstRegexBenchmark::code).sum();
  private final io.logstream.grok.Grok ours = io.logstream.grok.Grok.pattern(GROK);
  private final Grok javaGrok = javaGrok(GROK);
  private final Matcher matcher = REGEX.matcher("");
  private final List<byte[]> bytes = lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
  private final List<String> foreign = IntStream.range(0, LINES)
      .mapToObj(i -> "2026-11-21 12:00:" + (10 + i % 50) + ",123 - INFO  [worker-" + i % 7 + ":Pool@" + i + "] - Received connection request /10.10." + i % 256 + ".11:45307").toList();
  private final int[] spans = new int[64];
  private final StageRun inPipeline = new StageRun(lines, "response", io.logstream.grok.Grok.pattern(GROK));
  private final Expanded expanded = new Expanded(GROK, "response");
  private final List<String> syslog = IntStream.range(0, LINES)
      .mapToObj(i -> "Nov 21 12:00:" + (10 + i % 50) + " web-" + i % 7 + " sshd[" + (1000 + i) + "]: Accepted publickey for deploy from 203.0.113." + i % 250 + " port 52122 ssh2").toList();
  private final StageRun syslogInPipeline = new StageRun(syslog, "pid", io.logstream.grok.Grok.pattern("%{SYSLOGLINE}"));
  private final Expanded syslogExpanded = new Expanded("%{SYSLOGLINE}", "pid");

  /** The very expression that Java Grok makes of a pattern, run by java.util.regex without its map. */
  private static final class Expanded {
    private final Matcher matcher;
    private final String group;

    Expanded(String pattern, String field) {
      Grok grok = javaGrok(pattern);
      matcher = Pattern.compile(grok.getNamedRegex()).matcher("");
      group = grok.getNamedRegexCollection().entrySet().stream().filter(e -> e.getValue().split(":")[0].equals(field)).findFirst().orElseThrow().getKey();
    }

    int sum(List<String> of) {
      int sum = 0;
      for (String line : of) {
        if (!matcher.reset(line).find()) {
          throw new IllegalStateException("no match: " + line);
        }
        sum += Integer.parseInt(line, matcher.start(group), matcher.end(group), 10);
      }
      return sum;
    }
  }

  private static int code(String line) {
    int at = line.indexOf("\" ", line.indexOf(" HTTP/")) + 2;
    return Integer.parseInt(line.substring(at, at + 3));
  }

  private static Grok javaGrok(String pattern) {
    GrokCompiler compiler = GrokCompiler.newInstance();
    compiler.registerDefaultPatterns();
    compiler.registerPatternFromClasspath("/patterns/linux-syslog");
    return compiler.compile(pattern, true);
  }

  /** Ends the runs. */
  @TearDown
  public void close() {
    inPipeline.close();
    syslogInPipeline.close();
  }

  /** Our Grok as a stage, with source and sink around it: fields are spans of the line. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void oursInPipeline() {
    check((int) inPipeline.once());
  }

  /** Java Grok's expression, without Java Grok. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void expandedRegex() {
    check(expanded.sum(lines));
  }

  /** Lines of syslog, by our Grok as a stage. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void oursOnSyslog() {
    checkPids((int) syslogInPipeline.once());
  }

  /** Lines of syslog, by Java Grok's expression. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void expandedRegexOnSyslog() {
    checkPids(syslogExpanded.sum(syslog));
  }

  private static void checkPids(int sum) {
    int wanted = LINES * 1000 + LINES * (LINES - 1) / 2;
    if (sum != wanted) {
      throw new IllegalStateException("wrong sum " + sum + ", wanted " + wanted);
    }
  }

  /** Our Grok, outside a pipeline. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void ours() {
    int sum = 0;
    for (String line : lines) {
      Map<String, Object> fields = ours.match(line).orElseThrow();
      sum += Integer.parseInt(fields.get("response").toString());
    }
    check(sum);
  }

  /** Java Grok as people use it. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void javaGrokWithMap() {
    int sum = 0;
    for (String line : lines) {
      sum += Integer.parseInt(javaGrok.match(line).capture().get("response").toString());
    }
    check(sum);
  }

  /** The baseline: a regular expression written for this format. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void regexByHand() {
    int sum = 0;
    for (String line : lines) {
      matcher.reset(line);
      if (!matcher.find() || matcher.group("request").isEmpty()) {
        throw new IllegalStateException("no match: " + line);
      }
      sum += Integer.parseInt(matcher.group("response"));
    }
    check(sum);
  }

  /** The floor: a scanner written for this format, which finds the same fields and makes nothing of them. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void scannerByHand() {
    int sum = 0;
    for (byte[] line : bytes) {
      int at = scan(line);
      sum += 100 * line[at] + 10 * line[at + 1] + line[at + 2] - 111 * '0';
    }
    check(sum);
  }

  /** Where the response code begins; all other fields go into {@link #spans}. */
  private int scan(byte[] line) {
    int n = 0;
    int at = 0;
    int code = -1;
    while (at < line.length) {
      int end = at;
      byte close = line[at] == '[' ? (byte) ']' : line[at] == '"' ? (byte) '"' : (byte) ' ';
      if (close != ' ') {
        end++;
      }
      while (end < line.length && line[end] != close) {
        end++;
      }
      end += close == ' ' ? 0 : 1;
      code = n == 10 ? at : code;
      spans[n++] = at;
      spans[n++] = end;
      at = end + 1;
    }
    return code;
  }

  /** Lines of another format, by our Grok. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void oursOnForeignLines() {
    for (String line : foreign) {
      if (ours.match(line).isPresent()) {
        throw new IllegalStateException("matched: " + line);
      }
    }
  }

  /** Lines of another format, by Java Grok. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void javaGrokOnForeignLines() {
    for (String line : foreign) {
      if (!javaGrok.match(line).capture().isEmpty()) {
        throw new IllegalStateException("matched: " + line);
      }
    }
  }

  private void check(int sum) {
    if (sum != sumOfCodes) {
      throw new IllegalStateException("wrong sum " + sum + ", wanted " + sumOfCodes);
    }
  }
}
