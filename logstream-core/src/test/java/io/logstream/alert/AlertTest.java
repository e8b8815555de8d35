package io.logstream.alert;

import static io.logstream.alert.MadeRows.at;
import static io.logstream.match.Field.field;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.Source;
import io.logstream.Stage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AlertTest {
  private static final InstantSource CLOCK = InstantSource.fixed(at(86_400));

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.logstream");
  private final Level level = logger.getLevel();
  private final Told told = new Told();
  private final MadeRows rows = new MadeRows();

  @BeforeEach void saysLittle() {
    logger.setLevel(Level.ERROR);
  }

  @AfterEach void saysAsMuchAsBefore() {
    logger.setLevel(level);
  }

  private static Alert manyErrors() {
    return Alert.named("many errors").when(field("errors").above(5));
  }

  private static Pipeline pipeline(Source source, Sink... sinks) {
    var builder = LogStream.named("p").from(source);
    for (Sink sink : sinks) {
      builder.to(sink);
    }
    return builder.build();
  }

  private Map<String, Long> run(Sink... sinks) {
    return run(pipeline(rows, sinks));
  }

  private static Map<String, Long> run(Pipeline pipeline) {
    try (InlineRun run = pipeline.inline(CLOCK)) {
      run.work();
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
      Map<String, Long> counts = new java.util.HashMap<>(run.ledger().asMap());
      counts.putAll(run.metrics());
      return counts;
    }
  }

  @Test void tellsWhenTheConditionBeginsToHoldAndWhenItEnds() {
    rows.row(0, "errors", 1).row(60, "errors", 6).row(120, "errors", 9).row(180, "errors", 5).row(240, "errors", 2).row(300, "errors", 7);

    Map<String, Long> counts = run(manyErrors().notify(told));

    assertThat(told.words()).containsExactly("fired 60", "resolved 180", "fired 300");
    assertThat(counts).containsEntry("many errors/rule.absorbed", 6L).containsEntry("many errors/rule.created", 3L)
        .containsEntry("many errors/notify.absorbed", 3L);
  }

  @Test void keepsWhatFollowsItInTheChainAsItWas() {
    List<String> seen = new ArrayList<>();
    rows.row(0, "errors", 9).row(60, "errors", 1);

    run(manyErrors().notify(told), Sink.each(event -> seen.add(event.message() + event.fields())));

    assertThat(seen).containsExactly("row 0{errors=9, window.start=1795082340000}", "row 1{errors=1, window.start=1795082400000}");
  }

  @Test void tellsWhatFiredAndOfWhatItWasMade() {
    rows.row(60, "errors", 6, "path", "/cart").row(120, "errors", 0, "path", "/cart");

    run(manyErrors().by("path").severity(Severity.PAGE).notify(told));

    FiredAlert fired = told.all.get(0);
    assertThat(fired.name()).isEqualTo("many errors");
    assertThat(fired.severity()).isEqualTo(Severity.PAGE);
    assertThat(fired.state()).isEqualTo(FiredAlert.State.FIRING);
    assertThat(fired.key()).containsExactly(entry("path", "/cart"));
    assertThat(fired.at()).isEqualTo(at(60));
    assertThat(fired.since()).isEqualTo(at(60));
    assertThat(fired.id()).matches("[0-9a-f]{32}");
    LogEvent cause = fired.cause();
    assertThat(cause.message()).isEqualTo("row 0");
    assertThat(cause.fields()).containsOnly(entry("errors", 6L), entry("path", "/cart"), entry("window.start", at(0).toEpochMilli()));
    assertThat(cause.text("host")).isEqualTo("web-1");
    assertThat(cause.time()).isEqualTo(at(60));
    assertThat(cause.id()).isEqualTo("rows@0");
    assertThat(cause.keys()).isEmpty();
    FiredAlert over = told.all.get(1);
    assertThat(over.state()).isEqualTo(FiredAlert.State.RESOLVED);
    assertThat(over.id()).isEqualTo(fired.id());
    assertThat(over.since()).isEqualTo(at(60));
    assertThat(over.at()).isEqualTo(at(120));
    assertThat(over.cause().message()).isEqualTo("row 1");
  }

  @Test void keepsTheIdentityOfARowThatFired() {
    rows.row(0, "errors", 9, "path", "/cart");
    Stage asRow = Stage.each(event -> event.identifiedBy("w|0|/cart|0", List.of("path")));

    run(LogStream.named("p").from(rows).then(asRow).to(manyErrors().notify(told)).build());

    assertThat(told.all.get(0).cause().id()).isEqualTo("w|0|/cart|0");
    assertThat(told.all.get(0).cause().keys()).containsExactly("path");
  }

  @Test void keepsKeysApart() {
    rows.row(0, "path", "/a", "errors", 9).row(0, "path", "/b", "errors", 1).row(60, "path", "/b", "errors", 9)
        .row(60, "errors", 9).row(120, "path", "/a", "errors", 0).row(120, "path", "", "errors", 9)
        .row(180, "errors", 0).row(180, "path", "/b", "errors", 0).row(180, "path", 7, "errors", 9).row(180, "path", "7", "errors", 0);

    run(manyErrors().by("path").notify(told));

    assertThat(told.words()).containsExactly("fired 0 /a", "fired 60 /b", "fired 60", "resolved 120 /a", "fired 120 ", "resolved 180",
        "resolved 180 /b", "fired 180 7", "resolved 180 7");
    assertThat(told.all.stream().map(FiredAlert::id).distinct()).as("an end has the id of its firing").hasSize(5);
  }

  @Test void tellsApartKeysOfSeveralFieldsWhateverStandsInThem() {
    rows.row(0, "a", "x,y", "b", "z", "errors", 9).row(0, "a", "x", "b", "y,z", "errors", 9).row(0, "b", "x", "errors", 9).row(0, "a", "x", "errors", 9);

    run(manyErrors().by("a", "b").notify(told));

    assertThat(told.all).extracting(FiredAlert::key)
        .containsExactly(Map.of("a", "x,y", "b", "z"), Map.of("a", "x", "b", "y,z"), Map.of("b", "x"), Map.of("a", "x"));
  }

  @Test void cutsOverlongKeysAtACharacter() {
    rows.row(0, "path", "x" + "\u00e9".repeat(600), "errors", 9).row(1, "path", "x" + "\u00e9".repeat(700), "errors", 9);

    run(manyErrors().by("path").notify(told));

    assertThat(told.all).singleElement().extracting(a -> a.key().get("path")).isEqualTo("x" + "\u00e9".repeat(511));
  }

  @Test void tellsAFlappingKeyAtMostOnceInATime() {
    for (int second = 0; second < 1_000; second++) {
      rows.row(second, "errors", second % 2 == 0 ? 9 : 0);
    }

    Map<String, Long> counts = run(manyErrors().atMostEvery(ofSeconds(100)).notify(told));

    List<String> expected = new ArrayList<>();
    for (int second = 0; second < 1_000; second += 100) {
      expected.add("fired " + second);
      expected.add("resolved " + (second + 1));
    }
    assertThat(told.words()).containsExactlyElementsOf(expected);
    assertThat(counts).containsEntry("many errors/rule.suppressed", 490L);
  }

  @Test void limitsEachKeyByItself() {
    rows.row(0, "path", "/a", "errors", 9).row(1, "path", "/a", "errors", 0).row(2, "path", "/b", "errors", 9).row(3, "path", "/a", "errors", 9);

    run(manyErrors().by("path").atMostEvery(ofMinutes(1)).notify(told));

    assertThat(told.words()).containsExactly("fired 0 /a", "resolved 1 /a", "fired 2 /b");
  }

  @Test void doesNotRepeatAFiringThatGoesOn() {
    for (int minute = 0; minute < 60; minute++) {
      rows.row(minute * 60, "errors", 9);
    }

    run(manyErrors().atMostEvery(ofMinutes(10)).notify(told));

    assertThat(told.words()).containsExactly("fired 0");
  }

  @Test void tellsAFiringThatWasHeldBackOnceItsTimeHasCome() {
    rows.row(0, "errors", 9).row(1, "errors", 0).row(30, "errors", 9).row(59, "errors", 9).row(60, "errors", 9).row(90, "errors", 0);

    run(manyErrors().atMostEvery(ofSeconds(60)).notify(told));

    assertThat(told.words()).containsExactly("fired 0", "resolved 1", "fired 60", "resolved 90");
    assertThat(told.all.get(2).since()).isEqualTo(at(30));
    assertThat(told.all.get(3).id()).isEqualTo(told.all.get(2).id()).isNotEqualTo(told.all.get(0).id());
  }

  @Test void doesNotTellTheEndOfAFiringThatWasNotTold() {
    rows.row(0, "errors", 9).row(1, "errors", 0).row(30, "errors", 9).row(40, "errors", 0);

    run(manyErrors().atMostEvery(ofSeconds(60)).notify(told));

    assertThat(told.words()).containsExactly("fired 0", "resolved 1");
  }

  @Test void givesFiringsOfTheSameMomentDifferentIds() {
    rows.row(5, "errors", 9).row(5, "errors", 0).row(5, "errors", 9).row(5, "errors", 0).row(3, "errors", 9).row(3, "errors", 0)
        .row(6, "errors", 9).row(6, "errors", 0).row(3, "errors", 9);

    run(manyErrors().notify(told));

    assertThat(told.all).filteredOn(a -> a.state() == FiredAlert.State.FIRING).extracting(FiredAlert::id).hasSize(5).doesNotHaveDuplicates();
  }

  @Test void neverEndsAFiringBeforeItBegan() {
    rows.row(60, "errors", 9).row(30, "errors", 0);

    run(manyErrors().notify(told));

    assertThat(told.words()).containsExactly("fired 60", "resolved 60");
    assertThat(told.all.get(1).cause().time()).isEqualTo(at(30));
  }

  @Test void putsKeysWithoutRoomTogetherUntilThereIsRoom() {
    rows.row(0, "k", "a", "errors", 9).row(1, "k", "b", "errors", 9).row(2, "k", "c", "errors", 9).row(3, "k", "d", "errors", 9)
        .row(4, "k", "c", "errors", 0).row(5, "k", "healthy", "errors", 0)
        .row(10, "k", "a", "errors", 0).row(20, "k", "healthy", "errors", 0).row(30, "k", "c", "errors", 9);

    Map<String, Long> counts = run(manyErrors().by("k").maxKeys(2).notify(told));

    assertThat(told.words()).containsExactly("fired 0 a", "fired 1 b", "fired 2 __other__", "fired 2 __other__", "resolved 10 a", "resolved 20 __other__", "fired 30 c");
    assertThat(told.all.get(2).reason()).as("it is told once that there is no room").isEqualTo("no room for more keys");
    assertThat(told.all).filteredOn(alert -> !alert.reason().isEmpty()).hasSize(1);
    assertThat(counts).containsEntry("many errors/rule.overflow", 2L);
  }

  @Test void forgetsKeysThatAreAtRest() {
    for (int i = 0; i < 10_000; i++) {
      rows.row(i, "k", i, "errors", 9).row(i, "k", i, "errors", 0);
    }

    Map<String, Long> counts = run(manyErrors().by("k").maxKeys(5).notify(told));

    assertThat(told.all).hasSize(20_000);
    assertThat(counts).containsEntry("many errors/rule.overflow", 0L);
  }

  @Test void doesNotCountHealthyKeys() {
    for (int i = 0; i < 1_000; i++) {
      rows.row(i, "k", i, "errors", 0);
    }
    rows.row(1_000, "k", "a", "errors", 9);

    run(manyErrors().by("k").maxKeys(1).notify(told));

    assertThat(told.words()).containsExactly("fired 1000 a");
  }

  @Test void remembersWhomItToldForAsLongAsItsLimitLastsEvenWhenRoomIsShort() {
    rows.row(0, "k", "a", "errors", 9).row(1, "k", "a", "errors", 0).row(2, "k", "b", "errors", 9).row(3, "k", "a", "errors", 9)
        .row(100, "k", "b", "errors", 9);

    run(manyErrors().by("k").maxKeys(1).atMostEvery(ofSeconds(60)).notify(told));

    assertThat(told.words()).as("a's limit holds, so there is no room for b at first").containsExactly("fired 0 a", "resolved 1 a", "fired 2 __other__", "fired 2 __other__");
  }

  @Test void tellsAllItsNotifiersAlsoWhenOneThrows() {
    rows.row(0, "errors", 9).row(1, "errors", 0).row(2, "errors", 9);
    List<String> ends = new ArrayList<>();
    AlertNotifier broken = new AlertNotifier() {
      private boolean works;

      @Override
      public void fired(FiredAlert alert) throws Exception {
        if (!works) {
          works = true;
          throw new java.io.IOException("pager is down");
        }
      }

      @Override
      public void resolved(FiredAlert alert) {
        ends.add(alert.id());
      }
    };

    Map<String, Long> counts = run(manyErrors().notify(broken).notify(told));

    assertThat(told.words()).containsExactly("fired 0", "resolved 1", "fired 2");
    assertThat(ends).as("it was not told of the firing, so not of the end either").isEmpty();
    assertThat(counts).containsEntry("many errors/notify.failed", 1L).containsEntry("many errors/notify.dropped", 1L)
        .containsEntry("many errors/notify.absorbed", 1L).containsEntry("many errors/notify-2.absorbed", 3L);
  }

  @Test void isNotHeldUpByANotifierThatHangs() throws Exception {
    rows.row(0, "errors", 9).row(1, "errors", 0).ends();
    CountDownLatch pagerAnswers = new CountDownLatch(1);
    CountDownLatch otherTold = new CountDownLatch(1);
    Alert alert = manyErrors().notify(a -> assertThat(pagerAnswers.await(30, TimeUnit.SECONDS)).isTrue()).notify(a -> otherTold.countDown());

    try (RunningPipeline running = pipeline(rows, alert).start()) {
      assertThat(otherTold.await(30, TimeUnit.SECONDS)).isTrue();
      pagerAnswers.countDown();
      assertThat(running.await(ofSeconds(30))).isTrue();
      running.close();
      assertThat(running.ledger().imbalances()).isEmpty();
      assertThat(running.ledger().stage("many errors/notify").absorbed()).isEqualTo(2);
      assertThat(running.ledger().stage("many errors/notify-2").absorbed()).isEqualTo(2);
    }
  }

  @Test void failsAnEventOnWhichItsConditionThrowsAndGoesOn() {
    rows.row(0, "errors", 9).row(1, "errors", "x").row(2, "errors", 0);
    io.logstream.match.Condition throwing = new io.logstream.match.Condition() {
      @Override
      public boolean test(LogEvent event) {
        if (event.text("errors").equals("x")) {
          throw new IllegalStateException("cannot tell");
        }
        return event.number("errors", 0) > 5;
      }

      @Override
      public java.util.Set<String> fields() {
        return java.util.Set.of("errors");
      }
    };

    Map<String, Long> counts = run(Alert.named("odd").when(throwing).notify(told));

    assertThat(told.words()).containsExactly("fired 0", "resolved 2");
    assertThat(counts).containsEntry("odd/rule.failed", 1L);
  }

  @Test void tellsNobodyInAQuietRun() {
    rows.row(0, "errors", 9).row(1, "errors", 0);

    Map<String, Long> counts = run(pipeline(rows, manyErrors().notify(told)).quietly());

    assertThat(told.all).isEmpty();
    assertThat(counts).containsEntry("many errors/rule.created", 2L).containsEntry("many errors/notify.dropped", 2L);
  }

  @Test void givesTheSameAlertsForEveryBatchSizeAndOnTheRing() throws Exception {
    flapping(300, 7);
    Alert alert = manyErrors().by("k").atMostEvery(ofSeconds(40));
    run(alert.notify(told));
    assertThat(told.all).hasSizeGreaterThan(50);
    for (int size : new int[] {1, 2, 300}) {
      Told again = new Told();
      run(pipeline(rows.perBatch(size), alert.notify(again)));
      assertThat(again.identified()).isEqualTo(told.identified());
    }
    Told live = new Told();
    try (RunningPipeline running = pipeline(rows.perBatch(16).ends(), alert.notify(live)).start()) {
      assertThat(running.await(ofSeconds(30))).isTrue();
      running.close();
      assertThat(running.ledger().imbalances()).isEmpty();
    }
    assertThat(live.identified()).isEqualTo(told.identified());
  }

  @Test void goesOnAfterARestartAtAnyEventAsIfThereHadBeenNone() {
    flapping(120, 11);
    Alert alert = manyErrors().by("k").maxKeys(3).atMostEvery(ofSeconds(25));
    run(alert.notify(told));
    assertThat(told.words()).anyMatch(word -> word.startsWith("fired") && word.endsWith("__other__")).anyMatch(word -> word.startsWith("resolved"));

    for (int cut = 0; cut <= rows.size(); cut++) {
      Told both = new Told();
      Pipeline first = pipeline(rows.first(cut), alert.notify(both));
      Pipeline second = pipeline(rows, alert.notify(both));
      InlineRun run = first.inline(CLOCK); // not closed: the process is gone
      run.work();
      try (InlineRun next = second.inline(CLOCK, run.save())) {
        next.work();
        next.close();
        assertThat(next.ledger().imbalances()).isEmpty();
      }
      assertThat(both.identified()).as("cut after %d", cut).isEqualTo(told.identified());
    }
  }

  @Test void savesOnlyWhatHasChangedAndForgetsWhatIsOver() {
    Pipeline pipeline = pipeline(rows, manyErrors().by("k").notify(told));
    try (InlineRun run = pipeline.inline(CLOCK)) {
      run.work();
      int empty = run.save().length;
      rows.row(0, "k", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "errors", 9);
      run.work();
      assertThat(run.save().length).isGreaterThan(empty + 60);
      rows.row(1, "k", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "errors", 0).row(2, "k", "b", "errors", 9).row(2, "k", "b", "errors", 0);
      run.work();
      run.save();
      rows.row(90, "k", "b", "errors", 0).row(100, "k", "c", "errors", 9).row(100, "k", "c", "errors", 0);
      run.work();
      byte[] saved = run.save();
      assertThat(new String(saved, java.nio.charset.StandardCharsets.ISO_8859_1)).doesNotContain("aaaa");
    }
  }

  @Test void takesAChangedLimitAtOnce() {
    rows.row(0, "errors", 9).row(1, "errors", 0).row(30, "errors", 9).row(31, "errors", 9);
    InlineRun run = pipeline(rows.first(3), manyErrors().atMostEvery(ofMinutes(10)).notify(told)).inline(CLOCK);
    run.work();
    assertThat(told.words()).containsExactly("fired 0", "resolved 1");

    try (InlineRun next = pipeline(rows, manyErrors().atMostEvery(ofSeconds(20)).notify(told)).inline(CLOCK, run.save())) {
      next.work();
    }

    assertThat(told.words()).containsExactly("fired 0", "resolved 1", "fired 31");
    assertThat(told.all.get(2).since()).isEqualTo(at(30));
  }

  @Test void startsAnewWhenItsKeyFieldsHaveChanged() {
    rows.row(0, "k", "a", "errors", 9).row(1, "k", "a", "errors", 9);
    InlineRun run = pipeline(rows.first(1), manyErrors().notify(told)).inline(CLOCK);
    run.work();

    try (InlineRun next = pipeline(rows, manyErrors().by("k").notify(told)).inline(CLOCK, run.save())) {
      next.work();
    }

    assertThat(told.words()).containsExactly("fired 0", "resolved 0", "fired 1 a");
    assertThat(told.all.get(1).reason()).isEqualTo("replaced");
  }

  @Test void doesAsAModelOfAFewLinesDoes() {
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      MadeRows made = new MadeRows();
      List<String> expected = new ArrayList<>();
      long limit = random.nextInt(3) * 20L;
      boolean firing = false;
      boolean wasTold = false;
      long lastTold = -1_000;
      long second = 0;
      for (int i = 0; i < 50; i++) {
        second += random.nextInt(15);
        boolean holds = random.nextBoolean();
        made.row(second, "errors", holds ? 9 : 0);
        if (!holds) {
          if (firing && wasTold) {
            expected.add("resolved " + second);
          }
          firing = false;
          wasTold = false;
        } else {
          firing = true;
          if (!wasTold && second - lastTold >= limit) {
            expected.add("fired " + second);
            wasTold = true;
            lastTold = second;
          }
        }
      }
      Told seen = new Told();
      Alert alert = limit == 0 ? manyErrors() : manyErrors().atMostEvery(Duration.ofSeconds(limit));
      run(pipeline(made, alert.notify(seen)));
      assertThat(seen.words()).isEqualTo(expected);
    }
  }

  @Test void canBeGivenToAStageAndToABranchUnderANameOfItsOwn() {
    rows.row(0, "errors", 4);
    Alert alert = manyErrors().notify(told);

    Map<String, Long> counts = run(LogStream.named("p").from(rows)
        .branch("b", b -> b.to("mine", alert))
        .to(Stage.each(event -> event.put("errors", 2 * event.number("errors", 0))).to(alert))
        .build());

    assertThat(told.words()).containsExactly("fired 0");
    assertThat(counts).containsKeys("b/mine/rule.in", "b/mine/notify.in", "each/many errors/rule.in");
  }

  @Test void saysInTheDescriptionWhatItWatchesFor() {
    String text = pipeline(rows, manyErrors().by("path").atMostEvery(ofMinutes(10)).notify(told)).describe();

    assertThat(text).contains("then many errors/rule", "alert \"many errors\": any where errors > 5 by path limit 1 per 10m").contains("to many errors/notify  [outbox]");
  }

  @Test void refusesToStandInAPipelineUnfinished() {
    assertThatThrownBy(() -> pipeline(rows, Alert.named("a").notify(told))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("alert 'a' has no condition; say what it watches for with when(..)");
    assertThatThrownBy(() -> pipeline(rows, manyErrors())).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("alert 'many errors' tells nobody; name a notifier with notify(..)");
    assertThatThrownBy(() -> pipeline(rows, manyErrors().maxKeys(3).notify(told))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has maxKeys(..) but only one key");
  }

  @Test void refusesWordsThatMakeNoSenseWhereTheyStand() {
    assertThatThrownBy(() -> Alert.named(" ")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("name must hold something");
    assertThatThrownBy(() -> Alert.named("a\nb")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> manyErrors().when(field("x").above(1))).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has a condition already").hasMessageContaining("and(..)");
    assertThatThrownBy(() -> manyErrors().by()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> manyErrors().by("a", "a")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("different field names");
    assertThatThrownBy(() -> manyErrors().by("a").by("b")).isInstanceOf(IllegalStateException.class).hasMessageContaining("has by(..) already, [a]");
    assertThatThrownBy(() -> manyErrors().maxKeys(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 0");
    assertThatThrownBy(() -> manyErrors().atMostEvery(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was PT0S");
    assertThatThrownBy(() -> manyErrors().atMostEvery(Duration.ofSeconds(Long.MAX_VALUE))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> manyErrors().atMostEvery(ofMinutes(1)).atMostEvery(ofMinutes(2))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> manyErrors().severity(Severity.INFO).severity(Severity.PAGE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> manyErrors().notify(null)).isInstanceOf(NullPointerException.class);
  }

  @Test void isNotChangedByItsWords() {
    Alert base = manyErrors();
    base.by("k");
    base.notify(told);

    assertThatThrownBy(() -> pipeline(rows, base)).hasMessageContaining("tells nobody");
    assertThat(base.by("other")).isNotSameAs(base);
  }

  /** Six keys that come and go, a little out of order. */
  private void flapping(int count, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      rows.row(Math.max(0, i - random.nextInt(3)), "k", "k" + random.nextInt(6), "errors", random.nextInt(12));
    }
  }
}
