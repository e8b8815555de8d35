package io.logstream.jmh;

import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompileException;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPDeployException;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import com.espertech.esper.runtime.client.EPStatement;
import com.sun.management.OperatingSystemMXBean;
import io.logstream.Batch;
import io.logstream.FieldKey;
import io.logstream.InlineRun;
import io.logstream.Log;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Reader;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.SourceContext;
import io.logstream.Stage;
import io.logstream.Stages;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.AlertRules;
import io.logstream.file.FileTail;
import io.logstream.grok.Grok;
import io.logstream.parse.EventTime;
import io.logstream.testing.BackTest;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What do alert rules cost an event, beside Esper 9: one rule that counts by key, a hundred for one key each? What does it take to load a hundred? What do a thousand
 * rules of equal values cost, against a hundred? And what a back-test, against the same pipeline without one? CPU time; contenders take turns; what each of them tells is
 * compared with a count by hand.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.AlertComparison [all | loading | frequency | equal] [rounds, 15]
 * java -cp jmh/target/benchmarks.jar io.logstream.jmh.AlertComparison backtest [lines, 3000000] [rounds, 3]</pre>
 *
 * <p>Both tell at most once in a minute for each key: {@code limit 1 per 60s}, and {@code output first every 60 sec}. Esper tells
 * again while a firing goes on. Ours must tell just what a count by hand does; Esper may differ by a tenth, because its minute begins anew at another moment.
 *
 * <p>Counted in two ways, on one thread and on the time of the events. With making events, both begin with a key in bytes and a number, as a reader of logs has them:
 * Esper gets an array of objects, ours a batch. With events prepared, Esper gets arrays, strings and numbers made before the run, and ours is everything but its reader.
 * One core is enough; the back-test wants 700 MB on the disk.
 */
public final class AlertComparison {
  private static final int EVENTS = 200_000;
  private static final int KEYS = 200;
  private static final int RULES = 100;
  private static final long WINDOW = 60_000;
  private static final int MORE_THAN = 5;
  private static final long SLOW = 20_000;
  /** Between two events, and between two rounds: all windows are empty again. */
  private static final long STEP = 7;
  private static final long GAP = 600_000;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private AlertComparison() {}

