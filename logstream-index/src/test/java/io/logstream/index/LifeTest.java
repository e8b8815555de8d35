package io.logstream.index;

import static io.logstream.match.Condition.phrase;
import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.RunningPipeline;
import io.logstream.Stage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LifeTest {
  private static final int EVENTS = 30_000;

  @AutoClose private final LogIndex index = LogIndex.inMemory(Duration.ofHours(6));

  private Pipeline pipeline(String name, Given source) {
    return LogStream.named(name).from(source)
        .branch("odd", odd -> odd.then("only odd", Stage.inOrder(e -> e.put("branch", true))).to("index", index))
        .to("index", index)
        .build();
  }

  private static Given.Event event(int n) {
    return new Given.Event(Fed.NOON.plusMillis(n), "event number " + n, Map.of("n", n, "level", n % 50 == 0 ? "ERROR" : "INFO"));
  }

  @Test void isSearchedByManyWhileALivePipelineFeedsIt() throws Exception {
    Given source = new Given();
    RunningPipeline run = pipeline("live", source).start();
    AtomicBoolean over = new AtomicBoolean();
    List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> searchers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread searcher = new Thread(() -> {
        try {
          long before = 0;
          while (!over.get()) {
            LogHits hits = index.search(LogQuery.of(field("level").is("ERROR")).limit(20));
            assertThat(hits.total()).isGreaterThanOrEqualTo(before);
            before = hits.isExact() ? hits.total() : before;
            for (int k = 1; k < hits.hits().size(); k++) {
              assertThat(hits.hits().get(k).time()).isBeforeOrEqualTo(hits.hits().get(k - 1).time());
            }
            assertThat(index.count(phrase("event"))).isLessThanOrEqualTo(2L * EVENTS);
          }
        } catch (Throwable e) {
          wrong.add(e);
        }
      });
      searcher.start();
      searchers.add(searcher);
    }
    for (int n = 0; n < EVENTS; n++) {
      source.add(event(n));
    }
    source.end();
    run.await();
    index.refresh();
    over.set(true);
    for (Thread searcher : searchers) {
      searcher.join();
    }
    run.close();
    assertThat(wrong).isEmpty();
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().stage("odd/index").absorbed()).isEqualTo(2L * EVENTS);
    assertThat(index.count(LogQuery.all())).isEqualTo(index.size()).isEqualTo(2L * EVENTS);
    assertThat(index.count(field("branch").is(true))).isEqualTo(EVENTS);
    for (int n = 0; n < EVENTS; n += 997) {
      assertThat(index.search(field("n").is(n)).hits()).hasSize(2);
    }
    assertThat(index.search(LogQuery.all().limit(1)).hits().get(0).message()).isEqualTo("event number " + (EVENTS - 1));
  }

  @Test void showsEventsOfALivePipelineWithoutBeingAskedToRefresh() {
    Given source = new Given();
    try (RunningPipeline run = pipeline("live", source).start()) {
      source.add(event(1));
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (index.search(phrase("event")).isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  @Test void answersAfterItsPipelineHasEndedAndIsFedByTheNext() throws Exception {
    for (int round = 0; round < 2; round++) {
      Given source = new Given().add(event(round)).end();
      RunningPipeline run = pipeline("round" + round, source).start();
      run.await();
      run.close();
      assertThat(run.ledger().balances()).isTrue();
      assertThat(index.search(phrase("event")).hits()).hasSize(2 * (round + 1));
    }
  }

  @Test void refusesASecondPipelineWhileOneRuns() {
    Given source = new Given();
    Pipeline second = pipeline("second", new Given().end());
    try (RunningPipeline run = pipeline("first", source).start()) {
      assertThatThrownBy(second::start).isInstanceOf(PipelineException.class)
          .hasMessageContaining("'second'").hasMessageContaining("'first'").hasMessageContaining("close that one first");
      assertThatThrownBy(() -> second.inline(InstantSource.system())).isInstanceOf(PipelineException.class);
      source.add(event(1)).end();
      assertThat(run.await(Duration.ofSeconds(20))).isTrue();
      assertThat(run.ledger().balances()).isTrue();
    }
    try (RunningPipeline run = second.start()) {
      assertThat(run.await(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test void isFedFromSeveralPlacesOfAnInlineRun() {
    Given source = new Given().add(event(1)).end();
    InlineRun run = pipeline("inline", source).inline(InstantSource.fixed(Fed.NOON));
    run.work();
    assertThat(index.search(phrase("event")).hits()).hasSize(2);
    run.close();
    assertThat(run.ledger().balances()).isTrue();
  }

  @Test void isClosedTwiceAndThenSaysSo() {
    Fed fed = new Fed(index);
    fed.message("a");
    index.close();
    index.close();
    assertThatIllegalStateException().isThrownBy(() -> index.search(LogQuery.all())).withMessage("the index is closed");
    assertThatIllegalStateException().isThrownBy(() -> index.count(LogQuery.all()));
    assertThatIllegalStateException().isThrownBy(index::refresh);
    fed.message("b");
    assertThat(fed.run().ledger().stage("index").failed("index closed")).isEqualTo(1);
    fed.close();
    assertThatThrownBy(() -> new Fed(index)).isInstanceOf(PipelineException.class).hasMessageContaining("closed");
  }

  @Test void canBeClosedWhileItIsSearchedAndFed() throws Exception {
    for (int round = 0; round < 5; round++) {
      LogIndex closing = LogIndex.inMemory(Duration.ofHours(1));
      Given source = new Given();
      for (int n = 0; n < 500; n++) {
        source.add(event(n));
      }
      RunningPipeline run = LogStream.named("closing").from(source.end()).to("index", closing).build().start();
      List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
      Thread searcher = new Thread(() -> {
        try {
          for (;;) {
            closing.search(phrase("event"));
          }
        } catch (IllegalStateException e) {
          if (!"the index is closed".equals(e.getMessage())) {
            wrong.add(e);
          }
        } catch (Throwable e) {
          wrong.add(e);
        }
      });
      searcher.start();
      closing.close();
      searcher.join();
      run.await();
      run.close();
      assertThat(wrong).isEmpty();
      assertThat(run.ledger().balances()).isTrue();
    }
  }

  @Test void survivesASearcherThatIsInterrupted() {
    try (Fed fed = new Fed(index)) {
      fed.message("a");
      Thread.currentThread().interrupt();
      try {
        index.search(LogQuery.all());
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("interrupted");
      }
      assertThat(Thread.interrupted()).isTrue();
      fed.message("b");
      assertThat(fed.found(LogQuery.all())).containsExactly("b", "a");
    }
  }

  @Test void refusesSettingsThatMakeNoSense() {
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.inMemory(Duration.ZERO)).withMessageContaining("PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.inMemory(Duration.ofHours(-1))).withMessageContaining("PT-1H");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.maxFields(0)).withMessageContaining("was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.atMostBytes(1)).withMessageContaining("was 1");
    assertThatIllegalArgumentException().isThrownBy(() -> LogIndex.keyword("a").number("a")).withMessageContaining("field 'a'");
  }
}
