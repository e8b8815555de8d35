package io.logstream.jmh;

import com.google.common.collect.HashBasedTable;
import com.sun.management.OperatingSystemMXBean;
import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.file.FileTail;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.commons.io.input.Tailer;
import org.apache.commons.io.input.TailerListenerAdapter;
import org.apache.flume.Event;
import org.apache.flume.source.taildir.ReliableTaildirEventReader;
import org.apache.flume.source.taildir.TailFile;

/**
 * What does following a file cost, and how soon is a line there? Three questions, each with a checked answer:
 *
 * <ul>
 * <li>{@code cpu}: CPU per line of following a file that is there already and cutting it into lines, beside a {@code BufferedReader}, the Tailer
 *     of commons-io, Flume's Taildir reader and a bare scan for newlines. Alternating rounds in one JVM, medians.
 * <li>{@code latency}: from the write of a line to the line, at 200 lines a second, without a checkpoint and with one as often as unless said, beside
 *     commons-io at 100 ms and {@code tail -F}.
 * <li>{@code idle}: CPU of this process while nothing is written, with one file and with many.
 * </ul>
 *
 * <pre>java -cp 'jmh/target/classes:..' io.logstream.jmh.FileTailComparison cpu|latency|idle RESULT.json [MB, seconds or files]</pre>
 *
 * <p>Wants two cores, and nothing else that runs.
 */
public final class FileTailComparison {
  private static final int ROUNDS = 5;
  private static final int PER_SECOND = 200;
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private FileTailComparison() {}

  /** How many lines, and how many bytes in them. */
  private record Answer(long lines, long bytes) {}

  private interface Contender {
    Answer read(Path file, Answer expected) throws Exception;
  }

  /** Runs one of the questions. */
  public static void main(String[] args) throws Exception {
    int size = args.length > 2 ? Integer.parseInt(args[2]) : 0;
    Path dir = Files.createTempDirectory("tail-comparison");
    try {
      Map<String, Double> result = switch (args[0]) {
        case "cpu" -> cpu(dir, size == 0 ? 600 : size);
        case "latency" -> latency(dir, size == 0 ? 20 : size);
        case "idle" -> idle(dir, size == 0 ? 10_000 : size);
        default -> throw new IllegalArgumentException("cpu, latency or idle, was " + args[0]);
      };
      StringBuilder json = new StringBuilder("{\n");
      result.forEach((name, value) -> json.append(String.format(Locale.ROOT, "%s  \"%s\": %.4f", json.length() > 2 ? ",\n" : "", name, value)));
      Files.writeString(Path.of(args[1]), json.append("\n}\n"));
      System.out.print(json);
    } finally {
      try (Stream<Path> all = Files.walk(dir)) {
        for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    System.exit(0);
  }

  // ---------------------------------------------------------------- CPU per line

  private static Map<String, Double> cpu(Path dir, int megabytes) throws Exception {
    Path file = dir.resolve("access.log");
    Answer expected = write(file, megabytes * 1_000_000L);
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("newline scan", (f, e) -> scan(f));
    contenders.put("logstream", FileTailComparison::ours);
    contenders.put("BufferedReader", (f, e) -> bufferedReader(f));
    contenders.put("commons-io Tailer", FileTailComparison::commonsIo);
    contenders.put("Flume Taildir reader", FileTailComparison::flume);
    Map<String, double[]> nanos = new LinkedHashMap<>();
    contenders.keySet().forEach(name -> nanos.put(name, new double[ROUNDS]));
    for (int round = -1; round < ROUNDS; round++) {
      for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
        System.gc();
        long before = SYSTEM.getProcessCpuTime();
        Answer answer = contender.getValue().read(file, expected);
        double each = (SYSTEM.getProcessCpuTime() - before) / (double) expected.lines;
        if (!answer.equals(expected)) {
          throw new IllegalStateException(contender.getKey() + " gave " + answer + ", wanted " + expected);
        }
        if (round >= 0) {
          nanos.get(contender.getKey())[round] = each;
        }
      }
    }
    Map<String, Double> result = new LinkedHashMap<>();
    nanos.forEach((name, all) -> result.put(name + ", CPU ns a line", median(all)));
    double ours = median(nanos.get("logstream"));
    nanos.forEach((name, all) -> result.put("logstream / " + name, ours / median(all)));
    return result;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static Answer write(Path file, long bytes) throws IOException {
    Random random = new Random(1);
    long lines = 0;
    long written = 0;
    try (OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      for (; written < bytes; lines++) {
        String line = "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256) + " - - [20/Nov/2026:10:" + (10 + random.nextInt(50)) + ":"
            + (10 + random.nextInt(50)) + " +0000] \"GET /api/v1/item/" + random.nextInt(100_000) + "?session=" + Long.toHexString(random.nextLong())
            + " HTTP/1.1\" 200 " + random.nextInt(100_000) + " \"https://shop.example/list\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\" "
            + random.nextInt(1_000_000) + "\n";
        byte[] text = line.getBytes(StandardCharsets.US_ASCII);
        out.write(text);
        written += text.length;
      }
    }
    return new Answer(lines, written - lines);
  }

  private static Answer scan(Path file) throws IOException {
    VarHandle words = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    byte[] bytes = new byte[256 * 1024];
    long lines = 0;
    long all = 0;
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int n; (n = in.read(ByteBuffer.wrap(bytes))) > 0; all += n) {
        int i = 0;
        for (; i + 8 <= n; i += 8) {
          long word = (long) words.get(bytes, i) ^ 0x0a0a0a0a0a0a0a0aL;
          lines += Long.bitCount(~((word & 0x7f7f7f7f7f7f7f7fL) + 0x7f7f7f7f7f7f7f7fL | word | 0x7f7f7f7f7f7f7f7fL));
        }
        for (; i < n; i++) {
          lines += bytes[i] == '\n' ? 1 : 0;
        }
      }
    }
    return new Answer(lines, all - lines);
  }

  private static Answer bufferedReader(Path file) throws IOException {
    long lines = 0;
    long bytes = 0;
    try (BufferedReader in = new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; lines++) {
        bytes += line.length();
      }
    }
    return new Answer(lines, bytes);
  }

