package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.parse.Convert;
import io.logstream.testing.PipelineTester;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourcesTest extends EveryWay {
  @Test
  void readsSeveralSourcesWithStagesOfTheirOwnInOrderOfEach() {
    for (boolean trunk : new boolean[] {false, true}) {
      List<List<String>> bySource = new ArrayList<>();
      for (int lanes : new int[] {0, 2}) {
        for (int perBatch : new int[] {1, 7}) {
          List<String> seen = Collections.synchronizedList(new ArrayList<>());
          Pipeline pipeline = severalSources(trunk, perBatch, seen);
          RunningPipeline run = pipeline.lanes(lanes).start();
          assertThat(run.await(LONG)).isTrue();
          run.close();
          assertBalanced(run.ledger());
          bySource.add(seen.stream().sorted(java.util.Comparator.comparing(s -> s.substring(0, 1))).toList());

          seen.clear();
          try (InlineRun inline = pipeline.inline(java.time.InstantSource.fixed(java.time.Instant.EPOCH))) {
            inline.work();
            assertBalanced(inline.ledger());
          }
          bySource.add(seen.stream().sorted(java.util.Comparator.comparing(s -> s.substring(0, 1))).toList());
        }
      }
      assertThat(bySource).allMatch(one -> one.equals(bySource.get(0)));
      assertThat(bySource.get(0)).hasSize(50 + 50 + 25).startsWith("a line 0 {common=1, own=a}").endsWith("c line 24 {common=1, zone=z}");
    }
  }

  private static Pipeline severalSources(boolean trunk, int perBatch, List<String> seen) {
    Stage own = trunk ? Stage.inOrder(e -> e.put("own", "b")) : Stage.each(e -> e.put("own", "b"));
    return LogStream.named("p")
        .from(new TestLines("a", numbered(50), perBatch).then(Stage.each(e -> e.put("own", "a"))), new TestLines("b", numbered(50), perBatch).then(own),
            new TestLines("c", numbered(25), perBatch).field("zone", "z"))
        .then("common", Stage.each(e -> e.put("common", 1)))
        .to("out", Sink.each(e -> seen.add(e.text("file").charAt(0) + " " + shown(e)))).build();
  }

  @Test
  void refusesFieldsThatEachEventHasItsOwnOf() {
    for (String name : List.of("message", "line", "offset")) {
      assertThatThrownBy(() -> lines(1, 1).field(name, "x")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("each event has a " + name + " of its own");
    }
  }

  @Test
  void givesEventsTheFieldsOfTheirLogAndSource() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(3, perBatch).field("env", "prod").field("n", 7))
        .then("shadow", Stage.each(e -> {
          if (e.message().endsWith("1")) {
            e.put("env", "test");
          }
        }))
        .to(Sink.each(e -> journal.add(e.text("env") + " " + e.number("n", 0) + " " + e.text("file") + " " + e.number("offset", -1) + " " + e.number("line", -1) + " "
            + e.has("host") + " " + e.fields())))
        .build());

    assertThat(seen.entries()).hasSize(3);
    assertThat(seen.entries().get(0)).startsWith("prod 7 lines.log 0 1 true").contains("env=prod", "n=7");
    assertThat(seen.entries().get(1)).startsWith("test 7 lines.log 1 2 true").contains("env=test");
  }

  @Test
  void joinsLinesTheSameWayInTheReaderAndOnTheTrunk() {
    List<String> lines = List.of(" torn", "a", " a1", " a2", "b", "c", " c1", "", "d", " d1");
    List<List<String>> all = new ArrayList<>();
    for (boolean hoisted : new boolean[] {true, false}) {
      for (Glue glue : List.of(Glue.lines(), new Glue(Duration.ofSeconds(1), 5, 500), new Glue(Duration.ofSeconds(1), 100, 2))) {
        Seen seen = inEveryWay((perBatch, journal) -> {
          PipelineBuilder builder = LogStream.named("p").from(new TestLines("lines", lines, perBatch));
          if (!hoisted) {
            builder.then("front", Stage.inOrder(e -> { }));
          }
          return builder.then(glue).then("mark", Stage.each(e -> e.put("first", e.number("line", 0)))).to("out", journal.sink("out")).build();
        });
        all.add(seen.entries());
        assertThat(seen.ledger().stage("Glue").passed() + seen.ledger().stage("Glue").absorbed()).isEqualTo(10);
      }
    }
    assertThat(all.get(0)).containsExactly("out:  torn {first=1}", "out: a\n a1\n a2 {first=2}", "out: b {first=5}", "out: c\n c1 {first=6}", "out:  {first=8}",
        "out: d\n d1 {first=9}");
    assertThat(all.subList(3, 6)).isEqualTo(all.subList(0, 3));
  }

  @Test
  void completesAnUnfinishedRecordWhenItsTimeIsUp() {
    List<String> seen = new ArrayList<>();
    try (PipelineTester tester = PipelineTester.of(LogStream.named("p").from(GrowingLog.of()).then(Glue.lines()).to(Sink.each(e -> seen.add(e.message()))).build())) {
      tester.feed("a", " a1").advance(Duration.ofMillis(1999));
      assertThat(seen).isEmpty();
      assertThat(tester.ledger().stage("Glue").held()).isEqualTo(2);
      tester.advance(Duration.ofMillis(1));
      assertThat(seen).containsExactly("a\n a1");
      tester.feed(" late");
    }
    assertThat(seen).containsExactly("a\n a1", " late");
  }

  @Test
  void keepsLinesOfDifferentLogsApartWhenJoiningOnTheTrunk() {
    List<String> seen = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(new GrowingLog("a"), new GrowingLog("b")).then("front", Stage.inOrder(e -> { })).then(Glue.lines())
        .to(Sink.each(e -> seen.add(e.text("file") + " " + e.message()))).build();
    try (PipelineTester tester = PipelineTester.of(pipeline)) {
      tester.feed("a", List.of("a0")).feed("b", List.of("b0")).feed("a", List.of(" a1")).feed("b", List.of(" b1"));
    }
    assertThat(seen).containsExactlyInAnyOrder("a a0\n a1", "b b0\n b1");
  }

  @Test
  void namesPlacesAndDescribesThem() {
    Pipeline pipeline = LogStream.named("p").from(lines(1, 1).then(Glue.lines()), lines(1, 1).field("env", "test"))
        .then(Stage.each(e -> { })).then("named", Stage.inOrder(e -> { })).branch("b", b -> b.to(Sink.each(e -> { }))).to(Sink.each(e -> { })).to(Sink.each(e -> { }))
        .to("far", blocking(Sink.each(e -> { }))).build();

    assertThat(pipeline.describe()).isEqualTo("""
        pipeline 'p'
          from lines
            then lines/Glue  Glue[timeout=PT2S, maxBytes=1048576, maxLines=500]  [joined while reading]
          from lines-2  env=test
          then each  [pass]
          then named
          branch b
            to b/each
          to each-2
          to each-3
          to far  [outbox]
        """);
    assertThat(pipeline.lanes(2).describe()).contains("then each  [lanes]");
    try (InlineRun run = pipeline.inline(java.time.InstantSource.fixed(java.time.Instant.EPOCH))) {
      assertThat(run.ledger().entries()).extracting(Ledger.Entry::name).contains("lines", "lines-2", "lines/Glue", "each", "named", "b/each", "each-2", "far");
      assertThatThrownBy(() -> run.ledger().stage("nmaed")).hasMessageContaining("'named'");
      assertThatThrownBy(() -> run.tap("nmaed", 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("named");
    }
  }

  @Test
  void namesThePartsOfANamedCompositeApart() {
    Pipeline pipeline = LogStream.named("p").from(lines(1, 1)).then("both", Stages.of(Stage.each(e -> { }), Stage.each(e -> { }))).build();
    assertThat(pipeline.describe()).contains("then both/each  [pass]\n  then both/each-2  [pass]");
  }

  @Test
  void refusesWhatCannotBeBuilt() {
    assertThatThrownBy(() -> LogStream.named(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LogStream.named("p").from()).hasMessageContaining("at least one source");
    assertThatThrownBy(() -> LogStream.named("p").from(lines(1, 1)).build()).hasMessage("pipeline 'p' has a source but no stage and no sink");
    assertThatThrownBy(() -> LogStream.named("p").from(lines(1, 1)).branch("b", b -> { })).hasMessageContaining("branch 'b' is empty");
    assertThatThrownBy(() -> LogStream.named("p").from(lines(1, 1)).then("x", Stage.each(e -> { })).to("x", Sink.each(e -> { }))).hasMessageContaining("two places");
    assertThatThrownBy(() -> LogStream.named("p").from(lines(1, 1)).then(Timed.outOfOrder(1)).then(Timed.outOfOrder(1)).build()).hasMessageContaining("2 times");
    Pipeline pipeline = LogStream.named("p").from(lines(1, 1)).then(Stage.each(e -> { })).build();
    assertThatThrownBy(() -> pipeline.ring(3)).hasMessage("ring must be a power of two, was 3");
    assertThatThrownBy(() -> pipeline.ring(1 << 30)).hasMessageContaining("from 2 to 16384");
    assertThatThrownBy(() -> pipeline.lanes(-1)).hasMessage("lanes must be from 0 to 256, was -1");
    assertThatThrownBy(() -> pipeline.lanes(257)).hasMessageContaining("was 257");
    assertThatThrownBy(() -> pipeline.until(Instant.EPOCH).since(Instant.EPOCH)).hasMessageContaining("no event is at or after since");
    assertThatThrownBy(() -> LogStream.named("p").from(lines(1, 1)).then(Convert.numbers("")).build()).hasMessage("pipeline 'p', stage 'Convert': it was given an empty text as the name of a field");
    assertThatThrownBy(() -> pipeline.closeWithin(Duration.ZERO)).hasMessageContaining("PT0S");
  }

  @Test
  void tapsAStageInEveryWay() {
    Seen seen = inEveryWay((perBatch, journal) -> LogStream.named("p").from(lines(1, perBatch)).to(journal.sink("x")).build());
    assertThat(seen.entries()).hasSize(1);
    Pipeline pipeline = LogStream.named("p").from(GrowingLog.of("a", "b", "c"))
        .then("pass", stateless((e, out) -> {
          if (e.message().equals("b")) {
            out.drop(e, "b");
          } else {
            out.emit(e.message(e.message() + "!"));
          }
        }))
        .then("trunk", stage((e, out) -> {
          out.emit(e);
          out.emit(e.put("again", true));
        })).build();
    try (InlineRun run = pipeline.inline(java.time.InstantSource.fixed(java.time.Instant.EPOCH))) {
      Tap pass = run.tap("pass", 10);
      Tap trunk = run.tap("trunk", 1);
      run.work();
      assertThat(pass.samples()).extracting(s -> s.before().message() + s.after().stream().map(LogEvent::message).toList()).containsExactly("a[a!]", "b[]", "c[c!]");
      assertThat(pass).asString().isEqualTo("tap on 'pass'\n  before a  {}\n  after  a!  {}\n  before b  {}\n  after  nothing\n  before c  {}\n  after  c!  {}");
      assertThat(trunk.samples()).hasSize(1);
      assertThat(trunk.samples().get(0).after()).extracting(LogEvent::fields).extracting(f -> f.containsKey("again")).containsExactly(false, true);
    }
  }

  @Test
  void aTapIsAwaitedWhileThePipelineRuns() throws InterruptedException {
    GrowingLog log = new GrowingLog("log");
    try (RunningPipeline run = LogStream.named("p").from(log).then("shout", Stage.each(e -> e.message(e.message() + "!"))).build().start()) {
      Tap tap = run.tap("shout", 2);
      assertThat(tap.stage()).isEqualTo("shout");
      assertThat(tap.await(Duration.ofMillis(1))).isEmpty();
      log.add("a", "b", "c").end();
      assertThat(tap.await(LONG)).extracting(sample -> sample.after().get(0).message()).containsExactly("a!", "b!");
    }
  }

  @Test
  void deliversLinesThatWereGivenBeforeTheReaderThrew() {
    for (boolean joined : new boolean[] {false, true}) {
      List<String> seen = Collections.synchronizedList(new ArrayList<>());
      GrowingLog log = new GrowingLog("log").perBatch(10).failing(1, 2).add("a", " a1", "b", " b1").end();
      PipelineBuilder builder = LogStream.named("p").from(log);
      if (joined) {
        builder.then(Glue.lines());
      }
      RunningPipeline run = builder.to(Sink.each(e -> seen.add(e.message()))).build().start();
      assertThat(run.await(LONG)).isTrue();
      run.close();

      assertThat(seen).isEqualTo(joined ? List.of("a\n a1", "b\n b1") : List.of("a", " a1", "b", " b1"));
      assertBalanced(run.ledger());
    }
  }

  @Test
  void closesReadersThatAreOpenWhenAnotherCannotBeOpened() {
    GrowingLog first = new GrowingLog("first");
    Source second = c -> {
      throw new IllegalStateException("no such partition");
    };
    assertThatThrownBy(() -> LogStream.named("p").from(first, second).then(Stage.each(e -> { })).build().start())
        .isInstanceOf(PipelineException.class).hasMessageContaining("no such partition");
    assertThat(first.closed).hasValue(1);
  }

  @Test
  void saysWhichStageCannotBeOpened() {
    Pipeline pipeline = LogStream.named("p").from(lines(1, 1)).then("bad", c -> {
      throw new IllegalStateException("no dictionary");
    }).build();
    assertThatThrownBy(pipeline::start).isInstanceOf(PipelineException.class).hasMessageContaining("'bad'").hasMessageContaining("no dictionary");
    Pipeline without = LogStream.named("p").from(lines(1, 1)).to("none", c -> null).build();
    assertThatThrownBy(without::start).isInstanceOf(PipelineException.class).hasMessageContaining("'none'");
  }
}
