package io.logstream.jmh;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.sun.management.OperatingSystemMXBean;
import io.krakens.grok.api.Grok;
import io.krakens.grok.api.GrokCompiler;
import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Processor;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.StageContext;
import io.logstream.TimeGiver;
import io.logstream.examples.AccessLogReport;
import io.logstream.file.FileTail;
import io.logstream.testing.AccessLog;
import io.logstream.window.Aggregations;
import io.logstream.window.Window;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What does the whole job cost (read an access log, parse it, drop health checks, percentiles by endpoint in windows of five minutes),
 * beside the same job written by hand? Every run is a JVM of its own, start included; contenders take turns; CPU time of the process,
 * medians. The rows of all must agree.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.WholeJobComparison [lines, 3000000] [rounds, 5] [contender..]</pre>
 *
 * <p>Contenders: {@code logstream} on the ring, {@code inline}, {@code small} (on the ring with -Xmx64m); {@code javagrok}, one thread by hand
 * with Java Grok and a map; {@code scanner}, one thread by hand that scans bytes; {@code engine}, ours with a scanner of strings as its stage, against {@code
 * engine-by-hand}, one thread with that very scanner and sketch; {@code engine-javagrok}, ours with Java Grok as its stage. Wants two
 * cores and 700 MB on the disk.
 */
public final class WholeJobComparison {
  private static final String PATTERN = "%{COMBINEDAPACHELOG} %{NUMBER:request_time_us:int}";
  private static final List<String> CONTENDERS = List.of("logstream", "inline", "small", "javagrok", "scanner", "engine", "engine-by-hand", "engine-javagrok");
  private static final Set<String> OURS = Set.of("logstream", "inline", "small");
  private static final Map<String, String> SHOWN = Map.of("logstream", "logstream", "inline", "logstream, on one thread", "small", "logstream, with -Xmx64m",
      "scanner", "a byte scanner, by hand", "javagrok", "Java Grok and a map, by hand");
  private static final int[] PERCENTILES = {50, 75, 90, 95, 99};
  static final long WINDOW = 300_000;
  private static final long OUT_OF_ORDER = 30_000;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

  private WholeJobComparison() {}