  /** Runs the one or the other. */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    if (args.length > 0 && args[0].equals("backtest")) {
      backTest(out, args.length > 1 ? Integer.parseInt(args[1]) : 3_000_000, args.length > 2 ? Integer.parseInt(args[2]) : 3);
      return;
    }
    String part = args.length > 0 ? args[0] : "all";
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    if (!part.equals("frequency") && !part.equals("equal")) {
      loading(out, Math.min(rounds, 7));
    }
    if (!part.equals("loading") && !part.equals("equal")) {
      frequency(out, rounds);
    }
    if (!part.equals("loading") && !part.equals("frequency")) {
      manyEqual(out, rounds);
    }
  }

  private static long cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static double median(List<Long> nanos) {
    long[] settled = nanos.stream().skip(nanos.size() / 3).mapToLong(n -> n).sorted().toArray();
    return settled[settled.length / 2];
  }

  private static void check(String what, long told, long expected) {
    if (told != expected) {
      throw new IllegalStateException("wrong answer of " + what + ": " + told + " told of " + expected);
    }
  }

  // ---------------------------------------------------------------- the events

  /** Requests with a key, some of which are much more frequent, and how long they took; round after round. */
  private static final class Requests {
    final int[] key = new int[EVENTS];
    final long[] us = new long[EVENTS];
    long start;
    final byte[][] bytes = new byte[KEYS][];
    /** What a requests' reader has taken to make events of them, of the thread's CPU time. */
    long makingEvents;
    /** When the event under way began, for those that look at the time of each. */
    long began;
    private final String[] names = new String[KEYS];
    private Object[][] rows;
    private int next;

    Requests() {
      Random random = new Random(1);
      for (int i = 0; i < KEYS; i++) {
        names[i] = "/api/resource" + i;
        bytes[i] = names[i].getBytes(StandardCharsets.UTF_8);
      }
      for (int i = 0; i < EVENTS; i++) {
        key[i] = (int) (KEYS * Math.pow(random.nextDouble(), 3));
        us[i] = (long) (5_000 * Math.exp(random.nextGaussian()));
      }
    }

    long time(int i) {
      return start + i * STEP;
    }

    void begin() {
      next = 0;
    }

    void ended() {
      start += EVENTS * STEP + GAP;
    }

    /** An event as Esper takes it, made anew of what a log's reader has. */
    Object[] made(int i) {
      return new Object[] {new String(bytes[key[i]], StandardCharsets.UTF_8), us[i]};
    }

    /** An event as Esper takes it, made beforehand. */
    Object[] prepared(int i) {
      if (rows == null) {
        rows = IntStream.range(0, EVENTS).mapToObj(n -> new Object[] {names[key[n]], us[n]}).toArray(Object[][]::new);
      }
      return rows[i];
    }

    Source source() {
      return new Source() {
        @Override
        public Reader open(SourceContext context) {
          Log log = context.log("requests", Map.of());
          FieldKey ofKey = context.key("key");
          FieldKey ofUs = context.key("us");
          return batch -> {
            if (next == EVENTS) {
              return Reader.Found.NOTHING;
            }
            long start = THREADS.getCurrentThreadCpuTime();
            batch.begin(log, "");
            while (next < EVENTS && !batch.full() && batch.used() < Batch.BYTES) {
              byte[] name = bytes[key[next]];
              LogEvent event = batch.event(name, 0, name.length, -1).epochMillis(time(next));
              event.put(ofKey, event.from(), event.to()).put(ofUs, us[next]);
              next++;
            }
            makingEvents += THREADS.getCurrentThreadCpuTime() - start;
            began = System.nanoTime();
            return Reader.Found.SOMETHING;
          };
        }
      };
    }

    /** How often it is told that more than five have come, at most once in a minute for each of the first so many keys, and again in a firing or not. */
    long byHand(int keys, boolean again) {
      Map<Integer, ArrayDeque<Long>> windows = new HashMap<>();
      Map<Integer, Long> toldAt = new HashMap<>();
      Set<Integer> told = new HashSet<>();
      long tells = 0;
      for (int i = 0; i < EVENTS; i++) {
        if (us[i] <= SLOW || key[i] >= keys) {
          continue;
        }
        long now = time(i);
        ArrayDeque<Long> window = windows.computeIfAbsent(key[i], k -> new ArrayDeque<>());
        while (!window.isEmpty() && window.peek() <= now - WINDOW) {
          window.remove();
          if (window.size() <= MORE_THAN) {
            told.remove(key[i]);
          }
        }
        window.add(now);
        if (window.size() > MORE_THAN && (again || !told.contains(key[i])) && now - toldAt.getOrDefault(key[i], Long.MIN_VALUE / 2) >= WINDOW) {
          told.add(key[i]);
          toldAt.put(key[i], now);
          tells++;
        }
      }
      return tells;
    }
  }

  // ---------------------------------------------------------------- contenders

  /** One way of doing it. */
  private interface Contender {
    /** Runs all events through it; what it has told. */
    long once();

    /** Runs all events through it and writes down how long each took, in nanoseconds. */
    void once(long[] each);
  }

  private static final class Ours implements Contender, AutoCloseable {
    private final Requests requests;
    private final InlineRun run;
    private final String[] rules;
    private InlineRun watched;
    private long[] each;
    private int at;
    private long told;

    Ours(Requests requests, String... rules) {
      this.requests = requests;
      this.rules = rules;
      run = LogStream.named("bench").from(requests.source()).to(sink()).build().inline(() -> Instant.EPOCH);
    }

    private Sink sink() {
      AlertNotifier notifier = alert -> told++;
      List<Alert> alerts = Arrays.stream(rules).map(rule -> Alert.parse(rule).notify(notifier)).toList();
      return alerts.isEmpty() ? Sink.each(event -> { }) : alerts.size() == 1 ? alerts.get(0) : AlertRules.of(alerts);
    }

    /** From one event's way through the pipeline to the next one's. */
    private void took() {
      long now = System.nanoTime();
      each[at++] = now - requests.began;
      requests.began = now;
    }

    @Override
    public long once() {
      told = 0;
      requests.begin();
      run.work();
      return told;
    }

    @Override
    public void once(long[] times) {
      if (watched == null) {
        watched = LogStream.named("bench").from(requests.source()).then("watch", Stage.inOrder(event -> took())).to(sink()).build().inline(() -> Instant.EPOCH);
      }
      each = times;
      at = 0;
      requests.begin();
      watched.work();
    }

    @Override
    public void close() {
      run.close();
      if (watched != null) {
        watched.close();
      }
      if (!run.ledger().balances()) {
        throw new IllegalStateException("the ledger does not balance");
      }
    }
  }

  private static final class Esper implements Contender {
    private final Requests requests;
    private final EPEventService service;
    private final IntFunction<Object[]> event;
    private long told;

    Esper(String name, Requests requests, IntFunction<Object[]> event, String statements) throws EPCompileException, EPDeployException {
      this.requests = requests;
      this.event = event;
      EPRuntime runtime = runtime(name);
      service = runtime.getEventService();
      for (EPStatement statement : runtime.getDeploymentService().deploy(compiled(statements)).getStatements()) {
        statement.addListener((fresh, old, of, in) -> told += fresh == null ? 0 : fresh.length);
      }
    }

    @Override
    public long once() {
      told = 0;
      for (int i = 0; i < EVENTS; i++) {
        service.advanceTime(requests.time(i));
        service.sendEventObjectArray(event.apply(i), "A");
      }
      return told;
    }

    @Override
    public void once(long[] each) {
      for (int i = 0; i < EVENTS; i++) {
        long start = System.nanoTime();
        service.advanceTime(requests.time(i));
        service.sendEventObjectArray(event.apply(i), "A");
        each[i] = System.nanoTime() - start;
      }
    }

    static Configuration configuration() {
      Configuration configuration = new Configuration();
      configuration.getCommon().addEventType("A", new String[] {"key", "us"}, new Object[] {String.class, long.class});
      configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
      return configuration;
    }

    static EPRuntime runtime(String name) {
      EPRuntime runtime = EPRuntimeProvider.getRuntime(name, configuration());
      runtime.getEventService().advanceTime(0);
      return runtime;
    }

    static EPCompiled compiled(String statements) throws EPCompileException {
      return EPCompilerProvider.getCompiler().compile(statements, new CompilerArguments(configuration()));
    }
  }

  private static String[] rules() {
    return IntStream.range(0, RULES).mapToObj(i -> "alert r" + i + ": count(us > " + SLOW + " and key == \"/api/resource" + i + "\") over 60s > " + MORE_THAN + " limit 1 per 60s").toArray(String[]::new);
  }

  private static String statements() {
    return IntStream.range(0, RULES).mapToObj(i -> "@name('s" + i + "') select key, count(*) as n from A(us > " + SLOW + ", key='/api/resource" + i + "')#time(60 sec) group by key having count(*) > "
        + MORE_THAN + " output first every 60 sec;").collect(Collectors.joining("\n"));
  }

  // ---------------------------------------------------------------- rules

  /** One contender's figures, round by round. */
  private static final class Figures {
    final String name;
    final Contender contender;
    final boolean ours;
    final long expected;
    final List<Long> all = new ArrayList<>();
    final List<Long> rules = new ArrayList<>();

    Figures(String name, Contender contender, long expected) {
      this.name = name;
      this.contender = contender;
      this.ours = contender instanceof Ours;
      this.expected = expected;
    }

    void once(Requests requests) {
      requests.makingEvents = 0;
      long start = THREADS.getCurrentThreadCpuTime();
      long told = contender.once();
      long nanos = THREADS.getCurrentThreadCpuTime() - start;
      all.add(nanos);
      rules.add(nanos - requests.makingEvents);
      if (ours || Math.abs(told - expected) > expected / 10) {
        check(name, told, expected);
      }
    }
  }

  private static void frequency(PrintStream out, int rounds) throws EPCompileException, EPDeployException {
    Requests requests = new Requests();
    String one = "select key, count(*) as n from A(us > " + SLOW + ")#time(60 sec) group by key having count(*) > " + MORE_THAN + " output first every 60 sec";
    try (Ours none = new Ours(requests); Ours single = new Ours(requests, "alert slow: count(us > " + SLOW + ") by key over 60s > " + MORE_THAN + " limit 1 per 60s");
        Ours hundred = new Ours(requests, rules())) {
      List<Figures> figures = List.of(
          new Figures("a pipeline without a rule", none, 0),
          new Figures("one rule by key", single, requests.byHand(KEYS, false)),
          new Figures("one rule by key, Esper", new Esper("one", requests, requests::made, one), requests.byHand(KEYS, true)),
          new Figures("the same, events prepared", new Esper("one prepared", requests, requests::prepared, one), requests.byHand(KEYS, true)),
          new Figures("100 rules for a key each", hundred, requests.byHand(RULES, false)),
          new Figures("100 rules for a key each, Esper", new Esper("hundred", requests, requests::made, statements()), requests.byHand(RULES, true)),
          new Figures("the same, events prepared", new Esper("hundred prepared", requests, requests::prepared, statements()), requests.byHand(RULES, true)));
      for (int round = 0; round < rounds; round++) {
        figures.forEach(contender -> contender.once(requests));
        requests.ended();
      }
      for (Figures each : figures) {
        out.printf(Locale.ROOT, "%-32s %8.1f ns/event", each.name, median(each.all) / EVENTS);
        out.printf(Locale.ROOT, each.ours ? ", %.1f of it without making events%n" : "%n", median(each.rules) / EVENTS);
      }
      for (int i = 1; i < figures.size(); i += 3) {
        Figures ours = figures.get(i);
        out.printf(Locale.ROOT, "%s: %.1f times as fast as Esper with making events, %.1f times with events prepared; %d told in each round%n", ours.name,
            median(figures.get(i + 1).all) / median(ours.all), median(figures.get(i + 2).all) / median(ours.rules), ours.expected);
      }
      for (int i = 1; i < figures.size(); i += 3) {
        long[] ours = slowest(requests, figures.get(i).contender, rounds);
        long[] esper = slowest(requests, figures.get(i + 2).contender, rounds);
        out.printf(Locale.ROOT, "%s: half of the events within %d ns, 99 of 100 within %d ns; Esper %d and %d: %.2f of it%n", figures.get(i).name, ours[0], ours[1], esper[0], esper[1],
            (double) ours[1] / esper[1]);
      }
    }
  }

  /** The median and the 99th percentile of the time that an event takes, of all rounds but the first third. */
  private static long[] slowest(Requests requests, Contender contender, int rounds) {
    long[][] times = new long[rounds][EVENTS];
    for (long[] round : times) {
      contender.once(round);
      requests.ended();
    }
    long[] all = Arrays.stream(times).skip(rounds / 3).flatMapToLong(Arrays::stream).sorted().toArray();
    return new long[] {all[all.length / 2], all[(int) (all.length * 0.99)]};
  }

  /** From text to what can take events, each in its own way: parsed, built and opened; compiled and deployed. */
  private static void loading(PrintStream out, int rounds) throws EPCompileException, EPDeployException {
    List<Long> ours = new ArrayList<>();
    List<Long> esper = new ArrayList<>();
    Requests requests = new Requests();
    for (int round = 0; round < rounds; round++) {
      long start = cpu();
      Ours loaded = new Ours(requests, rules());
      ours.add(cpu() - start);
      loaded.close();
      EPRuntime runtime = Esper.runtime("loading" + round);
      start = cpu();
      int deployed = runtime.getDeploymentService().deploy(Esper.compiled(statements())).getStatements().length;
      esper.add(cpu() - start);
      check("deployment", deployed, RULES);
      runtime.destroy();
    }
    out.printf(Locale.ROOT, "loading 100 rules: first %.0f ms, Esper's %.0f ms, %.4f of it; later %.1f ms and %.0f ms, %.4f of it%n", ours.get(0) / 1e6, esper.get(0) / 1e6,
        (double) ours.get(0) / esper.get(0), median(ours) / 1e6, median(esper) / 1e6, median(ours) / median(esper));
  }

  // ---------------------------------------------------------------- a thousand

  /** One event in ten has a value that a rule asks for, of 100 rules as of 1,000. */
  private static void manyEqual(PrintStream out, int rounds) {
    List<Codes> all = List.of(new Codes(100), new Codes(1_000));
    for (int round = 0; round < rounds; round++) {
      all.forEach(Codes::once);
    }
    all.forEach(Codes::close);
    double few = median(all.get(0).nanos) / EVENTS;
    double many = median(all.get(1).nanos) / EVENTS;
    out.printf(Locale.ROOT, "100 rules of equal values %.1f ns/event, 1,000 rules %.1f ns/event, %.2f times as much%n", few, many, many / few);
  }

  private static final class Codes {
    final List<Long> nanos = new ArrayList<>();
    private final byte[][] codes = new byte[EVENTS][];
    private final int[] wanted;
    private final InlineRun run;
    private long round;
    private int next;
    private long told;
    private long expected;

    Codes(int rules) {
      Random random = new Random(3);
      wanted = new int[rules];
      for (int i = 0; i < EVENTS; i++) {
        int code = random.nextInt(10) == 0 ? random.nextInt(rules) : rules + random.nextInt(10_000);
        codes[i] = ("code-" + code).getBytes(StandardCharsets.UTF_8);
        if (code < rules) {
          wanted[code]++;
        }
      }
      for (int count : wanted) {
        expected += count > 0 ? 1 : 0;
      }
      AlertNotifier notifier = alert -> told++;
      List<Alert> alerts = IntStream.range(0, rules).mapToObj(i -> Alert.parse("alert e" + i + ": any where code == \"code-" + i + "\" limit 1 per 1h").notify(notifier)).toList();
      run = LogStream.named("bench").from(new Source() {
        @Override
        public Reader open(SourceContext context) {
          Log log = context.log("codes", Map.of());
          FieldKey key = context.key("code");
          return batch -> {
            if (next == EVENTS) {
              return Reader.Found.NOTHING;
            }
            batch.begin(log, "");
            while (next < EVENTS && !batch.full() && batch.used() < Batch.BYTES) {
              byte[] code = codes[next];
              LogEvent event = batch.event(code, 0, code.length, -1).epochMillis(round * 2 * 3_600_000 + next);
              event.put(key, event.from(), event.to());
              next++;
            }
            return Reader.Found.SOMETHING;
          };
        }
      }).to(AlertRules.of(alerts)).build().inline(() -> Instant.EPOCH);
    }

    void once() {
      next = 0;
      told = 0;
      round++;
      long start = THREADS.getCurrentThreadCpuTime();
      run.work();
      nanos.add(THREADS.getCurrentThreadCpuTime() - start);
      check("equal values", told, expected);
    }

    void close() {
      run.close();
    }
  }

  // ---------------------------------------------------------------- back-test

  private static void backTest(PrintStream out, int lines, int rounds) throws IOException {
    Path log = Files.createTempFile("access", ".log");
    try {
      WholeJobComparison.write(log, lines);
      Stage parsing = Stages.of(Grok.pattern("%{COMBINEDAPACHELOG} %{NUMBER:request_time_us:int}"), EventTime.from("timestamp", "dd/MMM/yyyy:HH:mm:ss Z").outOfOrder(Duration.ofSeconds(30)));
      Alert alert = Alert.parse("alert failing: count(response >= 500) by request over 5m >= 3 for 1m");
      List<Long> plain = new ArrayList<>();
      List<Long> tested = new ArrayList<>();
      List<Long> wall = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        long[] told = new long[1];
        long start = cpu();
        try (InlineRun run = LogStream.named("plain").from(FileTail.once(log)).then(parsing).to(alert.notify(one -> told[0]++)).build().inline(() -> Instant.EPOCH)) {
          while (run.work()) {
            // until all is read
          }
        }
        plain.add(cpu() - start);
        long began = System.nanoTime();
        start = cpu();
        BackTest.Report report = BackTest.of(alert).parsing(parsing).over(log).run();
        tested.add(cpu() - start);
        wall.add(System.nanoTime() - began);
        check("back-test, lines", report.events() + report.failed(), lines);
        check("back-test", report.results().get(0).mails(), told[0]);
        out.printf(Locale.ROOT, "plain %.1f s CPU, back-test %.1f s CPU, %.1f s, %d firings%n", plain.get(round) / 1e9, tested.get(round) / 1e9, wall.get(round) / 1e9, told[0]);
      }
      out.printf(Locale.ROOT, "a back-test costs %.2f of the plain pipeline; a day of 23 million lines takes %.1f minutes%n", median(tested) / median(plain), median(wall) / 1e9 * 23_000_000 / lines / 60);
    } finally {
      Files.delete(log);
    }
  }
}
