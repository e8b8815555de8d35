package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import io.logstream.InlineRun;
import io.logstream.file.KilledProgram.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that follows rotating logs is killed at random moments and started again. What its stages have seen in the end, and the rows
 * of its windows, are those of a run that was never killed; what comes twice comes after the last checkpoint and has the same positions.
 */
class KillTest {
  private static final long PATIENCE = 60_000_000_000L;
  private static final String HEADER = "#".repeat(300);

  /** What may be missing in the end. */
  private enum Loses {
    NOTHING,
    /** The order only: a truncated file that begins as before cannot be told from itself while no more than that was read of it. */
    ORDER,
    /** The order, and lines that were destroyed. */
    ORDER_AND_DESTROYED,
    /** Lines that were destroyed before a checkpoint had them, if the process was killed. */
    DESTROYED
  }

  /** How the logs are written and rotated. */
  private enum Scenario {
    PLAIN(w -> { }),
    PREEXISTING(w -> { }) {
      @Override
      void before(Writing w) {
        w.log().lines(300);
      }
    },
    PREEXISTING_ROTATED(w -> w.log().rename()) {
      @Override
      void before(Writing w) {
        for (int i = 0; i < 5; i++) {
          w.log().lines(60);
          w.log().rename();
        }
      }
    },
    RENAME(w -> w.log().rename()),
    RENAME_DATE(w -> w.log().renameDate()),
    RENAME_LATE(w -> w.log().renameLate()),
    MIDLINE(w -> w.log().midline()),
    BURST(w -> {
      for (int i = 0; i < 3; i++) {
        w.log().rename();
        w.log().lines(2);
      }
    }),
    SYMLINK(Loses.DESTROYED, w -> w.destroying(() -> w.log().switchLink(w.elsewhere))) {
      @Override
      void prepare(Path logs, Path elsewhere) throws IOException {
        Files.createSymbolicLink(logs.resolve("app.log"), Files.createFile(elsewhere.resolve("target-0")));
      }
    },
    DELETE(Loses.DESTROYED, w -> w.destroying(w.log()::delete)),
    COPYTRUNCATE(w -> w.quietly(() -> w.log().copyTruncate(0))),
    COPYTRUNCATE_HOT(w -> w.log().copyTruncate(20)),
    TRUNC_GROW(w -> w.quietly(() -> w.log().truncateAndGrow(true))),
    TRUNC_GROW_WITHOUT_COPY(Loses.DESTROYED, w -> w.destroying(() -> w.log().truncateAndGrow(false))),
    HOLES(w -> w.quietly(() -> w.log().copyTruncate(0))) {
      @Override
      LogWriter writer(Path log, long seed) {
        return new LogWriter(log, new Random(seed), false, "\n", "", () -> { });
      }
    },
    CRLF(w -> w.log().rename()) {
      @Override
      LogWriter writer(Path log, long seed) {
        return new LogWriter(log, new Random(seed), true, "\r\n", "", () -> { });
      }
    },
    COMPRESS(w -> w.log().compress(() -> w.pause(w.random.nextInt(60)))),
    UTF_16(w -> w.log().rename()) {
      @Override
      LogWriter writer(Path log, long seed) {
        return new LogWriter(log, new Random(seed), true, "\n", "", StandardCharsets.UTF_16LE, () -> { });
      }
    },
    LONG_LINES(w -> {
      w.log().longest = 500_000;
      w.log().lines(1);
      w.log().longest = 300;
      w.log().rename();
    }),
    SAME_HEADER(w -> w.log().rename()) {
      @Override
      LogWriter writer(Path log, long seed) {
        return new LogWriter(log, new Random(seed), true, "\n", HEADER, () -> { });
      }
    },
    SAME_HEADER_TRUNC(Loses.ORDER, w -> w.quietly(() -> w.log().truncateAndGrow(true))) {
      @Override
      LogWriter writer(Path log, long seed) {
        return new LogWriter(log, new Random(seed), true, "\n", HEADER, () -> { });
      }
    },
    MIXED(Loses.ORDER_AND_DESTROYED, w -> {
      Scenario[] ways = {RENAME, RENAME_LATE, MIDLINE, BURST, DELETE, COPYTRUNCATE, COPYTRUNCATE_HOT, TRUNC_GROW};
      ways[w.random.nextInt(ways.length)].rotation.rotate(w);
    }),
    TWO_STREAMS(Kind.INTERLEAVED, Loses.NOTHING, w -> { }),
    TWO_STREAMS_ROTATED(Kind.INTERLEAVED, Loses.NOTHING, w -> {
      Scenario[] ways = {RENAME, RENAME_LATE, MIDLINE, COPYTRUNCATE};
      ways[w.random.nextInt(ways.length)].rotation.rotate(w);
    }),
    MANY(Kind.MANY_FILES, Loses.NOTHING, w -> w.log().rename());

