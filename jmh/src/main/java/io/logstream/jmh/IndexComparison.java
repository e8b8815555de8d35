package io.logstream.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.logstream.Batch;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogStream;
import io.logstream.Processor;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.StageContext;
import io.logstream.index.LogHits;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * What does the index cost beside a Lucene index as one writes it first (a new document and new fields for every event, everything with doc values and points)
 * and beside SQLite with FTS5 (five columns indexed, and all), and how much faster does it answer than Lucene's sort on time and than a scan of the lines? CPU time. Events, with
 * their fields at hand, are taken in by each in a JVM of its own, as those that share Lucene would share, and spoil, what the JVM has compiled of it: alternating rounds, medians,
 * behind five rounds of a tenth of the events, in which most of the time is spent on compiling, and one of all, in which the system hands out the memory: heaps are
 * of one size from the start. What merges a contender has begun belong to a round. All answers are compared.
 *
 * <pre>java -Xmx3g -cp jmh/target/benchmarks.jar io.logstream.jmh.IndexComparison [events ingested, 1000000] [events searched, 1000000]</pre>
 *
 * <p>Wants two cores.
 */
public final class IndexComparison {
  private static final int ROUNDS = 3;
  static final int WARM_UP = 6;
  private static final Instant START = Instant.parse("2026-11-20T00:00:00Z");
  static final String[] KEYWORDS = {"level", "host", "method", "path", "ip", "agent", "trace", "service"};
  static final String[] NUMBERS = {"status", "bytes", "millis", "port"};
  private static final String[] AGENTS = {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/8.5.0",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"};

  private static volatile Object kept;

  private IndexComparison() {}

  /** @param at where each keyword begins in the line; -1 if it is not there */
  record Event(long time, String line, String[] keywords, long[] numbers, int[] at) {}

  private static Event event(int i) {
    Random random = new Random(i * 7919L + 1);
    random.nextInt();
    String level = random.nextInt(50) == 0 ? "ERROR" : "INFO";
    String path = "/api/v" + (1 + random.nextInt(3)) + "/item/" + (int) (Math.pow(random.nextDouble(), 3) * 400);
    String ip = "10." + random.nextInt(4) + "." + random.nextInt(256) + "." + random.nextInt(256);
    String agent = AGENTS[random.nextInt(3)];
    long status = level.equals("ERROR") ? 500 + random.nextInt(4) : 200;
    long bytes = random.nextInt(100_000);
    long millis = (long) (-Math.log(1 - random.nextDouble()) * 80);
    String trace = Long.toHexString(random.nextLong());
    String text = random.nextInt(100) == 0 ? "upstream timed out" : "request served in time";
    String line = ip + " - - [20/Nov/2026:" + i + " +0000] \"GET " + path + " HTTP/1.1\" " + status + " " + bytes + " \"-\" \"" + agent + "\" " + millis + " " + trace + " " + text;
    String[] keywords = {level, "web-" + random.nextInt(8), "GET", path, ip, agent, trace, "shop"};
    return new Event(START.toEpochMilli() + i * 2L, line, keywords, new long[] {status, bytes, millis, 8000 + random.nextInt(4)},
        Arrays.stream(keywords).mapToInt(line::indexOf).toArray());
  }

  // ---------------------------------------------------------------- writing

  private record Feed(List<Event> events, boolean ends) implements Source {
    @Override
    public Reader open(SourceContext context) {
      return new Reader() {
        private Log log;
        private int next;

        @Override
        public Found poll(Batch batch) {
          if (next == events.size()) {
            return ends ? Found.END : Found.NOTHING;
          }
          log = log == null ? context.log("access.log", Map.of()) : log;
          batch.begin(log, "");
          for (; next < events.size() && batch.count() < 250 && batch.used() < 60_000; next++) {
            Event event = events.get(next);
            batch.event(event.line, next).time(Instant.ofEpochMilli(event.time));
          }
          return Found.SOMETHING;
        }
      };
    }
  }

  /** Puts the fields as a parser does: where they stand in the line if they do. */
  private record Parsed(List<Event> events) implements Stage {
    @Override
    public Processor open(StageContext context) {
      FieldKey[] keywords = Arrays.stream(KEYWORDS).map(context::key).toArray(FieldKey[]::new);
      FieldKey[] numbers = Arrays.stream(NUMBERS).map(context::key).toArray(FieldKey[]::new);
      return (made, out) -> {
        Event event = events.get((int) made.position().offset());
        for (int k = 0; k < keywords.length; k++) {
          int at = event.at[k];
          if (at >= 0) {
            made.put(keywords[k], made.from() + at, made.from() + at + event.keywords[k].length());
          } else {
            made.put(keywords[k], event.keywords[k]);
          }
        }
        for (int k = 0; k < numbers.length; k++) {
          made.put(numbers[k], event.numbers[k]);
        }
        out.emit(made);
      };
    }
  }

