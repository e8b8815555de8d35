package io.logstream.window;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static io.logstream.window.Aggregations.max;
import static io.logstream.window.Aggregations.mean;
import static io.logstream.window.Aggregations.min;
import static io.logstream.window.Aggregations.percentiles;
import static io.logstream.window.Aggregations.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.logstream.InlineRun;
import io.logstream.Ledger;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

class WindowTest {
  private static final Window PER_SECOND = Window.tumbling(Duration.ofSeconds(1));

  private final List<LogEvent> rows = Collections.synchronizedList(new ArrayList<>());
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private Map<String, Long> metrics;

  private Pipeline pipeline(TimedLines lines, At at, Stage... then) {
    var chain = LogStream.named("windows").from(lines).then(at);
    for (Stage stage : then) {
      chain.then(stage);
    }
    return chain.to(Sink.each(row -> rows.add(row.copy()))).build();
  }

  private Ledger run(TimedLines lines, At at, Stage... then) {
    InlineRun run = pipeline(lines, at, then).inline(clock);
    run.work();
    run.close();
    metrics = run.metrics();
    return balanced(run.ledger());
  }

  private static Ledger balanced(Ledger ledger) {
    assertThat(ledger.imbalances()).isEmpty();
    return ledger;
  }

  private static TimedLines lines(String... text) {
    return new TimedLines(256).add("a", text);
  }

  private static String[] at(long... times) {
    return java.util.Arrays.stream(times).mapToObj(t -> "t=" + t).toArray(String[]::new);
  }

  /** start, count, closedBy and partial of all rows. */
  private List<String> shortly() {
    return rows.stream().map(r -> r.number("window.start", -1) + " " + r.number("count", -1) + " " + r.text("closedBy") + (r.has("partial") ? " partial" : "")
        + (r.has("overflow") ? " overflow" : "")).toList();
  }

  private List<String> text() {
    return rows.stream().map(r -> r + " " + r.id() + " " + r.keys()).toList();
  }

  // ---------------------------------------------------------------- closing

  @Test
  void countsFromStartInclusiveToEndExclusive() {
    run(lines(at(0, 999, 1000, 1999, 2000)), new At(), PER_SECOND);
    assertThat(shortly()).containsExactly("0 2 watermark", "1000 2 watermark", "2000 1 end partial");
    assertThat(rows.get(0).epochMillis()).isEqualTo(999);
    assertThat(rows.get(0).fields()).containsExactlyInAnyOrderEntriesOf(
        Map.of("window.start", 0L, "window.end", 1000L, "count", 2L, "revision", 0L, "closedBy", "watermark"));
    assertThat(rows.get(0).id()).isEqualTo("Window|1970-01-01T00:00:00Z||0");
    assertThat(rows.get(0).message()).isEmpty();
  }

  @Test
  void staysOpenUntilTheOutOfOrdernessIsOver() {
    run(lines(at(500, 2999, 600, 3000, 700)), new At().outOfOrder(2000), PER_SECOND);
    assertThat(shortly()).containsExactly("0 2 watermark", "2000 1 end", "3000 1 end partial");
    assertThat(rows).allSatisfy(row -> assertThat(row.number("revision", -1)).isZero());
  }

  @Test
  void aWindowWhoseEndWasReachedIsNotPartialAtTheEndOfInput() {
    run(lines(at(1500, 1000, 2000)), new At().outOfOrder(60_000), PER_SECOND);
    assertThat(shortly()).containsExactly("1000 2 end", "2000 1 end partial");
  }

  @Test
  void asksNoClockWhetherAWindowIsCompleteWhenOneOfTwoLogsHasNoTimes() {
    run(new TimedLines(1).add("b", "garbage").add("a", at(100, 1500)), new At(), PER_SECOND);
    assertThat(shortly()).containsExactly("0 1 end", "1000 1 end partial");
  }