    /** Here what was in one file when it came first may be in its copy when it comes again. */
    static final Set<Scenario> COPIES = EnumSet.of(COPYTRUNCATE, COPYTRUNCATE_HOT, TRUNC_GROW, HOLES, COMPRESS, TWO_STREAMS_ROTATED);

    final Kind kind;
    final Loses loses;
    final Rotation rotation;

    Scenario(Rotation rotation) {
      this(Loses.NOTHING, rotation);
    }

    Scenario(Loses loses, Rotation rotation) {
      this(Kind.LINES, loses, rotation);
    }

    Scenario(Kind kind, Loses loses, Rotation rotation) {
      this.kind = kind;
      this.loses = loses;
      this.rotation = rotation;
    }

    boolean mayDestroy() {
      return loses == Loses.DESTROYED || loses == Loses.ORDER_AND_DESTROYED;
    }

    void prepare(Path logs, Path elsewhere) throws IOException {}

    void before(Writing w) {}

    LogWriter writer(Path log, long seed) {
      return new LogWriter(log, new Random(seed), true, "\n", "", () -> { });
    }
  }

  private interface Rotation {
    void rotate(Writing w);
  }

  /** How long and how hard; the logs are written on until the last kill. */
  private record Measure(int rotations, int lines, int pauseMillis, int kills, int files) {}

  /** One log, or many, written and rotated on a thread of its own. */
  private static final class Writing implements AutoCloseable {
    final Scenario scenario;
    final Path dir;
    final Path elsewhere;
    final Random random;
    final Journal journal;
    private final Measure measure;
    private final List<LogWriter> logs = new ArrayList<>();
    private final AtomicReference<Throwable> failed = new AtomicReference<>();
    private final Set<Integer> destroyed = new HashSet<>();
    private final Set<Integer> mayBeMissing = new HashSet<>();
    /** What the journal had when the process was last seen dead: as long as it has no more, what came behind the checkpoint comes again. */
    private int takenAtKill = -1;
    private LogWriter log;
    private Thread thread;
    private volatile boolean enough;

    Writing(Scenario scenario, Path root, long seed, Measure measure) throws IOException {
      this.scenario = scenario;
      this.measure = measure;
      this.random = new Random(seed * 1000 + scenario.ordinal());
      dir = root.resolve("all").resolve(scenario.kind + "-" + scenario);
      Path into = Files.createDirectories(dir.resolve("logs"));
      elsewhere = Files.createDirectories(root.resolve("elsewhere").resolve(scenario.name()));
      scenario.prepare(into, elsewhere);
      journal = new Journal(dir.resolve("journal"), scenario);
      int files = scenario.kind == Kind.MANY_FILES ? measure.files : 1;
      for (int i = 0; i < files; i++) {
        logs.add(scenario.writer(into.resolve(files == 1 ? "app.log" : "app" + i + ".log"), random.nextLong()));
      }
      log = logs.get(0);
    }

    LogWriter log() {
      return log;
    }

    void start() {
      scenario.before(this);
      thread = new Thread(() -> {
        try {
          write();
        } catch (Throwable t) {
          failed.set(t);
        }
      }, "writes " + scenario);
      thread.setDaemon(true);
      thread.start();
    }

    /** The process will not be killed again. */
    void enough() {
      enough = true;
    }

    private void write() {
      for (int i = 0; i < measure.rotations || !enough; i++) {
        for (LogWriter each : logs) {
          log = each;
          each.lines(random.nextInt(2 * measure.lines / logs.size() + 1) + 2);
          if (logs.size() == 1 || i < 2) {
            scenario.rotation.rotate(this);
          }
        }
        pause(random.nextInt((i < measure.rotations ? 2 : 6) * measure.pauseMillis));
      }
      for (LogWriter each : logs) {
        each.lines(30);
        if (scenario.kind == Kind.LINES) {
          each.last(KilledProgram.LAST);
        }
      }
    }

    void pause(int millis) {
      LockSupport.parkNanos(millis * 1_000_000L);
    }

    /** Some time in which nothing is written, so that what is there can be read. */
    void quietly(Runnable rotation) {
      pause(100);
      rotation.run();
    }

