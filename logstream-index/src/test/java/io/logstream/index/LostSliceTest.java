package io.logstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogStream;
import io.logstream.PipelineException;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A slice on disk is lost while events come in: its directory is taken away. */
class LostSliceTest {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final int LINES = 9_000;
  /** So small a heap that the slice writes several times before the end. */
  private static final long HEAP = 16 << 20;

  @TempDir private Path dir;
  private Path in;
  private Path log;
  private Path state;

  @BeforeEach void lines() throws IOException {
    in = dir.resolve("index");
    log = dir.resolve("app.log");
    state = dir.resolve("state");
    Random random = new Random(1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      lines.add("line " + i + " " + Long.toHexString(random.nextLong()) + " " + Long.toHexString(random.nextLong()));
    }
    Files.write(log, lines, StandardCharsets.UTF_8);
  }

  /** A run in which the index is refreshed once, and its slice taken away at an event; at none for -1. */
  private InlineRun run(LogIndex index, int at) {
    int[] passed = {0};
    return LogStream.named("p").from(FileTail.of(log)).then("accident", Stage.each(event -> {
      if (passed[0] == 2_000) {
        index.refresh();
      }
      if (passed[0]++ == at) {
        takeAway();
      }
    })).to("index", index).build().checkpointIn(state).inline(() -> Fed.NOON);
  }

  private void takeAway() {
    takeAway("2026-11-20");
  }

  private void takeAway(String slices) {
    try (Stream<Path> all = Files.walk(in)) {
      for (Path one : all.filter(path -> path.toString().contains(slices)).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> linesIn(LogIndex index) {
    return index.search(LogQuery.parse("line").limit(LogQuery.MOST_HITS)).hits().stream()
        .map(hit -> Long.parseLong(hit.message().split(" ")[1])).sorted().toList();
  }

  @Test void goesOnInANewSliceCountsWhatIsLostAndHasItAgainAfterTheNextStart() {
    try (LogIndex index = LogIndex.heap(HEAP).in(in, WEEK)) {
      InlineRun run = run(index, 2_500);
      run.work();
      long lost = run.metrics().get("index.lost");
      long failed = run.ledger().failed();
      assertThat(index.slices()).hasSize(2);
      assertThat(lost).isPositive();
      assertThat(failed).isLessThanOrEqualTo(1);
      assertThat(index.size()).isEqualTo(LINES - lost - failed);
      assertThat(linesIn(index)).as("what was visible stays so").contains(0L, 100L, LINES - 1L).hasSize((int) (LINES - lost - failed));
      assertThatThrownBy(run::close).isInstanceOf(PipelineException.class).hasMessageContaining("was lost").hasMessageContaining("comes again");
      assertThat(run.ledger().imbalances()).isEmpty();
    }
    readToTheEnd();
  }

  @Test void findsWhatWasVisibleWhereNewEventsCannotBeMadeSo() {
    try (LogIndex index = LogIndex.refreshEvery(Duration.ofMillis(1)).in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("before");
      assertThat(index.search("before").warnings()).isEmpty();
      fed.message("behind");
      takeAway();
      for (int asked = 0; asked < 3; asked++) {
        LogHits hits = index.search("before OR behind");
        assertThat(hits.hits()).extracting(LogHit::message).containsExactly("before");
        assertThat(hits.warnings()).singleElement().asString().contains("cannot be made visible");
        assertThatThrownBy(() -> index.latest().search("before")).isInstanceOf(UncheckedIOException.class).hasMessageContaining("cannot be made visible");
        assertThat(index.count(LogQuery.all())).isEqualTo(1);
      }
      fed.message("new");
      assertThat(fed.found("*")).containsExactly("new", "before");
      assertThat(fed.counter("lost")).isEqualTo(1);
    }
  }

  @Test void showsWhatIsNewInOtherSlicesThanALostOne() {
    try (LogIndex index = LogIndex.tenant("of").refreshEvery(Duration.ofMillis(1)).in(in, WEEK); Fed fed = new Fed(index)) {
      fed.fields(Map.of("of", "a")).fields(Map.of("of", "b"));
      index.refresh();
      fed.fields(Map.of("of", "a")).fields(Map.of("of", "b"));
      takeAway("a-2026-11-20");
      assertThat(index.search("of:b").hits()).hasSize(2);
      assertThat(index.search("of:a").hits()).hasSize(1);
    }
  }

  @Test void keepsNoSlicesThatWereLostBeforeAnythingInThemWasVisible() throws IOException {
    try (LogIndex index = LogIndex.in(in, WEEK); Fed fed = new Fed(index)) {
      fed.message("before");
      index.refresh();
      for (int i = 0; i < 20; i++) {
        fed.message("lost");
        takeAway();
        assertThatThrownBy(index::refresh).isInstanceOf(UncheckedIOException.class);
      }
      fed.message("new");
      assertThat(fed.found("*")).containsExactly("new", "before");
      assertThat(fed.counter("lost")).isEqualTo(20);
      assertThat(index.slices()).hasSize(2);
    }
  }

  @Test void letsNoCheckpointCountOnWhatItHasLost() {
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      InlineRun run = run(index, LINES - 1);
      run.work();
      assertThatThrownBy(run::close).isInstanceOf(PipelineException.class);
    }
    readToTheEnd();
  }

  private void readToTheEnd() {
    try (LogIndex index = LogIndex.in(in, WEEK)) {
      InlineRun run = run(index, -1);
      run.work();
      run.close();
      assertThat(run.ledger().imbalances()).isEmpty();
      assertThat(linesIn(index)).isEqualTo(LongStream.range(0, LINES).boxed().toList());
    }
  }
}
