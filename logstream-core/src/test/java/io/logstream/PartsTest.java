package io.logstream;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.alert.Alert;
import io.logstream.match.Drop;
import io.logstream.parse.Dedupe;
import io.logstream.parse.EventTime;
import io.logstream.parse.Throttle;
import io.logstream.testing.RecordingSink;
import io.logstream.testing.TestClock;
import io.logstream.window.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A pipeline taken apart at keys, and what a reader says that knows how far its logs have come. */
class PartsTest {
  private static final Source NOTHING = context -> batch -> Reader.Found.NOTHING;

  private static List<PipelinePart> parts(Consumer<PipelineBuilder> body, String... gathered) {
    PipelineBuilder builder = LogStream.named("p").from(NOTHING);
    body.accept(builder);
    return builder.build().parts(Set.of(gathered));
  }

  private static String shape(List<PipelinePart> parts) {
    StringBuilder shape = new StringBuilder();
    for (PipelinePart part : parts) {
      shape.append(part.name()).append(part.from() == null ? "" : " by " + part.by() + " from " + part.from()).append(" gives ").append(part.gives()).append("; ");
    }
    return shape.toString().strip();
  }

  @Test
  void isWholeWithoutStagesThatKeepState() {
    assertThat(shape(parts(p -> p.then(Drop.when(field("a").is("b"))).to(new RecordingSink())))).isEqualTo("p gives [];");
  }

  @Test
  void isCutBeforeAStageThatKeepsStateByKey() {
    assertThat(shape(parts(p -> p.then(Drop.when(field("a").is("b"))).then(Window.tumbling(ofSeconds(1)).by("a")).to(new RecordingSink()))))
        .isEqualTo("p gives [Window]; Window by [a] from p gives [];");
  }

  @Test
  void branchesAreCutByThemselves() {
    assertThat(shape(parts(p -> p.branch("x", b -> b.then(Window.tumbling(ofSeconds(1)).by("a")).to(new RecordingSink()))
        .branch("y", b -> b.then(Window.tumbling(ofSeconds(1))).to(new RecordingSink())).to(new RecordingSink()))))
        .isEqualTo("p gives [x/Window, y/Window]; x/Window by [a] from p gives []; y/Window by [] from p gives [];");
  }

  @Test
  void whatKeepsStateByTheSameKeyStaysAsLongAsTheKeyDoes() {
    Window byBoth = Window.tumbling(ofSeconds(1)).by("a", "b");
    assertThat(shape(parts(p -> p.then(Dedupe.by("a")).then(byBoth).to(Alert.named("x").when(field("count").above(1)).by("a").notify(f -> { })))))
        .isEqualTo("p gives [Dedupe]; Dedupe by [a] from p gives [];");
    assertThat(shape(parts(p -> p.then(Dedupe.by("a")).then(Throttle.by("b")).to(new RecordingSink()))))
        .isEqualTo("p gives [Dedupe]; Dedupe by [a] from p gives [Throttle]; Throttle by [b] from Dedupe gives [];");
    assertThat(shape(parts(p -> p.then(Dedupe.by("a")).then("own", Stage.each(e -> e.put("a", 1))).then(byBoth).to(new RecordingSink()))))
        .isEqualTo("p gives [Dedupe]; Dedupe by [a] from p gives [Window]; Window by [a, b] from Dedupe gives [];");
    assertThat(shape(parts(p -> p.then(Throttle.by()).then("numbers", Stage.inOrder(e -> { })).to(new RecordingSink())))).isEqualTo("p gives [Throttle]; Throttle by [] from p gives [];");
  }

  @Test
  void alertsSayByWhatTheyKeepState() {
    assertThat(Window.tumbling(ofSeconds(1)).by("a").stateBy()).isEqualTo(Optional.of(List.of("a")));
    assertThat(alert(Alert.named("x").when(field("a").is("b")).by("host"))).isEqualTo(List.of("host"));
    assertThat(alert(Alert.named("x").when(field("a").is("b")).by("host").limit(3, ofSeconds(5)))).isEmpty();
    assertThat(alert(Alert.named("x").whenSilentFor(ofSeconds(5)).by("host").expecting("web-1"))).isEmpty();
  }

