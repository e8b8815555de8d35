package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.InlineRun;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.Stage;
import io.logstream.file.FileTail;
import io.logstream.index.LogCursor;
import io.logstream.index.LogHit;
import io.logstream.index.LogHits;
import io.logstream.index.LogIndex;
import io.logstream.index.LogQuery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each filter alone, all pairs of them, and what a search page over analysed text without an order gets wrong. */
class LogSearchTest {
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  private static final String[] LEVELS = {"error", "INFO", "warn"};
  private static final String[] MESSAGES = {"Failed to connect to DB", "failed: connect to cache", "Connected; nothing Failed", "request to /cart done"};

  @AutoClose private final LogIndex index = LogIndex.keyword("traceId", "spanId", "commit").inMemory(Duration.ofHours(6));
  private final List<LogEvent> events = new ArrayList<>();

  /** The filters by name, each with the event's own test: written down once more, without the index. */
  private final Map<String, LogSearch> filters = new TreeMap<>();
  private final Map<String, Predicate<LogEvent>> tests = new TreeMap<>();

  @BeforeEach void feed() {
    Pipeline pipeline = LogStream.named("logs").from(new Numbered(300)).then("fields", Stage.inOrder(LogSearchTest::read)).to(index).build();
    InlineRun run = pipeline.inline(() -> START.plus(Duration.ofHours(1)));
    run.work();
    run.close();
    assertThat(run.ledger().balances()).isTrue();
    IntStream.range(0, 300).forEach(i -> {
      LogEvent event = LogEvent.of(Integer.toString(i));
      read(event);
      events.add(event);
    });
    filter("level", new LogSearch("ERROR", null, null, null, null, null, null, null, null), e -> e.text("level").equalsIgnoreCase("error"));
    filter("message", new LogSearch(null, "failed to connect", null, null, null, null, null, null, null), e -> e.message().equals(MESSAGES[0]));
    filter("resourceId", new LogSearch(null, null, "server-1234", null, null, null, null, null, null), e -> e.text("resourceId").equals("server-1234"));
    filter("traceId", new LogSearch(null, null, null, "007", null, null, null, null, null), e -> e.text("traceId").equals("007"));
    filter("spanId", new LogSearch(null, null, null, null, "span-2", null, null, null, null), e -> e.text("spanId").equals("span-2"));
    filter("commit", new LogSearch(null, null, null, null, null, "5e31", null, null, null), e -> e.text("commit").equals("5e31"));
    filter("parent", new LogSearch(null, null, null, null, null, null, "server-0987", null, null), e -> "server-0987".equals(e.text("metadata.parentResourceId")));
    filter("from", new LogSearch(null, null, null, null, null, null, null, START.plusSeconds(100), null), e -> !e.time().isBefore(START.plusSeconds(100)));
    filter("to", new LogSearch(null, null, null, null, null, null, null, null, START.plusSeconds(200)), e -> e.time().isBefore(START.plusSeconds(200)));
  }

  private void filter(String name, LogSearch search, Predicate<LogEvent> test) {
    filters.put(name, search);
    tests.put(name, test);
  }

  /** Makes the event whose number the message is. */
  private static void read(LogEvent event) {
    int i = Integer.parseInt(event.message());
    event.time(START.plusSeconds(i)).put("level", LEVELS[i % 3]).put("resourceId", i % 4 == 0 ? "server-1234" : "server-123" + i % 4)
        .put("traceId", i % 5 == 0 ? "007" : "7").put("spanId", "span-" + i % 7).put("commit", i % 11 == 0 ? "5e31" : "5e310");
    if (i % 2 == 0) {
      event.put("metadata.parentResourceId", i % 8 == 0 ? "server-0987" : "server-1234");
    }
    event.message(MESSAGES[i % 4]);
  }

  private List<Instant> found(LogSearch search) {
    return search.page(index, 10_000, null).hits().stream().map(LogHit::time).toList();
  }

  private List<Instant> wanted(Predicate<LogEvent> test) {
    List<Instant> times = new ArrayList<>();
    for (int i = events.size() - 1; i >= 0; i--) {
      if (test.test(events.get(i))) {
        times.add(events.get(i).time());
      }
    }
    return times;
  }

  private static LogSearch both(LogSearch a, LogSearch b) {
    return new LogSearch(or(a.level(), b.level()), or(a.message(), b.message()), or(a.resourceId(), b.resourceId()), or(a.traceId(), b.traceId()), or(a.spanId(), b.spanId()),
        or(a.commit(), b.commit()), or(a.parentResourceId(), b.parentResourceId()), or(a.from(), b.from()), or(a.to(), b.to()));
  }

  private static <T> T or(T a, T b) {
    return a == null ? b : a;
  }

