package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The program as its users see it: what it prints while logs are rotated and it is killed, or stopped in order, and started again. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FollowFileKilledTest {
  /** How the log is rotated. */
  private enum Way { RENAME, RENAME_TO_A_DATE, COPY_AND_TRUNCATE, COMPRESS }

  @TempDir Path dir;
  private Way way;
  private int dated;
  private Path log;
  private Path printed;
  private final List<String> written = new ArrayList<>();

  private Process start() throws IOException {
    List<String> command = List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-Xshare:auto", "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), FollowFile.class.getName(), log.toString(),
        log.resolveSibling("state").toString());
    return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.appendTo(printed.toFile())).redirectError(dir.resolve("errors").toFile()).start();
  }

  private void write(int lines, Random random) throws IOException {
    try (OutputStream out = Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int i = 0; i < lines; i++) {
        String line = String.format(Locale.ROOT, "%08d %s", written.size(), "äß€ payload ".repeat(random.nextInt(20)));
        byte[] bytes = (line + '\n').getBytes(StandardCharsets.UTF_8);
        int half = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length;
        out.write(bytes, 0, half);
        if (half < bytes.length) {
          LockSupport.parkNanos(1_000_000);
          if (random.nextInt(5) == 0 && way != Way.COPY_AND_TRUNCATE) {
            rotate();
          }
          out.write(bytes, half, bytes.length - half);
        }
        written.add(line);
      }
    }
  }

  private void rotate() throws IOException {
    switch (way) {
      case RENAME -> {
        shift();
        if (Files.exists(log)) {
          Files.move(log, numbered(1));
        }
      }
      case RENAME_TO_A_DATE -> renameToADate();
      case COMPRESS -> {
        Path before = dated(dated);
        renameToADate();
        if (Files.exists(before) && !before.equals(dated(dated))) {
          compress(before);
        }
      }
      default -> {
        shift();
        Files.copy(log, numbered(1));
        Files.newOutputStream(log, StandardOpenOption.TRUNCATE_EXISTING).close();
      }
    }
  }

  private void renameToADate() throws IOException {
    if (Files.exists(log)) {
      Files.move(log, dated(++dated));
    }
  }

  private Path dated(int number) {
    return log.resolveSibling(String.format(Locale.ROOT, "app.log-2026%04d", number));
  }

  private static void compress(Path plain) throws IOException {
    Path packed = plain.resolveSibling(plain.getFileName() + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, out);
    }
    Files.setLastModifiedTime(packed, Files.getLastModifiedTime(plain));
    Files.delete(plain);
  }

  private void shift() throws IOException {
    int last = 1;
    while (Files.exists(numbered(last))) {
      last++;
    }
    for (int n = last; n > 1; n--) {
      Files.move(numbered(n - 1), numbered(n));
    }
  }

  private Path numbered(int n) {
    return log.resolveSibling("app.log." + n);
  }

  private List<String> lines() throws IOException {
    String text = Files.readString(printed, StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private void torture(Way rotation, long seed, int rounds) throws Exception {
    way = rotation;
    dated = 0;
    Path own = Files.createDirectories(dir.resolve(way + "-" + seed));
    log = own.resolve("app.log");
    printed = Files.createFile(own.resolve("printed"));
    written.clear();
    Random random = new Random(seed);
    int kills = 0;
    for (int round = 0; round < rounds; round++) {
      Process process = start();
      int before = lines().size();
      for (int i = 0; i < 4; i++) {
        write(random.nextInt(200), random);
        LockSupport.parkNanos(random.nextInt(200_000_000));
        rotate();
      }
      write(5, random);
      boolean inOrder = round % 3 == 2;
      long deadline = System.nanoTime() + 30_000_000_000L;
      while ((inOrder || random.nextBoolean()) && lines().size() == before && System.nanoTime() < deadline) {
        LockSupport.parkNanos(5_000_000);
      }
      if (inOrder) {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      } else {
        process.destroyForcibly().waitFor();
        kills++;
      }
    }
    Process last = start();
    try {
      String end = written.get(written.size() - 1);
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (!lines().contains(end) && System.nanoTime() < deadline) {
        LockSupport.parkNanos(20_000_000);
      }
    } finally {
      last.destroy();
      assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    List<String> all = lines();
    List<String> once = new ArrayList<>(new LinkedHashSet<>(all));
    assertThat(once).as("%s, seed %s", way, seed).isEqualTo(written);
    assertThat(goingBack(all)).as("%s, seed %s: a line comes again after a kill only", way, seed).isLessThanOrEqualTo(kills);
    assertThat(Files.readString(dir.resolve("errors"))).isEmpty();
  }

  /** How often a line is followed by one that does not come after it. */
  private static long goingBack(List<String> lines) {
    long back = 0;
    for (int i = 1; i < lines.size(); i++) {
      back += lines.get(i).compareTo(lines.get(i - 1)) <= 0 ? 1 : 0;
    }
    return back;
  }

  @ParameterizedTest
  @EnumSource
  void printsEveryLineWhateverEndsIt(Way rotation) throws Exception {
    torture(rotation, 1, 3);
  }

  @Tag("stress")
  @ParameterizedTest
  @EnumSource
  void printsEveryLineWhateverEndsItForLong(Way rotation) throws Exception {
    for (long seed = 1; seed <= 20; seed++) {
      torture(rotation, seed, 6);
    }
  }
}