  private static Answer ours(Path file, Answer expected) {
    long[] counts = new long[2];
    Pipeline pipeline = LogStream.named("tail").from(FileTail.of(file)).to(Sink.each(event -> {
      counts[0]++;
      counts[1] += event.to() - event.from();
    })).build();
    try (InlineRun run = pipeline.inline(() -> Instant.EPOCH)) {
      run.work();
      if (!run.ledger().balances()) {
        throw new IllegalStateException(run.ledger().toString());
      }
    }
    return new Answer(counts[0], counts[1]);
  }

  private static Answer commonsIo(Path file, Answer expected) throws InterruptedException {
    long[] counts = new long[2];
    CountDownLatch all = new CountDownLatch(1);
    Tailer tailer = Tailer.builder().setPath(file).setDelayDuration(Duration.ofMillis(100)).setTailFromEnd(false).setBufferSize(64 * 1024)
        .setTailerListener(new TailerListenerAdapter() {
          @Override
          public void handle(String line) {
            counts[0]++;
            counts[1] += line.length();
            if (counts[0] == expected.lines) {
              all.countDown();
            }
          }
        }).get();
    all.await();
    tailer.close();
    return new Answer(counts[0], counts[1]);
  }

  private static Answer flume(Path file, Answer expected) throws IOException {
    Path positions = file.resolveSibling("positions.json");
    ReliableTaildirEventReader reader = new ReliableTaildirEventReader.Builder().filePaths(Map.of("f", file.toString())).headerTable(HashBasedTable.create())
        .positionFilePath(positions.toString()).skipToEnd(false).addByteOffset(false).cachePatternMatching(true).annotateFileName(false).fileNameHeader("file").build();
    long lines = 0;
    long bytes = 0;
    try {
      reader.updateTailFiles();
      TailFile tailed = reader.getTailFiles().values().iterator().next();
      reader.setCurrentFile(tailed);
      while (lines < expected.lines) {
        List<Event> events = reader.readEvents(1000);
        for (Event event : events) {
          bytes += event.getBody().length;
        }
        lines += events.size();
        reader.commit();
      }
    } finally {
      reader.close();
    }
    return new Answer(lines, bytes);
  }

  // ---------------------------------------------------------------- latency

  private interface Follower extends AutoCloseable {
    @Override
    void close() throws Exception;
  }

  /** Takes the time of a line, which is its number. */
  private record Arrivals(AtomicLongArray at) {
    void line(String text) {
      if (!text.isEmpty()) {
        at.set(Integer.parseInt(text), System.nanoTime());
      }
    }
  }

  private interface Starting {
    Follower start(Path file, Arrivals arrivals) throws Exception;
  }