  @Test void printsFromFilesWhatAllOptionsLetThrough(@TempDir Path dir) throws Exception {
    Path log = Files.writeString(dir.resolve("app.jsonl"), """
        {"level":"ERROR","message":"Failed to connect","resourceId":"server-1234","timestamp":"2026-11-20T10:00:00Z"}
        {"level":"ERROR","message":"Failed to connect","resourceId":"server-12345","timestamp":"2026-11-20T10:00:01Z"}
        {"level":"INFO","message":"Failed to connect","resourceId":"server-1234","timestamp":"2026-11-20T10:00:02Z"}
        {"level":"error","message":"Failed to connect again","resourceId":"server-1234","timestamp":"2026-11-20T10:00:03Z"}
        """);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    LogSearch.print(List.of("--level", "error", "--message", "failed to connect", "--resource", "server-1234", "--to", "2026-11-20T10:01:00Z", log.toString()),
        new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8).lines()).containsExactly("2026-11-20T10:00:03Z Failed to connect again", "2026-11-20T10:00:00Z Failed to connect");
    assertThatThrownBy(() -> LogSearch.print(List.of("--level", "error"), System.out)).isInstanceOf(Program.WrongUsage.class).hasMessage("say which files to search");
  }

  @Test void findsByEachFilterAloneAndByAllPairs() {
    filters.forEach((name, search) -> {
      assertThat(found(search)).as(name).isNotEmpty().hasSizeLessThan(300).isEqualTo(wanted(tests.get(name)));
      filters.forEach((other, more) -> assertThat(found(both(search, more))).as("%s and %s", name, other).isEqualTo(wanted(tests.get(name).and(tests.get(other)))));
    });
    assertThat(found(LogSearch.EVERYTHING)).hasSize(300);
  }

  @Test void asksTheSameAsATypedQuery() {
    assertThat(filters.get("level").query()).hasToString("level:ERROR");
    assertThat(both(filters.get("resourceId"), filters.get("message")).query()).isEqualTo(LogQuery.parse("\"failed to connect\" resourceId:server-1234"));
  }

  @Test void findsOneServerNotEveryServer() {
    assertThat(found(filters.get("resourceId"))).hasSize(75);
  }

  @Test void findsTextWithBlanksAndInOtherCaseAndAnyPartOfIt() {
    assertThat(found(new LogSearch(null, "FAILED TO connect", null, null, null, null, null, null, null))).hasSize(75);
    assertThat(index.search("message contains \"led to conn\"").total()).isEqualTo(75);
  }

  @Test void takesAnEndOrAStartOfTimeAlone() {
    assertThat(found(filters.get("to"))).hasSize(200);
    assertThat(found(filters.get("from"))).hasSize(200);
    assertThat(index.search("since:2026-11-20T10:03").total()).isEqualTo(120);
    assertThat(index.search("until:2026-11-20T10:03").total()).isEqualTo(180);
  }

  @Test void pagesNewestFirstWithACountAndAHistogram() {
    LogSearch search = filters.get("level");
    List<Instant> seen = new ArrayList<>();
    LogCursor behind = null;
    for (LogHits page = search.page(index, 30, null); !page.isEmpty(); page = search.page(index, 30, behind)) {
      page.forEach(hit -> seen.add(hit.time()));
      behind = page.last();
    }
    assertThat(seen).isEqualTo(wanted(tests.get("level"))).hasSize(100);
    assertThat(index.count(search.query())).isEqualTo(100);
    assertThat(index.histogram(search.query(), Duration.ofMinutes(1)).buckets()).hasSize(5).allMatch(bucket -> bucket.count() == 20);
  }

  @Test void countsAnEventOfAnyShapeAsTakenOnlyWhenItIsHeld() {
    assertThat(index.size()).isEqualTo(300);
    assertThat(index.latest().count(LogQuery.all())).isEqualTo(300);
  }

  @Test void showsAnEventBeforeAnyRefreshIsDue() {
    try (LogIndex lazy = LogIndex.refreshEvery(Duration.ofHours(1)).inMemory(Duration.ofHours(1));
        InlineRun run = LogStream.named("lazy").from(new Numbered(3)).then("fields", Stage.inOrder(LogSearchTest::read)).to(lazy).build().inline(() -> START)) {
      run.work();
      assertThat(lazy.latest().search("level:error").total()).isEqualTo(1);
    }
  }

  @Test void findsAnEventThatWasIngestedAsJson(@TempDir Path dir) throws IOException {
    Path ingested = Files.write(dir.resolve("ingested.jsonl"), List.of("{\"level\":\"error\",\"message\":\"Failed to connect to DB\",\"resourceId\":\"server-1234\",\"timestamp\":\"2023-09-15T08:00:00Z\","
            + "\"traceId\":\"abc-xyz-123\",\"spanId\":\"span-456\",\"commit\":\"5e5342f\",\"metadata\":{\"parentResourceId\":\"server-0987\"}}", "no JSON"));
    try (LogIndex fresh = LogSearch.settings().inMemory(Duration.ofHours(6));
        InlineRun run = LogSearch.pipeline(FileTail.once(ingested), fresh).inline(() -> Instant.parse("2023-09-15T08:00:01Z"))) {
      while (run.work()) {
        // to the end of the file
      }
      fresh.refresh();
      LogSearch search = new LogSearch("ERROR", "failed to connect", "server-1234", "abc-xyz-123", "span-456", "5e5342f", "server-0987", Instant.parse("2023-09-15T08:00:00Z"), null);
      assertThat(search.page(fresh, 10, null).hits()).extracting(LogHit::time).containsExactly(Instant.parse("2023-09-15T08:00:00Z"));
      assertThat(run.ledger().stage("Json").failed()).isEqualTo(1);
      assertThat(run.ledger().imbalances()).isEmpty();
    }
  }
}
