package io.logstream.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Source;
import io.logstream.parse.Multiline;
import io.logstream.testing.Seed;
import io.logstream.testing.StackTraces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** However the bytes of a log come (in pieces, in several files, with the follower looking now and then, or stopped): the records are the same. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChunksTest {
  private static final int ROUNDS = 4;

  @TempDir private Path dir;

  private static Source source(Path log) {
    return FileTail.of(log).then(Multiline.startingWith("^\\d{4}-").timeout(Duration.ofDays(1)));
  }

  /** Records with traces and with characters of several bytes, some lines ending in CR LF. */
  private static List<byte[]> records(Random random) {
    List<byte[]> records = new ArrayList<>();
    for (String record : StackTraces.seed(random.nextInt(1000)).records(30)) {
      String end = random.nextInt(4) == 0 ? "\r\n" : "\n";
      String more = random.nextInt(3) == 0 ? " äß€\ud83d\ude00" : random.nextInt(20) == 0 ? " long".repeat(2_000) : "";
      records.add((record.replace("\n", more + end) + more + end).getBytes(StandardCharsets.UTF_8));
    }
    return records;
  }

  private List<String> whole(List<byte[]> records, String name) throws IOException {
    Path log = Files.createFile(Files.createDirectory(dir.resolve(name)).resolve("app.log"));
    for (byte[] record : records) {
      append(log, record);
    }
    try (Follower follower = new Follower(source(log))) {
      follower.work();
      assertThat(follower.ledger().imbalances()).isEmpty();
      return List.copyOf(follower.lines);
    }
  }

  private static void append(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void givesTheSameRecordsHoweverTheBytesCome() throws Exception {
    Seed.random(random -> {
      for (int round = 0; round < ROUNDS; round++) {
        List<byte[]> records = records(random);
        List<String> expected = whole(records, random.number() + "-whole-" + round);
        assertThat(expected).hasSize(records.size() - 1); // the last one may go on
        Path log = Files.createDirectory(dir.resolve(random.number() + "-pieces-" + round)).resolve("app.log");
        try (Follower follower = new Follower(source(log))) {
          Path rotated = null;
          for (byte[] record : records) {
            for (int at = 0; at < record.length; ) {
              int to = Math.min(record.length, at + 1 + random.nextInt(1 << (1 + random.nextInt(12))));
              append(rotated == null ? log : rotated, Arrays.copyOfRange(record, at, to));
              at = to;
              look(follower, random);
              if (rotated == null && random.nextInt(30) == 0) {
                rotated = rotate(log);
                look(follower, random);
              }
            }
            rotated = null;
          }
          follower.work();
          assertThat(follower.ledger().imbalances()).isEmpty();
          assertThat(ofOneFile(follower.lines)).isEqualTo(ofOneFile(expected));
        }
      }
    });
  }

  /** The records but the last: at the end of a file that one is complete. */
  private static List<String> ofOneFile(List<String> records) {
    return records.stream().limit(28).toList();
  }

  private static void look(Follower follower, Random random) {
    switch (random.nextInt(8)) {
      case 0 -> follower.stop();
      case 1 -> follower.advance(Duration.ofMillis(random.nextInt(400))).work();
      case 2, 3, 4 -> follower.work();
      default -> { }
    }
  }

  /** The file under way gets another name; the rest of the record still goes there. */
  private static Path rotate(Path log) throws IOException {
    int last = 1;
    while (Files.exists(numbered(log, last))) {
      last++;
    }
    for (int n = last; n > 1; n--) {
      Files.move(numbered(log, n - 1), numbered(log, n));
    }
    Path rotated = numbered(log, 1);
    Files.move(log, rotated);
    Files.createFile(log);
    return rotated;
  }

  private static Path numbered(Path log, int n) {
    return log.resolveSibling("app.log." + n);
  }
}