  private static List<String> alert(Alert alert) {
    return parts(p -> p.to(alert.notify(f -> { }))).get(1).by();
  }

  @Test
  void sinceAndUntilHoldForWhatIsReadAndNotForRows() {
    Pipeline whole = LogStream.named("p").from(NOTHING).then(EventTime.from("t", "UNIX")).then(Window.tumbling(ofSeconds(1)).by("a")).to(new RecordingSink()).build();
    List<PipelinePart> parts = whole.until(Instant.EPOCH).checkpointIn(java.nio.file.Path.of("nowhere")).parts(Set.of());
    assertThat(parts.get(0).pipeline().settings.until).isEqualTo(Instant.EPOCH);
    assertThat(parts.get(1).pipeline().settings.until).isNull();
    assertThat(parts).allSatisfy(part -> assertThat(part.pipeline().settings.checkpointDir).isNull());
  }

  @Test
  void aPartSaysThatItMustBeFed() {
    PipelinePart part = parts(p -> p.then(Dedupe.by("a")).to(new RecordingSink())).get(1);
    assertThatThrownBy(() -> part.pipeline().inline(TestClock.at(Instant.EPOCH))).hasMessageContaining("reading(..)");
  }

  // ---------------------------------------------------------------- told time

  /** Gives what a test says, one thing at a time. */
  private static final class Given implements Source, Reader {
    final Deque<Consumer<Batch>> all = new ArrayDeque<>();
    private SourceContext context;

    @Override
    public Reader open(SourceContext opening) {
      context = opening;
      return this;
    }

    @Override
    public Found poll(Batch batch) {
      Consumer<Batch> next = all.poll();
      if (next == null) {
        return Found.NOTHING;
      }
      next.accept(batch);
      return Found.SOMETHING;
    }

    Given says(String log, Consumer<Batch> what) {
      all.add(batch -> {
        batch.begin(context.log(log, Map.of()), "");
        what.accept(batch);
      });
      return this;
    }

    Given event(String log, long at, String key) {
      return says(log, batch -> batch.event(key, at).epochMillis(at).put("k", key));
    }
  }

  private static final class Kept implements State {
    final Map<String, byte[]> all = new java.util.TreeMap<>();
    int puts;

    @Override
    public void put(String key, byte[] value) {
      puts++;
      all.put(key, value.clone());
    }

    @Override
    public void remove(String key) {
      all.remove(key);
    }

    @Override
    public byte[] get(String key) {
      return all.get(key);
    }

    @Override
    public void forEach(java.util.function.BiConsumer<String, byte[]> action) {
      new java.util.TreeMap<>(all).forEach(action);
    }
  }

  private static Pipeline seconds(Source from, RecordingSink rows) {
    return LogStream.named("p").from(from).then(Window.tumbling(ofSeconds(1)).by("k").aggregate(count())).to("rows", rows).build();
  }