  static LogIndex ours(List<Event> events) {
    LogIndex index = LogIndex.atMostBytes(2L << 30).inMemory(Duration.ofHours(100));
    feed(index, events);
    return index;
  }

  private static void feed(LogIndex index, List<Event> events) {
    try (InlineRun run = LogStream.named("feed").from(new Feed(events, true)).then(new Parsed(events)).to(index).build().inline(() -> START)) {
      run.work();
    }
    index.refresh();
  }

  private static final class Naive {
    private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
    private final IndexWriter writer;
    private DirectoryReader reader;

    Naive(List<Event> events) throws Exception {
      writer = new IndexWriter(directory, new IndexWriterConfig(new StandardAnalyzer()));
      add(events);
    }

    void add(List<Event> events) throws Exception {
      for (Event event : events) {
        Document document = new Document();
        document.add(new LongPoint("ts", event.time));
        document.add(new NumericDocValuesField("ts", event.time));
        for (int k = 0; k < KEYWORDS.length; k++) {
          document.add(new StringField(KEYWORDS[k], event.keywords[k], Field.Store.YES));
          document.add(new SortedDocValuesField(KEYWORDS[k], new BytesRef(event.keywords[k])));
        }
        for (int k = 0; k < NUMBERS.length; k++) {
          document.add(new LongPoint(NUMBERS[k], event.numbers[k]));
          document.add(new NumericDocValuesField(NUMBERS[k], event.numbers[k]));
          document.add(new StoredField(NUMBERS[k], event.numbers[k]));
        }
        document.add(new TextField("message", event.line, Field.Store.YES));
        writer.addDocument(document);
      }
      reader = DirectoryReader.open(writer);
      ((ConcurrentMergeScheduler) writer.getConfig().getMergeScheduler()).sync();
    }

    long bytes() throws Exception {
      long sum = 0;
      for (String file : directory.listAll()) {
        sum += directory.fileLength(file);
      }
      return sum;
    }

    void close() throws Exception {
      reader.close();
      writer.rollback();
      directory.close();
    }
  }

  /** @param indexed the columns with an index of their own */
  private static Connection sqlite(List<Event> events, List<String> indexed) throws Exception {
    Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table e (id integer primary key, ts integer, " + String.join(",", KEYWORDS) + "," + String.join(" integer,", NUMBERS) + " integer, line text)");
      for (String name : indexed) {
        statement.execute("create index e_" + name + " on e(" + name + ")");
      }
      statement.execute("create virtual table f using fts5(line, content='')");
    }
    try (PreparedStatement row = connection.prepareStatement("insert into e values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
        PreparedStatement words = connection.prepareStatement("insert into f(rowid, line) values (?,?)")) {
      for (int i = 0; i < events.size(); i++) {
        Event event = events.get(i);
        row.setInt(1, i);
        row.setLong(2, event.time);
        for (int k = 0; k < KEYWORDS.length; k++) {
          row.setString(3 + k, event.keywords[k]);
        }
        for (int k = 0; k < NUMBERS.length; k++) {
          row.setLong(11 + k, event.numbers[k]);
        }
        row.setString(15, event.line);
        row.addBatch();
        words.setInt(1, i);
        words.setString(2, event.line);
        words.addBatch();
        if (i % 2_000 == 1_999) {
          row.executeBatch();
          words.executeBatch();
        }
      }
      row.executeBatch();
      words.executeBatch();
    }
    connection.commit();
    return connection;
  }

  // ---------------------------------------------------------------- measuring

  @FunctionalInterface
  private interface Work {
    Object run() throws Exception;
  }

  private static double cpu(Work work) throws Exception {
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    kept = work.run();
    return system.getProcessCpuTime() - before;
  }

  /** Median of the thread's CPU time in milliseconds. */
  private static double millis(int times, Work work) throws Exception {
    double[] all = new double[times];
    for (int i = -times; i < times; i++) {
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      kept = work.run();
      all[Math.max(i, 0)] = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e6;
    }
    return median(all);
  }

  private static double median(double[] all) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  private static void same(String what, long a, long b) {
    if (a != b) {
      throw new IllegalStateException(what + ": " + a + " against " + b);
    }
  }

