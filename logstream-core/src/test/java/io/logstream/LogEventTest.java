package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class LogEventTest {
  private enum Level { ERROR }

  private final Names names = new Names();
  private final FieldKey declared = new FieldKey(names, "declared");

  private LogEvent event() {
    return LogEvent.own(names, 5).message("the message");
  }

  /** Runs a stage over one line of a log with constants, and gives what came out of it. */
  private static List<LogEvent> through(Stage stage) {
    List<LogEvent> out = new ArrayList<>();
    InlineRun run = LogStream.named("p").from(TestLines.of("first line").field("app", "shop").field("n", 5)).then("stage", stage).to(Sink.each(e -> out.add(e.copy()))).build()
        .inline(InstantSource.fixed(Instant.ofEpochMilli(9)));
    run.work();
    run.close();
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().failed()).isZero();
    return out;
  }

  private static LogEvent after(java.util.function.Consumer<LogEvent> action) {
    return through(Stage.each(action)).get(0);
  }

  // ---------------------------------------------------------------- all fields

  private static Map<String, Object> given(LogEvent event) {
    Map<String, Object> given = new java.util.HashMap<>();
    event.giveFields(new LogEvent.FieldTaker() {
      private void once(String name, Object value) {
        assertThat(given.put(name, value)).isNull();
      }

      @Override
      public void text(String name, int from, int to) {
        once(name, new String(event.bytes(), from, to - from, java.nio.charset.StandardCharsets.UTF_8));
      }

      @Override
      public void whole(String name, long value) {
        once(name, value);
      }

      @Override
      public void decimal(String name, double value) {
        once(name, value);
      }

      @Override
      public void other(String name, Object value) {
        once(name, value);
      }
    });
    return given;
  }

  @Test
  void givesItsFieldsToATakerAsTheyAre() {
    through(context -> {
      FieldKey key = context.key("key");
      return (event, out) -> {
        assertThat(given(event)).isEqualTo(event.fields()).containsOnlyKeys("app", "n");
        event.put(key, 2, 5).put("n", 6L).put("half", 0.5).put("yes", true).put("list", List.of("a", 1)).put("word", "s\u00e9").put("gone", "x").remove("gone").remove("app");
        assertThat(given(event)).isEqualTo(event.fields()).containsOnlyKeys("key", "n", "half", "yes", "list", "word").containsEntry("n", 6L);
        out.emit(event);
      };
    });
  }

  // ---------------------------------------------------------------- put, read, remove

  private static final Map<Object, Object> VALUES = new LinkedHashMap<>();

  static {
    VALUES.put("text", "text");
    VALUES.put("", "");
    VALUES.put(new StringBuilder("built"), "built");
    VALUES.put("a\u0000\u00e9\ud83d\ude00", "a\u0000\u00e9\ud83d\ude00");
    VALUES.put(5, 5L);
    VALUES.put((short) 6, 6L);
    VALUES.put((byte) -7, -7L);
    VALUES.put(Long.MIN_VALUE, Long.MIN_VALUE);
    VALUES.put(0.5f, 0.5);
    VALUES.put(Double.NaN, Double.NaN);
    VALUES.put(new BigDecimal("1.25"), 1.25);
    VALUES.put(true, true);
    VALUES.put(Level.ERROR, "ERROR");
    VALUES.put(Arrays.asList("a", 1, 2.5f, false, null, Level.ERROR), Arrays.asList("a", 1L, 2.5, false, null, "ERROR"));
    VALUES.put(List.of(), List.of());
  }

  @Test
  void valuesOfAllTypesComeBackAndCanBeTakenAway() {
    for (String name : new String[] {"declared", "other", "file"}) {
      VALUES.forEach((put, read) -> {
        LogEvent event = event().put(name, put);
        assertThat(event.has(name)).isTrue();
        assertThat(event.value(name)).isEqualTo(read);
        assertThat(event.text(name)).isEqualTo(read.toString());
        assertThat(event.fields()).containsEntry(name, read);
        assertThat(event.copy().value(name)).isEqualTo(read);
        event.remove(name);
        assertGone(event, name);
        event.put(name, put);
        assertThat(event.value(name)).as("put again").isEqualTo(read);
        event.put(name, null);
        assertGone(event, name);
      });
    }
  }

  private static void assertGone(LogEvent event, String name) {
    assertThat(event.has(name)).isFalse();
    assertThat(event.text(name)).isNull();
    assertThat(event.text(name, "otherwise")).isEqualTo("otherwise");
    assertThat(event.value(name)).isNull();
    assertThat(event.number(name, -1)).isEqualTo(-1);
    assertThat(event.decimal(name, -1)).isEqualTo(-1);
    assertThat(event.span(name)).isEqualTo(Span.NONE);
    assertThat(event.fields()).doesNotContainKey(name);
  }

  @Test
  void aDeclaredFieldReadsTheSameByKeyAndByName() {
    LogEvent event = event();
    assertThat(event.has(declared)).isFalse();
    assertThat(event.text(declared)).isNull();
    event.put(declared, 17);
    assertThat(event.number("declared", 0)).isEqualTo(17);
    event.put("declared", "18");
    assertThat(event.whole(declared, 0)).isEqualTo(18);
    assertThat(event.decimal(declared, 0)).isEqualTo(18);
    event.put(declared, 4, 11);
    assertThat(event.text(declared)).isEqualTo("message");
    event.put(declared, true);
    assertThat(event.value("declared")).isEqualTo(true);
    event.remove("declared");
    assertThat(event.has(declared)).isFalse();
    assertThat(event.text(declared)).isNull();
    assertThat(event.whole(declared, -1)).isEqualTo(-1);
    assertThat(event.decimal(declared, -1)).isEqualTo(-1);
    assertThat(event.span(declared)).isEqualTo(Span.NONE);
  }

  @Test
  void aFoundFieldIsPutAsIfByName() {
    for (Names ofAnyRun : List.of(names, new Names())) {
      for (String name : List.of("declared", "other", "file")) {
        FoundName found = new FoundName(ofAnyRun, name);
        LogEvent event = event().put(name, "before");
        assertThat(event.put(found, 17).fields()).containsExactly(Map.entry(name, 17L));
        assertThat(event.put(found, 0.5).fields()).containsExactly(Map.entry(name, 0.5));
        assertThat(event.put(found, true).fields()).containsExactly(Map.entry(name, true));
        assertThat(event.put(found, event.from() + 4, event.to()).fields()).containsExactly(Map.entry(name, "message"));
        assertThat(event().put(found, 17).fields()).containsExactly(Map.entry(name, 17L));
      }
      LogEvent event = event().put(new FoundName(ofAnyRun, "message"), 17);
      assertThat(event.message()).isEqualTo("17");
      assertThat(event.put(new FoundName(ofAnyRun, "message"), event.from(), event.to() - 1).message()).isEqualTo("1");
      assertThat(event.put(new FoundName(ofAnyRun, "message"), 2.5).message()).isEqualTo("2.5");
    }
  }

  @Test
  void aFoundFieldIsNotToBeHadWhileStagesOpen() {
    Stage early = context -> {
      context.found("a");
      return (event, out) -> out.emit(event);
    };
    assertThatThrownBy(() -> through(early)).hasMessageContaining("asks for the found field 'a' before all stages have opened");
    assertThat(through(context -> (event, out) -> out.emit(event.put(context.found("a"), 5))).get(0).fields()).containsEntry("a", 5L);
  }

  @Test
  void numbersAreReadFromWhatIsThere() {
    LogEvent event = event().put("t", "12.9").put("d", 1e30).put("nan", Double.NaN).put("b", true).put("x", "12x").put("min", "-9223372036854775808");
    assertThat(event.number("t", -1)).isEqualTo(12);
    assertThat(event.decimal("t", -1)).isEqualTo(12.9);
    assertThat(event.number("d", -1)).isEqualTo(Long.MAX_VALUE);
    assertThat(event.number("nan", -1)).isEqualTo(-1);
    assertThat(event.number("b", -1)).isEqualTo(-1);
    assertThat(event.number("x", -1)).isEqualTo(-1);
    assertThat(event.number("min", -1)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void messageIsAFieldByName() {
    LogEvent event = event().put("message", "other");
    assertThat(event.message()).isEqualTo("other").isEqualTo(event.text("message")).isEqualTo(event.value("message"));
    assertThat(event.put("message", 5).message()).isEqualTo("5");
    assertThat(event.put("message", List.of(1, 2)).message()).isEqualTo("[1, 2]");
    assertThat(event.remove("message").message()).isEmpty();
    assertThat(event.has("message")).isTrue();
    assertThat(event.fields()).isEmpty();
  }

  @Test
  void refusesValuesOfOtherTypes() {
    for (String name : new String[] {"f", "message"}) {
      assertThatThrownBy(() -> event().put(name, new Object())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("field '" + name + "'").hasMessageContaining("java.lang.Object");
      assertThatThrownBy(() -> event().put(name, List.of(List.of()))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a list in field '" + name + "'");
    }
    assertThatThrownBy(() -> TestLines.of("x").field("f", new Object())).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("field 'f'");
    assertThatThrownBy(() -> event().put(new FieldKey(new Names(), "f"), 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("another run");
  }

  @Test
  void loneSurrogatesAreReplacedInTextAndLists() {
    LogEvent event = event().message("\ud800").put("t", "\udc00x").put("l", List.of("\ud83d", "\ud83d\ude00"));
    assertThat(event.message()).isEqualTo("?");
    assertThat(event.value("t")).isEqualTo("?x");
    assertThat(event.value("l")).isEqualTo(List.of("?", "\ud83d\ude00"));
  }

  // ---------------------------------------------------------------- fields of the log

  @Test
  void fieldsOfTheLogAndBuiltInOnesAreThere() {
    LogEvent event = after(e -> { });
    assertThat(event.fields()).isEqualTo(Map.of("app", "shop", "n", 5L));
    assertThat(event.value("n")).isEqualTo(5L);
    assertThat(event.text("file")).isEqualTo("lines.log");
    assertThat(event.text("host")).isNotEmpty();
    assertThat(event.value("offset")).isEqualTo(0L);
    assertThat(event.number("line", -1)).isEqualTo(1);
  }

  @Test
  void fieldsOfTheLogAndBuiltInOnesCanBeTakenAwayFromAnEvent() {
    for (String name : new String[] {"app", "n", "file", "host", "offset", "line"}) {
      assertGone(after(e -> e.remove(name)), name);
      assertThat(after(e -> e.remove(name).put(name, "own")).value(name)).isEqualTo("own");
      LogEvent byKey = through(context -> {
        FieldKey key = context.key(name);
        return (e, out) -> {
          e.remove(name);
          out.emit(e.put("by key", e.has(key) || e.text(key) != null || e.whole(key, -1) != -1 || e.decimal(key, -1) != -1 || e.span(key) != Span.NONE));
        };
      }).get(0);
      assertThat(byKey.value("by key")).isEqualTo(false);
      assertGone(byKey, name);
    }
  }

  @Test
  void whatABranchTakesAwayItsNeighboursStillSee() {
    List<Object> seen = new ArrayList<>();
    Stage removing = context -> (e, out) -> out.emit(e.remove("app").remove("file").put("x", 1));
    InlineRun run = LogStream.named("p").from(TestLines.of("line").field("app", "shop")).branch("b", b -> b.then(removing).to(Sink.each(e -> seen.add(e.fields() + "" + e.has("file")))))
        .to(Sink.each(e -> e.remove("app").remove("offset"))).to("last", Sink.each(e -> seen.add(e.fields() + "" + e.has("file") + e.has("offset")))).build().inline(InstantSource.system());
    run.work();
    run.close();
    assertThat(seen).containsExactly("{x=1}false", "{app=shop}truetrue");
    assertThat(run.ledger().imbalances()).isEmpty();
  }

  @Test
  void anEventThatAStatelessStageEmitsInPlaceKeepsWhatWasTakenAway() {
    Stage copying = new Stage() {
      @Override
      public Processor open(StageContext context) {
        return (e, out) -> out.emit(e.copy().remove("app").remove("file").put("x", 1).message("copied"));
      }

      @Override
      public boolean stateless() {
        return true;
      }
    };
    LogEvent event = through(copying).get(0);
    assertThat(event.fields()).isEqualTo(Map.of("n", 5L, "x", 1L));
    assertGone(event, "file");
    assertThat(event.message()).isEqualTo("copied");
    assertThat(event.value("offset")).isEqualTo(0L);
  }

  // ---------------------------------------------------------------- undo, copies

  private static String all(LogEvent e) {
    return e + "|" + e.id() + "|" + e.keys() + "|" + e.text("file") + e.text("offset") + e.text("host") + e.has("app") + e.text("declared") + e.has("declared");
  }

  private static void change(LogEvent e, Random random) {
    String name = new String[] {"declared", "other", "app", "file", "more", "n" + random.nextInt(5)}[random.nextInt(6)];
    switch (random.nextInt(7)) {
      case 0 -> e.message("message " + random.nextInt());
      case 1 -> e.epochMillis(random.nextLong());
      case 2 -> e.remove(name);
      case 3 -> e.identifiedBy("id" + random.nextInt(), List.of("k"));
      case 4 -> e.put("message", "via put");
      default -> e.put(name, new ArrayList<>(VALUES.keySet()).get(random.nextInt(VALUES.size())));
    }
  }

  @Test
  void undoTakesBackEverythingSinceItsMark() {
    Random random = new Random(3);
    for (int round = 0; round < 500; round++) {
      through((Stage) context -> {
        context.key("declared");
        return (e, out) -> {
          List<String> before = new ArrayList<>();
          List<Integer> marks = new ArrayList<>();
          for (int depth = 0; depth < 4; depth++) {
            for (int n = random.nextInt(6); n > 0; n--) {
              change(e, random);
            }
            before.add(all(e));
            marks.add(e.mark());
          }
          for (int n = random.nextInt(6); n > 0; n--) {
            change(e, random);
          }
          for (int depth = 3; depth >= 0; depth--) {
            e.undo(marks.get(depth));
            assertThat(all(e)).isEqualTo(before.get(depth));
          }
          out.emit(e);
        };
      });
    }
  }

  @Test
  void aCopyAndItsOriginalDoNotSeeEachOthersChanges() {
    Random random = new Random(4);
    for (int round = 0; round < 300; round++) {
      through((Stage) context -> {
        context.key("declared");
        return (e, out) -> {
          for (int n = random.nextInt(8); n > 0; n--) {
            change(e, random);
          }
          LogEvent copy = e.copy();
          String as = all(e);
          assertThat(all(copy)).isEqualTo(as);
          for (int n = 0; n < 5; n++) {
            change(e, random);
          }
          assertThat(all(copy)).isEqualTo(as);
          String changed = all(e);
          for (int n = 0; n < 5; n++) {
            change(copy, random);
          }
          assertThat(all(e)).isEqualTo(changed);
          out.emit(e);
        };
      });
    }
  }

  // ---------------------------------------------------------------- saved and restored

  /** Holds its events until it is told to let them go; saves them. */
  private static final class Holding implements Stage {
    private final BiConsumer<LogEvent, Random> change;

    Holding(BiConsumer<LogEvent, Random> change) {
      this.change = change;
    }

    @Override
    public Processor open(StageContext context) {
      context.key("declared");
      return new Processor() {
        private final List<LogEvent> held = new ArrayList<>();
        private final Random random = new Random(8);

        @Override
        public void process(LogEvent event, Emitter out) {
          for (int n = 0; n < 6; n++) {
            change.accept(event, random);
          }
          held.add(out.hold(event));
        }

        @Override
        public void onEnd(Emitter out) {
          held.forEach(out::emit);
        }

        @Override
        public void save(State state) {
          for (int i = 0; i < held.size(); i++) {
            state.put(String.format(java.util.Locale.ROOT, "%05d", i), held.get(i).toBytes());
          }
        }

        @Override
        public void restore(State state, Emitter out) {
          state.forEach((key, bytes) -> held.add(out.restoreHeld(bytes)));
        }
      };
    }
  }

  @Test
  void heldEventsComeBackFromASavedStateAsTheyWere() {
    List<String> lines = Collections.nCopies(200, "a line with \u00e9\ud83d\ude00");
    List<String> undisturbed = new ArrayList<>();
    List<String> restored = new ArrayList<>();
    List<String> to = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(new TestLines("lines", lines, 7).field("app", "shop")).then(new Holding(LogEventTest::change))
        .to(Sink.each(e -> to.add(all(e)))).build();
    InlineRun first = pipeline.inline(InstantSource.fixed(Instant.EPOCH));
    first.work();
    byte[] saved = first.save();
    first.close();
    undisturbed.addAll(to);
    to.clear();
    InlineRun second = pipeline.reading(new TestLines("lines", List.of(), 7)).inline(InstantSource.fixed(Instant.EPOCH), saved);
    second.close();
    restored.addAll(to);
    assertThat(restored).hasSize(200);
    assertThat(second.ledger().imbalances()).isEmpty();
    // a log whose reader has not found it again has no fields yet
    assertThat(restored.get(0)).contains("false");
    to.clear();
    InlineRun third = pipeline.inline(InstantSource.fixed(Instant.EPOCH), saved);
    third.work();
    third.close();
    assertThat(to.subList(0, 200)).isEqualTo(undisturbed);
    assertThat(third.ledger().imbalances()).isEmpty();
  }

  @Test
  void bytesThatAreNotUtf8AndTruncationSurviveASavedState() {
    Source odd = context -> {
      Log log = context.log("odd", Map.of());
      return new Reader() {
        private boolean done;

        @Override
        public Found poll(Batch batch) {
          if (done) {
            return Found.END;
          }
          done = true;
          batch.begin(log, "g1");
          byte[] raw = {'a', (byte) 0xFF, 'b', (byte) 0xC3};
          System.arraycopy(raw, 0, batch.room(4), batch.used(), 4);
          batch.filled(4);
          batch.line(0, 4, 17, 3);
          batch.truncated();
          return Found.SOMETHING;
        }
      };
    };
    List<LogEvent> seen = new ArrayList<>();
    Pipeline pipeline = LogStream.named("p").from(odd).then(new Holding((e, random) -> {
      if (!e.has("part")) {
        FieldKey key = new FieldKey(e.fields.names, "declared");
        e.put(key, e.from() + 1, e.to());
        e.put("part", 1);
      }
    })).to(Sink.each(e -> seen.add(e.copy()))).build();
    InlineRun run = pipeline.inline(InstantSource.system());
    run.work();
    byte[] saved = run.save();
    run.close();
    InlineRun again = pipeline.reading(new TestLines("stage", List.of(), 1)).inline(InstantSource.system(), saved);
    again.close();
    assertThat(seen).hasSize(2);
    for (LogEvent event : seen) {
      assertThat(Arrays.copyOfRange(event.bytes(), event.from(), event.to())).containsExactly('a', 0xFF, 'b', 0xC3);
      long span = event.span("declared");
      assertThat(Arrays.copyOfRange(event.bytes(), Span.from(span), Span.to(span))).containsExactly(0xFF, 'b', 0xC3);
      assertThat(event.value("truncated")).isEqualTo(true);
      assertThat(event.position()).isEqualTo(new Position("odd", "g1", 17));
      assertThat(event.number("line", 0)).isEqualTo(3);
    }
  }
}