    /** Whatever is in the live file is gone after this. It is waited for, but not for ever: the process may be dead. */
    void destroying(Runnable rotation) {
      long deadline = System.nanoTime() + 2_000_000_000L;
      int last = log.written.size() - 1;
      while (journal.poll().lastDelivered() < last && System.nanoTime() < deadline) {
        pause(5);
      }
      synchronized (destroyed) {
        for (int i = log.begins.get(log.begins.size() - 1); i <= last; i++) {
          destroyed.add(i);
          if (i > (journal.taken() == takenAtKill ? journal.lineBehindCheckpoint() : journal.lastDelivered())) {
            mayBeMissing.add(i);
          }
        }
      }
      rotation.run();
    }

    /** Called when the process is dead, and again just before it is started. */
    void noteWhatMayBeMissing() {
      if (scenario.mayDestroy()) {
        int covered = journal.poll().lineBehindCheckpoint();
        synchronized (destroyed) {
          takenAtKill = journal.taken();
          destroyed.stream().filter(line -> line > covered).forEach(mayBeMissing::add);
        }
      }
    }

    boolean isThrough() {
      return !thread.isAlive() && (failed.get() != null || journal.poll().records.size() >= expectedRecords() - mayBeMissing.size() && journal.isEnded(this));
    }

    private int expectedRecords() {
      int lines = logs.stream().mapToInt(each -> each.written.size()).sum();
      return scenario.kind == Kind.INTERLEAVED ? lines / 5 - 2 : lines;
    }

    void isAsNeverKilled(Path scratch) throws IOException {
      assertThat(failed.get()).as("%s: writing", scenario).isNull();
      List<String> written = new ArrayList<>();
      logs.forEach(each -> written.addAll(each.written));
      List<String> present = scenario.kind == Kind.INTERLEAVED ? written : written.stream().filter(present(written)).toList();
      if (scenario.loses == Loses.ORDER || scenario.loses == Loses.ORDER_AND_DESTROYED) {
        assertThat(shortly(present.stream().map(KilledProgram::entry).filter(entry -> !journal.ever.contains(entry)).toList())).as("%s: what is missing", scenario)
            .isEqualTo("0 []");
        Set<String> once = new HashSet<>();
        List<String> twice = journal.records.stream().filter(entry -> !entry.startsWith(HEADER.substring(0, 8)) && !once.add(entry)).toList();
        assertThat(shortly(twice)).as("%s: what comes twice without having come after the last checkpoint", scenario).isEqualTo("0 []");
        return;
      }
      if (scenario.kind == Kind.MANY_FILES) {
        assertThat(journal.records.stream().sorted().toList()).as("%s", scenario).isEqualTo(written.stream().map(KilledProgram::entry).sorted().toList());
        return;
      }
      NeverKilled without = NeverKilled.run(scenario.kind, Files.createDirectory(scratch.resolve("never-killed-" + scenario)),
          scenario.kind == Kind.INTERLEAVED ? log.generations() : List.of(present));
      assertThat(difference(journal.records, without.records)).as("%s: records of the run that was killed, beside one that was not", scenario).isEmpty();
      if (scenario.loses == Loses.DESTROYED) {
        journal.rows.keySet().retainAll(without.rows.keySet()); // others were of lines that had come, but were destroyed before a checkpoint had them
      }
      assertThat(difference(shown(journal.rows), shown(without.rows))).as("%s: rows of the run that was killed, beside one that was not", scenario).isEmpty();
      assertThat(journal.rows.isEmpty() && !scenario.mayDestroy()).as("%s: there are no rows", scenario).isFalse();
    }

    /** All lines but those that are missing and may be. */
    private java.util.function.Predicate<String> present(List<String> written) {
      if (mayBeMissing.isEmpty()) {
        return line -> true;
      }
      Set<String> came = new HashSet<>(journal.records);
      Set<String> excused = new HashSet<>();
      mayBeMissing.forEach(number -> excused.add(written.get(number)));
      return line -> came.contains(KilledProgram.entry(line)) || !excused.contains(line);
    }

    long missing() {
      return logs.stream().mapToInt(each -> each.written.size()).sum() - (scenario.kind == Kind.INTERLEAVED ? 0 : journal.records.size());
    }

    @Override
    public void close() {
      logs.forEach(LogWriter::close);
    }
  }

  /** What the journal of a process says: what its stages have seen if each restart is taken for a return to the checkpoint. */
  private static final class Journal {
    final List<String> records = new ArrayList<>();
    final Map<String, String> rows = new TreeMap<>();
    final List<String> wrong = new ArrayList<>();
    final Set<String> ever = new HashSet<>();
    private final List<String> seenBefore = new ArrayList<>();
    private final List<String> positions = new ArrayList<>();
    private final Path file;
    private long at;
    private int taken;
    /** What it goes on from is not told yet; if it does not tell, from nothing. */
    private boolean opened;
    /** What the last two savings began with; the first of them is surely finished. */
    private long saved;
    private long saving;
    private long repeated;
    private long mostRepeated;