  private static Map<String, Double> latency(Path dir, int seconds) throws Exception {
    Map<String, Starting> all = new LinkedHashMap<>();
    all.put("logstream", (file, arrivals) -> {
      RunningPipeline running = LogStream.named("tail").from(FileTail.of(file)).to(Sink.each(event -> arrivals.line(event.message()))).build().start();
      return running::close;
    });
    all.put("logstream with a checkpoint", (file, arrivals) -> {
      RunningPipeline running = LogStream.named("saved").from(FileTail.of(file)).to(Sink.each(event -> arrivals.line(event.message()))).build()
          .checkpointIn(file.resolveSibling("state")).start();
      return running::close;
    });
    all.put("commons-io Tailer, 100 ms", (file, arrivals) -> {
      Tailer tailer = Tailer.builder().setPath(file).setDelayDuration(Duration.ofMillis(100)).setTailFromEnd(false).setTailerListener(new TailerListenerAdapter() {
        @Override
        public void handle(String line) {
          arrivals.line(line);
        }
      }).get();
      return tailer::close;
    });
    all.put("tail -F", (file, arrivals) -> {
      Process tail = new ProcessBuilder("tail", "-n", "+1", "-F", file.toString()).start();
      BufferedReader out = new BufferedReader(new InputStreamReader(tail.getInputStream(), StandardCharsets.US_ASCII));
      Thread reader = new Thread(() -> out.lines().forEach(arrivals::line), "tail");
      reader.setDaemon(true);
      reader.start();
      return () -> tail.destroyForcibly().waitFor();
    });
    Map<String, Double> result = new LinkedHashMap<>();
    for (Map.Entry<String, Starting> each : all.entrySet()) {
      double[] micros = latency(Files.createFile(dir.resolve(each.getKey().replace(' ', '-') + ".log")), each.getValue(), seconds);
      result.put(each.getKey() + ", p50 ms", micros[micros.length / 2]);
      result.put(each.getKey() + ", p99 ms", micros[micros.length * 99 / 100]);
    }
    for (String quantile : List.of("p50", "p99")) {
      for (String other : List.of("commons-io Tailer, 100 ms", "tail -F")) {
        for (String ours : List.of("logstream", "logstream with a checkpoint")) {
          result.put(other + " / " + ours + ", " + quantile, result.get(other + ", " + quantile + " ms") / result.get(ours + ", " + quantile + " ms"));
        }
      }
    }
    return result;
  }

  /** Sorted milliseconds; the first second is left out. */
  private static double[] latency(Path file, Starting starting, int seconds) throws Exception {
    int lines = (seconds + 1) * PER_SECOND;
    long[] written = new long[lines];
    Arrivals arrivals = new Arrivals(new AtomicLongArray(lines));
    try (Follower follower = starting.start(file, arrivals); FileChannel out = FileChannel.open(file, StandardOpenOption.APPEND)) {
      LockSupport.parkNanos(500_000_000);
      long start = System.nanoTime();
      for (int i = 0; i < lines; i++) {
        for (long due = start + i * 1_000_000_000L / PER_SECOND, left; (left = due - System.nanoTime()) > 0; ) {
          LockSupport.parkNanos(left);
        }
        ByteBuffer line = ByteBuffer.wrap((i + "\n").getBytes(StandardCharsets.US_ASCII));
        written[i] = System.nanoTime();
        out.write(line);
      }
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (arrivals.at.get(lines - 1) == 0 && System.nanoTime() < deadline) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    double[] millis = new double[lines - PER_SECOND];
    for (int i = 0; i < millis.length; i++) {
      long at = arrivals.at.get(i + PER_SECOND);
      if (at == 0) {
        throw new IllegalStateException("line " + (i + PER_SECOND) + " did not come");
      }
      millis[i] = (at - written[i + PER_SECOND]) / 1e6;
    }
    Arrays.sort(millis);
    return millis;
  }

  // ---------------------------------------------------------------- idle

  private static Map<String, Double> idle(Path dir, int files) throws Exception {
    Map<String, Double> result = new LinkedHashMap<>();
    for (int count : new int[] {1, files}) {
      Path logs = Files.createDirectory(dir.resolve("idle" + count));
      for (int i = 0; i < count; i++) {
        Files.writeString(logs.resolve("app" + i + ".log"), "line\n");
      }
      CountDownLatch read = new CountDownLatch(count);
      RunningPipeline running = LogStream.named("idle").from(FileTail.matching(logs, "*.log")).to(Sink.each(event -> read.countDown())).build().start();
      read.await();
      LockSupport.parkNanos(60_000_000_000L); // until all has been looked at a few times, and compilers are quiet
      long cpu = SYSTEM.getProcessCpuTime();
      long time = System.nanoTime();
      LockSupport.parkNanos(40_000_000_000L);
      result.put(count + (count == 1 ? " file" : " files") + ", percent of a core", 100.0 * (SYSTEM.getProcessCpuTime() - cpu) / (System.nanoTime() - time));
      running.close();
      if (!running.ledger().balances() || running.ledger().read() != count) {
        throw new IllegalStateException(running.ledger().toString());
      }
    }
    return result;
  }
}