  static List<Event> events(int from, int to) {
    List<Event> events = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      events.add(event(i));
    }
    return events;
  }

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    if (args.length == 3 && args[0].equals("rounds")) {
      rounds(args[1], events(0, Integer.parseInt(args[2])));
      return;
    }
    ingest(args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000);
    search(args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000);
  }

  private static void ingest(int n) throws Exception {
    List<Contender> all = new ArrayList<>();
    for (String name : List.of("naive", "ours", "sqlite", "sqlite-all", "pipeline")) {
      all.add(new Contender(name, n));
    }
    try {
      for (int round = 0; round < WARM_UP; round++) {
        for (Contender contender : all) {
          contender.round(warmUp(round, n));
        }
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Contender contender : all) {
          contender.nanos[round] = contender.round(n);
        }
      }
    } finally {
      all.forEach(Contender::close);
    }
    double[] each = all.stream().mapToDouble(contender -> median(contender.micros(n))).toArray();
    say("ingest, us of CPU per event, median of %d: ours %.1f, naive Lucene %.1f, SQLite FTS5 %.1f", ROUNDS, each[1], each[0], each[2]);
    say("  ours / naive %.2f   ours / SQLite %.2f", each[1] / each[0], each[1] / each[2]);
    say("  SQLite with every field indexed, as in the others, and not five of thirteen: %.1f, ours / that %.2f", each[3], each[1] / each[3]);
    say("  of ours, the pipeline that makes and hands over the events: %.1f", each[4]);
    Results.of(String.format(Locale.ROOT, "Adding an event with 12 fields to an index that has up to %,d in memory", n), "microseconds of CPU of the process",
        "java -Xmx3g -cp jmh/target/benchmarks.jar io.logstream.jmh.IndexComparison " + n)
        .bar("logstream, all searchable", true, all.get(1).micros(n))
        .bar("Lucene, as one writes it first", false, all.get(0).micros(n))
        .bar("SQLite, words and five columns", false, all.get(2).micros(n))
        .bar("SQLite, words and all columns", false, all.get(3).micros(n)).write("index");
  }

  static double[] micros(double[] nanos, int events) {
    return Arrays.stream(nanos).map(round -> round / (events * 1e3)).toArray();
  }

  /** How many events a round takes before those that count. */
  static int warmUp(int round, int n) {
    return round < WARM_UP - 1 ? n / 10 : n;
  }

  /** One that takes events in, in a process of its own, so many as it is told. */
  static final class Contender implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedReader told;
    private final double[] nanos = new double[ROUNDS];

    Contender(String name, int n) throws IOException {
      this.name = name;
      this.process = new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"), "-Xms3g", "-Xmx3g", "-cp", System.getProperty("java.class.path"),
          IndexComparison.class.getName(), "rounds", name, Integer.toString(n)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      this.told = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Takes in the first so many events, and tells the CPU time in nanoseconds. */
    double round(int events) throws IOException {
      process.getOutputStream().write((events + "\n").getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      String line = told.readLine();
      if (line == null) {
        throw new IllegalStateException(name + " has ended before its round did");
      }
      return Double.parseDouble(line);
    }

    /** Of an event, in each round that counts. */
    double[] micros(int events) {
      return IndexComparison.micros(nanos, events);
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  private static void rounds(String name, List<Event> all) throws Exception {
    List<String> five = List.of("ts", "level", "path", "trace", "status");
    List<String> every = new ArrayList<>(List.of("ts"));
    every.addAll(List.of(KEYWORDS));
    every.addAll(List.of(NUMBERS));
    BufferedReader told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String asked = told.readLine(); asked != null; asked = told.readLine()) {
      List<Event> events = all.subList(0, Integer.parseInt(asked));
      long phrase = events.stream().filter(e -> e.line.contains("upstream timed out")).count();
      say("%.0f", cpu(() -> switch (name) {
        case "naive" -> new Naive(events);
        case "ours" -> ours(events);
        case "pipeline" -> piped(events);
        default -> sqlite(events, name.equals("sqlite") ? five : every);
      }));
      if (kept instanceof Naive naive) {
        naive.close();
      } else if (kept instanceof LogIndex index) {
        same("phrase", phrase, index.count(LogQuery.parse("\"upstream timed out\"")));
        index.close();
      } else if (kept instanceof Connection connection) {
        try (connection; Statement statement = connection.createStatement();
            ResultSet count = statement.executeQuery("select count(*) from f where f match '\"upstream timed out\"'")) {
          count.next();
          same("phrase in SQLite", phrase, count.getLong(1));
        }
      }
      kept = null;
      System.gc();
    }
  }

  private static Object piped(List<Event> events) {
    try (InlineRun run = LogStream.named("feed").from(new Feed(events, true)).then(new Parsed(events)).to(Sink.each(event -> { })).build().inline(() -> START)) {
      run.work();
    }
    return null;
  }

  private static void search(int n) throws Exception {
    LogIndex index = LogIndex.atMostBytes(2L << 30).inMemory(Duration.ofHours(100));
    List<byte[]> lines = new ArrayList<>(n);
    long raw = 0;
    Naive naive = new Naive(List.of());
    for (int from = 0; from < n; from += 50_000) {
      List<Event> some = events(from, Math.min(n, from + 50_000));
      feed(index, some);
      naive.reader.close();
      naive.add(some);
      for (Event event : some) {
        lines.add(event.line.getBytes(StandardCharsets.ISO_8859_1));
        raw += event.line.length();
      }
    }
    say("%,d events of %d bytes: index and stored events %.3f times the raw lines; naive Lucene %.2f", n, raw / n, index.bytes() / (double) raw, naive.bytes() / (double) raw);

    IndexSearcher lucene = new IndexSearcher(naive.reader);
    lucene.setQueryCache(null);
    LogQuery everywhere = LogQuery.parse("get");
    double walk = millis(51, () -> index.search(everywhere));
    double sorted = millis(11, () -> lucene.search(new TermQuery(new Term("message", "get")),
        new TopFieldCollectorManager(new Sort(new SortField("ts", SortField.Type.LONG, true)), 100, null, 1_000)));
    LogHits newest = index.search(everywhere);
    for (int i = 0; i < 100; i++) {
      same("newest", START.toEpochMilli() + (n - 1L - i) * 2, newest.hits().get(i).time().toEpochMilli());
    }
    say("newest 100 of a word in every record, ms: %.3f with the events read, Lucene's sort on time %.1f without: %.0f times faster", walk, sorted, sorted / walk);

    String trace = event(n / 3).keywords[6];
    against(index, lines, "term", "trace:" + trace, trace);
    against(index, lines, "word at 1 %", "upstream", "upstream");
    against(index, lines, "phrase", "\"upstream timed out\"", "upstream timed out");
    against(index, lines, "three-way AND", "upstream level:ERROR method:GET", "upstream", " 50", "GET ");
    double both = millis(7, () -> List.of(index.histogram(LogQuery.all(), Duration.ofMinutes(1)), index.topValues(LogQuery.all(), "path", 10)));
    say("histogram and top values over all, ms: %.1f", both);
    double errors = millis(7, () -> List.of(index.histogram(LogQuery.parse("status<500"), Duration.ofMinutes(1)), index.topValues(LogQuery.parse("status<500"), "path", 10)));
    say("the same over status<500 (98 %%), ms: %.1f", errors);
    same("histogram", n, index.histogram(LogQuery.all(), Duration.ofMinutes(1)).buckets().stream().mapToLong(b -> b.count()).sum());
    for (String query : List.of("path:/api/v1/*", "*imed*", "path~/item\\/1\\d$/", "message contains \"eam timed o\"")) {
      say("%s, ms: %.1f (%s)", query, millis(5, () -> index.search(query)), index.search(query));
    }
    index.close();
    naive.close();
    drops();
  }

  /** How long it takes to let a slice go: one in every hour. */
  private static void drops() throws Exception {
    Instant[] now = {START};
    List<Event> some = events(0, 20_000);
    List<Double> drops = new ArrayList<>();
    try (LogIndex index = LogIndex.inMemory(Duration.ofHours(8))) {
      for (int hour = 0; hour < 24; hour++) {
        try (InlineRun run = LogStream.named("feed").from(new Feed(some, false)).then(new Parsed(some)).to(index).build().inline(() -> now[0])) {
          run.work();
          index.refresh();
          int slices = index.slices().size();
          now[0] = now[0].plus(Duration.ofHours(1));
          long before = System.nanoTime();
          run.work();
          if (index.slices().size() < slices) {
            drops.add((System.nanoTime() - before) / 1e6);
          }
        }
      }
    }
    double[] all = drops.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    say("dropping a slice of %,d events, ms of %d drops: median %.2f, at most %.2f", some.size(), all.length, median(all), all[all.length - 1]);
  }

  /** Against a scan of the lines for bytes. */
  private static void against(LogIndex index, List<byte[]> lines, String what, String query, String... parts) throws Exception {
    byte[][] wanted = Arrays.stream(parts).map(p -> p.getBytes(StandardCharsets.ISO_8859_1)).toArray(byte[][]::new);
    double ours = millis(21, () -> index.search(query));
    double scanned = millis(3, () -> scan(lines, wanted));
    say("%s, ms: %.2f, scan %.0f: %.0f times faster (%s; scan %d)", what, ours, scanned, scanned / ours, index.search(query), scan(lines, wanted));
    if (parts.length == 1) {
      same(what, scan(lines, wanted), index.count(LogQuery.parse(query)));
    }
  }

  private static long scan(List<byte[]> lines, byte[][] wanted) {
    long found = 0;
    for (byte[] line : lines) {
      boolean all = true;
      for (byte[] part : wanted) {
        all = all && contains(line, part);
      }
      found += all ? 1 : 0;
    }
    return found;
  }

  private static boolean contains(byte[] line, byte[] part) {
    for (int at = 0; at <= line.length - part.length; at++) {
      if (line[at] == part[0] && Arrays.equals(line, at, at + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }
}