  @Test
  void timeIsTheLeastThatItsReaderTellsOfALogThatIsNotIdle() {
    Given given = new Given();
    TestClock clock = TestClock.at(Instant.EPOCH);
    RecordingSink rows = new RecordingSink();
    try (InlineRun run = seconds(given, rows).inline(clock)) {
      given.says("a", batch -> batch.reached(Long.MIN_VALUE)).says("b", batch -> batch.reached(Long.MIN_VALUE));
      given.event("a", 500, "x").event("a", 9_000, "y").says("a", batch -> batch.reached(5_000));
      run.work();
      assertThat(run.watermark()).isEqualTo(Instant.MIN);
      given.says("b", batch -> batch.reached(1_500));
      run.work();
      assertThat(run.watermark()).isEqualTo(Instant.ofEpochMilli(1_500));
      assertThat(rows.events()).extracting(e -> e.text("k")).containsExactly("x");
      given.says("b", batch -> batch.idle(1_600));
      run.work();
      assertThat(run.watermark()).isEqualTo(Instant.ofEpochMilli(5_000));
      clock.advance(Duration.ofHours(1));
      run.work();
      assertThat(run.watermark()).as("a is not idle, however silent").isEqualTo(Instant.ofEpochMilli(5_000));
      given.says("a", batch -> batch.idle(5_000));
      run.work();
      clock.advance(ofSeconds(5));
      run.work();
      assertThat(rows.events()).extracting(e -> e.text("k")).containsExactly("x", "y");
      given.event("b", 1_700, "late");
      run.work();
      assertThat(run.ledger().stage("Window").dropped()).isEqualTo(1);
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test
  void aRunGoesOnFromTheStateItWasKeptIn() {
    Kept state = new Kept();
    TestClock clock = TestClock.at(Instant.EPOCH);
    RecordingSink rows = new RecordingSink();
    Given first = new Given();
    InlineRun before = seconds(first, rows).inline(clock, state);
    first.says("a", batch -> batch.reached(0)).event("a", 100, "x").event("a", 200, "x");
    for (int i = 0; i < 3; i++) {
      before.step("Given");
    }
    before.keep();
    int puts = state.puts;
    before.keep();
    assertThat(state.puts).as("nothing has changed but what is always put").isLessThanOrEqualTo(puts + 2);
    before.abandon();
    assertThat(rows.events()).isEmpty();
    Given second = new Given();
    try (InlineRun after = seconds(second, rows).inline(clock, state)) {
      second.event("a", 300, "x").says("a", batch -> batch.reached(1_000));
      after.work();
      assertThat(rows.events()).hasSize(1).first().satisfies(row -> assertThat(row.number("count", 0)).isEqualTo(3));
      assertThat(after.ledger().balances()).isTrue();
    }
    assertThatThrownBy(() -> seconds(new Given(), rows).inline(clock).keep()).hasMessageContaining("inline(clock, state)");
  }

  @Test
  void anEventIsTheSameInAnotherRun() {
    List<byte[]> sent = new ArrayList<>();
    Given given = new Given();
    given.says("a", batch -> batch.event("the message", 77).epochMillis(5).put("text", "é\u0000").put("whole", 7L).put("decimal", -0.5).put("truth", true)
        .put("list", List.of("a", 1L, 2.5, false)).put("host", "h"));
    try (InlineRun run = LogStream.named("p").from(given).to(Sink.each(e -> sent.add(e.toBytes()))).build().inline(TestClock.at(Instant.EPOCH))) {
      run.work();
    }
    Given there = new Given();
    there.says("elsewhere", batch -> batch.event(sent.get(0)));
    RecordingSink came = new RecordingSink();
    try (InlineRun run = LogStream.named("p").from(there).to(came).build().inline(TestClock.at(Instant.EPOCH))) {
      run.work();
    }
    LogEvent event = came.events().get(0);
    assertThat(event.message()).isEqualTo("the message");
    assertThat(event.epochMillis()).isEqualTo(5);
    assertThat(event.position().offset()).isEqualTo(77);
    assertThat(event.fields()).containsEntry("text", "é\u0000").containsEntry("whole", 7L).containsEntry("decimal", -0.5).containsEntry("truth", true).containsEntry("list", List.of("a", 1L, 2.5, false));
    assertThat(event.text("host")).isEqualTo("h");
    assertThatThrownBy(() -> {
      Given cut = new Given();
      cut.says("a", batch -> batch.event(new byte[] {1, 2}));
      try (InlineRun run = LogStream.named("p").from(cut).to(came).build().inline(TestClock.at(Instant.EPOCH))) {
        run.work();
      }
    }).hasMessageContaining("cut off");
  }
}
