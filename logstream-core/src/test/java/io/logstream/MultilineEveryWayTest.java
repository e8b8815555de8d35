package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.parse.ContainerLines;
import io.logstream.parse.Json;
import io.logstream.parse.Multiline;
import io.logstream.parse.Split;
import io.logstream.testing.Seed;
import io.logstream.testing.StackTraces;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mode makes the same records of random lines inline and on the ring, in the reader and on the trunk, whatever the lanes and batches. */
class MultilineEveryWayTest extends EveryWay {
  private static final Stage NOTHING = Stage.inOrder(event -> { });
  private static final Stage SIZED = Stage.each(event -> event.put("size", event.message().length()));
  private static final String[] WORDS = {"S", "S 1", "E", " at", "\t", "a", "b\\", "", "x;", "\"", "q\"q", "|", "java.lang.Error: x", "\tat a.B(C.java:1)", "Caused by: y: z",
      "Traceback (most recent call last):", "  File \"a.py\", line 1", "E: é"};

  static Stream<Arguments> joiners() {
    Multiline starting = Multiline.startingWith("^S");
    return Stream.of(starting, starting.until("^E"), starting.maxLines(3), starting.maxLines(2).tooLong(TooLong.TRUNCATE), starting.maxBytes(7).tooLong(TooLong.FORGET),
            starting.maxBytes(9).tooLong(TooLong.FAIL), starting.unstarted(Multiline.Unstarted.JOINED), starting.unstarted(Multiline.Unstarted.JOINED).unmatchedLines(3),
            starting.completeOver(4), starting.joinedBy(" | "), Multiline.continuedBy("^\\s"), Multiline.continuing("\\\\$"), Multiline.endingWith(";$"), Multiline.every(3),
            Multiline.whileMatching("^\\|"), Multiline.whileNotMatching("^\\|"), Multiline.quoted('"'), Multiline.haltBefore("^S", "^E"), Multiline.haltWith("^S", "^E"),
            Multiline.continueThrough("^S", "^[a-z]"), Multiline.continuePast("^S", "^[a-z]"),
            Multiline.rule("start", "^S", "in").andRule("in", "^[ a-z]", "in").andRule("in", "^E", "start"), Multiline.traces(), Multiline.traces("java").afterLine())
        .map(joiner -> Arguments.of(joiner.toString(), joiner));
  }

  private static List<String> randomLines(Random random) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      lines.add(WORDS[random.nextInt(WORDS.length)]);
    }
    lines.addAll(StackTraces.seed(random.nextInt()).lines(30));
    return lines;
  }

  private static List<String> messages(Seen seen) {
    return seen.entries().stream().map(entry -> entry.substring("got: ".length(), entry.lastIndexOf(" {"))).toList();
  }

  private static Seen through(List<String> lines, Stage... stages) {
    return inEveryWay((perBatch, journal) -> {
      PipelineBuilder pipeline = LogStream.named("joined").from(new TestLines("lines", lines, perBatch));
      for (Stage stage : stages) {
        pipeline.then(stage);
      }
      return pipeline.to("sink", journal.sink("got")).build();
    });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("joiners")
  void joinsTheSameInEveryWay(String shown, Multiline joiner) throws Exception {
    Seed.random(random -> {
      List<String> lines = randomLines(random);
      Seen inReader = through(lines, joiner, SIZED);
      Seen onTrunk = through(lines, NOTHING, joiner, SIZED);
      assertThat(onTrunk.entries()).isEqualTo(inReader.entries());
      assertThat(inReader.entries()).hasSizeLessThanOrEqualTo(lines.size()).isNotEmpty();
      if (joiner.tooLong() == TooLong.SPLIT && joiner.joint().equals("\n")) {
        assertThat(String.join("\n", messages(inReader))).isEqualTo(String.join("\n", lines));
      }
    });
  }

  @Test
  void keepsStreamsApartInEveryWay() throws Exception {
    Seed.random(random -> {
      List<String> lines = randomLines(random);
      Stage threads = Stage.each(event -> event.put("thread", event.number("line", 0) % 3).put("size", event.message().length()));
      Seen seen = through(lines, threads, Multiline.startingWith("^S").by("thread"));
      assertThat(seen.entries().stream().mapToLong(entry -> entry.chars().filter(c -> c == '\n').count() + 1).sum()).isEqualTo(lines.size());
    });
  }

  @Test
  void splitsTheSameInEveryWay() throws Exception {
    Seed.random(random -> {
      List<String> lines = randomLines(random);
      through(lines, Multiline.startingWith("^S"), Split.before("at|a"), SIZED);
      through(lines, Split.after(";|x"), SIZED);
    });
  }

  @Test
  void unwrapsContainerLinesTheSameInEveryWay() throws Exception {
    Seed.random(random -> {
      List<String> lines = new ArrayList<>();
      for (String text : randomLines(random)) {
        String stream = random.nextBoolean() ? "stdout" : "stderr";
        switch (random.nextInt(5)) {
          case 0, 1 -> lines.add("2026-03-04T05:06:07.123456789Z " + stream + (random.nextBoolean() ? " F " : " P ") + text);
          case 2, 3 -> lines.add("{\"log\":\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + (random.nextBoolean() ? "\\n" : "")
              + "\",\"stream\":\"" + stream + "\"}");
          default -> lines.add(text);
        }
      }
      Seen pieces = through(lines, ContainerLines.any(), SIZED);
      assertThat(pieces.ledger().stage("ContainerLines").absorbed()).isPositive();
      Seen traces = through(lines, ContainerLines.any(), Multiline.traces(), SIZED);
      assertThat(traces.entries()).hasSizeLessThan(pieces.entries().size());
      through(lines, ContainerLines.any(), Json.fields().under("app"));
    });
  }
}