    private final boolean comesAgain;
    private final boolean samePlace;

    Journal(Path file, Scenario scenario) {
      this.file = file;
      comesAgain = scenario.loses == Loses.NOTHING && scenario.kind != Kind.MANY_FILES;
      samePlace = !Scenario.COPIES.contains(scenario);
    }

    synchronized Journal poll() {
      if (!Files.exists(file)) {
        return this;
      }
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        byte[] bytes = new byte[(int) (in.length() - at)];
        in.seek(at);
        in.readFully(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.lastIndexOf('\n') + 1;
        at += end;
        text.substring(0, end).lines().forEach(this::take);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    private void take(String line) {
      taken++;
      String[] parts = line.split(" ", 3);
      if (opened && !parts[0].equals("R")) {
        restored(0);
      }
      switch (parts[0]) {
        case "L" -> {
          records.add(parts[2]);
          ever.add(parts[2]);
          positions.add(parts[1]);
          if (comesAgain && records.size() <= seenBefore.size() && !seenBefore.get(records.size() - 1).equals(shown(parts[1], parts[2]))) {
            wrong.add("after a restart record " + (records.size() - 1) + " is " + shown(parts[1], parts[2]) + ", was " + seenBefore.get(records.size() - 1));
            seenBefore.clear();
          }
        }
        case "W" -> rows.put(parts[1], parts[2]);
        case "S" -> {
          saved = saving;
          saving = Long.parseLong(parts[1]);
        }
        default -> {
          opened = parts[1].equals("0");
          if (!opened) {
            restored(Integer.parseInt(parts[1]));
          }
        }
      }
    }

    private String shown(String position, String record) {
      return samePlace ? position + ' ' + record : record;
    }

    private void restored(int count) {
      opened = false;
      if (count < saved || count > records.size()) {
        wrong.add("restored after " + count + " records; " + saved + " were behind a finished checkpoint, " + records.size() + " had come");
        return;
      }
      seenBefore.clear();
      for (int i = 0; i < records.size(); i++) {
        seenBefore.add(shown(positions.get(i), records.get(i)));
      }
      repeated += records.size() - count;
      mostRepeated = Math.max(mostRepeated, records.size() - count);
      records.subList(count, records.size()).clear();
      positions.subList(count, positions.size()).clear();
      saved = count;
      saving = count;
    }

    synchronized int taken() {
      return taken;
    }

    synchronized int lastDelivered() {
      return numberOf(records.size() - 1);
    }

    synchronized int lineBehindCheckpoint() {
      return numberOf((int) saved - 1);
    }

    private int numberOf(int record) {
      return record < 0 ? -1 : Integer.parseInt(records.get(record).substring(0, 8));
    }

    synchronized boolean isEnded(Writing writing) {
      return writing.scenario.kind != Kind.LINES || !records.isEmpty() && records.get(records.size() - 1).startsWith(Integer.toString(KilledProgram.LAST));
    }
  }

  private static String difference(List<String> came, List<String> expected) {
    if (came.equals(expected)) {
      return "";
    }
    int first = 0;
    while (first < Math.min(came.size(), expected.size()) && came.get(first).equals(expected.get(first))) {
      first++;
    }
    List<String> missing = new ArrayList<>(expected);
    missing.removeAll(new HashSet<>(came));
    List<String> twice = new ArrayList<>(came);
    new HashSet<>(came).forEach(twice::remove);
    return came.size() + " came, expected " + expected.size() + ", the first difference is at " + first + ": " + shortly(came.subList(first, came.size()))
        + " instead of " + shortly(expected.subList(first, expected.size())) + ", missing " + shortly(missing) + ", twice " + shortly(twice);
  }

  private static List<String> shown(Map<String, String> rows) {
    return rows.entrySet().stream().map(Map.Entry::toString).toList();
  }

  private static String shortly(List<String> some) {
    return some.size() + " " + some.subList(0, Math.min(5, some.size()));
  }

  /** The same pipeline over the same lines, inline, in one go. A record ends where its file ends, so for joined ones files are kept. */
  private record NeverKilled(List<String> records, Map<String, String> rows) {
    static NeverKilled run(Kind kind, Path dir, List<List<String>> generations) throws IOException {
      Path file = dir.resolve("app.log");
      for (int i = 0; i < generations.size(); i++) {
        int age = generations.size() - 1 - i;
        Files.write(age == 0 ? file : dir.resolve("app.log." + age), generations.get(i));
      }
      List<String> records = new ArrayList<>();
      Map<String, String> rows = new TreeMap<>();
      boolean[] closing = {false};
      try (InlineRun run = KilledProgram.pipeline(kind, FileTail.of(file), line -> {
        String[] parts = line.split(" ", 3);
        if (parts[0].equals("L") && !closing[0]) {
          records.add(parts[2]);
        } else if (parts[0].equals("W") && !closing[0]) {
          rows.put(parts[1], parts[2]);
        }
      }).inline(() -> Instant.parse("2026-01-01T00:00:00Z"))) {
        run.work();
        closing[0] = true;
      }
      return new NeverKilled(records, rows);
    }
  }

  private static String torture(Path root, long seed, Measure measure, Scenario... scenarios) throws Exception {
    Random random = new Random(seed);
    List<Writing> all = new ArrayList<>();
    Path printed = Files.createDirectories(root).resolve("printed");
    for (Scenario scenario : scenarios) {
      all.add(new Writing(scenario, root, seed, measure));
    }
    try {
      all.forEach(Writing::start);
      for (int kill = 0; kill < measure.kills; kill++) {
        try (Forked process = start(root, printed)) {
          letRun(process, all, kill % 4 == 3, random);
          if (random.nextInt(3) == 0) {
            process.stall(random.nextInt(400));
          }
          process.kill();
        }
        all.forEach(Writing::noteWhatMayBeMissing);
        LockSupport.parkNanos(random.nextInt(300_000_000));
        all.forEach(Writing::noteWhatMayBeMissing);
      }
      all.forEach(Writing::enough);
      try (Forked process = start(root, printed)) {
        awaitAll(all, process);
        assertThat(process.end()).as(process.printed()).isZero();
      }
      assertAll("seed " + seed, all.stream().map(writing -> () -> {
        assertThat(writing.journal.poll().wrong).as("%s", writing.scenario).isEmpty();
        writing.isAsNeverKilled(root);
      }));
      return "seed " + seed + ": " + measure.kills + " kills, " + all.stream().mapToLong(w -> w.journal.records.size()).sum() + " records, repeated "
          + all.stream().mapToLong(w -> w.journal.repeated).sum() + ", at most " + all.stream().mapToLong(w -> w.journal.mostRepeated).max().orElse(0)
          + " of one log by one kill, destroyed before they could be read " + all.stream().filter(w -> w.scenario.mayDestroy()).mapToLong(Writing::missing).sum();
    } finally {
      all.forEach(Writing::enough);
      all.forEach(Writing::close);
    }
  }

  /** Until a random moment: while it is starting, or when it is at work. */
  private static void letRun(Forked process, List<Writing> all, boolean whileStarting, Random random) throws IOException {
    Writing some = all.get(random.nextInt(all.size()));
    int before = some.journal.poll().taken();
    long latest = System.nanoTime() + PATIENCE;
    while (!whileStarting && !some.isThrough() && some.journal.poll().taken() < before + 5 && System.nanoTime() < latest) {
      LockSupport.parkNanos(1_000_000);
    }
    long until = System.nanoTime() + random.nextInt(700_000_000);
    while (System.nanoTime() < until) {
      assertThat(process.runs()).as(process.printed()).isTrue();
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Forked start(Path root, Path printed) throws IOException {
    return Forked.start(KilledProgram.class, printed, List.of("-Xmx256m"), root.resolve("all").toString());
  }

  private static void awaitAll(List<Writing> all, Forked process) throws IOException {
    long deadline = System.nanoTime() + PATIENCE;
    for (Writing writing : all) {
      while (!writing.isThrough() && System.nanoTime() < deadline) {
        assertThat(process.runs()).as(process.printed()).isTrue();
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void goesOnFromTheCheckpointAfterEveryKill(@TempDir Path dir, TestReporter reporter) throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      reporter.publishEntry("killed", torture(dir.resolve("" + seed), seed, new Measure(10, 40, 100, 2, 20), Scenario.values()));
    }
  }

  @Tag("stress")
  @Test
  @Timeout(value = 3000, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void goesOnFromTheCheckpointAfterManyKills(@TempDir Path dir, TestReporter reporter) throws Exception {
    for (int seed = 1; seed <= 20; seed++) {
      reporter.publishEntry("killed", torture(dir.resolve("" + seed), seed, new Measure(20, 60, 60, 5, 100), Scenario.values()));
    }
  }
}
