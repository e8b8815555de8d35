package io.logstream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Sink;
import io.logstream.appender.Thrown;
import io.logstream.file.FileTail;
import io.logstream.parse.Json;
import io.logstream.parse.KeyValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GeneratorsTest {
  @Test
  void equalSeedsThrowTheSameAndOthersDoNot() {
    assertThat(traces(1)).isEqualTo(traces(1)).isNotEqualTo(traces(2));
  }

  private static List<List<String>> traces(long seed) {
    return RealTraces.seed(seed).thrown(50).stream().map(RealTraces::lines).toList();
  }

  @Test
  void realTracesHaveWhatRealTracesHave() {
    List<String> all = RealTraces.seed(7).thrown(200).stream().flatMap(t -> RealTraces.lines(t).stream()).toList();
    assertThat(all).anyMatch(l -> l.startsWith("Caused by: ")).anyMatch(l -> l.startsWith("\tSuppressed: ")).anyMatch(l -> l.matches("\t\\.\\.\\. \\d+ more"))
        .anyMatch(l -> l.contains("$Proxy")).anyMatch(l -> l.contains("lambda$"));
  }

  @Test
  void aThrownIsPrintedAsTheJvmPrintsIt() throws Exception {
    Seed.random(random -> RealTraces.seed(random.nextLong()).thrown(200)
        .forEach(thrown -> assertThat(Thrown.of(thrown).trace().lines().toList()).isEqualTo(RealTraces.lines(thrown))));
  }

  @Test
  void hostileBytesAreNotTextAndHaveNoLineFeed() {
    List<byte[]> lines = HostileBytes.seed(42).lines(2000);
    assertThat(lines.toArray(byte[][]::new)).isDeepEqualTo(HostileBytes.seed(42).lines(2000).toArray(byte[][]::new));
    assertThat(lines).noneMatch(line -> new String(line, StandardCharsets.ISO_8859_1).contains("\n"))
        .anyMatch(line -> new String(line, StandardCharsets.UTF_8).contains("\ufffd")).anyMatch(line -> line.length >= 20_000).anyMatch(line -> line.length == 0);
  }

  @Test
  void noBytesHarmAParser() throws Exception {
    Seed.random(random -> {
      List<String> lines = HostileBytes.seed(random.nextLong()).lines(500).stream().map(line -> new String(line, StandardCharsets.UTF_8)).toList();
      RecordingSink sink = new RecordingSink();
      try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(FileTail.of(Path.of("x"))).then(Json.fields()).then(KeyValue.fields()).to(sink).build())) {
        tester.feed(lines);
      }
    });
  }

  @Test
  void whatIsWrittenInPiecesAndRotatedIsReadWholeAndOnce(@TempDir Path dir) throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      Path file = dir.resolve("app" + seed + ".log");
      List<String> expected = IntStream.range(0, 400).mapToObj(i -> i + " \u00e9\u20ac\ud83d\ude00 some words").toList();
      List<String> read = new ArrayList<>();
      Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
      try (WrittenLog log = WrittenLog.seed(seed, file, expected.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList());
          InlineRun run = LogStream.named("p").from(FileTail.of(file)).to(Sink.each(e -> read.add(e.message()))).build().inline(() -> now[0])) {
        do {
          now[0] = now[0].plusMillis(20);
          run.work();
        } while (log.step());
        for (int i = 0; i < 30; i++) {
          now[0] = now[0].plus(Duration.ofMillis(300));
          run.work();
        }
        assertThat(run.ledger().imbalances()).isEmpty();
      }
      assertThat(read).as("seed " + seed).isEqualTo(expected);
    }
  }
}