  /** The comparison, or with the first argument {@code run} one contender of it. */
  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("run")) {
      run(args[1], Path.of(args[2]), Path.of(args[3]));
      return;
    }
    int lines = args.length > 0 ? Integer.parseInt(args[0]) : 3_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    List<String> contenders = args.length > 2 ? List.of(args).subList(2, args.length) : CONTENDERS;
    Path log = Files.createTempFile("access", ".log");
    Path rows = Files.createTempFile("rows", ".txt");
    try {
      write(log, lines);
      compare(contenders, lines, rounds, log, rows);
    } finally {
      Files.delete(log);
      Files.delete(rows);
    }
  }

  static void write(Path log, int lines) throws IOException {
    Iterator<String> from = AccessLog.seed(42).perSecond(lines / 7200.0).endpoints(200).micros().stream().iterator();
    try (BufferedWriter out = Files.newBufferedWriter(log, StandardCharsets.UTF_8)) {
      for (int i = 0; i < lines; i++) {
        out.write(from.next());
        out.write('\n');
      }
    }
  }

  // ---------------------------------------------------------------- rounds

  private static void compare(List<String> contenders, int lines, int rounds, Path log, Path rows) throws Exception {
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, double[]> expected = null;
    for (int round = 0; round < rounds; round++) {
      for (String contender : contenders) {
        seconds.computeIfAbsent(contender, c -> new ArrayList<>()).add(fork(contender, log, rows));
        Map<String, double[]> came = read(rows);
        if (expected == null) {
          expected = came;
        }
        check(contender, came, expected);
      }
    }
    System.out.printf(Locale.ROOT, "%d rows, all agree; JDK %s, %d processors%n", expected.size(), Runtime.version(), Runtime.getRuntime().availableProcessors());
    Map<String, Double> medians = new LinkedHashMap<>();
    seconds.forEach((contender, all) -> {
      double[] sorted = all.stream().mapToDouble(d -> d).sorted().toArray();
      medians.put(contender, sorted[sorted.length / 2]);
      System.out.printf(Locale.ROOT, "{\"contender\":\"%s\",\"cpuSeconds\":%.2f,\"least\":%.2f,\"most\":%.2f}%n", contender, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    });
    write(seconds, lines, rounds);
    ratio(medians, "logstream", "javagrok", 0.15);
    ratio(medians, "logstream", "scanner", 2.0);
    ratio(medians, "inline", "scanner", 2.0);
    ratio(medians, "engine", "engine-by-hand", 1.25);
    ratio(medians, "engine-javagrok", "javagrok", 1.10);
  }

  private static void write(Map<String, List<Double>> seconds, int lines, int rounds) throws IOException {
    Results results = Results.of(String.format(Locale.ROOT, "The whole job over %,d lines: tail, grok, drop, percentiles by endpoint", lines),
        "CPU seconds of the process, start included", "java -cp jmh/target/benchmarks.jar io.logstream.jmh.WholeJobComparison " + lines + " " + rounds + " " + String.join(" ", seconds.keySet()));
    seconds.forEach((contender, all) -> results.bar(SHOWN.getOrDefault(contender, contender), OURS.contains(contender), all.stream().mapToDouble(d -> d).toArray()));
    results.write("whole-job");
  }

  private static void ratio(Map<String, Double> medians, String ours, String theirs, double wanted) {
    if (medians.containsKey(ours) && medians.containsKey(theirs)) {
      System.out.printf(Locale.ROOT, "{\"ratio\":\"%s / %s\",\"is\":%.3f,\"wanted\":%.2f}%n", ours, theirs, medians.get(ours) / medians.get(theirs), wanted);
    }
  }

  private static double fork(String contender, Path log, Path rows) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process = new ProcessBuilder(java, contender.equals("small") ? "-Xmx64m" : "-Xmx2g", "-cp", System.getProperty("java.class.path"),
        WholeJobComparison.class.getName(), "run", contender, log.toString(), rows.toString()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IllegalStateException(contender + " failed: " + said);
    }
    return Double.parseDouble(said.substring(said.lastIndexOf('\n') + 1));
  }

  private static Map<String, double[]> read(Path rows) throws IOException {
    Map<String, double[]> all = new TreeMap<>();
    for (String row : Files.readAllLines(rows)) {
      String[] parts = row.split("\t");
      if (all.put(parts[0] + " " + parts[1], Arrays.stream(parts).skip(2).mapToDouble(Double::parseDouble).toArray()) != null) {
        throw new IllegalStateException("a row came twice: " + row);
      }
    }
    return all;
  }

  /** Keys and counts must be equal, means to a millionth, percentiles to twice what the sketch may be off. */
  private static void check(String contender, Map<String, double[]> came, Map<String, double[]> expected) {
    if (!came.keySet().equals(expected.keySet())) {
      throw new IllegalStateException(contender + " has " + came.size() + " rows, not the " + expected.size() + " of the first");
    }
    expected.forEach((key, values) -> {
      double[] others = came.get(key);
      for (int i = 0; i < values.length; i++) {
        double most = i == 0 ? 0 : i == 1 ? 1e-6 : 0.0202;
        if (Math.abs(others[i] - values[i]) > most * values[i]) {
          throw new IllegalStateException(contender + " is wrong at " + key + ": " + Arrays.toString(others) + ", the first has " + Arrays.toString(values));
        }
      }
    });
  }

  // ---------------------------------------------------------------- one run

  private static void run(String contender, Path log, Path rows) throws Exception {
    try (BufferedWriter out = Files.newBufferedWriter(rows)) {
      switch (contender) {
        case "logstream", "small" -> onRing(AccessLogReport.pipeline(FileTail.once(log), rowsTo(out, "request_time_us")));
        case "inline" -> {
          try (InlineRun run = AccessLogReport.pipeline(FileTail.once(log), rowsTo(out, "request_time_us")).inline(InstantSource.system())) {
            while (run.work()) {
              // until the file is at its end
            }
          }
        }
        case "engine" -> onRing(engine(log, new StringScanner(), out));
        case "engine-javagrok" -> onRing(engine(log, new JavaGrok(), out));
        case "engine-by-hand" -> byHand(log, new StringScanner(), out);
        case "javagrok" -> byHand(log, new JavaGrok(), out);
        case "scanner" -> ByteScanner.report(log, new Windows(out));
        default -> throw new IllegalArgumentException("no contender is called '" + contender + "'; there are " + CONTENDERS);
      }
    }
    System.out.println(((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9);
  }

  private static void onRing(Pipeline pipeline) throws InterruptedException {
    try (RunningPipeline running = pipeline.start()) {
      running.await();
      if (!running.ledger().balances()) {
        throw new IllegalStateException(running.ledger().toString());
      }
    }
  }

  private static Sink rowsTo(BufferedWriter out, String field) {
    List<String> columns = new ArrayList<>(List.of("window.start", "path", "count", field + ".mean"));
    for (int p : PERCENTILES) {
      columns.add(field + ".p" + p);
    }
    return Sink.each(row -> {
      try {
        for (String column : columns) {
          out.append(row.text(column)).append('\t');
        }
        out.append('\n');
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static Pipeline engine(Path log, Parser parser, BufferedWriter out) {
    return LogStream.named("engine").from(FileTail.once(log)).then("parse", new Parsing(parser))
        .then(Window.tumbling(Duration.ofMillis(WINDOW)).by("path").aggregate(Aggregations.count(), Aggregations.mean("us"),
            Aggregations.percentiles("us", 50, 75, 90, 95, 99)))
        .to(rowsTo(out, "us")).build();
  }

  /** The stage round a parser by hand. */
  private record Parsing(Parser parser) implements TimeGiver {
    @Override
    public Duration outOfOrder() {
      return Duration.ofMillis(OUT_OF_ORDER);
    }

    @Override
    public Duration idleAfter() {
      return Duration.ofDays(1);
    }

    @Override
    public boolean stateless() {
      return true;
    }

    @Override
    public Processor open(StageContext context) {
      return new Parsed(parser, context.key("path"), context.key("us"));
    }
  }

  private record Parsed(Parser parser, FieldKey path, FieldKey micros) implements Processor {
    @Override
    public void process(LogEvent event, Emitter out) {
      if (parser.parse(event.message())) {
        out.emit(event.put(path, parser.path).put(micros, parser.micros).epochMillis(parser.time));
      } else {
        out.drop(event, "not for us");
      }
    }
  }

  private static void byHand(Path log, Parser parser, BufferedWriter out) throws IOException {
    Windows windows = new Windows(out);
    try (BufferedReader in = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
      for (String line; (line = in.readLine()) != null; ) {
        if (parser.parse(line)) {
          windows.add(parser.time, parser.path, parser.micros);
        }
      }
    }
    windows.close(Long.MAX_VALUE);
  }

  // ---------------------------------------------------------------- written by hand

  /** Takes a line apart; false for what does not count. */
  abstract static class Parser {
    String path;
    long micros;
    long time;
    private String second = "";
    private long secondMillis;

    abstract boolean parse(String line);

    final boolean found(String timestamp, String request, long took) {
      int query = request.indexOf('?');
      path = query < 0 ? request : request.substring(0, query);
      if (path.equals("/health")) {
        return false;
      }
      if (!timestamp.equals(second)) {
        second = timestamp;
        secondMillis = OffsetDateTime.parse(timestamp, TIME).toInstant().toEpochMilli();
      }
      time = secondMillis;
      micros = took;
      return true;
    }
  }

  static final class JavaGrok extends Parser {
    private final Grok grok;

    JavaGrok() {
      GrokCompiler compiler = GrokCompiler.newInstance();
      compiler.registerDefaultPatterns();
      grok = compiler.compile(PATTERN, true);
    }

    @Override
    boolean parse(String line) {
      Map<String, Object> fields = grok.match(line).capture();
      return fields.get("request") != null && found((String) fields.get("timestamp"), (String) fields.get("request"), ((Number) fields.get("request_time_us")).longValue());
    }
  }

  private static final class StringScanner extends Parser {
    @Override
    boolean parse(String line) {
      int open = line.indexOf('[');
      int quote = line.indexOf('"', open);
      int from = line.indexOf(' ', quote) + 1;
      int to = line.indexOf(' ', from);
      int last = line.lastIndexOf(' ');
      return open > 0 && from > 0 && to > from && found(line.substring(open + 1, quote - 2), line.substring(from, to), Long.parseLong(line, last + 1, line.length(), 10));
    }
  }

  static final class Group {
    long count;
    long sum;
    long least = Long.MAX_VALUE;
    long greatest;
    final DDSketch sketch = new DDSketch(new LogarithmicMapping(0.01), () -> new CollapsingLowestDenseStore(2048));

    void add(long value) {
      count++;
      sum += value;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      sketch.accept(value);
    }

    double percentile(int p) {
      long rank = Math.max(1, (count * p + 99) / 100);
      double value = sketch.getValueAtQuantile(count == 1 ? 0.5 : Math.min(1, (rank - 0.5) / (count - 1)));
      return Math.max(least, Math.min(greatest, value));
    }
  }

  static final class Windows {
    private final BufferedWriter out;
    private final TreeMap<Long, Map<String, Group>> open = new TreeMap<>();
    private long greatest = Long.MIN_VALUE;
    private long at = Long.MIN_VALUE;
    private Map<String, Group> groups;

    Windows(BufferedWriter out) {
      this.out = out;
    }

    void add(long time, String path, long micros) throws IOException {
      groups(time).computeIfAbsent(path, p -> new Group()).add(micros);
      observed(time);
    }

    Map<String, Group> groups(long time) {
      long start = time - time % WINDOW;
      if (start != at) {
        at = start;
        groups = open.computeIfAbsent(start, s -> new HashMap<>());
      }
      return groups;
    }

    void observed(long time) throws IOException {
      if (time > greatest) {
        greatest = time;
        if (open.firstKey() + WINDOW <= time - OUT_OF_ORDER) {
          close(time - OUT_OF_ORDER);
          at = Long.MIN_VALUE;
        }
      }
    }

    void close(long watermark) throws IOException {
      while (!open.isEmpty() && open.firstKey() + WINDOW <= watermark) {
        Map.Entry<Long, Map<String, Group>> closing = open.pollFirstEntry();
        for (Map.Entry<String, Group> entry : new TreeMap<>(closing.getValue()).entrySet()) {
          Group group = entry.getValue();
          out.append(Long.toString(closing.getKey())).append('\t').append(entry.getKey()).append('\t').append(Long.toString(group.count)).append('\t')
              .append(Double.toString((double) group.sum / group.count));
          for (int p : PERCENTILES) {
            out.append('\t').append(Double.toString(group.percentile(p)));
          }
          out.append('\n');
        }
      }
    }
  }
}