  @Test
  void silenceClosesOnAMovedClock() {
    InlineRun run = pipeline(lines(at(0, 500)).endless(), new At().outOfOrder(5000), PER_SECOND).inline(clock);
    run.work();
    now = now.plusMillis(9_999);
    run.work();
    assertThat(rows).isEmpty();
    now = now.plusSeconds(1);
    run.work();
    assertThat(shortly()).containsExactly("0 2 idle");
    run.close();
    assertThat(rows).hasSize(1);
    balanced(run.ledger());
  }

  @Test
  @Timeout(60)
  void aSlowSinkMakesNoLogIdle() throws Exception {
    CountDownLatch everythingIsRead = new CountDownLatch(20);
    TimedLines lines = new TimedLines(1).add("a", at(0, 40, 80, 120, 160, 200, 240)).onQuiet(everythingIsRead::countDown);
    Sink slow = Sink.each(event -> {
      if (event.epochMillis() == 0) {
        await(everythingIsRead);
      }
    });
    Pipeline pipeline = LogStream.named("slow").from(lines).then(new At(Duration.ZERO, Duration.ofMillis(1))).to("slow", slow)
        .then(Window.tumbling(Duration.ofMillis(100))).to(Sink.each(row -> rows.add(row.copy()))).build();
    try (RunningPipeline run = pipeline.start()) {
      run.await();
      balanced(run.ledger());
    }
    assertThat(shortly()).hasSize(3).startsWith("0 3 watermark", "100 2 watermark");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Counts, and cannot say so of two. */
  private record Touchy() implements Aggregation {
    @Override
    public List<String> fields() {
      return List.of("touchy");
    }

    @Override
    public Opened open(StageContext context) {
      return Value::new;
    }

    private static final class Value implements Aggregation.Value {
      private long n;

      @Override
      public void add(LogEvent event) {
        n++;
      }

      @Override
      public void merge(Aggregation.Value other) {
        n += ((Value) other).n;
      }

      @Override
      public void write(DataOutput out) throws IOException {
        out.writeLong(n);
      }

      @Override
      public void read(DataInput in) throws IOException {
        n = in.readLong();
      }

      @Override
      public void fill(LogEvent row, Duration covered) {
        if (n == 2) {
          throw new IllegalStateException("two");
        }
        row.put("touchy", n);
      }
    }
  }

  @Test
  void anAggregationThatThrowsSpoilsNothingButItsOwnFields() {
    Ledger ledger = run(lines(at(0, 1000, 1001, 2000, 2001, 3000)), new At(), PER_SECOND.aggregate(new Touchy(), count()));
    assertThat(rows).extracting(row -> row.number("touchy", -1) + " " + row.number("count", -1) + " " + row.text("unfilled"))
        .containsExactly("1 1 null", "-1 2 java.lang.IllegalStateException: two", "-1 2 java.lang.IllegalStateException: two", "1 1 null");
    assertThat(ledger.stage("Window").created()).isEqualTo(4);
    assertThat(metrics).containsEntry("Window.unfilled", 2L);
  }

  @Test
  void whatComesAfterSilenceClosedItsWindowIsLate() {
    TimedLines lines = lines(at(0, 500, 600, 1700)).endless().upTo(2);
    InlineRun run = pipeline(lines, new At(), PER_SECOND).inline(clock);
    run.work();
    now = now.plusSeconds(11);
    run.work();
    lines.upTo(4);
    run.work();
    run.close();
    assertThat(shortly()).containsExactly("0 2 idle");
    assertThat(balanced(run.ledger()).stage("Window").dropped("late")).isEqualTo(2);
  }

  @Test
  void silenceMovesTimeInARestoredRunAsFarAsTheClockWent() {
    TimedLines lines = lines(at(500, 400, 300, 10_900)).endless().upTo(2);
    Pipeline pipeline = pipeline(lines, new At(), PER_SECOND);
    InlineRun first = pipeline.inline(clock);
    first.work();
    byte[] saved = first.save();
    lines.upTo(3);
    InlineRun second = pipeline.inline(clock, saved);
    second.work();
    now = now.plusSeconds(9);
    second.work();
    assertThat(rows).isEmpty();
    now = now.plusSeconds(1);
    second.work();
    assertThat(shortly()).containsExactly("0 3 idle");
    assertThat(second.watermark().toEpochMilli()).isEqualTo(10_500);
    lines.upTo(4);
    second.work();
    second.close();
    assertThat(balanced(second.ledger()).stage("Window").dropped()).isZero();
  }

  @Test
  @Timeout(20)
  void timesBefore1970AndEightyYearsApartCostNothing() {
    long far = Duration.ofDays(80 * 365).toMillis();
    run(lines(at(-1, -1000, -1001, far, far + 1)), new At().outOfOrder(1000), Window.tumbling(Duration.ofMillis(1000)));
    assertThat(shortly()).containsExactly("-2000 1 watermark", "-1000 2 watermark", far / 1000 * 1000 + " 2 end partial");
  }

  @Test
  void timesThatNoWindowCanHoldFail() {
    Ledger ledger = run(lines(at(Long.MAX_VALUE, Long.MIN_VALUE + 1, 5)), new At(), PER_SECOND);
    assertThat(ledger.stage("Window").failed("time out of range")).isEqualTo(2);
  }

  // ---------------------------------------------------------------- late

  @Test
  void countsLateEventsByThePipelinesWatermark() {
    Ledger ledger = run(lines(at(500, 1000, 999, 0)), new At(), PER_SECOND);
    assertThat(ledger.stage("Window").dropped("late")).isEqualTo(2);
    assertThat(shortly()).containsExactly("0 1 watermark", "1000 1 end partial");
  }

  @Test
  void countsLateEventsByTheWatermarkOfTheirOwnLog() {
    TimedLines lines = new TimedLines(1).add("slow", at(100)).add("fast", at(100, 5000, 200)).add("slow", at(300)).add("fast", at(4999, 5100)).add("slow", at(6000));
    Ledger ledger = run(lines, new At(), PER_SECOND);
    assertThat(ledger.stage("Window").dropped("late")).isEqualTo(2);
    assertThat(shortly()).containsExactly("0 3 watermark", "5000 2 end", "6000 1 end partial");
  }

  @Test
  void severalLogsWaitForTheSlowest() {
    run(new TimedLines(3).add("b", at(200)).add("a", at(100, 1100)).add("a", at(2100)).add("b", at(900, 1000)), new At(), PER_SECOND);
    assertThat(shortly()).containsExactly("0 3 watermark", "1000 2 end", "2000 1 end partial");
  }

  // ---------------------------------------------------------------- keys

  private static Stage put(Consumer<LogEvent> action) {
    return Stage.each(action);
  }

  @Test
  void keysOfAllTypesComeBackAsTheyWereAndInOrder() {
    Object[] keys = {"b", "a\u0000b", "a", "a\u0000", "\u00e9\ud83d\ude00", "", 5L, -5L, 5.0, -1.5, Double.NaN, Double.NEGATIVE_INFINITY, -0.0, true, false, null, "5", "true",
      "null", Long.MIN_VALUE, Long.MAX_VALUE, 0.0};
    int[] at = {0};
    run(lines(at(new long[keys.length])), new At(), Stage.inOrder(e -> e.put("k", keys[at[0]++])), PER_SECOND.by("k"));
    assertThat(rows.stream().map(r -> r.value("k"))).containsExactly(null, false, true, Long.MIN_VALUE, -5L, 5L, Long.MAX_VALUE, Double.NEGATIVE_INFINITY, -1.5, 0.0, 5.0,
        Double.NaN, "", "5", "a", "a\u0000", "a\u0000b", "b", "null", "true", "\u00e9\ud83d\ude00");
    assertThat(rows.get(9).number("count", 0)).as("-0.0 is 0.0").isEqualTo(2);
    assertThat(rows).allSatisfy(r -> assertThat(r.keys()).containsExactly("k"));
    assertThat(rows.get(0).has("k")).isFalse();
    assertThat(rows.stream().map(LogEvent::id).distinct()).hasSize(rows.size());
  }

  @Test
  void idsTellAllCombinationsApart() {
    String[][] keys = {{"a,b", "c"}, {"a", "b,c"}, {"a|b", ""}, {"a\\", ","}, {"a", "\\,"}, {"", ""}, {"\\null", ""}, {"__other__", "__other__"}};
    int[] at = {0};
    run(lines(at(new long[keys.length + 3])), new At(), Stage.inOrder(e -> {
      int i = at[0]++;
      if (i < keys.length) {
        e.put("x", keys[i][0]).put("y", keys[i][1]);
      }
      if (i == keys.length) {
        e.put("y", "");
      }
      if (i == keys.length + 1) {
        e.put("x", "further");
      }
    }), PER_SECOND.by("x", "y").maxKeys(10));
    assertThat(rows).hasSize(11);
    assertThat(rows.stream().map(LogEvent::id).distinct()).hasSize(11);
    assertThat(rows.get(10).id()).isEqualTo("Window|1970-01-01T00:00:00Z|\\other|0");
  }

  @Test
  void keysMayBeTheMessageAConstantOfTheLogAndBytesThatAreNotUtf8() {
    run(lines("t=0 k=x", "t=0 k=x", "t=0 k=y"), new At(), PER_SECOND.by("message", "file"));
    assertThat(rows.stream().map(r -> r.message() + r.text("file") + r.number("count", 0))).containsExactly("t=0 k=xa2", "t=0 k=ya1");
    rows.clear();
    byte[][] odd = {{'a', (byte) 0xFF}, {'a', (byte) 0xFE}};
    io.logstream.Source bytes = context -> {
      var log = context.log("a", Map.of());
      return new io.logstream.Reader() {
        private int next;

        @Override
        public Found poll(io.logstream.Batch batch) {
          if (next == 2) {
            return Found.END;
          }
          batch.begin(log, "");
          batch.event(odd[next++], 0, 2, -1).epochMillis(0);
          return Found.SOMETHING;
        }
      };
    };
    InlineRun run = LogStream.named("odd").from(bytes).then(PER_SECOND.by("message")).to(Sink.each(r -> rows.add(r.copy()))).build().inline(clock);
    run.work();
    run.close();
    balanced(run.ledger());
    assertThat(rows.stream().map(LogEvent::message)).containsExactly("a\ufffd", "a\ufffd");
    assertThat(rows.stream().map(LogEvent::id)).doesNotHaveDuplicates().allMatch(id -> id.contains("a\\xf"));
  }

  @Test
  void furtherKeysAreCountedTogetherAndComplete() {
    String[] text = IntStream.range(0, 1000).mapToObj(i -> "t=" + i % 1000 + " k=" + i % 100 + " v=" + i).toArray(String[]::new);
    run(lines(text), new At().outOfOrder(1000), PER_SECOND.by("k").maxKeys(10).aggregate(count(), sum("v"), max("v")));
    assertThat(rows).hasSize(11);
    LogEvent other = rows.get(10);
    assertThat(other.text("k")).isEqualTo("__other__");
    assertThat(other.value("overflow")).isEqualTo(true);
    assertThat(other.number("count", 0)).isEqualTo(900);
    assertThat(rows.stream().mapToLong(r -> r.number("v.sum", 0)).sum()).isEqualTo(499_500);
    assertThat(other.number("v.max", 0)).isEqualTo(999);
    assertThat(metrics).containsEntry("Window.overflow", 900L);
    assertThat(rows.subList(0, 10).stream().map(r -> r.text("k"))).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void manyKeysAreBoundedAndComplete() {
    int[] at = {0};
    var warnings = new ListAppender<ILoggingEvent>();
    warnings.start();
    Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
    logger.addAppender(warnings);
    try {
      run(lines(at(new long[1_000_000])), new At(), Stage.inOrder(e -> e.put("k", at[0]++)), PER_SECOND.by("k"));
    } finally {
      logger.detachAppender(warnings);
    }
    assertThat(rows).hasSize(2001);
    assertThat(rows.get(2000).number("count", 0)).isEqualTo(998_000);
    assertThat(rows.stream().mapToLong(row -> row.number("count", 0)).sum()).isEqualTo(1_000_000);
    assertThat(warnings.list).singleElement().satisfies(warning -> assertThat(warning.getFormattedMessage()).contains("no room for more than 2000 keys"));
  }

  @Test
  void countsMissingAndNotNumericFields() {
    run(lines("t=0 v=5", "t=0 v=x", "t=0", "t=0 v=", "t=0 v=1e999", "t=0 v=2.5"), new At(), PER_SECOND.aggregate(count(), sum("v")));
    assertThat(rows.get(0).decimal("v.sum", 0)).isEqualTo(7.5);
    assertThat(metrics).containsEntry("Window.missing", 1L).containsEntry("Window.notNumeric", 3L);
  }

  @Test
  void aFieldThatNobodyHasLeavesAbsentAllButSumAndCount() {
    run(lines(at(0)), new At(), PER_SECOND.aggregate(count(), sum("v"), mean("v"), min("v"), max("v"), percentiles("v", 0, 50, 100)));
    assertThat(rows.get(0).fields()).containsEntry("v.sum", 0L).containsEntry("count", 1L).doesNotContainKeys("v.mean", "v.min", "v.max", "v.p0", "v.p50", "v.p100");
  }

  // ---------------------------------------------------------------- windows over rows

  @Test
  void countsRowsOfWindows() {
    Window minute = Window.tumbling(Duration.ofMinutes(1)).aggregate(sum("n", "count"), count("rows", field("revision").exists()), max("last", "window.start"));
    run(lines(at(0, 500, 30_000, 59_999, 60_000, 121_000)), new At(), PER_SECOND, minute);
    assertThat(rows.stream().map(r -> r.number("window.start", -1) + " " + r.number("n", -1) + " " + r.number("rows", -1) + " " + r.number("last", -1) + r.has("partial")))
        .containsExactly("0 4 3 59000false", "60000 1 1 60000false", "120000 1 1 121000true");
  }

  @Test
  void windowsOverRowsLoseNothingWhenTimeLeapsOverSeveralOfThem() {
    Window ten = Window.tumbling(Duration.ofSeconds(10)).aggregate(sum("n", "count"));
    List<String> text = new ArrayList<>();
    Random random = new Random(5);
    long time = 0;
    for (int i = 0; i < 500; i++) {
      time += random.nextInt(40_000);
      text.add("t=" + time);
    }
    Ledger ledger = run(lines(text.toArray(String[]::new)), new At(), PER_SECOND, ten);
    assertThat(rows.stream().mapToLong(r -> r.number("n", 0)).sum()).isEqualTo(500);
    assertThat(ledger.stage("Window-2").dropped()).isZero();
  }

  // ---------------------------------------------------------------- state

  private static TimedLines mixed(long seed, int perBatch, boolean severalLogs) {
    Random random = new Random(seed);
    TimedLines lines = new TimedLines(perBatch);
    long time = -3_000;
    for (int i = 0; i < 120; i++) {
      time += random.nextInt(100);
      long t = time - random.nextInt(10) * random.nextInt(60);
      String text = random.nextInt(30) == 0 ? "garbage" : "t=" + (random.nextInt(60) == 0 ? t + 100_000_000L : t) + " k=" + random.nextInt(6)
          + (random.nextInt(5) == 0 ? "" : " v=" + (random.nextBoolean() ? random.nextInt(1000) : random.nextGaussian()));
      lines.add(severalLogs ? "log" + random.nextInt(3) : "a", text);
    }
    return lines;
  }

  private static final Window EVERYTHING = PER_SECOND.by("k").maxKeys(4)
      .aggregate(count(), sum("v"), mean("v"), min("v"), max("v"), percentiles("v", 0, 50, 99.9, 100), Aggregations.ratio("r", field("v").exists()));
  private static final Window OVER_ROWS = Window.tumbling(Duration.ofSeconds(3)).aggregate(count("rows", field("revision").exists()), mean("m", "v.mean"), sum("n", "count"));

  @Test
  void restoringAtEveryEventGivesTheSameRowsByteForByte() {
    for (boolean severalLogs : new boolean[] {false, true}) {
      for (long seed = 0; seed < 4; seed++) {
        run(mixed(seed, 1, severalLogs), new At().outOfOrder(200), EVERYTHING, OVER_ROWS);
        List<String> undisturbed = text();
        rows.clear();
        TimedLines lines = mixed(seed, 1, severalLogs);
        Pipeline pipeline = pipeline(lines, new At().outOfOrder(200), EVERYTHING, OVER_ROWS);
        InlineRun run = pipeline.inline(clock);
        for (int i = 0; i <= lines.size(); i++) {
          byte[] saved = run.save();
          balanced(run.ledger());
          run = pipeline.inline(clock, saved);
          lines.upTo(i);
          if (i < lines.size()) {
            run.work();
          }
        }
        run.work();
        run.close();
        balanced(run.ledger());
        assertThat(text()).as("seed %s, several logs %s", seed, severalLogs).isEqualTo(undisturbed);
        rows.clear();
      }
    }
  }

  @Test
  void aChangedWindowRefusesAnOldStateAndSaysWhy() {
    TimedLines lines = lines("t=0 a=1 b=2").endless();
    Window before = PER_SECOND.by("a").aggregate(mean("m", "a"));
    InlineRun run = pipeline(lines, new At(), before).inline(clock);
    run.work();
    byte[] saved = run.save();
    List<Stage> changed = List.of(PER_SECOND.by("a").aggregate(mean("m", "b")), PER_SECOND.by("a").aggregate(min("m", "a")), PER_SECOND.by("b").aggregate(mean("m", "a")),
        Window.tumbling(Duration.ofSeconds(2)).by("a").aggregate(mean("m", "a")), PER_SECOND.by("a").aggregate(mean("m", "a"), count()), PER_SECOND);
    for (Stage stage : changed) {
      assertThatThrownBy(() -> pipeline(lines, new At(), stage).inline(clock, saved)).as(stage.toString()).isInstanceOf(PipelineException.class)
          .hasMessageContaining("stage 'Window' cannot take back its saved state: it was saved by another window (tumbling PT1S by a").hasMessageContaining("this one is tumbling");
    }
    pipeline(lines, new At(), PER_SECOND.by("a").maxKeys(7).aggregate(mean("m", "a"))).inline(clock, saved).close();
  }

  @Test
  void aStateOfAnotherStageOfThatNameIsRefused() {
    Stage keeps = context -> new io.logstream.Processor() {
      @Override
      public void process(LogEvent event, io.logstream.Emitter out) {
        out.absorb(event);
      }

      @Override
      public void save(io.logstream.State state) {
        state.put("something", new byte[1]);
      }
    };
    TimedLines lines = lines(at(0)).endless();
    InlineRun run = LogStream.named("p").from(lines).then("w", keeps).build().inline(clock);
    byte[] saved = run.save();
    assertThatThrownBy(() -> LogStream.named("p").from(lines).then("w", PER_SECOND).build().inline(clock, saved)).isInstanceOf(PipelineException.class)
        .hasMessageContaining("saved by another stage");
  }

  // ---------------------------------------------------------------- the same rows everywhere

  @Test
  void rowsAreTheSameForAllBatchSizesAndOnTheRing() throws InterruptedException {
    for (boolean severalLogs : new boolean[] {false, true}) {
      for (long seed = 10; seed < 14; seed++) {
        run(mixed(seed, 1, severalLogs), new At().outOfOrder(200), EVERYTHING, OVER_ROWS);
        List<String> expected = text();
        assertThat(expected).isNotEmpty();
        for (int perBatch : new int[] {7, 256}) {
          rows.clear();
          run(mixed(seed, perBatch, severalLogs), new At().outOfOrder(200), EVERYTHING, OVER_ROWS);
          assertThat(text()).as("batches of %s", perBatch).isEqualTo(expected);
        }
        for (int lanes : new int[] {0, 1, 2, 4}) {
          rows.clear();
          try (RunningPipeline run = pipeline(mixed(seed, 7, severalLogs), new At().outOfOrder(200), EVERYTHING, OVER_ROWS).lanes(lanes).start()) {
            run.await();
            balanced(run.ledger());
          }
          assertThat(text()).as("lanes %s", lanes).isEqualTo(expected);
        }
        rows.clear();
      }
    }
  }

  @Test
  void everyEventIsInARowOrCountedAsLateDroppedOrFailed() {
    for (long seed = 100; seed < 160; seed++) {
      rows.clear();
      TimedLines lines = mixed(seed, (int) (seed % 9) + 1, seed % 2 == 0);
      Stage drop = context -> (event, out) -> {
        if (event.text("k").equals("5")) {
          out.drop(event, "five");
        } else {
          out.emit(event);
        }
      };
      Ledger ledger = run(lines, new At().outOfOrder(seed % 3 * 150), drop, PER_SECOND.by("k"));
      long counted = rows.stream().mapToLong(r -> r.number("count", 0)).sum();
      assertThat(counted + ledger.stage("Window").dropped("late") + ledger.stage("Stage").dropped("five") + ledger.failed()).as("seed %s", seed).isEqualTo(lines.size());
      Map<String, Long> ids = rows.stream().collect(Collectors.groupingBy(LogEvent::id, TreeMap::new, Collectors.counting()));
      assertThat(ids.values()).containsOnly(1L);
    }
  }

  @Test
  void everythingFilteredOutStillClosesWindows() {
    Stage onlyFirst = context -> (event, out) -> {
      if (event.epochMillis() == 0) {
        out.emit(event);
      } else {
        out.drop(event, "filtered");
      }
    };
    run(lines(at(0, 5000)), new At(), onlyFirst, PER_SECOND);
    assertThat(shortly()).containsExactly("0 1 watermark");
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Window.tumbling(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> Window.tumbling(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Window.tumbling(Duration.ofNanos(1_500_000))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("whole milliseconds");
    assertThatThrownBy(() -> Window.tumbling(Duration.ofDays(40_000))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PER_SECOND.by("a", "b", "a")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("grouped twice by field 'a'");
    assertThatThrownBy(() -> PER_SECOND.by("window.start")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("window.start");
    assertThatThrownBy(() -> PER_SECOND.maxKeys(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("0");
    assertThatThrownBy(PER_SECOND::aggregate).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one");
    assertThatThrownBy(() -> PER_SECOND.aggregate(mean("v"), mean("v"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'v.mean' twice");
    assertThatThrownBy(() -> PER_SECOND.aggregate(percentiles("v", 50, 50.0))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'v.p50' twice");
    assertThatThrownBy(() -> PER_SECOND.by("count").aggregate(count())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'count' twice");
    assertThatThrownBy(() -> PER_SECOND.aggregate(count()).by("count")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'count' twice");
    assertThatThrownBy(() -> PER_SECOND.aggregate(sum("revision", "v"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'revision' twice");
    assertThatThrownBy(() -> pipeline(lines(), new At(), PER_SECOND.by("count")).inline(clock)).hasMessageContaining("'count' twice");
    assertThat(PER_SECOND.by("count").aggregate(mean("count"))).hasToString("tumbling PT1S by count: mean(count)");
  }

  @Test
  void wordsReturnNewWindows() {
    Window one = PER_SECOND;
    assertThat(one.by("a")).isNotSameAs(one);
    assertThat(one).hasToString("tumbling PT1S: count()");
    assertThat(one.by("a", "b").aggregate(percentiles("p", "v", 50, 99), mean("m", "v"))).hasToString("tumbling PT1S by a, b: percentiles(p.p50, p.p99 of v), mean(m, v)");
  }
}
